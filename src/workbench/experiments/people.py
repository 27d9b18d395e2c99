"""The people of an experiment, one row each inside the engine: who they are at assignment, and what they did.

Adults with consent at assignment, analyzed as assigned, in the arm they were first put in, and never re-checked
afterwards.
"""

from datetime import UTC, date, datetime, time

import ibis
import ibis.expr.types as ir

from workbench.experiments.parameters import ABTest
from workbench.tables.cohort import Cohort, NeededConsent, Studied
from workbench.tables.known import KnownTables

CLOSED = "whose window has closed"


def declared_cohort(settings: ABTest) -> Cohort:
    """Adults with consent at assignment, unless minors are asked for."""
    consent = NeededConsent(settings.consent_purpose, at="assigned_at", moment="assignment")
    return Cohort(settings.minors, consent, settings.goes_on_without)


def studied_people(known: KnownTables, assigned: ir.Table, settings: ABTest) -> Studied:
    """The people assigned who may be studied, with enrolled and closed, each true or false; and their flow."""
    before = {} if untimed(known) else {"enrolled by the planned end": "enrolled"}
    return known.studied(_with_times(known, assigned, settings), "assigned", before, {CLOSED: "closed"})


def with_what_they_did(known: KnownTables, people: ir.Table, settings: ABTest) -> ir.Table:
    """Adds segment at assignment, event and delay, and guardrail; see the functions below."""
    joined = people
    # Looked up of the people given, not of those of the step before: that would repeat all steps before it.
    for step in (_segments, _bookings, _withdrawals):
        joined = joined.left_join(step(known, people, settings), "patient_id").drop("patient_id_right")
    return joined.mutate(event=joined["event"].fill_null(False), guardrail=joined["guardrail"].fill_null(False))


def first_assignments(known: KnownTables, settings: ABTest) -> ir.Table:
    """One row per person: the first arm, and whether there was another."""
    rows = known.table("assignments")
    rows = rows.filter(rows["experiment_id"] == settings.experiment)
    if "assigned_at" not in rows.columns:
        rows = rows.mutate(assigned_at=ibis.null("timestamp('UTC')"))
    if "stratum" not in rows.columns:
        rows = rows.mutate(stratum=ibis.null("string"))
    window = ibis.window(group_by="patient_id", order_by=["assigned_at", "arm"])
    arms = ibis.window(group_by="patient_id")
    rows = rows.mutate(
        _order=ibis.row_number().over(window),
        in_two_arms=rows["arm"].max().over(arms) != rows["arm"].min().over(arms),
    )
    first = rows.filter(rows["_order"] == 0)
    return first.select("patient_id", "arm", "probability", "assigned_at", "stratum", "in_two_arms")


def untimed(known: KnownTables) -> bool:
    """Whether the source records no times, so that every outcome it has counts as inside the window."""
    return known.source.not_recorded.time is not None


def _with_times(known: KnownTables, assigned: ir.Table, settings: ABTest) -> ir.Table:
    """Adds enrolled, by the planned end, and closed: whether the window is over and its outcome recorded."""
    if untimed(known):
        return assigned.mutate(enrolled=ibis.literal(True), closed=ibis.literal(True))
    ends = ibis.literal(datetime.combine(settings.enrollment_ends or date.max, time(), UTC))
    wait = ibis.interval(days=settings.window_days + settings.recording_lag_days)
    return assigned.mutate(
        enrolled=assigned["assigned_at"] < ends,
        closed=assigned["assigned_at"] + wait <= ibis.literal(known.moment),
    )


def _segments(known: KnownTables, assigned: ir.Table, settings: ABTest) -> ir.Table:
    """The segment of each person: the newest state valid and known at assignment."""
    column = settings.segment_by
    if column is None:
        return assigned.select("patient_id", segment=ibis.null("string"))
    if column == "stratum":
        return assigned.select("patient_id", segment="stratum")
    return known.with_state(assigned, "assigned_at", column).select("patient_id", segment=column)


def _bookings(known: KnownTables, assigned: ir.Table, settings: ABTest) -> ir.Table:
    """Who booked inside the window, and delay: whole days from assignment to the first such booking."""
    if untimed(known):
        booked = known.table("appointments").select("patient_id").distinct()
        return booked.mutate(delay=ibis.null("int64"), event=ibis.literal(True))

    def in_window(appointments: ir.Table) -> ir.Table:
        made = assigned.select("patient_id", "assigned_at").join(appointments, "patient_id")
        return made.filter(_inside(made["booked_at"], made["assigned_at"], settings))

    made = known.matching("appointments", in_window)
    seconds = made["booked_at"].epoch_seconds() - made["assigned_at"].epoch_seconds()
    made = made.mutate(delay=(seconds / 86_400).floor().cast("int64"))
    # Kept inside the engine, since it is what takes long.
    return made.group_by("patient_id").agg(delay=made["delay"].min()).mutate(event=ibis.literal(True)).cache()


def _withdrawals(known: KnownTables, assigned: ir.Table, settings: ABTest) -> ir.Table:
    """Who withdrew consent inside the window; null of everybody where nobody asks."""
    if settings.guardrail is None:
        return assigned.select("patient_id", guardrail=ibis.null("boolean"))
    changes = known.consent_changes(settings.consent_purpose)
    out = assigned.select("patient_id", "assigned_at").join(
        changes.filter(changes["status"] == "opt_out"), "patient_id"
    )
    out = out.filter(_inside(out["changed_at"], out["assigned_at"], settings))
    return out.select("patient_id").distinct().mutate(guardrail=ibis.literal(True))


def _inside(moment: ir.TimestampValue, assigned_at: ir.TimestampValue, settings: ABTest) -> ir.BooleanValue:
    return (moment > assigned_at) & (moment <= assigned_at + ibis.interval(days=settings.window_days))
