"""The correction for uncertain membership where the outcome goes along with the features within groups, too.

BCH assumes that it does not; outcomes that a feature leads to directly (who missed often misses later) break that
(Vermunt and Magidson 2021, Structural Equation Modeling 28, on direct effects in three steps). Here the outcome is let
go along with the features, linearly and in each group in its own way:

    E(y | x) = sum over t of p_t(x) (a_t + b_t x),

a regression on the probabilities and their products with the features, and the mean of group t is a_t + b_t m_t, with
m_t the mean of the features in it. Without uncertainty this is the plain mean. Errors are robust, and count m_t as
estimated; the parameters of the groups themselves they take as known.
"""

import numpy as np

from workbench.segments.methods.interface import in_chunks
from workbench.segments.use.bch import Corrected, Labels, Matrix, Vector, ratio_of, variance_inflation

# A group of fewer people for each number fitted to it bears no regression.
FEWEST_FOR_EACH = 10


def means_beside_features(
    probabilities: Matrix, labels: Labels, outcome: Vector, features: Matrix
) -> Corrected:
    """The mean outcome of each group.

    Args:
        probabilities: (n, groups), rows that sum to 1.
        labels: (n,) the likeliest group of everybody.
        outcome: (n,) finite.
        features: (n, features) what the groups are made of, finite.

    Returns:
        NaN for all where the regression cannot be fitted, for all or for one of them.
    """
    people, groups = probabilities.shape
    centered = features - features.mean(axis=0)
    many = centered.shape[1]
    numbers = groups * (many + 1)
    cross, with_outcome = np.zeros((numbers, numbers)), np.zeros(numbers)
    for rows in in_chunks(people):
        design = _design(probabilities[rows], centered[rows])
        cross += design.T @ design / people
        with_outcome += design.T @ outcome[rows] / people
    smallest = float(probabilities.sum(axis=0).min())
    if smallest < FEWEST_FOR_EACH * (many + 1) or not np.linalg.cond(cross) < 1e8:
        nothing = np.full(groups, np.nan)
        return Corrected(nothing, nothing, np.full(probabilities.shape, np.nan), nothing)
    inverse = np.linalg.inv(cross)
    fitted = inverse @ with_outcome
    slopes = fitted[groups:].reshape(groups, many)
    middles = probabilities.T @ centered / probabilities.sum(axis=0)[:, None]
    values = fitted[:groups] + np.sum(slopes * middles, axis=1)
    # By how much each fitted number moves each value: its own intercept by 1, its own slopes by its middle.
    moves = np.vstack(
        [np.eye(groups), *(np.outer(middle, at) for middle, at in zip(middles, np.eye(groups), strict=True))]
    )
    influence = np.empty((people, groups))
    for rows in in_chunks(people):
        design = _design(probabilities[rows], centered[rows])
        left = outcome[rows] - design @ fitted
        aside = probabilities[rows] * (centered[rows] @ slopes.T - np.sum(slopes * middles, axis=1))
        influence[rows] = design @ (inverse @ moves) * left[:, None] / people + aside / probabilities.sum(
            axis=0
        )
    errors = np.sqrt(np.sum(influence**2, axis=0))
    return Corrected(values, errors, influence, variance_inflation(probabilities, labels))


def _design(probabilities: Matrix, centered: Matrix) -> Matrix:
    """(n, groups (1 + features)): the probabilities, then for each group the features times its probability."""
    groups = range(probabilities.shape[1])
    return np.hstack([probabilities, *(probabilities[:, [group]] * centered for group in groups)])


def ratios_beside_features(
    probabilities: Matrix, labels: Labels, events: Vector, trials: Vector, features: Matrix
) -> Corrected:
    """Events per trial of each group, as `corrected_ratios` gives them, beside the features."""
    above, below = (means_beside_features(probabilities, labels, each, features) for each in (events, trials))
    return ratio_of(above, below)
