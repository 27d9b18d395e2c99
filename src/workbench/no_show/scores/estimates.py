"""An estimate with the interval that covers it: clustered by patient, conditional on the fitted model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Real = NDArray[np.float64]
Index = NDArray[np.int64]

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value and its confidence interval, clustered by patient.

    It covers the luck of which patients came into the test, with the model as it is; not that another model would have
    been fitted to others.
    """

    value: float
    low: float
    high: float
    level: float = LEVEL

    @classmethod
    def normal(cls, value: float, error: float, level: float = LEVEL) -> "Estimate":
        """A value with its standard error."""
        half = float(norm.ppf((1 + level) / 2)) * error
        return cls(float(value), float(value) - half, float(value) + half, level)

    @classmethod
    def percentile(cls, value: float, draws: Real, level: float = LEVEL) -> "Estimate":
        """A value with the middle of its replicates; one that has none in some replicate has no ends there."""
        low, high = np.quantile(draws[np.isfinite(draws)], [(1 - level) / 2, (1 + level) / 2])
        return cls(float(value), float(low), float(high), level)


def clustered_mean(values: Real, patient: Index, level: float = LEVEL) -> Estimate:
    """A mean and its interval with a variance clustered by patient.

    Args:
        values: shape (n,).
        patient: cluster of each, shape (n,).
        level: of the interval.
    """
    _, cluster = np.unique(patient, return_inverse=True)
    mean = float(values.mean())
    sums = np.bincount(cluster, values - mean)
    groups = sums.size
    error = float(np.sqrt((sums @ sums) * groups / max(groups - 1, 1))) / values.size
    return Estimate.normal(mean, error, level)
