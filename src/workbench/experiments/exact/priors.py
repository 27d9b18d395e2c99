"""Priors of randomized arms, each named by what it says of rates, ratios and people."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import gammaln, log_ndtr, ndtr, ndtri, stdtr, stdtrit

from workbench.experiments.exact.quadrature import Array
from workbench.refusal import Fault, Refused


@dataclass(frozen=True)
class Tie:
    """How far an arm's location may lie from the control's: normal, or Student t, with scale `sd` around 0.

    With `degrees` (3 or 4) the tails are those of Student's t: an effect that the normal prior calls impossible is
    then surprising, and hardly drawn toward none. Without, the prior is normal.
    """

    sd: float = 0.35
    degrees: float | None = None

    def __post_init__(self) -> None:
        faults = []
        if not 0 < self.sd < np.inf:
            faults.append(Fault("prior", "a scale is not above 0.", "Give a positive number."))
        if self.degrees is not None and not 2 < self.degrees < np.inf:
            faults.append(Fault("prior", "its degrees are not above 2.", "Give 3 or 4, or none for a normal."))
        if faults:
            raise Refused(*faults)

    def log_density(self, gap: Array) -> Array:
        """Log density of a difference of locations, of any shape."""
        u = gap / self.sd
        if self.degrees is None:
            return -(u**2) / 2 - np.log(self.sd * np.sqrt(2 * np.pi))
        nu = self.degrees
        constant = gammaln((nu + 1) / 2) - gammaln(nu / 2) - np.log(self.sd * np.sqrt(nu * np.pi))
        return constant - (nu + 1) / 2 * np.log1p(u**2 / nu)

    def cdf(self, gap: Array) -> Array:
        """P(difference of locations <= gap)."""
        u = np.asarray(gap) / self.sd
        return ndtr(u) if self.degrees is None else stdtr(self.degrees, u)

    def log_cdf(self, gap: Array) -> Array:
        """Its log."""
        return log_ndtr(np.asarray(gap) / self.sd) if self.degrees is None else np.log(self.cdf(gap))

    def reach(self, drop: float) -> float:
        """The distance at which the log density has dropped by this much."""
        if self.degrees is None:
            return self.sd * float(np.sqrt(2 * drop))
        # Beyond this, likelihoods end the range.
        exponent = min(2 * drop / (self.degrees + 1), 500.0)
        return self.sd * float(np.sqrt(self.degrees * np.expm1(exponent)))

    def within(self, level: float = 0.95) -> float:
        """The distance within which the prior expects the difference with this probability."""
        tail = (1 + level) / 2
        quantile = ndtri(tail) if self.degrees is None else stdtrit(self.degrees, tail)
        return self.sd * float(quantile)


@dataclass(frozen=True)
class LogRatioPrior(Tie):
    """Prior of the log of an arm's rate, or mean, over the control's. It does not depend on units."""

    @property
    def ratios(self) -> tuple[float, float]:
        """The ratios between which 95 % of the belief lies: (0.50, 1.99) for the default."""
        far = self.within()
        return float(np.exp(-far)), float(np.exp(far))


@dataclass(frozen=True)
class StandardizedPrior(Tie):
    """Prior of an arm's mean less the control's, in standard deviations of people. It does not depend on units."""

    @property
    def differences(self) -> tuple[float, float]:
        """The differences, in standard deviations of people, between which 95 % of the belief lies."""
        far = self.within()
        return -far, far


@dataclass(frozen=True)
class RatePrior:
    """Beta(`baseline_events`, `baseline_others`) on the control's rate; `log_ratio_sd` the scale of log rate ratios.

    The default spreads 95 % of its belief over rate ratios between 0.50 and 1.99: room for any effect a text
    message has been known to have, and little for miracles. `log_ratio_degrees` makes its tails those of a
    Student t, see `Tie`.
    """

    log_ratio_sd: float = 0.35
    baseline_events: float = 1.0
    baseline_others: float = 1.0
    log_ratio_degrees: float | None = None

    @property
    def log_ratio(self) -> LogRatioPrior:
        """The prior of the log rate ratio."""
        return LogRatioPrior(self.log_ratio_sd, self.log_ratio_degrees)


@dataclass(frozen=True)
class BetaPrior:
    """Beta(`events`, `others`) on a rate, for each arm by itself. The default is flat."""

    events: float = 1.0
    others: float = 1.0

    def __post_init__(self) -> None:
        _refuse_unless_positive("prior", self.events, self.others)

    @classmethod
    def from_rate(cls, rate: float, worth: float) -> Self:
        """The prior that expects this rate, and is worth as much as this many people."""
        if not 0 < rate < 1:
            raise Refused(
                Fault("prior", "its rate is not between 0 and 1.", "Give a proportion, such as 0.04.")
            )
        return cls(rate * worth, (1 - rate) * worth)


@dataclass(frozen=True)
class GammaPrior:
    """Gamma(`events`, `exposure`) on the number of events in a unit of exposure."""

    events: float
    exposure: float

    def __post_init__(self) -> None:
        _refuse_unless_positive("prior", self.events, self.exposure)

    @classmethod
    def from_rate(cls, rate: float, worth: float) -> Self:
        """The prior that expects this many events in a unit of exposure, and is worth as much exposure as this."""
        return cls(rate * worth, worth)


@dataclass(frozen=True)
class MeanPrior:
    """Prior of a mean and of the standard deviation of people: worth as much as `worth` people with both."""

    mean: float
    sd: float
    worth: float

    def __post_init__(self) -> None:
        _refuse_unless_positive("prior", self.sd, self.worth)
        if not np.isfinite(self.mean):
            raise Refused(Fault("prior", "its mean is not a number.", "Give the mean that is expected."))


@dataclass(frozen=True)
class DirichletPrior:
    """Dirichlet on the shares of ordered categories: one weight for each, in the order of the scores."""

    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        _refuse_unless_positive("prior", *self.weights)

    @classmethod
    def from_shares(cls, shares: tuple[float, ...], worth: float) -> Self:
        """The prior that expects these shares, and is worth as much as this many people."""
        total = sum(shares)
        return cls(tuple(worth * share / total for share in shares))


def _refuse_unless_positive(where: str, *numbers: float) -> None:
    if not all(0 < number < np.inf for number in numbers):
        raise Refused(Fault(where, "a scale is not above 0.", "Give positive numbers."))
