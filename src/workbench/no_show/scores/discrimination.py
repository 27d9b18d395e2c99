"""AUROC and average precision: how well predictions rank those who miss before those who come.

AUROC is the probability that of two appointments the one that was missed had the higher risk. Patients have several
appointments, so that the variance is clustered by patient, in closed form: Obuchowski, Nonparametric analysis of
clustered ROC curve data, Biometrics 53 (1997) 567-578, which extends DeLong, DeLong and Clarke-Pearson (1988).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit, logit
from scipy.stats import norm

from workbench.no_show.scores.estimates import LEVEL, Estimate

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
        return Estimate.normal(value, float(np.sqrt(max(variance, 0.0))), level)


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


class Ranked:
    """Predictions sorted once, so that AUROC and average precision are had in many replicates.

    Where a missed appointment stands depends on how many kept and missed ones stand above it alone: so both are
    summed by the distinct risks of the missed, in falling order, and cumulated. A kept appointment belongs to the
    first of these that is no higher than its own risk.
    """

    def __init__(self, probability: Real, outcome: Real, cluster: Index) -> None:
        """Sort.

        Args:
            probability: shape (n,).
            outcome: 0 or 1, shape (n,); both must be there.
            cluster: the patient's place among all patients, from `Sums`.
        """
        missed = outcome == 1
        falling = -probability
        self._levels, place = np.unique(falling[missed], return_inverse=True)
        self._patients = int(cluster.max()) + 1
        kept = np.searchsorted(self._levels, falling[~missed])
        tied = np.append(self._levels, np.nan)[kept] == falling[~missed]
        self._missed = self._summed(place, cluster[missed])
        self._above = self._summed(kept[~tied], cluster[~missed][~tied])
        self._tied = self._summed(kept[tied], cluster[~missed][tied])
        self._any_tied = bool(tied.any())

    def under(self, drawn: Real) -> tuple[Real, Real]:
        """AUROC and average precision in each replicate, each of shape (b,).

        Args:
            drawn: how often each patient counts, shape (patients, b).
        """
        counts = drawn.astype(np.float32)  # exact up to 16 million appointments, and half the memory
        missed, kept = (self._missed @ counts)[:-1], self._above @ counts
        found, passed = np.cumsum(missed, axis=0), np.cumsum(kept, axis=0)
        tied = (self._tied @ counts)[:-1] if self._any_tied else None
        if tied is not None:
            passed[:-1] += np.cumsum(tied, axis=0)
            passed[-1] += tied.sum(axis=0)
        at_least, total_kept = passed[:-1], passed[-1].astype(float)
        total_missed = found[-1].astype(float)
        with np.errstate(invalid="ignore"):  # nobody missed, or nobody came, in a replicate
            above = at_least if tied is None else at_least - tied / 2
            auroc = 1 - _products(missed, above) / (total_missed * total_kept)
            precision = found / np.maximum(found + at_least, 1)
            return auroc, _products(missed, precision) / total_missed

    def _summed(self, level: Index, cluster: Index) -> csr_array:
        """The matrix that sums what patients count by level; the last row is for those below all levels."""
        ones = np.ones(level.size, np.float32)
        return csr_array((ones, (level, cluster)), shape=(self._levels.size + 1, self._patients))


def _products(weight: NDArray[np.float32], values: NDArray[np.float32]) -> Real:
    return np.asarray(np.einsum("ub,ub->b", weight, values, dtype=float))
