"""Where arms' locations live, and how narrow they are there.

Arms of very different sizes, or data far from what the prior expects, put the joint posterior elsewhere than each
arm's own counts would: the ranges hold all of the joint density that doubles can see.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from workbench.experiments.exact.kernels import Kernel
from workbench.experiments.exact.priors import Tie
from workbench.experiments.exact.quadrature import Array, Span

# What lies further below the peak of the log density than this is not integrated: 3e-20, less than doubles can see.
DROP: Final = 45.0
# A normal density drops so far within 19 standard deviations: panels of two, and no wider where it is no normal.
_FEWEST_PANELS: Final = 10
# Where a skewed density has dropped so far, it may be much steeper than at its peak, and still matters.
_STEEP: Final = 12.0
_STEEPEST: Final = 0.25
# Beyond so many scales of the prior, its density is smooth over wide panels.
_NEAR: Final = 20.0
# Toward the highest location, panels narrow down to this.
_CLOSEST: Final = 1e-9
_LATTICE: Final = 65
_ROUNDS: Final = 4
_DOUBLINGS: Final = 60


def spans_of(kernel: Kernel, drop: float = DROP) -> list[Span]:
    """Where a kernel by itself is within `drop` of its peak."""
    low, high = _within(kernel, drop)
    return _sides(low, high, kernel.peak, *_widths(kernel, kernel.peak))


def joint_spans(control: Kernel, treated: Sequence[Kernel], tie: Tie) -> tuple[list[Span], list[Span]]:
    """The control's ranges, and those of the other arms, outside of which the joint posterior is nothing.

    Args:
        control: likelihood times prior of the control's location.
        treated: likelihoods of the other arms' locations, which are tied to the control's.
        tie: prior of their distances from it.

    The joint log density is a sum of terms, none of them above its own peak; where it is within `DROP` of its own peak,
    each term is within `DROP` plus the conflict between them: the sum of their peaks less the joint one.
    """
    kernels = (control, *treated)
    best, at = _joint_peak(control, treated, tie)
    peaks = sum(float(kernel(np.array(kernel.peak))) for kernel in kernels)
    peaks += len(treated) * float(tie.log_density(np.array(0.0)))
    drop = DROP + max(peaks - best, 0.0)
    reach = tie.reach(drop)
    own = [_within(kernel, drop) for kernel in kernels]
    low = max(own[0][0], *(arm[0] - reach for arm in own[1:]))
    high = min(own[0][1], *(arm[1] + reach for arm in own[1:]))
    widths = [_widths(kernel, place) for kernel, place in zip(kernels, at, strict=True)]
    pull = sum(
        1 / (tie.sd**2 + kernel.width(place) ** 2) for kernel, place in zip(treated, at[1:], strict=True)
    )
    spans = []
    for arm, place, each in zip(own[1:], at[1:], widths[1:], strict=True):
        lowest, near = max(arm[0], low - reach), max(arm[0], low - min(reach, _NEAR * tie.sd))
        left, right = ((width**-2 + tie.sd**-2) ** -0.5 for width in each)
        spans += _sides(near, min(arm[1], high + reach), place, left, right)
        spans += _tail(lowest, near, tie.sd)
    left, right = ((width**-2 + pull) ** -0.5 for width in widths[0])
    hub = _sides(low, high, at[0], left, right)
    if high >= control.ceiling:
        spans += _up_to(control.ceiling, high - low)
    return hub, spans


def _up_to(ceiling: float, distance: float) -> list[Span]:
    """Panels that close in on the highest location there is, where a density may fall by any power."""
    spans = []
    while distance > _CLOSEST:
        spans.append(Span(ceiling - distance, ceiling - distance / 4, distance))
        distance /= 4
    return spans


def _widths(kernel: Kernel, at: float) -> tuple[float, float]:
    """How narrow a kernel is on either side of a place: as there, or as where little of it is left."""
    floor = float(kernel(np.array(kernel.peak))) - _STEEP
    here = kernel.width(at)
    left, right = _crossing(kernel, floor, -1.0, at), _crossing(kernel, floor, 1.0, at)
    least = _STEEPEST * here
    return min(here, max(kernel.width(min(left, at)), least)), min(
        here, max(kernel.width(max(right, at)), least)
    )


def _sides(low: float, high: float, middle: float, left: float, right: float) -> list[Span]:
    """Panels of two widths on either side, and no wider where nothing is normal."""
    most = (high - low) / _FEWEST_PANELS
    if not low < middle < high:
        return [Span(low, high, min(2 * left, 2 * right, most))]
    return [Span(low, middle, min(2 * left, most)), Span(middle, high, min(2 * right, most))]


def _tail(lowest: float, near: float, sd: float) -> list[Span]:
    """Panels that widen with the distance: where data say nothing, a Student t has a long way to go."""
    spans = []
    distance = _NEAR * sd
    while near > lowest:
        spans.append(Span(max(lowest, near - distance), near, distance / 2))
        near, distance = near - distance, 2 * distance
    return spans


def _panelled(low: float, high: float, width: float) -> Span:
    return Span(low, high, min(2 * width, (high - low) / _FEWEST_PANELS))


def _joint_peak(control: Kernel, treated: Sequence[Kernel], tie: Tie) -> tuple[float, list[float]]:
    """Height of the joint log density near its peak, and the locations there, the control's first."""
    peaks = [control.peak, *(kernel.peak for kernel in treated)]
    x = np.linspace(min(peaks), max(peaks), _LATTICE)
    while True:
        found = [_conditional_peaks(kernel, x, tie) for kernel in treated]
        height = control(x) + sum(each[0] for each in found)
        top = int(np.argmax(height))
        low, high = x[max(top - 1, 0)], x[min(top + 1, _LATTICE - 1)]
        if high - low <= 1e-3 * min(control.width(float(x[top])), tie.sd) or high - low < 1e-12:
            return float(height[top]), [float(x[top]), *(float(each[1][top]) for each in found)]
        x = np.linspace(low, high, _LATTICE)


def _conditional_peaks(kernel: Kernel, x: Array, tie: Tie) -> tuple[Array, Array]:
    """Given each control's location: the highest joint log density over the arm's, and where, both of x's shape.

    Of a product of two densities with one peak each, all peaks lie between the two.
    """
    low, high = np.minimum(x, kernel.peak), np.maximum(x, kernel.peak)
    rows = np.arange(len(x))
    for _ in range(_ROUNDS):
        y = np.linspace(low, high, _LATTICE, axis=1)
        height = kernel(y) + tie.log_density(y - x[:, None])
        top = height.argmax(axis=1)
        low, high = y[rows, np.maximum(top - 1, 0)], y[rows, np.minimum(top + 1, _LATTICE - 1)]
    return height[rows, top], y[rows, top]


def _within(kernel: Kernel, drop: float) -> tuple[float, float]:
    """Where a kernel has dropped by this much on either side; without end where it never does."""
    floor = float(kernel(np.array(kernel.peak))) - drop
    return _crossing(kernel, floor, -1.0, -np.inf), _crossing(kernel, floor, 1.0, kernel.ceiling)


def _crossing(kernel: Kernel, floor: float, side: float, end: float) -> float:
    """How far from the peak, to this side, the kernel falls to the floor; `end` where it does not."""
    step = kernel.width(kernel.peak)
    inner = outer = kernel.peak
    for _ in range(_DOUBLINGS):
        inner, outer = outer, min(outer + side * step, kernel.ceiling)
        if not kernel(np.array(outer)) > floor:
            break
        if outer == kernel.ceiling:
            return end
        step *= 2
    else:
        return end
    for _ in range(_ROUNDS):
        lattice = np.linspace(inner, outer, _LATTICE)
        below = int(np.argmax(~(kernel(lattice) > floor)))
        inner, outer = lattice[max(below - 1, 0)], lattice[below]
    return float(outer)
