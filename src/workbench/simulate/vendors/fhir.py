"""The simulated provider's health record as a FHIR R4 bulk export: gzipped NDJSON, a file for each kind of resource.

It carries patients, their states, appointments with every version, clinics, consents that did not come by keyword
(those are replies in the SMS platform's log), and the surveys that were not answered through a text.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from workbench.protection.private_files import new_private_file, private_folder_at
from workbench.simulate.population import CLINICS
from workbench.simulate.vendors import fhir_resources as fhir
from workbench.simulate.vendors.contacts import contacts

FOLDER = "fhir"
TABLES = ("patients", "patient_states", "appointments", "clinics", "consents", "surveys")
# A sign that stands in no JSON text, so that the engine's CSV writer puts out lines as they are.
_LINES = (
    "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER e'\\x01', COMPRESSION gzip, USE_TMP_FILE false"
)


def write_fhir(tables: Mapping[str, pa.Table], folder: Path, *, exported_at: datetime) -> tuple[Path, ...]:
    """Write the export, for its owner's eyes alone. The same tables and moment give the same lines.

    Args:
        tables: a simulated provider's canonical tables, those in `TABLES` among them.
        folder: the folder of the exports; the files go to its folder `fhir`.
        exported_at: the end of the data.

    Returns:
        The files. Raises FileExistsError where one of them is there.
    """
    place = private_folder_at(folder / FOLDER)
    written = []
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        for name in TABLES:
            engine.register(name, tables[name])
        engine.register("contacts", contacts(tables["patients"]))
        for kind, resources in fhir.resources(exported_at).items():
            path = place / f"{kind}.ndjson.gz"
            new_private_file(path).close()
            target = fhir.literal(str(path))
            engine.execute(f"COPY ({resources}) TO {target} ({_LINES})")
            written.append(path)
    return tuple(written)


def fhir_feed_settings(exported_at: datetime) -> dict[str, Any]:
    """The entry under `feeds` of a source file that reads the export back."""
    return {
        "name": "ehr",
        "reads": "fhir",
        "files": f"{FOLDER}/*.ndjson.gz",
        "exported_at": exported_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "time_zone": "America/New_York",
        "record_system": fhir.RECORDS,
        "clinics": {f"Organization/{name}": name for name in CLINICS},
        "do_not_text": fhir.DO_NOT_TEXT,
        "appointments": {
            "types": fhir.TYPE_CODES,
            "modalities": fhir.MODALITY_CODES,
            "cancelations": {
                code: {"by": by, "rescheduled": True} for by, code in fhir.RESCHEDULED_CODES.items()
            },
        },
        "states": {
            "diagnosis_groups": [
                {"group": group, "codes": [code]} for group, code in fhir.DIAGNOSIS_CODES.items()
            ],
            "phases_by_status": {},
            "phases_by_type": fhir.PHASE_CODES,
            "therapies_by_type": fhir.THERAPY_CODES,
        },
        "consents": {
            "rules": [
                {
                    "category": code,
                    "scope": fhir.CONSENT_SCOPE,
                    "channel": channel,
                    "purpose": purpose,
                    "reach": reach,
                }
                for (channel, purpose, reach), code in fhir.CONSENT_CODES.items()
            ],
            "sources": fhir.CONSENT_SOURCES,
            "wordings": fhir.WORDINGS,
        },
    }
