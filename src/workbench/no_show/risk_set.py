"""The appointments a study is about, one row each inside the engine, and the moment each is predicted at.

At risk is every appointment that by its moment of prediction was booked and not called off. One that is called off
later stays and counts as not missed: at that moment nobody knew.
"""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from workbench.no_show.parameters import NoShow
from workbench.tables.cohort import with_age
from workbench.tables.known import KnownTables
from workbench.tables.local_time import moment_of, wall_of

OUTCOMES = ("attended", "no_show")
CALLED_OFF = ("late_canceled", "canceled", "rescheduled")


def appointments_as_known(known: KnownTables, settings: NoShow) -> ir.Table:
    """Every appointment known by as_of, with its moment of prediction, its clock times and whether it counts.

    Adds: moment, wall (start on the clinic's clock), day and booked_day (dates there), lead_days (calendar days),
    over (its day lies before the last day studied), of_age, at_risk, recorded (an outcome is known), no_show.
    """
    rows = with_zone(known, known.table("appointments"))
    wall = wall_of(rows["starts_at"], rows["time_zone"])
    booked_wall = wall_of(rows["booked_at"], rows["time_zone"])
    rows = rows.mutate(wall=wall, booked_wall=booked_wall, day=wall.date(), booked_day=booked_wall.date())
    rows = rows.mutate(
        moment=_moment(rows, settings),
        lead_days=rows["day"].delta(rows["booked_day"], unit="day").cast("int64"),
        over=rows["day"] < ibis.literal(settings.as_of - timedelta(days=settings.recording_lag_days)),
    )
    off_already = rows["status"].isin(CALLED_OFF) & (rows["known_at"] <= rows["moment"])
    rows = rows.mutate(
        at_risk=(rows["booked_at"] <= rows["moment"]) & ~off_already,
        recorded=rows["status"].isin((*OUTCOMES, *CALLED_OFF)),
        no_show=(rows["status"] == "no_show").cast("int64"),
    )
    return with_age(known, rows, settings.minors)


def studied(rows: ir.Table, settings: NoShow) -> ir.Table:
    """The appointments that train, calibrate or test: at risk, recorded, within the days studied."""
    first = ibis.literal(first_day(settings))
    kept = rows["over"] & rows["of_age"] & rows["at_risk"] & rows["recorded"] & (rows["day"] >= first)
    return rows.filter(kept)


def first_day(settings: NoShow) -> date:
    """The first day of training."""
    return settings.test_from - timedelta(days=settings.calibration_days + settings.training_days)


def with_zone(known: KnownTables, rows: ir.Table) -> ir.Table:
    """Adds time_zone, that of the clinic."""
    zones = known.table("clinics").select("clinic_id", "time_zone")
    return rows.join(zones, "clinic_id")


def _moment(rows: ir.Table, settings: NoShow) -> ir.TimestampValue:
    if settings.decide_days_before is None:
        return rows["booked_at"]
    midnight = rows["day"].cast("timestamp") - ibis.interval(days=settings.decide_days_before)
    return moment_of(midnight, rows["time_zone"])
