"""Where the joint posterior of the arms' log rates lives, and how narrow it is there.

Arms of very different sizes, or data far from what the prior expects, put it elsewhere than each arm's own counts
would: the ranges are those of the joint density.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, xlog1py

from workbench.experiments.quadrature import Array, Grid, panels_between

# What lies further below the peak of the log density than this is not integrated: 3e-20, less than doubles can see.
_DROP: Final = 45.0
_POINTS: Final = 257
# A normal density drops so far within 19 standard deviations: panels of two, and no wider where it is no normal.
_FEWEST_PANELS: Final = 10
# Keeps memory within bounds where one arm has millions of people and another a handful.
_MOST_PANELS: Final = 4096
# Log rates end just below 0, where a rate of 1 lies.
_TOP: Final = -1e-13


@dataclass(frozen=True)
class LogRateKernel:
    """events x + others log(1 - exp(x)): what counts say of a log rate x, up to a constant."""

    events: float
    others: float

    def __call__(self, x: Array) -> Array:
        """The kernel at log rates x, of any shape."""
        return self.events * x + xlog1py(self.others, -np.exp(x))

    def slope(self, x: Array) -> Array:
        """Its first derivative."""
        return self.events - self.others / np.expm1(-x)

    def width(self, x: float) -> float:
        """The standard deviation of a normal density of its curvature at x; of its decay where it has none."""
        if self.others <= 0:
            return 2 / max(self.events, 1.0)
        return float(2 * np.sinh(-x / 2) / np.sqrt(self.others))


def joint_grids(
    control: LogRateKernel, treated: Sequence[LogRateKernel], log_ratio_sd: float
) -> tuple[Grid, list[Grid]]:
    """Grids over log rates that hold the joint posterior: the control's, and one per other arm.

    Args:
        control: counts and prior of the control's rate, with respect to its log.
        treated: counts of the other arms, whose log rates are normal around the control's.
        log_ratio_sd: standard deviation of the log rate ratios.
    """

    def profile(x: Array) -> tuple[Array, list[Array]]:
        modes = [_conditional_mode(arm, x, log_ratio_sd) for arm in treated]
        heights = [
            arm(mode) - ((mode - x) / log_ratio_sd) ** 2 / 2 for arm, mode in zip(treated, modes, strict=True)
        ]
        return control(x) + sum(heights) - len(treated) * log_ndtr(-x / log_ratio_sd), modes

    people = control.events + control.others + sum(arm.events + arm.others for arm in treated)
    x = _zoom(lambda x: profile(x)[0], -(np.log(people + 2) + (_DROP + 10) / min(control.events, 1.0)))
    height, modes = profile(x)
    peak = int(np.argmax(height))
    widths = [
        control.width(x[peak]),
        *(arm.width(mode[peak]) for arm, mode in zip(treated, modes, strict=True)),
    ]
    # A grid also carries other arms' distribution functions, so that the narrowest arm sets the panels of all.
    scale = 2 * min(*widths, log_ratio_sd / np.sqrt(len(treated)))
    budget = np.maximum(_DROP - (height[peak] - height), 0.0)
    spans = [_span(arm, x, mode, budget, log_ratio_sd) for arm, mode in zip(treated, modes, strict=True)]
    grids = []
    for low, high in ((float(x[0]), float(x[-1])), *spans):
        panel = np.clip(scale, (high - low) / _MOST_PANELS, (high - low) / _FEWEST_PANELS)
        grids.append(panels_between(low, high, float(panel)))
    return grids[0], grids[1:]


def _conditional_mode(arm: LogRateKernel, control: Array, log_ratio_sd: float) -> Array:
    """The arm's most plausible log rate given each of the control's, by bisection of a falling slope."""
    return _bisect(
        lambda x: arm.slope(x) - (x - control) / log_ratio_sd**2 > 0,
        np.full(control.shape, control.min() - 800.0),
        np.full(control.shape, _TOP),
    )


def _span(
    arm: LogRateKernel, control: Array, mode: Array, budget: Array, log_ratio_sd: float
) -> tuple[float, float]:
    """The arm's log rates at which the joint density has not dropped by `_DROP` yet."""

    def density(x: Array) -> Array:
        return arm(x) - ((x - control) / log_ratio_sd) ** 2 / 2

    floor = density(mode) - budget
    # The prior alone bends the log density by 1 / sd^2 or more, so that no drop takes longer than this.
    reach = log_ratio_sd * np.sqrt(2 * _DROP)
    low = _bisect(lambda x: density(x) < floor, mode - reach, mode)
    high = _bisect(lambda x: density(x) >= floor, mode, np.minimum(mode + reach, _TOP))
    return float(low.min()), float(high.max())


def _bisect(left: Callable[[Array], NDArray[np.bool_]], low: Array, high: Array) -> Array:
    """Where `left` turns from true to false between low and high, elementwise."""
    for _ in range(60):
        middle = (low + high) / 2
        before = left(middle)
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return (low + high) / 2


def _zoom(log_density: Callable[[Array], Array], low: float) -> Array:
    """Points, evenly spaced, from end to end of where a log density with one peak is within `_DROP` of it."""
    x = np.linspace(low, _TOP, _POINTS)
    while True:
        height = log_density(x)
        kept = np.flatnonzero(height > height.max() - _DROP)
        first, last = max(kept[0] - 1, 0), min(kept[-1] + 1, _POINTS - 1)
        if last - first > 0.9 * _POINTS:
            return x
        x = np.linspace(x[first], x[last], _POINTS)
