"""How many days an experiment takes at a clinic's traffic, to the day on which its planned look may come."""

from dataclasses import dataclass
from math import ceil, inf

from workbench.experiments.planning.parameters import ExperimentPlan


@dataclass(frozen=True)
class Supply:
    """Eligible people: how many there are on the day, and how many come in a week."""

    stock: int
    per_week: float


@dataclass(frozen=True)
class Duration:
    """Days until enough people are there and texted, and until the planned look; None where neither ever comes."""

    enrolling: int | None
    days: int | None

    def within(self, longest: int) -> bool:
        """Whether the planned look comes within so many days."""
        return self.days is not None and self.days <= longest


def days_needed(people: int, supply: Supply, plan: ExperimentPlan) -> Duration:
    """Days from the plan's day to the planned look of an experiment of so many eligible people.

    Those who are there are texted first; the others as they come. Whoever is there stays. After the last of them, the
    window has to pass, and its outcomes have to be recorded.

    Args:
        people: eligible people it takes, holdout included.
        supply: those there are, and those who come.
        plan: the parameters.
    """
    missing = max(people - supply.stock, 0)
    coming = 0.0 if missing == 0 else (missing / supply.per_week if supply.per_week > 0 else inf)
    texting = people * (1 - plan.holdout) / plan.most_per_week if plan.most_per_week else 0.0
    weeks = max(coming, texting)
    if weeks == inf:
        return Duration(None, None)
    enrolling = ceil(round(7 * weeks, 6))
    return Duration(enrolling, enrolling + plan.window_days + plan.recording_lag_days)


def most_people(supply: Supply, plan: ExperimentPlan) -> int:
    """The most eligible people with whom the planned look still comes within the longest time of the plan."""
    weeks = (plan.longest_days - plan.window_days - plan.recording_lag_days) / 7
    if weeks < 0:
        return 0
    people = supply.stock + supply.per_week * weeks
    if plan.most_per_week:
        people = min(people, plan.most_per_week * weeks / (1 - plan.holdout))
    return int(people)
