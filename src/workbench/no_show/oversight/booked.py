"""The appointments that are to be predicted on a day: still booked, with their features as of that moment."""

from datetime import date, timedelta

import pandas as pd

from workbench.no_show.at_risk.features import with_features
from workbench.no_show.at_risk.risk_set import declared_cohort, studied_appointments
from workbench.no_show.parameters import NoShow
from workbench.no_show.validation.periods import in_time
from workbench.tables.known import Tables
from workbench.tables.local_time import wall_of

STILL_BOOKED = "scheduled"
CLOCK = "%Y-%m-%d %H:%M"


def booked_on(tables: Tables, settings: NoShow, day: date) -> pd.DataFrame:
    """Appointments whose moment of prediction lies on a day of the clinic's calendar, one row each, by appointment_id.

    Left out are those that by the end of the day (UTC) were called off or are over, those of people who died or left,
    and those booked too late for anything to be done. Columns: appointment_id, patient_id, clinic_id,
    starts_at, clinic_time (what the clinic's clock shows then, such as "2026-11-16 14:30"), and the features.

    Args:
        tables: of the source.
        settings: the parameters by which the model was made.
        day: the day of the list.
    """
    now = day + timedelta(days=1)
    settings = settings.model_copy(update={"as_of": now})
    known = tables.known(now, declared_cohort(settings))
    everything = studied_appointments(known, settings).rows
    moment_day = wall_of(everything["moment"], everything["time_zone"]).date()
    rows = everything.filter(
        (moment_day == day)
        & everything["at_risk"]
        & (everything["status"] == STILL_BOOKED)
        & (everything["starts_at"] > everything["moment"])
    )
    patients = known.table("patients")
    ends = [name for name in ("ended_at", "deceased_at") if name in patients.columns]
    for name in ends:
        gone = patients.filter(patients[name].notnull()).select("patient_id")
        rows = rows.anti_join(gone, "patient_id")
    who = rows.select("appointment_id", "patient_id", "starts_at", "wall").execute()
    # Engines give moments in seconds of their own fineness.
    who["starts_at"] = who["starts_at"].astype("datetime64[us, UTC]")
    who["clinic_time"] = who.pop("wall").dt.strftime(CLOCK)
    features = with_features(known, everything, rows, settings).execute()
    found = features.drop(columns=["patient", "day", "no_show"]).merge(who, on="appointment_id")
    found = found.sort_values("appointment_id", ignore_index=True)
    return found[in_time(found, settings)].reset_index(drop=True)
