"""AUROC: the probability that of two appointments the one that was missed had the higher risk.

Patients have several appointments, so that the variance is clustered by patient, in closed form: Obuchowski,
Nonparametric analysis of clustered ROC curve data, Biometrics 53 (1997) 567-578, which extends DeLong, DeLong and
Clarke-Pearson (1988).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

from workbench.no_show.estimates import LEVEL, Estimate

Real = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Aurocs:
    """AUROCs of several predictions of the same outcomes, shape (k,), and their covariance, shape (k, k)."""

    values: Real
    covariance: Real

    def estimate(self, at: int, level: float = LEVEL) -> Estimate:
        """One AUROC; its interval is symmetric in log odds, so that it stays within 0 to 1."""
        value, error = float(self.values[at]), float(np.sqrt(self.covariance[at, at]))
        if error == 0 or not 0 < value < 1:
            return Estimate(value, value, value, level)
        half = norm.ppf((1 + level) / 2) * error / (value * (1 - value))
        low, high = expit(logit(value) + np.array([-half, half]))
        return Estimate(value, float(low), float(high), level)

    def difference(self, first: int, second: int, level: float = LEVEL) -> Estimate:
        """The first less the second, with the interval of a paired comparison."""
        value = float(self.values[first] - self.values[second])
        pair = self.covariance
        variance = pair[first, first] + pair[second, second] - 2 * pair[first, second]
        half = float(norm.ppf((1 + level) / 2) * np.sqrt(max(variance, 0.0)))
        return Estimate(value, value - half, value + half, level)


def aurocs(scores: Sequence[Real], outcome: Real, patient: Index) -> Aurocs:
    """AUROCs with a covariance clustered by patient.

    Args:
        scores: predictions, each of shape (n,); higher is riskier.
        outcome: 0 or 1, shape (n,); both must be there.
        patient: cluster of each row, whole numbers, shape (n,).
    """
    missed = outcome == 1
    _, cluster = np.unique(patient, return_inverse=True)
    clusters = int(cluster.max()) + 1
    positives, negatives = int(missed.sum()), int((~missed).sum())
    values, tens, ones = [], [], []
    for score in scores:
        high, low = score[missed], score[~missed]
        # The share of the other kind that each appointment is placed right against; ties count half.
        placed_high = _share_below(high, low)
        placed_low = 1 - _share_below(low, high)
        value = float(placed_high.mean())
        values.append(value)
        tens.append(np.bincount(cluster[missed], placed_high - value, clusters))
        ones.append(np.bincount(cluster[~missed], placed_low - value, clusters))
    x, y = np.array(tens), np.array(ones)
    with_missed = np.unique(cluster[missed]).size
    with_kept = np.unique(cluster[~missed]).size
    s10 = _corrected(with_missed) * (x @ x.T) / positives**2
    s01 = _corrected(with_kept) * (y @ y.T) / negatives**2
    s11 = _corrected(clusters) * (x @ y.T + y @ x.T) / (positives * negatives)
    return Aurocs(np.array(values), s10 + s01 + s11)


def _corrected(groups: int) -> float:
    return groups / (groups - 1) if groups > 1 else 1.0


def _share_below(scores: Real, others: Real) -> Real:
    ordered = np.sort(others)
    below = np.searchsorted(ordered, scores, "left") + np.searchsorted(ordered, scores, "right")
    return below / (2 * others.size)
