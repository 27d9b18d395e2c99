"""The periods of the primary design, as the model would be used: what trains, calibrates, and is tested.

Outcomes of the last days before the test were not recorded when it began: these days calibrate nothing (the embargo).
Where risks are told at booking, nothing can be done for appointments booked too late for a reminder: they train, for
they tell of patients, and are neither calibrated on nor scored.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.at_risk.frame import Appointments
from workbench.no_show.parameters import NoShow
from workbench.no_show.validation.designs import temporal
from workbench.refusal import Fault, Refused

EMBARGO = "embargo"
TOO_LATE = "test, booked too late"


def least_lead(settings: NoShow) -> int:
    """The lead in calendar days from which something can still be done; 0 where the moment of prediction sees to it."""
    return settings.reminded_from_lead_days if settings.decide_days_before is None else 0


def in_time(rows: pd.DataFrame, settings: NoShow) -> NDArray[np.bool_]:
    """For which appointments something can still be done once they are predicted, shape (n,)."""
    return np.asarray(rows["lead_days"].to_numpy() >= least_lead(settings))


def with_periods(appointments: Appointments, settings: NoShow) -> Appointments:
    """The appointments with their periods by the temporal design; only days and leads are looked at.

    Periods: "training", "calibration", "test", and those that are none of the three, `EMBARGO` and `TOO_LATE`.

    Raises:
        Refused: one of the three is empty.
    """
    rows = appointments.rows
    day = rows["day"].to_numpy().astype("datetime64[D]")
    opens = np.datetime64(settings.test_from, "D")
    split = temporal(
        day,
        opens,
        max(day.max(), opens) + np.timedelta64(1, "D"),
        settings.calibration_days,
        settings.recording_lag_days,
    )
    timely = in_time(rows, settings)
    period = np.full(len(rows), EMBARGO, dtype=object)
    period[split.training] = "training"
    period[split.calibration] = np.where(timely[split.calibration], "calibration", EMBARGO)
    period[split.evaluation] = np.where(timely[split.evaluation], "test", TOO_LATE)
    for name in ("calibration", "test"):
        if not (period == name).any():
            raise Refused(
                Fault(
                    "reminded_from_lead_days",
                    f"no appointment of the {name} was booked so many days ahead.",
                    "Lower it, or bring appointments that are booked earlier.",
                )
            )
    return replace(appointments, rows=rows.assign(period=period))
