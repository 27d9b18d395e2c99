"""What no vendor carries of the simulated provider, as flat CSV files with names and words of their own.

They are the lists that a provider keeps itself: who was put in which arm of an experiment, clinicians' sessions, and
the clinics.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from workbench.protection.private_files import new_private_file, private_folder_at
from workbench.simulate.population import CLINICS
from workbench.simulate.vendors.contacts import contacts

FOLDER = "csv"
# The clock of the head office, in which all lists are kept.
ZONE = "America/New_York"
CLOCK = "%m/%d/%Y %I:%M:%S %p"
CALLED = {clinic: f"{clinic.title()} Clinic" for clinic in CLINICS}


def write_csv(tables: Mapping[str, pa.Table], folder: Path) -> tuple[Path, ...]:
    """Write the lists, for their owner's eyes alone. The same tables give the same bytes.

    Args:
        tables: a simulated provider's canonical tables `patients`, `assignments`, `sessions` and `clinics`.
        folder: the folder of the exports; the files go to its folder `csv`.

    Returns:
        The files. Raises FileExistsError where one of them is there.
    """
    place = private_folder_at(folder / FOLDER)
    written = []
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        for name in ("assignments", "sessions", "clinics"):
            engine.register(name, tables[name])
        engine.register("contacts", contacts(tables["patients"]))
        for name, rows in _lists().items():
            path = place / f"{name}.csv"
            new_private_file(path).close()
            target = str(path).replace("'", "''")
            engine.execute(f"COPY ({rows}) TO '{target}' (FORMAT csv, HEADER true, USE_TMP_FILE false)")
            written.append(path)
    return tuple(written)


def csv_feed_settings(exported_at: datetime) -> dict[str, Any]:
    """The entry under `feeds` of a source file that reads the lists back."""
    clinics = {word: clinic for clinic, word in CALLED.items()}
    at_the_office = {"time_zone": ZONE, "format": CLOCK}
    return {
        "name": "lists",
        "reads": "table",
        "files": f"{FOLDER}/*.csv",
        "exported_at": exported_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tables": {
            "assignments": {
                "file": "randomization.csv",
                "person": {"record": "MRN"},
                "columns": {
                    "experiment_id": {"column": "Study"},
                    "cluster_id": {"column": "Household"},
                    "stratum": {"column": "Phase"},
                    "arm": {"column": "Group"},
                    "probability": {"column": "Share"},
                    "epoch": {"column": "Allocation"},
                    "assigned_at": {"moment": "Drawn"},
                },
            },
            "sessions": {
                "file": "sessions.csv",
                "columns": {
                    "clinic_id": {"column": "Site", "values": clinics},
                    "clinician_id": {"column": "Clinician"},
                    "starts_at": {"local_time": "From", **at_the_office},
                    "ends_at": {"local_time": "To", **at_the_office},
                    "capacity": {"column": "Places"},
                },
            },
            "clinics": {
                "file": "sites.csv",
                "columns": {
                    "clinic_id": {"column": "Site", "values": clinics},
                    "time_zone": {"column": "Time zone"},
                },
            },
        },
    }


def _lists() -> dict[str, str]:
    """Each file's rows as a query."""
    site = " ".join(f"WHEN '{clinic}' THEN '{word}'" for clinic, word in CALLED.items())
    clock = f"strftime(timezone('{ZONE}', {{}}), '{CLOCK}')"
    return {
        "randomization": """
            SELECT experiment_id AS "Study", record_number AS "MRN", cluster_id AS "Household", stratum AS "Phase",
                arm AS "Group", probability AS "Share", epoch AS "Allocation",
                strftime(assigned_at, '%a, %d %b %Y %H:%M:%S +0000') AS "Drawn"
            FROM assignments JOIN contacts USING (patient_id) ORDER BY assigned_at, experiment_id, record_number""",
        "sessions": f"""
            SELECT CASE clinic_id {site} END AS "Site", clinician_id AS "Clinician",
                {clock.format("starts_at")} AS "From", {clock.format("ends_at")} AS "To", capacity AS "Places"
            FROM sessions ORDER BY starts_at, clinician_id""",
        "sites": f"""
            SELECT CASE clinic_id {site} END AS "Site", time_zone AS "Time zone" FROM clinics ORDER BY clinic_id""",
    }
