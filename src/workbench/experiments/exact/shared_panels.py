"""One panel for all arms of each of many comparisons: where log rates live, and how many nodes that takes."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py

from workbench.experiments.exact.kernels import TOP
from workbench.experiments.exact.priors import RatePrior
from workbench.experiments.exact.quadrature import Array

# What lies further below the peak of the log density than this is not integrated: 1e-12.
_DROP: Final = 28.0
# Where a skewed density has dropped so far, it may be much steeper than at its peak, and still matters.
_STEEP: Final = 12.0
# Where terms of the joint density pull apart by more, their product is smaller than what is taken for nothing.
_MOST_CONFLICT: Final = 40.0
# Nodes for each standard deviation of the narrowest arm in half the panel, and the numbers of nodes there are.
_NODES_PER_WIDTH: Final = 6.0
_SIZES: Final = (48, 64, 80, 96, 112, 128, 160, 192, 256, 320)


def log_kernel(x: Array, events: Array, others: Array) -> Array:
    """Log density of log rates, up to a constant, as `RateKernel`."""
    return events * x + xlog1py(others, -np.exp(x))


def _width(x: Array, others: Array, events: Array) -> Array:
    with np.errstate(divide="ignore", over="ignore"):
        normal = 2 * np.sinh(-x / 2) / np.sqrt(others)
    return np.where(others > 0, normal, 2 / np.maximum(events, 1.0))


def shared_panels(given: Array, prior: RatePrior) -> tuple[Array, Array, NDArray[np.int64]]:
    """For every comparison: where all arms' log rates live, and how many nodes that takes; 0 where too many."""
    tau = prior.log_ratio_sd
    events, others = given[..., 1].copy(), given[..., 0] - given[..., 1]
    events[:, 0] += prior.baseline_events
    others[:, 0] += prior.baseline_others - 1
    flat = -np.log(np.maximum(others, 1.0)) - 50.0
    with np.errstate(divide="ignore"):
        peak = np.minimum(np.where(events > 0, np.log(events / (events + others)), flat), TOP)
    top = log_kernel(peak, events, others)
    x = np.linspace(peak.min(axis=1), peak.max(axis=1), 17, axis=1)[:, :, None]
    near = _width(np.clip(peak, -30, None), others, events)[:, None, 1:]
    y = (x / tau**2 + peak[:, None, 1:] / near**2) / (tau**-2 + near**-2)
    y = np.minimum(y, TOP)
    height = log_kernel(x[..., 0], events[:, :1], others[:, :1])
    height = height + (log_kernel(y, events[:, None, 1:], others[:, None, 1:]) - ((y - x) / tau) ** 2 / 2).sum(
        axis=2
    )
    at = height.argmax(axis=1)
    conflict = np.maximum(top.sum(axis=1) - height.max(axis=1), 0.0)
    drop = (_DROP + conflict)[:, None]
    mode = np.concatenate([x[np.arange(len(x)), at], y[np.arange(len(x)), at]], axis=1)

    far = peak - np.where(events > 0, 3 * drop / np.maximum(events, 1e-9) + 3, np.inf)
    left = _crossing(peak, np.maximum(far, -1e4), top - drop, events, others)
    right = _crossing(peak, np.full_like(peak, TOP), top - drop, events, others)
    steep = _crossing(peak, np.full_like(peak, TOP), top - _STEEP, events, others)
    reach = tau * np.sqrt(2 * drop)
    low = np.maximum(left[:, :1], (left[:, 1:] - reach).max(axis=1, keepdims=True))
    high = np.minimum(right[:, :1], (right[:, 1:] + reach).min(axis=1, keepdims=True))
    lowest = np.concatenate([low, np.maximum(left[:, 1:], low - reach)], axis=1).min(axis=1)
    highest = np.concatenate([high, np.minimum(right[:, 1:], high + reach)], axis=1).max(axis=1)
    highest = np.minimum(highest, TOP)
    here = _width(mode, others, events)
    width = np.clip(_width(np.maximum(steep, mode), others, events), here / 4, here)
    pull = (1 / (tau**2 + width[:, 1:] ** 2)).sum(axis=1)
    narrowest = np.minimum(
        (width[:, 0] ** -2 + pull) ** -0.5, ((width[:, 1:] ** -2 + tau**-2) ** -0.5).min(axis=1)
    )
    needed = _NODES_PER_WIDTH * (highest - lowest) / 2 / narrowest
    place = np.searchsorted(_SIZES, needed)
    size = np.array([*_SIZES, 0])[place]
    size[conflict > _MOST_CONFLICT] = 0
    if prior.log_ratio_degrees is not None:
        size[:] = 0
    return lowest, highest, size


def _crossing(peak: Array, end: Array, floor: Array, events: Array, others: Array) -> Array:
    """Between the peak and an end, where the kernel has fallen to the floor; the end where it does not fall so far."""
    inner, outer = peak.copy(), end.copy()
    for _ in range(40):
        middle = (inner + outer) / 2
        above = log_kernel(middle, events, others) > floor
        inner, outer = np.where(above, middle, inner), np.where(above, outer, middle)
    return outer
