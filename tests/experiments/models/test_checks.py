"""Checks: a surprise is found, what is no surprise passes, priors that speak are heard."""

import numpy as np
import pytest
from scipy.stats import norm

from workbench.experiments.models.checks import (
    PosteriorChecks,
    binomial_replicates,
    extremes_of_differences,
    extremes_of_rates,
    power_scaling,
    predictive_check,
)


def test_ties_count_half():
    check = predictive_check("zeros", 0.0, np.zeros(100))
    assert check.above == 0.5
    assert check.passed


@pytest.mark.parametrize(("observed", "passed"), [(-4.0, False), (-2.0, True), (0.0, True), (4.0, False)])
def test_what_hardly_any_replicate_reaches_fails(observed, passed):
    replicated = norm.ppf((np.arange(10_000) + 0.5) / 10_000)
    check = predictive_check("x", observed, replicated)
    assert check.passed is passed
    assert (check.low, check.high) == pytest.approx((-2.576, 2.576), abs=0.01)
    assert PosteriorChecks((check,), ()).passed is passed


def test_replicates_have_the_rates_they_are_given():
    people = np.array([[1_000, 0], [500, 2_000]])
    rates = np.broadcast_to(np.array([[0.1, 0.5], [0.2, 0.3]]), (4_000, 2, 2))
    made = binomial_replicates(people, rates, seed=1)
    assert made.shape == (1000, 2, 2)
    assert made.mean(axis=0) == pytest.approx(people * rates[0], abs=3)
    assert np.array_equal(made, binomial_replicates(people, rates, seed=1))


def test_cells_that_no_common_rate_explains_are_found_at_both_ends():
    people = np.full(8, 500)
    events = np.array([50, 51, 49, 50, 50, 52, 0, 120])
    replicates = binomial_replicates(people, np.full((1_000, 8), 0.1), seed=1)
    found = {check.extreme: check.passed for check in extremes_of_rates(people, events, replicates)}
    assert found == {
        "largest rate of a cell": False,
        "smallest rate of a cell": False,
        "cells without an event": False,
    }
    usual = extremes_of_rates(people, replicates[0], replicates)
    assert all(check.passed for check in usual)


def test_a_segment_that_stands_out_is_found_however_small_the_others_are():
    people = np.array([[4_000, 4_000], [40, 40], [40, 40], [0, 40]])
    replicates = binomial_replicates(people, np.full((1_000, 4, 2), 0.1), seed=1)
    events = np.array([[300, 500], [4, 4], [4, 4], [0, 4]])
    checks = {check.extreme: check for check in extremes_of_differences(people, events, replicates)}
    assert not checks["largest difference of a segment"].passed
    # In standard errors: 200 of 4,000 more, at a rate of a tenth.
    assert checks["largest difference of a segment"].observed == pytest.approx(7.45, abs=0.05)


@pytest.mark.parametrize(("prior_sd", "speaks"), [(0.5, True), (50.0, False)])
def test_power_scaling_agrees_with_the_normal_it_can_be_computed_for(prior_sd, speaks):
    # y = 3 with error 1 under Normal(0, prior_sd): priors near the error pull, wide ones do not.
    variance = 1 / (1 + prior_sd**-2)
    quantiles = norm.ppf((np.arange(8_000) + 0.5) / 8_000, loc=3 * variance, scale=np.sqrt(variance))
    draws = np.random.default_rng(1).permutation(quantiles).reshape(4, 2_000)
    found = power_scaling("x", draws, norm.logpdf(draws, 0, prior_sd), norm.logpdf(draws, 3, 1))
    assert found.prior_speaks is speaks
    assert found.conflict is speaks
    assert found.likelihood > 0.05
