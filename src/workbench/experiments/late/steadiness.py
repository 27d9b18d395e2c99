"""Whether people enrolled early and late come to their events alike, which a forecast takes for granted."""

import numpy as np
from scipy.stats import norm

from workbench.experiments.late.delays import Delays


def steadiness(delays: Delays) -> float | None:
    """Two-sided p-value of the score test that hazards change with the days followed, that is with enrollment.

    Among those at risk on each day of delay, the days followed of those who had the event are compared with the days
    followed of all: the score of a proportional-hazards model with one covariate (Cox 1972; for a trend, Tarone 1975).
    People whose windows have closed count alike, whenever they came. None where there is nothing to compare.
    """
    days = np.arange(delays.window + 1)
    score = variance = 0.0
    at_risk = delays.people.sum(axis=1).astype(float)
    for day in range(delays.window):
        at_risk[day] = 0.0
        events = delays.people[:, day]
        count, people = events.sum(), at_risk.sum()
        if count and people > 1:
            mean = at_risk @ days / people
            spread = at_risk @ (days - mean) ** 2 / people
            score += events @ (days - mean)
            variance += count * spread * (people - count) / (people - 1)
        at_risk -= events
    if variance <= 0:
        return None
    return float(2 * norm.sf(abs(score) / np.sqrt(variance)))
