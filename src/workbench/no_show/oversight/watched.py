"""What became of those who were held out: their risks as predicted, beside what is known of them now."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.at_risk.risk_set import declared_cohort, described, studied_appointments
from workbench.no_show.oversight.list_files import FOLDER, HOLDOUT_FILE
from workbench.no_show.parameters import NoShow
from workbench.tables.known import Tables


class Watched(NamedTuple):
    """Predictions and outcomes of the holdout, in order of the appointments' days; shape (n,) each.

    `people` is of how many patients they are.
    """

    probability: NDArray[np.float64]
    outcome: NDArray[np.float64]
    day: NDArray[np.datetime64]
    people: int


def watched(tables: Tables, hash: str, settings: NoShow, root: Path) -> Watched:
    """The outcomes, known by `settings.as_of`, of all appointments that lists of a model held out.

    Appointments whose recording lag is not over are left out, for missed visits may be recorded later than others. One
    that was predicted twice counts once, by its first prediction.

    Args:
        tables: of the source.
        hash: of the model.
        settings: the parameters of the lists.
        root: the project's root.
    """
    files = sorted((root / "data" / FOLDER / settings.source).glob(f"*-{hash[:12]}/{HOLDOUT_FILE}"))
    if not files:
        return _of(pd.DataFrame({"patient_id": [], "risk": [], "no_show": [], "day": pd.to_datetime([])}))
    held = pd.concat(
        [pd.read_parquet(file, columns=["patient_id", "appointment_id", "risk"]) for file in files]
    )
    held = held.drop_duplicates("appointment_id")
    known = tables.known(settings.as_of, declared_cohort(settings))
    rows = described(studied_appointments(known, settings).rows)
    rows = rows.filter(rows["appointment_id"].isin(held["appointment_id"].tolist()))
    found = rows.select("appointment_id", "no_show", "day").execute()
    return _of(found.merge(held, on="appointment_id").sort_values(["day", "appointment_id"]))


def _of(rows: pd.DataFrame) -> Watched:
    return Watched(
        rows["risk"].to_numpy(float),
        rows["no_show"].to_numpy(float),
        pd.to_datetime(rows["day"]).to_numpy().astype("datetime64[D]"),
        int(rows["patient_id"].nunique()),
    )
