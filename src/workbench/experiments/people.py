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
    booked = _bookings(known, people, settings)
    withdrawn = _withdrawals(known, people, settings)
    column = settings.segment_by
    joined = people if column in (None, "stratum") else known.with_state(people, "assigned_at", column)
    segment = ibis.null("string") if column is None else joined[column]
    joined = joined.left_join(booked, joined["patient_id"] == booked["booker"])
    joined = joined.left_join(withdrawn, joined["patient_id"] == withdrawn["withdrawer"])
    return joined.select(
        *people.columns,
        "delay",
        segment=segment,
        event=joined["booker"].notnull(),
        guardrail=joined["withdrawer"].notnull(),
    )


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


def _bookings(known: KnownTables, people: ir.Table, settings: ABTest) -> ir.Table:
    """Who booked inside the window, one row each, and delay: whole days from assignment to the first such booking."""
    if untimed(known):
        booked = known.table("appointments").select(booker="patient_id").distinct()
        return booked.mutate(delay=ibis.null("int64"))

    def in_window(appointments: ir.Table) -> ir.Table:
        made = people.select("patient_id", "assigned_at").join(appointments, "patient_id")
        return made.filter(_inside(made["booked_at"], made["assigned_at"], settings))

    made = known.matching("appointments", ("patient_id", "booked_at"), in_window)
    seconds = made["booked_at"].epoch_seconds() - made["assigned_at"].epoch_seconds()
    made = made.select(booker="patient_id", delay=(seconds / 86_400).floor().cast("int64"))
    return made.group_by("booker").agg(delay=made["delay"].min())


def _withdrawals(known: KnownTables, people: ir.Table, settings: ABTest) -> ir.Table:
    """Who withdrew consent inside the window, one row each; nobody where nobody asks."""
    if settings.guardrail is None:
        return people.filter(ibis.literal(False)).select(withdrawer="patient_id")
    changes = known.consent_changes(settings.consent_purpose)
    out = people.select("patient_id", "assigned_at").join(
        changes.filter(changes["status"] == "opt_out").select("patient_id", "changed_at"), "patient_id"
    )
    out = out.filter(_inside(out["changed_at"], out["assigned_at"], settings))
    return out.select(withdrawer="patient_id").distinct()


def _inside(moment: ir.TimestampValue, assigned_at: ir.TimestampValue, settings: ABTest) -> ir.BooleanValue:
    return (moment > assigned_at) & (moment <= assigned_at + ibis.interval(days=settings.window_days))
