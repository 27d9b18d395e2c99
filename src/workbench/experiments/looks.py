"""The looks that were planned: what each takes, and whether the experiment still is the one that was planned."""

from dataclasses import dataclass

from workbench.experiments.counting.counts import ExperimentCounts
from workbench.experiments.parameters import ABTest
from workbench.experiments.sequential import probability_thresholds

# By how much of itself the number of people at a look may differ from what was planned.
TOLERANCE = 0.1


@dataclass(frozen=True)
class PlannedLook:
    """One of the looks that were planned, on its day.

    `needed` is the probability of being better that it takes, `people` those whose windows should have closed, and
    `as_planned` whether about as many have. Where they have not, thresholds made for other looks do not keep the error.
    """

    number: int
    looks: int
    needed: float
    people: int
    as_planned: bool


def planned_look_today(counts: ExperimentCounts, settings: ABTest, *, at_the_end: bool) -> PlannedLook | None:
    """The planned look that falls on the study's day, by the rule `planned`; None on any other day or by another rule.

    The error of all looks together is split between the arms (Bonferroni).

    Args:
        counts: from `count_experiment`.
        settings: the parameters.
        at_the_end: whether the last look has come.
    """
    if settings.planned_people is None:
        return None
    shares = [look.share for look in settings.interim_looks]
    days = [look.day for look in settings.interim_looks]
    if at_the_end:
        at = len(days)
    elif settings.as_of in days:
        at = days.index(settings.as_of)
    else:
        return None
    alpha = (1 - settings.adopt_probability) / (len(counts.arms) - 1)
    people = [*shares, 1.0][at] * settings.planned_people
    closed = sum(arm.closed for arm in counts.arms)
    return PlannedLook(
        number=at + 1,
        looks=len(days) + 1,
        needed=probability_thresholds([*shares, 1.0], alpha)[at],
        people=round(people),
        as_planned=abs(closed - people) <= TOLERANCE * people,
    )
