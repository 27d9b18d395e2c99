"""Whether people enrolled early and late come to their events alike, which a forecast takes for granted."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from workbench.experiments.late.delays import Delays


def steadiness(arms: Sequence[Delays]) -> float | None:
    """Two-sided p-value of the score test that hazards change with the days followed, that is with enrollment.

    Among those of an arm at risk on each day of delay, the days followed of those who had the event are compared with
    the days followed of all: the score of a proportional-hazards model with one covariate, stratified by arm (Cox
    1972; for a trend, Tarone 1975). People whose windows have closed count alike, whenever they came. None where
    there is nothing to compare.
    """
    scores, variances = zip(*(_score(arm) for arm in arms), strict=True)
    if sum(variances) <= 0:
        return None
    return float(2 * norm.sf(abs(sum(scores)) / np.sqrt(sum(variances))))


def _score(arm: Delays) -> tuple[float, float]:
    """The score and its variance, summed over days of delay."""
    days = np.arange(arm.window + 1)
    score = variance = 0.0
    at_risk = arm.people.sum(axis=1).astype(float)
    for day in range(arm.window):
        at_risk[day] = 0.0
        events = arm.people[:, day]
        count, people = events.sum(), at_risk.sum()
        if count and people > 1:
            mean = at_risk @ days / people
            spread = at_risk @ (days - mean) ** 2 / people
            score += float(events @ (days - mean))
            variance += float(count * spread * (people - count) / (people - 1))
        at_risk -= events
    return score, variance
