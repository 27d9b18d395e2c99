"""Outcomes by group, corrected for not knowing for certain who is in which group (three steps, BCH).

Whoever is put into the likeliest group is sometimes put into the wrong one, so that groups look more alike than they
are. The correction weights everybody by the inverse of the classification table D, D[t, s] = P(put into s | is of t)
(Bolck, Croon and Hagenaars 2004, Political Analysis 12; Vermunt 2010, Political Analysis 18). With D estimated from the
same people, the corrected means m solve

    sum over the people put into s of (y_i - sum_t p_it m_t) = 0, for every group s,

which is an instrumental-variables estimator: the probabilities are the regressors, the assignment the instruments. Its
robust variance counts D as estimated with the means (Bakk, Tekle and Vermunt 2013, Sociological Methodology 43); the
parameters of the groups themselves it takes as known. It holds where the outcome depends on the features through the
group alone; `dependence_beyond_groups` tests that, and `direct_effects` does without.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]

# Beyond this the groups' own parameters, which the correction takes as known, are known too badly for its intervals to
# cover as they say (benchmarks/segment_outcomes.md).
LARGEST_INFLATION = 1.75


@dataclass(frozen=True)
class Corrected:
    """Corrected means of groups, or ratios of two of them.

    `values` and `errors` (robust standard errors) have one entry for each group; `influence` (n, groups) is what each
    person adds to a value, so that errors of functions of several values follow; `inflation` (groups,) is by how much
    the weights multiply the variance, 1 where everybody's group is certain. All are NaN for a group nobody is put into.
    """

    values: Vector
    errors: Vector
    influence: Matrix
    inflation: Vector

    def is_reliable(self) -> NDArray[np.bool_]:
        """For each group, whether membership is certain enough for the correction to be told."""
        return np.nan_to_num(self.inflation, nan=np.inf) <= LARGEST_INFLATION


def classification_table(probabilities: Matrix, labels: Labels) -> Matrix:
    """D (groups, groups): of those who are of group t, the share put into group s.

    Args:
        probabilities: (n, groups), rows that sum to 1.
        labels: (n,) the group everybody was put into.
    """
    return probabilities.T @ _indicators(probabilities, labels) / probabilities.sum(axis=0)[:, None]


def bch_weights(probabilities: Matrix, labels: Labels) -> Matrix:
    """(n, groups) weights, negative ones among them; those of a person sum to 1, those of a group to its expected size.

    Raises:
        numpy.linalg.LinAlgError: the assignment tells groups apart so badly that D cannot be inverted.
    """
    inverse = np.linalg.inv(classification_table(probabilities, labels))
    return np.asarray(inverse[labels], dtype=np.float64)


def corrected_means(probabilities: Matrix, labels: Labels, outcome: Vector) -> Corrected:
    """The mean outcome of each group.

    Args:
        probabilities: (n, groups), rows that sum to 1; 0 and 1 alone where the method knows no uncertainty.
        labels: (n,) the likeliest group of everybody.
        outcome: (n,) finite; a share where it is 0 or 1.
    """
    put = _indicators(probabilities, labels)
    joint = put.T @ probabilities
    groups = probabilities.shape[1]
    if not put.any(axis=0).all() or np.linalg.cond(joint / probabilities.sum(axis=0)) > 1e8:
        nothing = np.full(groups, np.nan)
        return Corrected(nothing, nothing, np.full(probabilities.shape, np.nan), nothing)
    inverse = np.linalg.inv(joint)
    values = inverse @ (put.T @ outcome)
    influence = inverse.T[labels] * (outcome - probabilities @ values)[:, None]
    errors = np.sqrt(np.sum(influence**2, axis=0))
    return Corrected(values, errors, influence, variance_inflation(probabilities, labels))


def variance_inflation(probabilities: Matrix, labels: Labels) -> Vector:
    """(groups,) by how much BCH weights multiply the variance of a mean: 1 where everybody's group is certain."""
    weights = bch_weights(probabilities, labels)
    return np.asarray(np.sum(weights**2, axis=0) / weights.sum(axis=0), dtype=np.float64)


def corrected_ratios(probabilities: Matrix, labels: Labels, events: Vector, trials: Vector) -> Corrected:
    """Events per trial of each group, such as the share of its appointments that were missed; people stay the units.

    Args:
        probabilities, labels: as for `corrected_means`.
        events: (n,) counted for each person.
        trials: (n,) of how many; a group without any has no ratio.
    """
    above, below = (corrected_means(probabilities, labels, each) for each in (events, trials))
    return ratio_of(above, below)


def ratio_of(above: Corrected, below: Corrected) -> Corrected:
    """One mean over another, of the same people; NaN where the lower one is not above 0."""
    some = np.where(below.values > 0, below.values, np.nan)
    values = above.values / some
    influence = (above.influence - below.influence * values) / some
    return Corrected(values, np.sqrt(np.sum(influence**2, axis=0)), influence, above.inflation)


def dependence_beyond_groups(
    probabilities: Matrix, labels: Labels, outcome: Vector, features: Matrix
) -> float | None:
    """P-value of the outcome's depending on the features through the group alone, as the correction assumes.

    Where it does, what the corrected means leave of the outcome goes along with no feature: a Wald test of these
    moments, with the means counted as estimated (an overidentification test in the manner of Hansen 1982, Econometrica
    50).

    Args:
        probabilities, labels, outcome: as for `corrected_means`.
        features: (n, features) what the groups are made of, finite.

    Returns:
        None where it cannot be told: groups that are not told apart, or features that say the same.
    """
    put = _indicators(probabilities, labels)
    joint = put.T @ probabilities
    if not put.any(axis=0).all() or np.linalg.cond(joint / probabilities.sum(axis=0)) > 1e8:
        return None
    inverse = np.linalg.inv(joint)
    left = outcome - probabilities @ (inverse @ (put.T @ outcome))
    through_groups = features.T @ probabilities @ inverse
    moments = left[:, None] * (features - through_groups.T[labels])
    covariance = moments.T @ moments
    if not np.linalg.cond(covariance) < 1e12:
        return None
    total = moments.sum(axis=0)
    return float(chi2.sf(total @ np.linalg.solve(covariance, total), features.shape[1]))


def _indicators(probabilities: Matrix, labels: Labels) -> Matrix:
    put = np.zeros_like(probabilities)
    put[np.arange(len(labels)), labels] = 1
    return put
