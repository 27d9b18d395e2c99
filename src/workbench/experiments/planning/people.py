"""Who could take part: adults who may be texted, in the phases asked for, one row each inside the engine."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.tables.cohort import Cohort, Studied
from workbench.tables.known import KnownTables

MAY_BE_TEXTED, IN_PHASE, FREE = "who may be texted", "in the phases asked for", "in no other running experiment"
# Columns of patient_states that a plan may group people by.
STATE_COLUMNS = ("clinic_id", "diagnosis_group", "treatment_phase", "therapy_type")


def declared_cohort(plan: ExperimentPlan) -> Cohort:
    """Adults, unless minors are asked for; who may be texted is told by step, for each moment by itself."""
    return Cohort(plan.minors, goes_on_without=plan.goes_on_without)


def eligible_people(known: KnownTables, plan: ExperimentPlan, assignments: ir.Table | None = None) -> Studied:
    """The people who could be randomized as of the day, and the flow that leads to them.

    Args:
        known: the tables as of the day.
        plan: the parameters.
        assignments: where other experiments are looked for; what was known by the day unless given.

    Rows have patient_id, at (the moment), in_phase and free, each true or false, beside elsewhere: whether the person
    is in another running experiment. Eligible are those in phase and free.

    Raises:
        Refused: the source does not tell who may be texted.
    """
    texted = known.may_be_texted(plan.consent_purpose).mutate(may=ibis.literal(True))
    people = known.table("patients").select("patient_id", at=ibis.literal(known.moment))
    people = people.left_join(texted, "patient_id").select(
        *people.columns, may_be_texted=lambda rows: rows["may"].fill_null(False)
    )
    people = with_phase(known, people, plan, "at", "in_phase")
    other = elsewhere(known, plan, assignments)
    people = people.left_join(other, people["patient_id"] == other["other"])
    people = people.select("patient_id", "at", "may_be_texted", "in_phase", elsewhere=people["other"].notnull())
    people = people.mutate(free=~people["elsewhere"] if plan.overlap == "keep_out" else ibis.literal(True))
    steps = {MAY_BE_TEXTED: "may_be_texted"}
    if plan.treatment_phases:
        steps[IN_PHASE] = "in_phase"
    if plan.overlap == "keep_out":
        steps[FREE] = "free"
    studied = known.studied(people, "in the books", {}, steps)
    rows = studied.rows.filter(*(studied.rows[name] for name in steps.values()))
    return Studied(rows, studied.flow)


def overlapping(eligible: Studied, plan: ExperimentPlan) -> int:
    """How many people are in another running experiment, of those who are eligible, or would be if they were not."""
    if plan.overlap == "keep_out":
        before, after = eligible.flow[-2:]
        return before.left - after.left
    return int(eligible.rows.filter(eligible.rows["elsewhere"]).count().execute())


def with_phase(known: KnownTables, people: ir.Table, plan: ExperimentPlan, at: str, name: str) -> ir.Table:
    """Adds whether each person was, at a moment, in a phase that the plan asks for."""
    if not plan.treatment_phases:
        return people.mutate(**{name: ibis.literal(True)})
    joined = known.with_state(people, at, "treatment_phase")
    inside = joined["treatment_phase"].isin(plan.treatment_phases).fill_null(False)
    return joined.select(*people.columns, **{name: inside})


def elsewhere(known: KnownTables, plan: ExperimentPlan, assignments: ir.Table | None = None) -> ir.Table:
    """Who is in another experiment that is still running: other, a patient_id, one row each."""
    if assignments is None and "assignments" not in known.names:
        return known.table("patients").filter(ibis.literal(False)).select(other="patient_id")
    rows = known.table("assignments") if assignments is None else assignments
    rows = rows.filter(rows["experiment_id"] != plan.experiment)
    if "assigned_at" in rows.columns:
        since = known.moment - timedelta(days=plan.overlap_days)
        rows = rows.filter((rows["assigned_at"] >= ibis.literal(since)).fill_null(True))
    return rows.select(other="patient_id").distinct()
