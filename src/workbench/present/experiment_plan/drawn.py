"""What is told of a draw: counts by arm and stratum, few hidden, and nobody's pseudonym."""

from collections.abc import Iterator

from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.experiments.randomization.randomizing import Randomized
from workbench.present import numbers
from workbench.present.disclosure import (
    PROFILES,
    FlowStep,
    Profile,
    cohort_flow,
    hide_small_cells,
    told_count,
)
from workbench.present.result import Cell, Column, Table


def drawn_in_words(done: Randomized, plan: ExperimentPlan) -> Iterator[str]:
    """The lines that are told of a draw."""
    profile = PROFILES[plan.disclosure]
    for step, people, _ in cohort_flow([FlowStep(step.label, step.left) for step in done.flow], profile).rows:
        yield f"{_count(people):>12}  {step}"
    people = int(done.people["people"].sum())
    eligible = people + done.held_out
    kept_out = plan.overlap == "keep_out"
    kept = "kept out" if kept_out else "taking part all the same"
    others = told_count(done.overlapping, eligible + done.overlapping * kept_out, None, profile)
    yield f"In other running experiments, {kept}: {others}."
    if plan.holdout:
        yield f"Held out of all arms: {told_count(done.held_out, eligible, None, profile)}."
    for arm, count in arms_table(done, plan, profile).rows:
        yield f"{_count(count):>12}  {arm}"
    if plan.stratify_by:
        table = strata_table(done, profile)
        for row in table.rows:
            yield f"{_count(row[2]):>12}  {row[0]}, {row[1]}"
        if table.note:
            yield table.note


def arms_table(done: Randomized, plan: ExperimentPlan, profile: Profile) -> Table:
    """People of each arm; small arms are hidden."""
    totals = done.people.groupby("arm")["people"].sum()
    rows: list[list[Cell]] = [[arm, int(totals[arm])] for arm in plan.arms]
    return hide_small_cells(
        Table(
            id="arms",
            caption="People of each arm",
            columns=[
                Column(name="arm", title="Arm", kind="label"),
                Column(name="people", title="People", kind="people"),
            ],
            rows=rows,
            groups="arm",
        ),
        profile,
    )


def strata_table(done: Randomized, profile: Profile) -> Table:
    """People of each arm in each stratum; few are hidden, with those from which they could be worked out."""
    rows: list[list[Cell]] = [
        [row.stratum, row.arm, int(row.people)]
        for row in done.people.sort_values(["stratum", "arm"]).itertuples()
    ]
    return hide_small_cells(
        Table(
            id="strata",
            caption="People of each arm, by stratum",
            columns=[
                Column(name="stratum", title="Stratum", kind="label"),
                Column(name="arm", title="Arm", kind="label"),
                Column(name="people", title="People", kind="people"),
            ],
            rows=rows,
            groups="attributes",
        ),
        profile,
    )


def _count(people: Cell) -> str:
    return "not shown" if people is None else numbers.count(int(people))
