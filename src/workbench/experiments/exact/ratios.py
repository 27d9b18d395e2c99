"""Exact posterior of ratios of two means over people, such as bookings per text: independent arms, flat priors.

Model: an arm's mean numerator N and mean denominator D are jointly normal around their expectations, with the
covariance that its people show. Where D is surely above 0, P(N / D <= t) = P(N - t D <= 0) has a closed form.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from workbench.experiments.exact.independent import IndependentPosterior, Margin
from workbench.experiments.exact.posterior import arm_faults
from workbench.experiments.exact.quadrature import Array, grid_of
from workbench.experiments.exact.scales import PLAIN
from workbench.refusal import Fault, Refused

# A normal this many standard errors above 0 is below it with a probability of 6e-16.
STANDARD_ERRORS_ABOVE_ZERO: Final = 8.0
_FARTHEST: Final = 9.5


@dataclass(frozen=True)
class ArmRatio:
    """What was observed in one arm: people, their mean numerator and denominator, and their (co)variances.

    Variances and covariance are of people, with n - 1 in the denominator.
    """

    arm: str
    people: int
    numerator: float
    denominator: float
    numerator_variance: float
    denominator_variance: float
    covariance: float

    @classmethod
    def from_histogram(
        cls,
        arm: str,
        numerators: Sequence[float] | Array,
        denominators: Sequence[float] | Array,
        people: Sequence[int] | Array,
    ) -> Self:
        """From how many people had which numerator with which denominator."""
        values = np.array([numerators, denominators], dtype=float)
        weight = np.asarray(people, dtype=float)
        if not np.all((weight >= 0) & (weight == np.floor(weight)) & np.isfinite(weight)):
            raise Refused(
                Fault(f"arm {arm}", "its people are not whole numbers from 0.", "Give people as counts.")
            )
        n = float(weight.sum())
        if n < 2:
            raise Refused(_too_few(arm))
        mean = values @ weight / n
        away = values - mean[:, None]
        spread = (away * weight) @ away.T / (n - 1)
        return cls(arm, int(n), *(float(x) for x in (*mean, spread[0, 0], spread[1, 1], spread[0, 1])))


def ratio_posterior(observed: Sequence[ArmRatio], control: str) -> IndependentPosterior:
    """The joint posterior of all arms' ratios of means.

    Args:
        observed: one entry per arm; two arms or more.
        control: the arm that the others are compared with.

    Raises:
        Refused: arms that cannot be compared, an arm of fewer than two people or without spread, or a denominator
            that may be 0.
    """
    faults = arm_faults([entry.arm for entry in observed], control)
    for entry in observed:
        faults += _faults(entry)
    if faults:
        raise Refused(*faults)
    return IndependentPosterior({entry.arm: _margin(entry) for entry in observed}, control, PLAIN, None)


def standardized(at: Array, entry: ArmRatio) -> tuple[Array, Array]:
    """z with P(N / D <= t) = Phi(z), and its derivative by t; all of the shape of t.

    Reference: Fieller (1954); Hinkley (1969).
    """
    n = entry.people
    variance = entry.numerator_variance - 2 * at * entry.covariance + at**2 * entry.denominator_variance
    error = np.sqrt(variance / n)
    above = at * entry.denominator - entry.numerator
    bend = (at * entry.denominator_variance - entry.covariance) / n
    return above / error, entry.denominator / error - above * bend / error**3


def _margin(entry: ArmRatio) -> Margin:
    # Far out, z tends to the denominator in its standard errors, and no ratio has a higher one.
    error = np.sqrt(entry.denominator_variance / entry.people)
    far = _FARTHEST if _FARTHEST * error < 0.98 * entry.denominator else 0.98 * entry.denominator / error
    edges = _ratios_at(np.linspace(-far, far, 21), entry)

    def log_density(at: Array) -> Array:
        z, slope = standardized(at, entry)
        return -(z**2) / 2 + np.log(slope)

    return Margin.of(grid_of(edges), log_density)


def _ratios_at(z: Array, entry: ArmRatio) -> Array:
    """The ratios at which `standardized` has these values: roots of Fieller's quadratic."""
    u = z**2 / entry.people
    a = entry.denominator**2 - u * entry.denominator_variance
    b = entry.numerator * entry.denominator - u * entry.covariance
    c = entry.numerator**2 - u * entry.numerator_variance
    return (b + np.sign(z) * np.sqrt(np.maximum(b**2 - a * c, 0.0))) / a


def _faults(entry: ArmRatio) -> list[Fault]:
    where = f"arm {entry.arm}"
    numbers = (entry.numerator, entry.denominator, entry.numerator_variance, entry.denominator_variance)
    if not (isinstance(entry.people, int | np.integer) and entry.people >= 2):
        return [_too_few(entry.arm)]
    if not all(np.isfinite(x) for x in (*numbers, entry.covariance)):
        return [Fault(where, "a mean or spread is not a number.", "Leave people without a value out.")]
    determinant = entry.numerator_variance * entry.denominator_variance - entry.covariance**2
    if entry.numerator_variance <= 0 or entry.denominator_variance < 0 or determinant < 0:
        return [Fault(where, "its variances are not those of people.", "Wait until numerators differ.")]
    error = np.sqrt(entry.denominator_variance / entry.people)
    if entry.denominator <= 0 or entry.denominator < STANDARD_ERRORS_ABOVE_ZERO * error:
        return [Fault(where, "its denominator may be 0.", "Wait for more people, or compare numerators.")]
    return []


def _too_few(arm: str) -> Fault:
    return Fault(f"arm {arm}", "it has fewer than two people.", "Wait until there are two.")
