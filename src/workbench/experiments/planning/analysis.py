"""The plan of an experiment: from a clinic's traffic to what each size can show; counts in, a frozen plan out."""

from collections.abc import Callable
from dataclasses import dataclass

from scipy.stats import norm

from workbench.experiments.planning.assurance import SizeChances, chances_by_size
from workbench.experiments.planning.duration import Duration, days_needed, most_people
from workbench.experiments.planning.factorial import FactorialDesign, factorial_designs
from workbench.experiments.planning.looking import Looking, cost_of_looking
from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.experiments.planning.reach import Reach, enough_for_itself, reach_of_segments
from workbench.experiments.planning.traffic import Traffic


@dataclass(frozen=True)
class PlannedSize:
    """What a size can show, and how long it takes."""

    chances: SizeChances
    duration: Duration


@dataclass(frozen=True)
class Plan:
    """All that is known before an experiment.

    `ceiling` is the probability, by the design prior alone, that the effect matters: what no number of people can
    raise assurance above. `chosen` is the smallest size whose assurance of adoption reaches the target within the
    longest time, None where none does.
    """

    settings: ExperimentPlan
    traffic: Traffic
    design_effect: float
    ceiling: float
    sizes: tuple[PlannedSize, ...]
    most_people: int
    chosen: PlannedSize | None
    looking: Looking
    factorial: tuple[FactorialDesign, ...]
    enough_for_itself: SizeChances | None
    reach: tuple[Reach, ...]

    @property
    def within(self) -> tuple[PlannedSize, ...]:
        """The sizes whose planned look comes within the longest time."""
        return tuple(size for size in self.sizes if size.duration.within(self.settings.longest_days))

    @property
    def spoken_of(self) -> PlannedSize:
        """The size the report speaks of: the chosen one, else the largest within reach, else the smallest of all."""
        return self.chosen or (self.within or self.sizes[:1])[-1]


def make_plan(traffic: Traffic, settings: ExperimentPlan, report: Callable[[str], None] | None = None) -> Plan:
    """Make the plan.

    Args:
        traffic: from `count_traffic`.
        settings: the parameters.
        report: told what is being done, for thousands of experiments are drawn.
    """
    tell = report or (lambda _: None)
    outcome, guardrail = traffic.outcome(settings), traffic.guardrail(settings)
    effect = traffic.design_effect(settings)
    supply = traffic.supply(settings)
    tell(f"Drawing {settings.simulated_experiments:,} experiments of each size …")
    chances = chances_by_size(settings, outcome, guardrail, effect)
    sizes = tuple(PlannedSize(each, days_needed(each.people, supply, settings)) for each in chances)
    within = [size for size in sizes if size.duration.within(settings.longest_days)]
    chosen = next((size for size in within if _reaches(size, settings)), None)
    spoken = chosen or (within or sizes[:1])[-1]
    tell("Looking every day …")
    return Plan(
        settings=settings,
        traffic=traffic,
        design_effect=effect,
        ceiling=_ceiling(settings),
        sizes=sizes,
        most_people=most_people(supply, settings),
        chosen=chosen,
        looking=cost_of_looking(settings, spoken.chances.people_per_arm, outcome, guardrail, effect),
        factorial=factorial_designs(spoken.chances.people_per_arm),
        enough_for_itself=enough_for_itself(chances),
        reach=reach_of_segments(traffic, chances, settings),
    )


def _reaches(size: PlannedSize, settings: ExperimentPlan) -> bool:
    return size.chances.assurance.verdicts["adopt"] >= settings.target_assurance


def _ceiling(settings: ExperimentPlan) -> float:
    return float(norm.sf(settings.smallest_effect, settings.expected_effect, settings.effect_sd))
