"""Which segments will have enough people for a sentence of their own, and which never will."""

from dataclasses import dataclass

from workbench.experiments.planning.assurance import EXPECTED, SizeChances, people_needed
from workbench.experiments.planning.duration import Duration, Supply, days_needed
from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.experiments.planning.traffic import Traffic

# A segment has a sentence of its own where the expected effect would be adopted in it with this probability.
OWN_SENTENCE = 0.8


@dataclass(frozen=True)
class Reach:
    """What a segment has, and when it would have enough; `duration.days` is None where it never will."""

    segment: str
    people: int
    arrived: int
    duration: Duration


def enough_for_itself(sizes: tuple[SizeChances, ...]) -> SizeChances | None:
    """The smallest size at which the expected effect is adopted often enough; None where none is."""
    return next((size for size in sizes if size.when(EXPECTED).verdicts["adopt"] >= OWN_SENTENCE), None)


def reach_of_segments(
    traffic: Traffic, sizes: tuple[SizeChances, ...], plan: ExperimentPlan
) -> tuple[Reach, ...]:
    """Each segment's days to a planned look of its own, as if it were the whole experiment."""
    enough = enough_for_itself(sizes)

    def duration(people: int, arrived: int) -> Duration:
        if enough is None:
            return Duration(None, None)
        supply = Supply(people, arrived / plan.arrival_weeks)
        return days_needed(people_needed(plan, enough.people_per_arm), supply, plan)

    return tuple(
        Reach(each.label, each.people, each.arrived, duration(each.people, each.arrived))
        for each in traffic.segments
    )
