"""A continuum keeps margins and correlations, and nothing of the groups."""

import numpy as np
from scipy.stats import spearmanr

from workbench.segments.continuum import Continuum
from workbench.segments.features import measured_share, shrunk_share


def test_margins_are_kept_exactly_and_correlations_nearly():
    rng = np.random.default_rng(1)
    normal = rng.multivariate_normal([0, 0, 0], [[1, 0.6, 0], [0.6, 1, -0.4], [0, -0.4, 1]], 3_000)
    people = np.column_stack([np.exp(normal[:, 0]), normal[:, 1], np.round(normal[:, 2])])
    drawn = Continuum(people, [None] * 3, seed=1).draw(rng)
    np.testing.assert_array_equal(np.sort(drawn, axis=0), np.sort(people, axis=0))
    np.testing.assert_allclose(spearmanr(drawn).statistic, spearmanr(people).statistic, atol=0.06)


def test_two_clouds_become_one():
    rng = np.random.default_rng(2)
    people = rng.standard_normal((2_000, 2)) + 4 * rng.integers(0, 2, 2_000)[:, None] * [1, -1]
    drawn = Continuum(people, [None] * 2, seed=1).draw(rng)
    between = np.abs(drawn[:, 0] - drawn[:, 1] - 4) < 1.5
    assert (np.abs(people[:, 0] - people[:, 1] - 4) < 1.5).mean() < between.mean() - 0.1


def test_what_was_counted_from_few_events_is_counted_from_as_few_again():
    """Without trials everybody's share is the average, in the data and in every draw."""
    rng = np.random.default_rng(3)
    trials = np.where(np.arange(2_000) < 600, 0, 12).astype(float)
    events = rng.binomial(trials.astype(int), rng.beta(1, 3, trials.size)).astype(float)
    how = measured_share(events, trials)
    other = rng.standard_normal(trials.size)
    people = np.column_stack([shrunk_share(events, how), other])
    drawn = Continuum(people, [how, None], seed=1).draw(rng)
    np.testing.assert_array_equal(drawn[:, 1], other)
    unknown = np.abs(drawn[:600, 0] - how.center)
    assert np.quantile(unknown, 0.8) < 0.25 * np.quantile(np.abs(drawn[600:, 0] - how.center), 0.8)
