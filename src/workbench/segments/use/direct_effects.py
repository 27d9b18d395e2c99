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
    design = np.hstack([probabilities, *(probabilities[:, [group]] * centered for group in range(groups))])
    cross = design.T @ design / people
    smallest = float(probabilities.sum(axis=0).min())
    if smallest < FEWEST_FOR_EACH * (many + 1) or not np.linalg.cond(cross) < 1e8:
        nothing = np.full(groups, np.nan)
        return Corrected(nothing, nothing, np.full(probabilities.shape, np.nan), nothing)
    inverse = np.linalg.inv(cross) / people
    fitted = inverse @ (design.T @ outcome)
    scores = (design * (outcome - design @ fitted)[:, None]) @ inverse
    values, influence = np.empty(groups), np.empty((people, groups))
    for group in range(groups):
        of_group = slice(groups + group * many, groups + (group + 1) * many)
        size = probabilities[:, group].sum()
        middle = probabilities[:, group] @ centered / size
        slopes = fitted[of_group]
        values[group] = fitted[group] + slopes @ middle
        moved = probabilities[:, group] * ((centered - middle) @ slopes) / size
        influence[:, group] = scores[:, group] + scores[:, of_group] @ middle + moved
    errors = np.sqrt(np.sum(influence**2, axis=0))
    return Corrected(values, errors, influence, variance_inflation(probabilities, labels))


def ratios_beside_features(
    probabilities: Matrix, labels: Labels, events: Vector, trials: Vector, features: Matrix
) -> Corrected:
    """Events per trial of each group, as `corrected_ratios` gives them, beside the features."""
    above, below = (means_beside_features(probabilities, labels, each, features) for each in (events, trials))
    return ratio_of(above, below)
