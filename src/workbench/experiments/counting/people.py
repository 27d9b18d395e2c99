"""The people of an experiment, one row each inside the engine: who they are at assignment, and in which arm.

Adults with consent at assignment, analyzed as assigned, in the arm they were first put in, and never re-checked
afterwards.
"""

from datetime import UTC, date, datetime, time

import ibis
import ibis.expr.types as ir

from workbench.experiments.counting.epochs import Epochs
from workbench.experiments.parameters import ABTest
from workbench.tables.cohort import Cohort, NeededConsent, Studied
from workbench.tables.kept_groups import with_group
from workbench.tables.kept_segments import referred
from workbench.tables.known import KnownTables
from workbench.tables.seconds import seconds_of

CLOSED = "whose window has closed"
NO_SEGMENT = "not recorded"
# Days that someone was followed of whom the source records no times: longer than any window.
_FOR_EVER = 10_000
_DAY = 86_400


def declared_cohort(settings: ABTest) -> Cohort:
    """Adults with consent at assignment, unless minors are asked for, or consent is what is measured."""
    consent = NeededConsent(settings.consent_purpose, at="assigned_at", moment="assignment")
    return Cohort(
        settings.minors, None if settings.primary.of == "opt_in" else consent, settings.goes_on_without
    )


def studied_people(known: KnownTables, assigned: ir.Table, settings: ABTest) -> Studied:
    """The people assigned who may be studied, with enrolled and closed, each true or false; and their flow."""
    before = {} if untimed(known) else {"enrolled by the planned end": "enrolled"}
    return known.studied(_with_times(known, assigned, settings), "assigned", before, {CLOSED: "closed"})


def with_segment(known: KnownTables, people: ir.Table, settings: ABTest) -> ir.Table:
    """Adds segment, known at assignment or of the kept segments named; null for everybody where none is asked for."""
    column = settings.segment_by
    if column is None:
        return people.mutate(segment=ibis.null("string"))
    if referred(column) is not None:
        return with_group(people, column)
    joined = people if column == "stratum" else known.with_state(people, "assigned_at", column)
    return joined.select(*people.columns, segment=joined[column].fill_null(NO_SEGMENT))


def first_assignments(known: KnownTables, settings: ABTest) -> ir.Table:
    """One row per person: the first arm, and whether there was another.

    Columns: patient_id, arm, probability, assigned_at, stratum, cluster_id, recorded_epoch, in_two_arms.
    """
    rows = known.table("assignments")
    rows = rows.filter(rows["experiment_id"] == settings.experiment)
    absent = {
        "assigned_at": "timestamp('UTC')",
        "stratum": "string",
        "cluster_id": "string",
        "epoch": "int64",
    }
    rows = rows.mutate(**{name: ibis.null(kind) for name, kind in absent.items() if name not in rows.columns})
    rows = rows.select(
        "patient_id", "arm", "probability", "assigned_at", "stratum", "cluster_id", recorded_epoch="epoch"
    )
    # Most people stand in one row: only the others' rows are put in order, which takes a third of the time.
    several = rows.group_by("patient_id").agg(_rows=rows.count())
    several = several.filter(several["_rows"] > 1).select("patient_id").cache()
    once = rows.anti_join(several, "patient_id").mutate(in_two_arms=ibis.literal(False))
    return once.union(_first_of_several(rows.semi_join(several, "patient_id")))


def _first_of_several(rows: ir.Table) -> ir.Table:
    window = ibis.window(group_by="patient_id", order_by=["assigned_at", "arm"])
    arms = ibis.window(group_by="patient_id")
    placed = rows.mutate(
        in_two_arms=rows["arm"].max().over(arms) != rows["arm"].min().over(arms),
        _order=ibis.row_number().over(window),
    )
    return placed.filter(placed["_order"] == 0).drop("_order")


def with_epoch(people: ir.Table, epochs: Epochs) -> ir.Table:
    """Adds epoch: the place, from 0, of the allocation under which each person was assigned."""
    return people.mutate(epoch=epochs.of(people))


def untimed(known: KnownTables) -> bool:
    """Whether the source records no times, so that every outcome it has counts as inside the window."""
    return known.source.not_recorded.time is not None


def _with_times(known: KnownTables, assigned: ir.Table, settings: ABTest) -> ir.Table:
    """Adds day, of assignment; enrolled, by the planned end; followed, in whole days; and closed.

    Closed is whose window for the primary is over and recorded; days are counted from 1970-01-01, UTC.
    """
    if untimed(known):
        ever = ibis.literal(_FOR_EVER, "int64")
        certain = ibis.literal(True)
        return assigned.mutate(day=ibis.null("int64"), enrolled=certain, followed=ever, closed=certain)
    assigned = assigned.mutate(day=(seconds_of(assigned["assigned_at"]) / _DAY).floor().cast("int64"))
    ends = ibis.literal(datetime.combine(settings.enrollment_ends or date.max, time(), UTC))
    followed = ibis.greatest(_whole_days(known, assigned) - settings.recording_lag_days, 0)
    return assigned.mutate(
        enrolled=assigned["assigned_at"] < ends,
        followed=followed,
        closed=followed >= settings.primary.window_days,
    )


def _whole_days(known: KnownTables, assigned: ir.Table) -> ir.IntegerColumn:
    """Whole days from each assignment to the moment as of which is looked, which is a midnight, UTC."""
    at, day = assigned["assigned_at"], assigned["day"]
    days = int(known.moment.timestamp()) // _DAY - day
    # Who was assigned after midnight has not completed her first day at the next; seconds tell nearly always.
    after = (seconds_of(at) > day * _DAY).ifelse(True, at > at.truncate("s"))
    return days - after.cast("int64")
