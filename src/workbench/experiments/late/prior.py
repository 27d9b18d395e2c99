"""What is believed of hazards by day of delay before an arm's own counts are seen, and whether they agree."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar

from workbench.experiments.late.delays import Counts, Delays, Numbers
from workbench.refusal import Fault, Refused

# Chosen by simulation (benchmarks/late_outcomes.md): heavier ones narrow what nobody was followed for long enough to
# know, and flat ones add events to every day.
POOLED_WEIGHT: Final = 5.0
EARLIER_WEIGHT: Final = 50.0
# Of the slope of the log hazard on the log day: hazards that fall with the inverse of the day lie 1.3 of them out.
SLOPE_SD: Final = 0.75
CONFLICT: Final = 0.05
REPLICATES: Final = 4000


@dataclass(frozen=True, eq=False)
class DelayPrior:
    """Beta(weight * hazard, weight * (1 - hazard)) on each day's hazard.

    `hazards` has shape (W,) or is longer; `weight` is the number of people at risk that a day's hazard counts for.

    Raises:
        Refused: a hazard that is not between 0 and 1, or a weight that is not above 0.
    """

    hazards: Numbers
    weight: float

    def __post_init__(self) -> None:
        if not ((self.hazards > 0) & (self.hazards < 1)).all():
            raise Refused(
                Fault("delay prior", "a hazard is not above 0 and below 1.", "Give a probability for each day.")
            )
        if not (np.isfinite(self.weight) and self.weight > 0):
            raise Refused(Fault("delay prior", "its weight is not above 0.", "Give a number of people."))

    def beta(self, window: int) -> tuple[Numbers, Numbers]:
        """Both parameters by day, shape (W,).

        Raises:
            Refused: the prior ends before the window does.
        """
        if len(self.hazards) < window:
            raise Refused(
                Fault(
                    "delay prior",
                    f"it tells {len(self.hazards)} days of a window of {window}.",
                    "Take it from campaigns that were followed as long, or shorten the window.",
                )
            )
        mean = self.hazards[:window]
        return self.weight * mean, self.weight * (1 - mean)

    def scaled(self, power: float) -> "DelayPrior":
        """The power prior (Ibrahim and Chen 2000): what it was learned from counts `power` times as much."""
        return replace(self, weight=self.weight * power)


@dataclass(frozen=True)
class PriorCheck:
    """Whether counts are such as the prior expects: the predictive p-value, and whether that is a conflict."""

    p_value: float
    conflict: bool


def pooled_prior(arms: Sequence[Delays], weight: float = POOLED_WEIGHT) -> DelayPrior:
    """Hazards of all arms together, smoothed: log h_d = alpha + beta log(d + 1), a Weibull hazard by day.

    Poisson likelihood on days at risk, beta ~ Normal(0, 0.75), alpha at its maximum; half an event where none was
    seen. Empirical Bayes: it uses the arms' counts a second time, which with a weight of a few people adds little.
    """
    events = np.sum([arm.events for arm in arms], axis=0).astype(float)
    at_risk = np.sum([arm.at_risk for arm in arms], axis=0).astype(float)
    if not at_risk.any():
        raise Refused(
            Fault(
                "delays",
                "nobody was followed for a whole day.",
                "Wait for a day, or give a delay prior from earlier campaigns.",
            )
        )
    log_day = np.log(np.arange(1, len(events) + 1))
    total = max(events.sum(), 0.5)

    def log_total(slope: float) -> float:
        return float(np.log(at_risk @ np.exp(slope * log_day)))

    def loss(slope: float) -> float:
        fit = slope * float(events @ log_day) - events.sum() * log_total(slope)
        return slope**2 / (2 * SLOPE_SD**2) - fit

    slope = float(minimize_scalar(loss, bounds=(-4.0, 4.0), method="bounded").x)
    hazards = np.exp(np.log(total) - log_total(slope) + slope * log_day)
    return DelayPrior(np.clip(hazards, 1e-12, 0.5), weight)


def earlier_prior(campaigns: Sequence[Delays], weight: float = EARLIER_WEIGHT) -> DelayPrior:
    """Hazards of earlier campaigns' arms together, each day's own, drawn a little to their smoothed ones."""
    smooth = pooled_prior(campaigns)
    a, b = smooth.beta(campaigns[0].window)
    events = np.sum([arm.events for arm in campaigns], axis=0)
    at_risk = np.sum([arm.at_risk for arm in campaigns], axis=0)
    return DelayPrior((a + events) / (a + b + at_risk), weight)


def check_prior(prior: DelayPrior, delays: Delays, random: np.random.Generator) -> PriorCheck:
    """Compare an arm's counts with what the prior predicts for its people at risk (Box 1980).

    Each day's difference between events and what was expected of them is divided by its standard deviation; the
    discrepancy is the largest sum of these over the days up to one (a cumulative martingale residual: Lin, Wei and
    Ying 1993), so that another rate shows, and events that come at other times. The p-value is simulated, given the
    people at risk.
    """
    a, b = prior.beta(delays.window)
    at_risk = delays.at_risk
    mean = a / (a + b)
    expected = at_risk * mean
    variance = expected * (1 - mean) * (a + b + at_risk) / (a + b + 1)
    # Where nobody is at risk there are no events either.
    scale = np.sqrt(np.where(at_risk > 0, variance, 1.0))

    def discrepancy(events: Counts) -> Numbers:
        return np.asarray(np.abs(np.cumsum((events - expected) / scale, axis=-1)).max(axis=-1))

    replicates = random.binomial(at_risk, random.beta(a, b, size=(REPLICATES, delays.window)))
    as_far = int((discrepancy(replicates) >= discrepancy(delays.events) * (1 - 1e-12)).sum())
    p_value = (1 + as_far) / (1 + REPLICATES)
    return PriorCheck(p_value, p_value < CONFLICT)
