"""Logistic regression of counts, against scikit-learn's and a closed form."""

import numpy as np
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from workbench.message_load.causal.logistic import WARM_STEPS, chances, fit_logistic


def test_it_agrees_with_scikit_learn():
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(500), rng.normal(size=(500, 2))])
    happens = rng.random(500) < expit(x @ [-1, 0.7, -0.4])
    # Both have the same normal prior: a precision of 0.1 is C = 10.
    known = LogisticRegression(C=10, tol=1e-10, max_iter=1_000).fit(x[:, 1:], happens)
    found = fit_logistic(x, happens.astype(float), np.ones(500))
    np.testing.assert_allclose(found, [*known.intercept_, *known.coef_[0]], atol=1e-4)


def test_counts_and_parts_of_trials_count_as_often_as_they_say():
    x = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    fitted = fit_logistic(x, np.array([20.0, 10.5, 60.0]), np.array([100.0, 50.0, 100.0]))
    np.testing.assert_allclose(chances(x, fitted)[[0, 2]], [30.5 / 150, 0.6], atol=0.01)


def test_two_steps_from_an_earlier_fit_are_enough():
    rng = np.random.default_rng(2)
    x = np.column_stack([np.ones(400), rng.normal(size=400)])
    events = rng.binomial(20, expit(x @ [-2, 0.5])).astype(float)
    earlier = fit_logistic(x, events, np.full(400, 20.0))
    often = rng.multinomial(400, np.full(400, 1 / 400)).astype(float)
    warm = fit_logistic(x, events * often, 20 * often, earlier, WARM_STEPS)
    np.testing.assert_allclose(warm, fit_logistic(x, events * often, 20 * often), atol=1e-4)


def test_a_word_without_events_stays_finite():
    x = np.array([[1.0, 0.0], [1.0, 1.0]])
    fitted = fit_logistic(x, np.array([10.0, 0.0]), np.array([100.0, 100.0]))
    assert np.isfinite(fitted).all()
    assert chances(x, fitted)[1] < 0.02
    np.testing.assert_allclose(fitted[0], logit(0.1), atol=0.1)
