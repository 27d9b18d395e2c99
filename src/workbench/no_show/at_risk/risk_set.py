"""The appointments a study is about, one row each inside the engine, and the moment each is predicted at.

At risk is every appointment that by its moment of prediction was booked and not called off. One that is called off
later stays and counts as not missed: at that moment nobody knew. What became of each is its outcome.
"""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from workbench.no_show.parameters import NoShow
from workbench.tables.cohort import Cohort, Studied
from workbench.tables.known import KnownTables
from workbench.tables.local_time import moment_of, wall_of

OUTCOMES = ("attended", "no_show")
CALLED_OFF = ("late_canceled", "canceled", "rescheduled")
# What may become of an appointment that is still booked at its moment of prediction.
ATTENDED, NO_SHOW, LATE, EARLY = "attended", "no_show", "late_cancellation", "early_cancellation"


def declared_cohort(settings: NoShow) -> Cohort:
    """Everybody with an appointment, adults unless minors are asked for; consent to texts plays no part."""
    return Cohort(settings.minors, goes_on_without=settings.goes_on_without, told_as="of {}")


def appointments_as_known(known: KnownTables, settings: NoShow) -> ir.Table:
    """Every appointment known by as_of, with its moment of prediction, its clock times and whether it counts.

    Adds: moment, wall (start on the clinic's clock), day and booked_day (dates there), lead_days (calendar days),
    over (its day lies before the last day studied), in_weeks (and not before the first), at_risk, recorded (an
    outcome is known), no_show, outcome (attended, no_show, late_cancellation, or early_cancellation, which rescheduling
    is too; nothing where it is not recorded).
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
    rows = rows.mutate(in_weeks=rows["over"] & (rows["day"] >= ibis.literal(first_day(settings))))
    off_already = rows["status"].isin(CALLED_OFF) & (rows["known_at"] <= rows["moment"])
    return rows.mutate(
        at_risk=(rows["booked_at"] <= rows["moment"]) & ~off_already,
        recorded=rows["status"].isin((*OUTCOMES, *CALLED_OFF)),
        no_show=(rows["status"] == "no_show").cast("int64"),
        outcome=ibis.cases(
            (rows["status"] == "attended", ATTENDED),
            (rows["status"] == "no_show", NO_SHOW),
            (rows["status"] == "late_canceled", LATE),
            (rows["status"].isin(("canceled", "rescheduled")), EARLY),
        ),
    )


def studied_appointments(known: KnownTables, settings: NoShow) -> Studied:
    """The appointments as known of all who may be studied, with their flow."""
    return known.studied(
        appointments_as_known(known, settings),
        "known by the day of the study",
        {"whose day lies in the weeks studied": "in_weeks"},
        {
            "booked, and not called off, by the moment of prediction": "at_risk",
            "with a recorded outcome": "recorded",
        },
    )


def described(rows: ir.Table) -> ir.Table:
    """The appointments that train, calibrate or test: at risk, recorded, within the days studied."""
    return rows.filter(rows["in_weeks"] & rows["at_risk"] & rows["recorded"])


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
