"""Thresholds for a few looks that were planned: group-sequential, with the error spent as information comes in.

Under equal rates the standardized difference at the looks is a Brownian motion seen at the information fractions. Each
look's threshold is the one at which just the error is spent that the spending function allows by then, found by
integrating the density of those that went on, look by look.
"""

from collections.abc import Sequence

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr
from scipy.stats import norm

from workbench.refusal import Fault, Refused

Array = NDArray[np.float64]

_NODES, _WEIGHTS = legendre.leggauss(200)
# Standard deviations below which what goes on is as good as nothing.
_FLOOR = -10.0
# A threshold no data reach: the look spends less error than can be told from none.
_NEVER = 9.0


def spent(fraction: float, alpha: float) -> float:
    """One-sided error spent by an information fraction, of the kind of O'Brien and Fleming: 2 - 2 Phi(z / sqrt(t)).

    Here z is the point that a standard normal exceeds with probability alpha / 2.

    Reference: Lan and DeMets, Discrete sequential boundaries for clinical trials (Biometrika 1983), equation 4.
    """
    return float(2 * norm.sf(norm.isf(alpha / 2) / np.sqrt(fraction)))


def z_thresholds(fractions: Sequence[float], alpha: float) -> tuple[float, ...]:
    """The standardized difference that each look takes, so that P(any look passes | equal rates) = alpha.

    Args:
        fractions: share of the final information at each look, rising, the last of them 1.
        alpha: one-sided error of all looks together.

    Raises:
        Refused: fractions that do not rise, or are not in (0, 1].

    Reference: Armitage, McPherson and Rowe, Repeated significance tests on accumulating data (JRSS A 1969).
    """
    times = np.asarray(fractions, dtype=float)
    if times.size == 0 or times[0] <= 0 or times[-1] > 1 + 1e-12 or np.any(np.diff(times) <= 0):
        what = "the looks' shares of the final information do not rise from above 0 to 1."
        raise Refused(Fault("looks", what, "Give each look once, in order."))
    thresholds: list[float] = []
    # What has not passed yet: density of the motion at the last look, at nodes with weights.
    nodes, weights, density = np.zeros(1), np.ones(1), np.ones(1)
    before, spent_before = 0.0, 0.0
    for time in times:
        step, root = np.sqrt(time - before), np.sqrt(time)
        now = spent(float(time), alpha)

        z = _threshold(now - spent_before, nodes / step, weights * density, root / step)
        thresholds.append(z)
        low, high = _FLOOR * root, z * root
        here = (low + high) / 2 + (high - low) / 2 * _NODES
        arrived = norm.pdf((here[:, None] - nodes[None, :]) / step) / step @ (weights * density)
        nodes, weights, density = here, _WEIGHTS * (high - low) / 2, arrived
        before, spent_before = float(time), now
    return tuple(thresholds)


def _threshold(error: float, nodes: Array, mass: Array, scale: float) -> float:
    """The z that the next look passes with this probability, coming from the nodes; in units of the step to it."""

    def excess(z: float) -> float:
        return float(mass @ ndtr(nodes - z * scale)) - error

    return float(brentq(excess, -_NEVER, _NEVER)) if excess(_NEVER) < 0 else _NEVER


def probability_thresholds(fractions: Sequence[float], alpha: float) -> tuple[float, ...]:
    """P(better) that each look takes: the thresholds above, as the probability that a flat prior would tell."""
    return tuple(float(ndtr(z)) for z in z_thresholds(fractions, alpha))
