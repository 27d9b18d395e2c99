"""Calibration lines against statsmodels: of all, clustered, and in every replicate by expansion."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit

from workbench.no_show.scores.calibration import (
    clustered_in_the_large,
    clustered_slope,
    in_the_large,
    log_odds,
    weighted_line,
)
from workbench.no_show.scores.estimates import clustered_mean
from workbench.no_show.scores.expansion import Lines, _derivatives
from workbench.no_show.scores.replicates import Sums, drawn_patients


def glm(outcome, design, **given):
    return sm.GLM(outcome, design, family=sm.families.Binomial(), **given)


def test_calibration_line_is_that_of_statsmodels(predicted):
    odds = log_odds(predicted.probability)
    weight = np.random.default_rng(4).integers(0, 4, odds.size).astype(float)
    fitted = glm(predicted.outcome, sm.add_constant(odds), freq_weights=weight).fit()
    line = weighted_line(odds, predicted.outcome, weight)
    assert [line.intercept, line.slope] == pytest.approx(list(fitted.params), abs=1e-6)
    offset = glm(predicted.outcome, np.ones_like(odds), offset=odds).fit()
    assert in_the_large(odds, predicted.outcome, np.ones_like(odds)) == pytest.approx(
        offset.params[0], abs=1e-6
    )


def test_intervals_in_closed_form_are_those_of_statsmodels(predicted):
    odds, outcome, patient = log_odds(predicted.probability), predicted.outcome, predicted.patient
    clusters = {"cov_type": "cluster", "cov_kwds": {"groups": patient}}
    line = glm(outcome, sm.add_constant(odds)).fit(**clusters)
    slope = clustered_slope(odds, outcome, patient)
    # statsmodels corrects by (n - 1) / (n - k) besides.
    assert (slope.value, slope.low, slope.high) == pytest.approx(
        (line.params[1], *line.conf_int()[1]), abs=1e-3
    )
    offset = glm(outcome, np.ones_like(odds), offset=odds).fit(**clusters)
    large = clustered_in_the_large(odds, outcome, patient)
    assert (large.value, large.low, large.high) == pytest.approx(
        (offset.params[0], *offset.conf_int()[0]), abs=1e-3
    )


def test_clustered_mean_is_that_of_statsmodels(predicted):
    rest = predicted.outcome - predicted.probability
    estimate = clustered_mean(rest, predicted.patient)
    clusters = {"cov_type": "cluster", "cov_kwds": {"groups": predicted.patient}}
    fitted = sm.OLS(rest, np.ones_like(rest)).fit(**clusters)
    expected = (fitted.params[0], *fitted.conf_int()[0])
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx(expected, abs=1e-5)


def test_derivatives_are_those_of_the_logistic_function():
    p = expit(0.7)
    first, second, third, *_ = (found[0] for found in _derivatives(np.array([p])))
    assert first == pytest.approx(p * (1 - p))
    assert second == pytest.approx(first * (1 - 2 * p))
    assert third == pytest.approx(first * (1 - 6 * p + 6 * p**2))


@pytest.mark.parametrize("patients", [30, 500])
def test_every_replicate_is_fitted_as_to_its_rows(predicted, patients):
    # Of few patients most replicates lie too far off for the expansion.
    some = predicted.patient < 7 * patients + 3
    odds, outcome = log_odds(predicted.probability[some]), predicted.outcome[some]
    sums = Sums(predicted.patient[some])
    lines = Lines(odds, outcome, sums, sloped=True)
    (drawn,) = drawn_patients(sums.patients, 40, seed=9)
    found = sums.under(drawn)
    slope, large = lines.slope(found, drawn), lines.in_the_large(found, drawn)
    for at, weight in enumerate(drawn[sums.cluster].T):
        assert slope[at] == pytest.approx(weighted_line(odds, outcome, weight).slope, abs=2e-5)
        assert large[at] == pytest.approx(in_the_large(odds, outcome, weight), abs=2e-5)


def test_replicate_of_one_class_has_no_line():
    odds, outcome = np.array([0.3, -1.0, -0.5, 0.1]), np.array([1.0, 0, 0, 1])
    sums = Sums(np.arange(4))
    lines = Lines(odds, outcome, sums, sloped=True)
    drawn = np.array([[0.0, 1], [3, 1], [1, 1], [0, 1]])
    found = sums.under(drawn)
    slope, large = lines.slope(found, drawn), lines.in_the_large(found, drawn)
    assert np.isnan([slope[0], large[0]]).all()
    assert large[1] == pytest.approx(in_the_large(odds, outcome, np.ones(4)))


def test_predictions_without_variation_have_no_slope(predicted):
    odds = np.full_like(predicted.outcome, -1.0)
    sums = Sums(predicted.patient)
    lines = Lines(odds, predicted.outcome, sums, sloped=False)
    drawn = np.ones((sums.patients, 1))
    assert lines.slope(sums.under(drawn), drawn) is None
    share = predicted.outcome.mean()
    assert lines.in_the_large(sums.under(drawn), drawn)[0] == pytest.approx(np.log(share / (1 - share)) + 1)
