"""Randomizing the eligible people of a plan, once, and writing the protected list of it."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.experiments.randomization.draw import Design, Draw, draw
from workbench.experiments.randomization.people import Eligible, sending_hours, who_is_randomized
from workbench.experiments.randomization.record import Lists, one_at_a_time, refuse_drawn, write_lists
from workbench.refusal import Fault, Refused
from workbench.tables.cohort import Step
from workbench.tables.opening import open_tables
from workbench.tables.source import read_source, source_path

# A draw of an older day would look at people as they no longer are, and at outcomes that are known already.
LATEST_DAYS = 1


@dataclass(frozen=True)
class Randomized:
    """What was drawn, in counts.

    `people` has one row for each stratum and arm, with columns stratum, arm and people; `units` are people, or
    clusters; `overlapping` counts people in another running experiment, kept out or not; `folder` is where the lists
    stand, None where they were not written.
    """

    flow: tuple[Step, ...]
    people: pd.DataFrame
    units: int
    held_out: int
    overlapping: int
    folder: Path | None


def randomize(plan: ExperimentPlan, root: Path, today: date, *, write: bool = True) -> Randomized:
    """Randomize the people who are eligible as of the plan's day.

    Args:
        plan: the parameters.
        root: the project's root.
        today: the day on which this is done, in UTC.
        write: whether the lists are written, or it is only told what they would be.

    Raises:
        Refused: no ethics reference, a day that is past, an experiment that was drawn before, a source that does not
            tell who may be texted and when, nobody left, another draw under way, or a folder that cannot be written.
        DataAbsent: the source's data are not on this machine.
    """
    source = read_source(source_path(plan.source, root), root)
    refuse_unfit(plan, today, simulated=source.simulated)
    # Opened while no other draw is under way, so that its people are seen.
    with one_at_a_time(plan.source, root) if write else nullcontext():
        tables = open_tables(source, root)
        refuse_drawn(tables, plan, root)
        eligible = who_is_randomized(tables, plan)
        drawn = draw(eligible.units, Design(plan.experiment, plan.seed, plan.shares, plan.holdout))
        lists = _lists(eligible, drawn, plan)
        _refuse_empty_arm(lists, plan)
        folder = write_lists(lists, plan, root) if write else None
    return Randomized(
        flow=eligible.flow,
        people=_counted(lists),
        units=len(drawn.arms),
        held_out=len(lists.holdout),
        overlapping=eligible.overlapping,
        folder=folder,
    )


def refuse_unfit(plan: ExperimentPlan, today: date, *, simulated: bool) -> None:
    """Refuse a plan by which nobody may be randomized, whatever the data."""
    faults = []
    if plan.ethics_reference is None:
        what = "nobody is randomized without the number of a decision by those who answer for ethics."
        faults.append(Fault("ethics_reference", what, "Name it in the parameters."))
    if plan.cluster_by in plan.stratify_by:
        what = "a cluster lies in one stratum of its own, so that nothing is left to balance."
        faults.append(Fault("stratify_by", what, "Leave the column of cluster_by out of it."))
    if not simulated and plan.as_of < today - timedelta(days=LATEST_DAYS):
        what = f"{plan.as_of} is past: who may be texted has changed since, and outcomes are known."
        faults.append(Fault("as_of", what, "Write as_of: today, or give --as-of with today's date."))
    if faults:
        raise Refused(*faults)


def _lists(eligible: Eligible, drawn: Draw, plan: ExperimentPlan) -> Lists:
    rows = eligible.rows
    arm = rows["unit"].map(drawn.arms)
    taking = arm.notna()
    part = rows[taking]
    moment = datetime.combine(plan.as_of, datetime.min.time(), UTC)
    assignments = pd.DataFrame(
        {
            "experiment_id": plan.experiment,
            "patient_id": part["patient_id"],
            "cluster_id": part["cluster_id"],
            "stratum": part["stratum"],
            "arm": arm[taking],
            "probability": arm[taking].map(plan.shares).astype("float64"),
            "epoch": 0,
            "assigned_at": moment,
        }
    )
    hours = {zone: sending_hours(zone, plan.as_of, plan) for zone in sorted(set(part["time_zone"]))}
    sending = pd.DataFrame(
        {
            "patient_id": part["patient_id"],
            "arm": arm[taking],
            "send_from": [hours[zone][0] for zone in part["time_zone"]],
            "send_until": [hours[zone][1] for zone in part["time_zone"]],
        }
    )
    return Lists(assignments, sending, rows.loc[~taking, ["patient_id"]])


def _refuse_empty_arm(lists: Lists, plan: ExperimentPlan) -> None:
    empty = [arm for arm in plan.arms if arm not in set(lists.assignments["arm"])]
    if empty:
        what = f"there are too few people: nobody would be in the arm {', '.join(empty)}."
        raise Refused(Fault(f"experiment {plan.experiment}", what, "Wait for more, or take fewer arms."))


def _counted(lists: Lists) -> pd.DataFrame:
    counts = lists.assignments.groupby(["stratum", "arm"], as_index=False).size()
    return counts.rename(columns={"size": "people"})
