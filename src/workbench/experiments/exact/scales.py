"""The scale on which a posterior is integrated: where it is smooth, and decays without bound on both sides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit

from workbench.experiments.exact.quadrature import Array


@dataclass(frozen=True)
class Scale:
    """A rising map from locations, which grids are made of, to values, which answers are given in.

    `location` maps values outside of their range to below, or above, every grid. `slope` is the derivative of
    `value` by location. `gap` is the widest panel over which `value` is still integrated exactly; `bend` the widest
    over which a distribution function stays smooth when values are shifted, which matters down to `bends` below the
    top.
    """

    value: Callable[[Array], Array]
    location: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    gap: float
    bend: float = np.inf
    bends: float = np.inf


_TINY: Final = 1e-300

# For means above 0, and for rates that are tied by their logs.
LOG: Final = Scale(np.exp, lambda value: np.log(np.maximum(value, _TINY)), np.exp, 4.0, 0.35, 10.0)


def _logit(value: Array) -> Array:
    inside = logit(np.clip(value, _TINY, 1 - 1e-16))
    return np.where(value >= 1, np.inf, inside)


# For rates by themselves.
LOGIT: Final = Scale(expit, _logit, lambda at: expit(at) * expit(-at), 4.0)


def _same(at: Array) -> Array:
    return at


# For what may be of either sign.
PLAIN: Final = Scale(_same, _same, np.ones_like, np.inf)


def sinh_scale(center: float, unit: float) -> Scale:
    """For Student t: its tails, which fall by powers, fall exponentially in the inverse hyperbolic sine."""
    return Scale(
        lambda at: center + unit * np.sinh(at),
        lambda value: np.arcsinh((value - center) / unit),
        lambda at: unit * np.cosh(at),
        4.0,
    )
