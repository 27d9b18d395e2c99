"""What the exact posterior says over the lattice of counts, from a few of its points.

A planned experiment is drawn thousands of times, and its posterior takes milliseconds. On the scale of square roots of
counts, on which their noise is the same everywhere, normal quantiles of its probabilities are nearly straight: a
bicubic spline through exact points gives the others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline
from scipy.special import ndtr, ndtri

from workbench.experiments.exact import RatePrior
from workbench.experiments.exact.many import compare_many

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

# Distance of neighboring points, in square roots of counts: less than two standard deviations of a count.
_STEP = 0.7
_FEWEST = 8
# Up to here the square root bends too much for steps.
_SMALL = 8
# Probabilities nearer to 0 or 1 than this are told as this: no rule asks for more.
_CERTAIN = 1e-9


@dataclass(frozen=True)
class ArmSizes:
    """People in the control and in one treated arm, with closed windows."""

    control: int
    treated: int


@dataclass(frozen=True)
class Beliefs:
    """What the posterior says of many experiments, one entry each.

    `mean` is the posterior mean of the difference, `upto[k]` P(difference <= thresholds[k]), `loss` the expected loss
    of choosing the treated arm of the two.
    """

    mean: Array
    upto: Array
    loss: Array

    def part(self, which: slice) -> "Beliefs":
        """Some of the experiments."""
        return Beliefs(self.mean[which], self.upto[:, which], self.loss[which])


def beliefs(
    sizes: ArmSizes, control: Counts, treated: Counts, thresholds: tuple[float, ...], log_ratio_sd: float
) -> Beliefs:
    """The posterior of the difference of two arms' rates, at many pairs of counts.

    Args:
        sizes: people in both arms.
        control: events in the control, shape (experiments,).
        treated: events in the treated arm, shape (experiments,).
        thresholds: differences, as proportions, up to which probabilities are told.
        log_ratio_sd: prior standard deviation of the log rate ratio.
    """
    first, second = _points(control), _points(treated)
    pairs, each = np.unique(np.stack([control, treated], axis=1), axis=0, return_inverse=True)
    if len(pairs) <= len(first) * len(second):
        return _told(_exact(sizes, pairs, thresholds, log_ratio_sd)[each.ravel()].T)
    lattice = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1)
    values = _exact(sizes, lattice.reshape(-1, 2), thresholds, log_ratio_sd)
    values = values.reshape(len(first), len(second), -1)
    splines = [
        RectBivariateSpline(_scale(first), _scale(second), values[..., k], s=0) for k in range(values.shape[-1])
    ]
    return _told(np.array([spline(_scale(control), _scale(treated), grid=False) for spline in splines]))


def _told(found: Array) -> Beliefs:
    mean, loss, *quantiles = found
    return Beliefs(mean=mean, upto=ndtr(np.array(quantiles)), loss=np.exp(loss))


def _points(counts: Counts) -> Counts:
    """Counts from the least to the most that occurs, a step apart, each once; of small ones every one."""
    low, high = int(counts.min()), int(counts.max())
    if high - low < _FEWEST:
        low, high = max(low - _FEWEST, 0), high + _FEWEST
    steps = max(_FEWEST, int(np.ceil((np.sqrt(high) - np.sqrt(low)) / _STEP)))
    spaced = np.rint(np.linspace(np.sqrt(low), np.sqrt(high), steps + 1) ** 2)
    return np.unique(np.concatenate([spaced, np.arange(low, min(high, _SMALL) + 1)]).astype(np.int64))


def _exact(sizes: ArmSizes, pairs: Counts, thresholds: tuple[float, ...], log_ratio_sd: float) -> Array:
    """Mean, log of the loss, and the normal quantile of each probability; shape (pairs, 2 + thresholds)."""
    people = np.array([sizes.control, sizes.treated])
    counts = np.stack([np.broadcast_to(people, pairs.shape), np.minimum(pairs, people)], axis=-1)
    found = compare_many(counts, RatePrior(log_ratio_sd=log_ratio_sd), thresholds=thresholds)
    mean = found.expectation[:, 1] - found.expectation[:, 0]
    loss = np.log(np.maximum(found.loss[:, 1], _CERTAIN))
    upto = ndtri(np.clip(found.upto[:, 0], _CERTAIN, 1 - _CERTAIN))
    return np.column_stack([mean, loss, upto])


def _scale(counts: Counts) -> Array:
    return np.sqrt(counts + 3 / 8)
