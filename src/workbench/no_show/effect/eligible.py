"""Who could have been reminded: the one frame that comes back to tell what reminders do.

It follows the protocol of a target trial. Time zero is the planned moment of sending; eligible is an appointment that
by then was booked long enough ahead, not called off, and whose patient had agreed to texts. What follows time zero is
no condition: an appointment that is called off later stays, and counts as not missed.
"""

from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.no_show.at_risk.features import with_features
from workbench.no_show.at_risk.risk_set import CALLED_OFF, appointments_as_known
from workbench.no_show.parameters import NoShow
from workbench.tables.cohort import Step
from workbench.tables.known import KnownTables
from workbench.tables.local_time import moment_of
from workbench.tables.reading import read_frame

Missing = Literal["reminders", "consent", "time", "trial"]
# An arrived text: one known to have failed, or never to have left, is none.
ARRIVED = ("delivered", "sent")
NEVER_LEFT = ("canceled",)
# An empty slot is missed, or called off so late that nobody else can have it.
EMPTY = ("no_show", "late_canceled")


@dataclass(frozen=True)
class Eligible:
    """The appointments of the target trial, and beside them those with shorter leads, as its negative control.

    `rows` has one row per appointment, ordered by day: what `with_features` gives as of time zero (of the booking,
    where that came later or where texts have no time of their own), and missed, empty (the outcomes, 0 or 1), sent and
    arrived (0 or 1), long (booked long enough ahead), eligible (of the target trial, consent included), arm (1 with the
    trial's reminder, 0 without, empty outside it), stratum (of the trial's stratum) and unit (a number without meaning
    for what was randomized). None where no reminders are recorded. `flow` counts the steps after the cohort's.
    `missing` names what the source does not record, or the settings do not name. `timed`: texts have times.
    """

    rows: pd.DataFrame | None
    flow: tuple[Step, ...]
    missing: tuple[Missing, ...]
    timed: bool


def load_eligible(known: KnownTables, settings: NoShow) -> Eligible:
    """The target trial's appointments, as known by `known.as_of`."""
    recorded, timed = known.has("appointments", "reminded"), known.has("messages", "kind")
    missing = _missing(known, settings, timed)
    if not (recorded or timed):
        return Eligible(None, (), missing, timed)
    long, control = "booked long enough ahead", "still_booked"
    everything = _at_time_zero(known, settings, timed)
    studied = known.studied(
        everything,
        "known by the day of the study",
        {"whose day lies in the weeks studied": "in_weeks"},
        {long: "long", "still booked at the planned time of the reminder": control},
    )
    rows = studied.rows
    chosen = rows.filter(rows["in_weeks"] & rows[control] & rows["recorded"])
    described = with_features(known, rows, chosen, settings)
    treated = _with_arm(known, _with_reminder(known, chosen, settings, timed), settings)
    outcomes = treated.select(
        "appointment_id",
        "long",
        "sent",
        "arrived",
        "arm",
        "stratum",
        "unit",
        missed=treated["no_show"],
        empty=treated["status"].isin(EMPTY).cast("int64"),
    )
    joined = described.join(outcomes, "appointment_id").order_by("day", "appointment_id")
    frame = read_frame(joined.drop("appointment_id", "reminded", "no_show"))
    for name in ("patient", "unit", "missed", "empty", "sent", "arrived"):
        frame[name] = frame[name].astype("int64")
    frame["long"] = frame["long"].astype(bool)
    frame["eligible"] = frame["long"] & (frame["texts_allowed"] != 0)
    steps = [*studied.flow[-2:], Step("with consent to texts for care by then", int(frame["eligible"].sum()))]
    return Eligible(frame, tuple(steps), missing, timed)


def _missing(known: KnownTables, settings: NoShow, timed: bool) -> tuple[Missing, ...]:
    there: dict[Missing, bool] = {
        "reminders": timed or known.has("appointments", "reminded"),
        "time": timed,
        "consent": known.source.not_recorded.consent is None and known.has("consents", "status"),
        "trial": settings.reminder_trial is not None and known.has("assignments", "arm"),
    }
    return tuple(name for name, found in there.items() if not found)


def _at_time_zero(known: KnownTables, settings: NoShow, timed: bool) -> ir.Table:
    """All appointments with their time zero, and whether each was long enough ahead and still booked by then."""
    rows = _with_clock(known, appointments_as_known(known, settings))
    midnight = rows["day"].cast("timestamp") - ibis.interval(days=settings.reminder_days_before)
    planned = moment_of(midnight + ibis.interval(hours=settings.reminder_hour), rows["clock"])
    # Where texts bear no time, all that is known is that one was sent after the booking.
    zero = planned if timed else rows["booked_at"]
    rows = rows.mutate(zero=zero, moment=ibis.greatest(zero, rows["booked_at"]))
    off_already = rows["status"].isin(CALLED_OFF) & (rows["known_at"] <= rows["moment"])
    long = (rows["lead_days"] >= settings.reminded_from_lead_days) & (rows["booked_at"] <= rows["zero"])
    return rows.mutate(long=long, still_booked=~off_already)


def _with_clock(known: KnownTables, rows: ir.Table) -> ir.Table:
    """Adds clock, the patient's time zone, by which texts are sent; the clinic's where it is not recorded."""
    if not known.has("patients", "time_zone"):
        return rows.mutate(clock=rows["time_zone"])
    zones = known.table("patients").select("patient_id", clock="time_zone")
    rows = rows.left_join(zones, "patient_id").drop("patient_id_right")
    return rows.mutate(clock=rows["clock"].fill_null(rows["time_zone"]))


def _with_reminder(known: KnownTables, rows: ir.Table, settings: NoShow, timed: bool) -> ir.Table:
    """Adds sent and arrived: whether a reminder left within its grace of time zero, and whether it came to the phone.

    A log of messages does not say which appointment a reminder was about: the time does.
    """
    if not timed:
        reminded = rows["reminded"].cast("int64").fill_null(0)
        return rows.mutate(sent=reminded, arrived=reminded)
    texts = known.table("messages")
    texts = texts.filter((texts["kind"] == "reminder") & ~texts["status"].isin(NEVER_LEFT))
    texts = texts.select("patient_id", "sent_at", "status")
    pairs = rows.select("appointment_id", "patient_id", "zero").join(texts, "patient_id")
    until = pairs["zero"] + ibis.interval(hours=settings.reminder_grace_hours)
    pairs = pairs.filter((pairs["sent_at"] >= pairs["zero"]) & (pairs["sent_at"] < until))
    pairs = pairs.mutate(sent=ibis.literal(1), arrived=pairs["status"].isin(ARRIVED).cast("int64"))
    found = pairs.group_by("appointment_id").agg(sent=pairs["sent"].max(), arrived=pairs["arrived"].max())
    rows = rows.left_join(found, "appointment_id").drop("appointment_id_right")
    return rows.mutate(sent=rows["sent"].fill_null(0), arrived=rows["arrived"].fill_null(0))


def _with_arm(known: KnownTables, rows: ir.Table, settings: NoShow) -> ir.Table:
    """Adds arm, stratum and unit, of the patient's first assignment in the trial and of what came after it."""
    trial = settings.reminder_trial
    person = ibis.dense_rank().over(ibis.window(order_by="patient_id"))
    if trial is None or not known.has("assignments", "arm"):
        return rows.mutate(arm=ibis.null("float64"), stratum=ibis.literal(False), unit=person)
    drawn = known.table("assignments")
    drawn = drawn.filter(
        (drawn["experiment_id"] == trial.experiment) & drawn["arm"].isin([trial.control, trial.treated])
    )
    cluster = drawn["cluster_id"] if "cluster_id" in drawn.columns else ibis.null("string")
    stratum = drawn["stratum"] if "stratum" in drawn.columns else ibis.null("string")
    first = ibis.window(group_by="patient_id", order_by=["assigned_at", "arm"])
    drawn = drawn.select(
        "patient_id",
        arm=(drawn["arm"] == trial.treated).cast("float64"),
        stratum=ibis.literal(True) if trial.stratum is None else (stratum == trial.stratum).fill_null(False),
        cluster=cluster.fill_null(drawn["patient_id"]),
        begins=drawn["assigned_at"] + ibis.interval(days=trial.first_days),
        place=ibis.row_number().over(first),
    )
    drawn = drawn.filter(drawn["place"] == 0).drop("place")
    rows = rows.left_join(drawn, "patient_id").drop("patient_id_right")
    within = (rows["starts_at"] >= rows["begins"]).fill_null(False)
    rows = rows.mutate(
        arm=within.ifelse(rows["arm"], ibis.null("float64")),
        stratum=within & rows["stratum"].fill_null(False),
        cluster=rows["cluster"].fill_null(rows["patient_id"]),
    )
    return rows.mutate(unit=ibis.dense_rank().over(ibis.window(order_by="cluster"))).drop("cluster", "begins")
