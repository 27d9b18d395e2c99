"""The trait behind what was counted: how people themselves differ, seen through few events of each.

Log odds of shares, and means of logarithms of times, are location + scale * sinh((arcsinh(Z) + skew) / tails) of a
standard normal Z (Jones and Pewsey 2009, Biometrika 96, eq. 1): normal where skew is 0 and tails are 1, else skewed, or
of heavier or lighter tails. They are found by the likelihood of what was counted, the trait integrated out (Efron 2016,
Biometrika 103: empirical Bayes deconvolution). This family has always one peak, so that groups are not taken for the
trait's own shape.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

Numbers = NDArray[np.float64]

# Places of the trait over which the likelihood is summed.
_PLACES = np.linspace(-6, 6, 121)
# What else is known of a person narrows their trait to no less than the places are apart.
_NARROWEST = 0.1
# Skew, and the logarithm of tails, are drawn to those of the normal distribution, as far as this standard deviation
# lets them: of some hundred people their shape is not all chance, and of few it is.
_SHAPE_DEVIATION = 0.5
_BOUNDS = ((-20, 20), (-6, 4), (-3, 3), (-1.5, 1.5))


@dataclass(frozen=True)
class Family:
    """How likely counts are: the logarithm is events * value - trials * cumulant(value), and `mean` its derivative."""

    cumulant: Callable[[Numbers], Numbers]
    mean: Callable[[Numbers], Numbers]


BINOMIAL = Family(lambda log_odds: np.logaddexp(0, log_odds), expit)
# Of sums over events of variance 1.
NORMAL = Family(lambda mean: mean**2 / 2, lambda mean: mean)


@dataclass(frozen=True)
class Expected:
    """Each person's trait as everything else lets it be expected: normal with a `mean`, (n,), and one `deviation`."""

    mean: Numbers
    deviation: float

    @property
    def log_weights(self) -> Numbers:
        """(n, places) how likely each place is."""
        width = max(self.deviation, _NARROWEST)
        log_density = -(((_PLACES - self.mean[:, None]) / width) ** 2) / 2
        return log_density - logsumexp(log_density, axis=1, keepdims=True)


@dataclass(frozen=True)
class Trait:
    """How people's own values follow from a standard normal trait."""

    location: float
    scale: float
    skew: float
    tails: float

    @classmethod
    def behind(cls, events: Numbers, trials: Numbers, family: Family, start: float, expected: Expected) -> Self:
        """The trait under which these counts are likeliest, skew and tails held to a normal prior.

        Args:
            events: (n,) how often it happened, or the sum over the events.
            trials: (n,) how often it could have; those without any say nothing.
            family: of the counts.
            start: the location from which the search begins.
            expected: of each of the people, before they are counted.
        """
        whole = (events, trials, family, expected.log_weights)
        point = [start, 0.0, 0.0, 0.0]
        return cls._at(minimize(_loss, point, whole, method="L-BFGS-B", jac=True, bounds=_BOUNDS).x)

    def values(self, normal: Numbers) -> Numbers:
        """People's own values, of these values of the normal trait, of the same shape."""
        return self.location + self.scale * np.sinh((np.arcsinh(normal) + self.skew) / self.tails)

    @classmethod
    def _at(cls, point: Numbers) -> Self:
        location, scale, skew, tails = map(float, point)
        return cls(location, float(np.exp(scale)), skew, float(np.exp(tails)))


def _loss(
    point: Numbers, events: Numbers, trials: Numbers, family: Family, log_weights: Numbers
) -> tuple[float, Numbers]:
    """The negative logarithm of the posterior density, up to a constant, and its gradient.

    `point` is location, logarithm of scale, skew, logarithm of tails.
    """
    trait, shape = Trait._at(point), point[2:]
    values = trait.values(_PLACES)
    each = np.outer(events, values) - np.outer(trials, family.cumulant(values)) + log_weights
    fits = logsumexp(each, axis=1)
    at_place = np.exp(each - fits[:, None])
    slope = events @ at_place - trials @ at_place * family.mean(values)
    angle = (np.arcsinh(_PLACES) + trait.skew) / trait.tails
    turn = trait.scale * np.cosh(angle)
    of_values = np.array([np.ones_like(values), values - trait.location, turn / trait.tails, -turn * angle])
    gradient = -of_values @ slope
    gradient[2:] += shape / _SHAPE_DEVIATION**2
    return float(-fits.sum() + shape @ shape / (2 * _SHAPE_DEVIATION**2)), gradient
