"""A trait is found behind what was counted of it, its skew included."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import expit
from scipy.stats import norm

from workbench.segments.existence.trait import BINOMIAL, NORMAL, Expected, Trait, _loss

PEOPLE = 3_000
AT = np.linspace(0.05, 0.95, 7)


def alone(people: int) -> Expected:
    return Expected(np.zeros(people), 1.0)


def skewed(normal: np.ndarray) -> np.ndarray:
    """Of skewness 1.75, mean 0 and variance 1: of another family than the one that is fitted."""
    raised = np.exp(0.504 * normal)
    return (raised - np.exp(0.504**2 / 2)) / np.sqrt((np.exp(0.504**2) - 1) * np.exp(0.504**2))


@pytest.mark.parametrize("shape", [lambda z: z, skewed, lambda z: -skewed(-z)], ids=["normal", "right", "left"])
def test_how_people_differ_is_found_through_few_events(shape):
    rng = np.random.default_rng(1)
    trials = rng.integers(4, 25, PEOPLE).astype(float)
    events = rng.binomial(trials.astype(int), expit(0.9 * shape(rng.standard_normal(PEOPLE)) - 1.2)).astype(
        float
    )
    trait = Trait.behind(events, trials, BINOMIAL, -1.0, alone(PEOPLE))
    truth = 0.9 * shape(norm.ppf(AT)) - 1.2
    np.testing.assert_allclose(trait.values(norm.ppf(AT)), truth, atol=0.22)


def test_how_people_differ_in_times_is_found_through_few_of_them():
    rng = np.random.default_rng(2)
    trials = rng.integers(1, 8, PEOPLE).astype(float)
    own = 2 + 0.5 * skewed(rng.standard_normal(PEOPLE))
    sums = trials * own + rng.standard_normal(PEOPLE) * 0.8 * np.sqrt(trials)
    trait = Trait.behind(sums / 0.64, trials / 0.64, NORMAL, 1.5, alone(PEOPLE))
    np.testing.assert_allclose(trait.values(norm.ppf(AT)), 2 + 0.5 * skewed(norm.ppf(AT)), atol=0.12)


def test_whom_nothing_was_counted_of_says_nothing():
    rng = np.random.default_rng(3)
    trials = rng.integers(4, 25, 500).astype(float)
    events = rng.binomial(trials.astype(int), expit(rng.standard_normal(500))).astype(float)
    some = Trait.behind(events, trials, BINOMIAL, 0.0, alone(500))
    none = np.zeros(200)
    more = Trait.behind(np.append(events, none), np.append(trials, none), BINOMIAL, 0.0, alone(700))
    np.testing.assert_allclose(more.values(norm.ppf(AT)), some.values(norm.ppf(AT)), atol=1e-3)


def test_what_goes_together_with_the_number_of_events_is_not_taken_for_the_trait_s_shape():
    """Those who come more often differ: told so, the fit is the trait's over everybody."""
    rng = np.random.default_rng(4)
    known = rng.standard_normal(PEOPLE)
    own = 0.8 * known + 0.6 * rng.standard_normal(PEOPLE)
    trials = np.round(3 + 6 * np.exp(known))
    events = rng.binomial(trials.astype(int), expit(own - 1)).astype(float)
    trait = Trait.behind(events, trials, BINOMIAL, 0.0, Expected(0.8 * known, 0.6))
    np.testing.assert_allclose(trait.values(norm.ppf(AT)), norm.ppf(AT) - 1, atol=0.15)


@pytest.mark.parametrize("family", [BINOMIAL, NORMAL], ids=["shares", "times"])
def test_gradient_is_the_slope_of_the_loss(family):
    rng = np.random.default_rng(5)
    trials = rng.integers(0, 25, 50).astype(float)
    counts = (rng.binomial(trials.astype(int), 0.3).astype(float), trials, family)
    weights = Expected(rng.standard_normal(50), 0.7).log_weights
    for point in ([0.1, 0.0, 0.0, 0.0], [-1.0, 0.4, 0.6, -0.3]):
        wrong = check_grad(
            lambda at: _loss(at, *counts, weights)[0],
            lambda at: _loss(at, *counts, weights)[1],
            np.array(point),
        )
        assert wrong < 1e-4 * abs(_loss(np.array(point), *counts, weights)[0])
