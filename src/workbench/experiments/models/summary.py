"""Draws of an estimand in a few numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Summary:
    """An estimand's posterior mean and equal-tailed credible interval of a level; `above_zero` is P(estimand > 0)."""

    mean: float
    low: float
    high: float
    level: float
    above_zero: float


def summarize(draws: NDArray[np.float64], level: float) -> Summary:
    """Summarize draws of one number.

    Args:
        draws: of shape (draws,).
        level: of the credible interval, as a proportion.
    """
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Summary(float(draws.mean()), float(low), float(high), level, float((draws > 0).mean()))
