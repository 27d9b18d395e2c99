"""The doubly robust effect: right where either the propensities or the risks are (Robins, Rotnitzky and Zhao 1994).

With nuisances from other folds, the mean of its scores is the effect and their spread its variance.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from workbench.no_show.effect.nuisance import Index, Nuisance, Real
from workbench.no_show.scores.estimates import LEVEL, Estimate


@dataclass(frozen=True)
class Scores:
    """Of each row (n,): the score of the risk with the reminder, and of that without; their means are the risks."""

    with_reminder: Real
    without: Real

    @property
    def effect(self) -> Real:
        """The score of the difference."""
        return self.with_reminder - self.without


@dataclass(frozen=True)
class Effect:
    """An average effect: the risks with and without the reminder, their difference and their ratio."""

    with_reminder: float
    without: float
    difference: Estimate
    ratio: Estimate


def scores(nuisance: Nuisance, treated: Real, outcome: Real) -> Scores:
    """Scores of augmented inverse probability weighting, shape (n,) each; propensities must lie off 0 and 1."""
    e = nuisance.propensity
    return Scores(
        nuisance.with_reminder + treated * (outcome - nuisance.with_reminder) / e,
        nuisance.without + (1 - treated) * (outcome - nuisance.without) / (1 - e),
    )


def effect_of(found: Scores, clusters: tuple[Index, ...], level: float = LEVEL) -> Effect:
    """The average effect of rows with these scores.

    Args:
        found: scores of the rows the effect is averaged over.
        clusters: by what rows hang together, each of shape (n,); the widest interval is told.
        level: of the intervals.
    """
    risks = float(found.with_reminder.mean()), float(found.without.mean())
    difference = clustered(found.effect, clusters, level)
    # The ratio by the delta method, on the log: its scores are those of the risks over the risks.
    kept_off = max(risks[0], 1e-9), max(risks[1], 1e-9)
    spread = clustered(found.with_reminder / kept_off[0] - found.without / kept_off[1], clusters, level)
    half = (spread.high - spread.low) / 2
    ratio = kept_off[0] / kept_off[1]
    return Effect(
        *risks, difference, Estimate(ratio, float(ratio * np.exp(-half)), float(ratio * np.exp(half)), level)
    )


def clustered(values: Real, clusters: tuple[Index, ...], level: float = LEVEL) -> Estimate:
    """The mean of the values and its widest interval, by Student's t with one degree less than clusters."""
    mean = float(values.mean())
    half = max(_half(values - mean, cluster, level) for cluster in clusters) / values.size
    return Estimate(mean, mean - half, mean + half, level)


def effective_size(weights: Real) -> float:
    """Kish's effective sample size, (sum w)^2 / sum w^2; 0 for no weights."""
    return float(weights.sum() ** 2 / (weights @ weights)) if weights.size else 0.0


def _half(distances: Real, cluster: Index, level: float) -> float:
    _, place = np.unique(cluster, return_inverse=True)
    sums = np.bincount(place, distances)
    if sums.size < 2:
        return float("inf")
    error = np.sqrt(sums @ sums * sums.size / (sums.size - 1))
    return float(student.ppf((1 + level) / 2, sums.size - 1) * error)
