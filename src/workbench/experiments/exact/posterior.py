"""What is asked of a posterior of randomized arms, whatever was measured."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.optimize import brentq

from workbench.experiments.exact.quadrature import Array
from workbench.refusal import Fault, Refused

# What a mean of 0 counts as in a ratio.
_LEAST: Final = 1e-300


@dataclass(frozen=True)
class Estimate:
    """A posterior mean with an equal-tailed credible interval of the given level."""

    mean: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class Extreme:
    """Of one arm: P(its mean is the best of all), and what choosing it is expected to cost."""

    probability: float
    loss: float


class Posterior(ABC):
    """The joint posterior of the arms' means: of rates, counts, scores or ratios, in their own units.

    `versus` is the control where it is not named. Probabilities are accurate to 1e-9, losses to 1e-9 of themselves.
    """

    arms: tuple[str, ...]
    control: str

    @abstractmethod
    def expectation(self, arm: str) -> float:
        """Posterior mean of one arm's mean."""

    @abstractmethod
    def spread(self, arm: str) -> float:
        """Posterior standard deviation of one arm's mean."""

    @abstractmethod
    def cdf(self, threshold: float, arm: str) -> float:
        """P(mean of arm <= threshold)."""

    @abstractmethod
    def bounds(self, arm: str) -> tuple[float, float]:
        """Between which the arm's mean lies, for all that doubles can see."""

    @abstractmethod
    def _below(self, arm: str, versus: str, factor: float, shift: float) -> float:
        """P(mean of arm <= factor * mean of versus + shift), for a factor above 0."""

    @abstractmethod
    def _density(self, threshold: float, arm: str, versus: str) -> float:
        """Density of mean of arm - mean of versus."""

    @abstractmethod
    def _extremes(self, *, highest: bool) -> Mapping[str, Extreme]:
        """For every arm, in the order of the arms."""

    @property
    @abstractmethod
    def log_bayes_factor(self) -> float:
        """Natural log of the evidence for "arms differ" over "all arms are alike" under the same prior of each.

        Raises:
            Refused: the prior has no total to speak of, so that there is none.
        """

    def mean(self, arm: str, level: float = 0.95) -> Estimate:
        """Posterior of one arm's mean."""
        expected = self.expectation(arm)
        line = Line(*self.bounds(arm), expected, self.spread(arm))
        return Estimate(expected, *line.equal_tails(lambda x: self.cdf(x, arm), level), level)

    def difference(self, arm: str, versus: str | None = None, level: float = 0.95) -> Estimate:
        """Posterior of mean of arm - mean of versus."""
        other = self._other(arm, versus)
        (low, high), (other_low, other_high) = self.bounds(arm), self.bounds(other)
        expected = self.expectation(arm) - self.expectation(other)
        spread = float(np.hypot(self.spread(arm), self.spread(other)))
        line = Line(low - other_high, high - other_low, expected, spread)
        tails = line.equal_tails(lambda x: self.difference_cdf(x, arm, other), level)
        return Estimate(expected, *tails, level)

    def ratio(self, arm: str, versus: str | None = None, level: float = 0.95) -> Estimate:
        """Posterior of mean of arm / mean of versus; `mean` is its median, since the mean ratio may not exist.

        Raises:
            Refused: one of the means may be below 0.
        """
        other = self._other(arm, versus)
        (least, most), (other_least, other_most) = self.bounds(arm), self.bounds(other)
        if min(least, other_least) < 0:
            raise Refused(
                Fault(
                    f"ratio of {arm} to {other}",
                    "one of the means may be below 0.",
                    "Ask for their difference.",
                )
            )
        lowest, other_lowest = np.log([max(least, _LEAST), max(other_least, _LEAST)])
        line = Line(lowest - np.log(other_most), np.log(most) - other_lowest, 0.0, 1.0)

        def log_ratio_cdf(x: float) -> float:
            return self._below(arm, other, float(np.exp(x)), 0.0)

        median, tails = line.quantile(log_ratio_cdf, 0.5), line.equal_tails(log_ratio_cdf, level)
        low, high = np.exp(tails)
        return Estimate(float(np.exp(median)), float(low), float(high), level)

    def uplift(self, arm: str, versus: str | None = None, level: float = 0.95) -> Estimate:
        """Posterior of the relative difference, (mean of arm - mean of versus) / mean of versus; `mean` the median."""
        ratio = self.ratio(arm, versus, level)
        return Estimate(ratio.mean - 1, ratio.low - 1, ratio.high - 1, level)

    def difference_cdf(self, threshold: float, arm: str, versus: str | None = None) -> float:
        """P(mean of arm - mean of versus <= threshold)."""
        return self._below(arm, self._other(arm, versus), 1.0, threshold)

    def difference_density(self, at: Array, arm: str, versus: str | None = None) -> Array:
        """Density of mean of arm - mean of versus at each point, per unit of the mean. Shape as `at`."""
        other = self._other(arm, versus)
        return np.array([max(self._density(float(x), arm, other), 0.0) for x in at])

    def probability_better(self, arm: str, versus: str | None = None, by_more_than: float = 0.0) -> float:
        """P(mean of arm - mean of versus > by_more_than)."""
        other = self._other(arm, versus)
        return self._below(other, arm, 1.0, -by_more_than)

    def probability_equivalent(self, within: float, arm: str, versus: str | None = None) -> float:
        """P(-within < mean of arm - mean of versus < within): practical equivalence."""
        other = self._other(arm, versus)
        outside = self.difference_cdf(-within, arm, other) + self.probability_better(arm, other, within)
        return max(0.0, 1.0 - outside)

    def probability_best(self, *, highest: bool = True) -> dict[str, float]:
        """For every arm, the probability that its mean is the highest (or the lowest) of all."""
        extremes = self._highest if highest else self._lowest
        return {arm: each.probability for arm, each in extremes.items()}

    def expected_loss(self, arm: str, *, highest: bool = True) -> float:
        """E[best mean - mean of arm]: what choosing this arm is expected to cost, in units of the mean.

        With `highest=False` (an unwanted event) it is E[mean of arm - lowest mean].
        """
        return (self._highest if highest else self._lowest)[arm].loss

    @cached_property
    def _highest(self) -> Mapping[str, Extreme]:
        return self._extremes(highest=True)

    @cached_property
    def _lowest(self) -> Mapping[str, Extreme]:
        return self._extremes(highest=False)

    def _other(self, arm: str, versus: str | None) -> str:
        other = self.control if versus is None else versus
        if arm == other:
            raise ValueError("an arm is not compared with itself")
        return other


@dataclass(frozen=True)
class Line:
    """Where quantiles are sought: between `low` and `high`, as finely near `center` as `unit` says.

    Heavy tails put the ends very far out, where a tolerance by the whole range would be none.
    """

    low: float
    high: float
    center: float
    unit: float

    def quantile(self, cdf: Callable[[float], float], at: float) -> float:
        """Where a distribution function reaches `at`."""
        low, high = np.arcsinh((np.array([self.low, self.high]) - self.center) / self.unit)

        def place(y: float) -> float:
            return min(max(self.center + self.unit * float(np.sinh(y)), self.low), self.high)

        return place(brentq(lambda y: cdf(place(y)) - at, low, high, xtol=1e-13, rtol=1e-14))

    def equal_tails(self, cdf: Callable[[float], float], level: float) -> tuple[float, float]:
        """The interval that leaves as much below it as above it."""
        if not 0 < level < 1:
            raise Refused(Fault("level", "it is not between 0 and 1.", "Give a proportion, such as 0.95."))
        tail = (1 - level) / 2
        return self.quantile(cdf, tail), self.quantile(cdf, 1 - tail)


def arm_faults(arms: Sequence[str], control: str) -> list[Fault]:
    """What is wrong with the names of arms that are to be compared."""
    faults = []
    if len(arms) < 2:
        faults.append(Fault("arms", f"{len(arms)} arm was given.", "An analysis compares two arms or more."))
    if len(set(arms)) < len(arms):
        faults.append(Fault("arms", "the same arm stands twice.", "Give each arm once, with all its people."))
    if control not in arms:
        known = ", ".join(arms)
        faults.append(Fault("control", f'"{control}" is none of the arms.', f"Choose one of: {known}."))
    return faults
