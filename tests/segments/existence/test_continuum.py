"""A continuum keeps margins and correlations, and nothing of the groups."""

import numpy as np
from scipy.special import expit, logit
from scipy.stats import spearmanr

from workbench.segments.existence.continuum import Continuum
from workbench.segments.features import Measured, measured_share, shrunk_share


def test_margins_are_kept_exactly_and_correlations_nearly(frame_of):
    rng = np.random.default_rng(1)
    normal = rng.multivariate_normal([0, 0, 0], [[1, 0.6, 0], [0.6, 1, -0.4], [0, -0.4, 1]], 3_000)
    people = np.column_stack([np.exp(normal[:, 0]), normal[:, 1], np.round(normal[:, 2])])
    frame = frame_of(people)
    people, drawn = frame.scaled, Continuum(frame, seed=1).draw(rng).scaled
    np.testing.assert_array_equal(np.sort(drawn[:, [0, 2]], axis=0), np.sort(people[:, [0, 2]], axis=0))
    quantiles = [np.quantile(each[:, 1], [0.05, 0.5, 0.95]) for each in (drawn, people)]
    np.testing.assert_allclose(*quantiles, atol=0.12)
    np.testing.assert_allclose(spearmanr(drawn).statistic, spearmanr(people).statistic, atol=0.06)


def test_two_clouds_become_one(frame_of):
    rng = np.random.default_rng(2)
    people = rng.standard_normal((2_000, 2)) + 4 * rng.integers(0, 2, 2_000)[:, None] * [1, -1]
    frame = frame_of(people)
    drawn = Continuum(frame, seed=1).draw(rng).scaled * people.std(axis=0) + people.mean(axis=0)
    between = np.abs(drawn[:, 0] - drawn[:, 1] - 4) < 1.5
    assert (np.abs(people[:, 0] - people[:, 1] - 4) < 1.5).mean() < between.mean() - 0.1


def test_what_was_counted_from_few_events_is_counted_from_as_few_again(frame_of):
    """Without trials everybody's share is the average, in the data and in every draw."""
    rng = np.random.default_rng(3)
    trials = np.where(np.arange(2_000) < 600, 0, 12).astype(float)
    events = rng.binomial(trials.astype(int), rng.beta(1, 3, trials.size)).astype(float)
    how = measured_share(events, trials)
    other = rng.standard_normal(trials.size)
    people = np.column_stack([shrunk_share(events, how), other])
    drawn = Continuum(frame_of(people, (how, None)), seed=1).draw(rng).scaled
    drawn = drawn * people.std(axis=0) + people.mean(axis=0)
    np.testing.assert_allclose(drawn[:, 1], other)
    unknown = np.abs(drawn[:600, 0] - how.center)
    assert np.quantile(unknown, 0.8) < 0.25 * np.quantile(np.abs(drawn[600:, 0] - how.center), 0.8)


def test_categories_keep_their_shares_and_how_they_go_together(coded_frame_of):
    """Three answers that go with one trait, in no order of their codes; a tenth is not known."""
    rng = np.random.default_rng(4)
    trait = rng.standard_normal(2_000)
    codes = np.column_stack(
        [
            np.array([2, 0, 1])[np.digitize(trait + 0.6 * rng.standard_normal(2_000), [-0.5, 0.7])]
            for _ in range(4)
        ]
    )
    codes[rng.random(codes.shape) < 0.1] = -1
    drawn = Continuum(coded_frame_of(codes), seed=1).draw(rng).categories
    np.testing.assert_array_equal(drawn < 0, codes < 0)
    for column in range(4):
        np.testing.assert_array_equal(np.bincount(drawn[:, column] + 1), np.bincount(codes[:, column] + 1))
    for left, right in ((0, 1), (2, 3)):
        together = [
            np.histogram2d(each[:, left], each[:, right], bins=[-1.5, -0.5, 0.5, 1.5, 2.5])[0]
            for each in (codes, drawn)
        ]
        assert np.abs(together[0] - together[1]).max() < 0.03 * len(codes)


def test_what_is_not_known_stays_unknown(frame_of):
    rng = np.random.default_rng(5)
    people = rng.standard_normal((500, 3))
    frame = frame_of(people)
    frame.scaled[:50, 1] = np.nan
    drawn = Continuum(frame, seed=1).draw(rng).scaled
    np.testing.assert_array_equal(np.isnan(drawn), np.isnan(frame.scaled))


def test_times_that_nobody_measured_stay_the_average(frame_of):
    """As of somebody who never came twice: no time between visits is known, and none is made up."""
    rng = np.random.default_rng(4)
    trials = np.where(np.arange(1_500) < 500, 0, 6).astype(float)
    sums = trials * rng.normal(2, 0.8, trials.size)
    how = Measured(sums, trials, center=2.0, weight=3.0, kind="days")
    people = np.column_stack([shrunk_share(sums, how), rng.standard_normal(trials.size)])
    drawn = Continuum(frame_of(people, (how, None)), seed=1).draw(rng)
    unknown = np.abs(drawn.scaled[:500, 0] - np.median(drawn.scaled[:, 0]))
    assert np.quantile(unknown, 0.9) < 0.1 * drawn.scaled[:, 0].std()


def test_shares_whose_log_odds_are_normal_are_no_other_than_the_continuum_s_own(frame_of):
    """So that they are drawn: what a sample shows of skew by chance is not kept in every continuum."""
    rng = np.random.default_rng(6)
    trait = rng.standard_normal(5_000)
    trials = rng.integers(30, 60, trait.size).astype(float)
    events = rng.binomial(trials.astype(int), expit(0.9 * trait - 1.2)).astype(float)
    how = measured_share(events, trials)
    people = np.column_stack([logit(shrunk_share(events, how)), trait])
    frame = frame_of(people, (how, None))
    drawn = Continuum(frame, seed=1).draw(rng).scaled
    assert np.isin(drawn[:, 0], frame.scaled[:, 0]).mean() < 0.5


def test_shares_whose_log_odds_are_skewed_are_no_other_than_the_continuum_s_own(frame_of):
    """Nor where those who come more often differ from others."""
    rng = np.random.default_rng(7)
    often, rest = rng.standard_normal((2, 3_000))
    trait = np.exp(0.5 * (0.6 * often + 0.8 * rest)) - 1.1
    trials = 3.0 + rng.poisson(np.exp(1.5 + 0.6 * often))
    events = rng.binomial(trials.astype(int), expit(1.6 * trait - 1.2)).astype(float)
    how = measured_share(events, trials)
    people = np.column_stack([logit(shrunk_share(events, how)), often])
    continuum = Continuum(frame_of(people, (how, None)), seed=1)
    assert continuum._natural[0].own_weight < 0.5


def test_peaks_of_a_measure_stay(frame_of):
    """Two kinds of people in one measure alone: the continuum keeps the measure as it is."""
    rng = np.random.default_rng(8)
    trials = np.full(2_000, 20.0)
    events = rng.binomial(20, np.where(rng.random(2_000) < 0.5, 0.1, 0.9)).astype(float)
    how = measured_share(events, trials)
    frame = frame_of(
        np.column_stack([logit(shrunk_share(events, how)), rng.standard_normal(2_000)]), (how, None)
    )
    drawn = Continuum(frame, seed=1).draw(rng).scaled
    np.testing.assert_allclose(np.sort(drawn[:, 0]), np.sort(frame.scaled[:, 0]), atol=1e-9)
