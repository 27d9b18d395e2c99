"""The pooled regression: Laplace against NUTS in PyMC and against scikit-learn, and clinics drawn to each other."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import bernoulli
from sklearn.linear_model import LogisticRegression

from workbench.no_show.models.pooled import PooledLogistic
from workbench.no_show.models.pooled_laplace import _Given, laplace
from workbench.no_show.models.pooled_nuts import nuts, pooled_data, pooled_model
from workbench.no_show.models.pooled_posterior import PooledPosterior, PooledRows
from workbench.sampling.nuts import Effort


def made(size=800, clinics=6, spread=0.7, seed=1):
    rng = np.random.default_rng(seed)
    columns = rng.random((size, 2))
    clinic = rng.integers(0, clinics, size)
    offset = rng.normal(0, spread, clinics)
    log_odds = -1.2 + columns @ [1.0, -0.8] + offset[clinic]
    return PooledRows(columns, clinic, clinics, (rng.random(size) < expit(log_odds)).astype(float))


def test_laplace_agrees_with_nuts():
    rows = made()
    quick, sampled = laplace(rows), nuts(rows, seed=3, effort=Effort(2, 1_000, 500, 0.9))
    sd = np.sqrt(np.diag(sampled.covariance))
    assert (np.abs(quick.mean - sampled.mean) < 0.15 * sd).all()
    assert np.sqrt(np.diag(quick.covariance)) == pytest.approx(sd, rel=0.12)
    assert quick.spread == pytest.approx(sampled.spread, abs=0.15 * sampled.spread_sd)
    assert quick.spread_sd == pytest.approx(sampled.spread_sd, rel=0.15)
    risk = [each.probability(rows.columns, rows.clinic) for each in (quick, sampled)]
    assert risk[0] == pytest.approx(risk[1], abs=0.01)


def test_the_sampled_model_has_the_likelihood_told_whatever_pads_it():
    rows = made(size=30, clinics=3)
    data = pooled_data(rows)
    model = pooled_model(*data["design"].shape, 16)
    rng = np.random.default_rng(4)
    point = {name: rng.normal(size=np.shape(values)) for name, values in model.initial_point().items()}
    with model:
        for name, values in data.items():
            model[name].set_value(values.astype(model[name].dtype))
        found = float(model.compile_logp(vars=model.potentials, jacobian=False)(point))
    offset = np.exp(point["spread_log__"]) * point["standard"]
    log_odds = point["intercept"] + rows.columns @ point["weight"][:2] + offset[rows.clinic]
    by_hand = bernoulli(expit(log_odds)).logpmf(rows.outcome).sum()
    assert found == pytest.approx(by_hand, rel=1e-9)


def test_given_a_spread_of_almost_nothing_it_is_ridge_regression():
    rows = made()
    found = _Given(rows).at(1e-4)
    ridge = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(rows.columns, rows.outcome)
    # The intercept's own prior, which scikit-learn has not, moves it by about a fortieth of its error.
    assert found.mean[1:3] == pytest.approx(ridge.coef_[0], abs=0.02)
    assert found.mean[0] == pytest.approx(ridge.intercept_[0], abs=0.02)
    assert found.mean[3:] == pytest.approx(np.zeros(6), abs=1e-5)


def test_a_small_clinic_is_drawn_to_the_others():
    rng = np.random.default_rng(2)
    clinic = np.repeat([0, 1, 2, 3], [600, 600, 600, 6])
    risk = np.array([0.1, 0.2, 0.3, 0.99])[clinic]
    rows = PooledRows(np.zeros((clinic.size, 1)), clinic, 4, (rng.random(clinic.size) < risk).astype(float))
    found = laplace(rows).probability(np.zeros((5, 1)), np.array([0, 1, 2, 3, -1]))
    assert found[:3] == pytest.approx([0.1, 0.2, 0.3], abs=0.04)
    assert 0.2 < found[3] < 0.7
    assert 0.1 < found[4] < 0.5


def test_the_mean_over_a_normal_is_near_its_quadrature():
    posterior = PooledPosterior(np.array([-1.0, 0.5]), np.diag([0.3, 0.4]), 0.6, 0.2)
    at, weight = np.polynomial.hermite_e.hermegauss(40)
    for clinic, mean, variance in ((0, -0.5, 0.7), (-1, -1.0, 0.3 + 0.36 + 0.04)):
        exact = float(weight @ expit(mean + np.sqrt(variance) * at) / weight.sum())
        found = posterior.probability(np.zeros((1, 0)), np.array([clinic]))[0]
        assert found == pytest.approx(exact, abs=0.005)


def test_many_appointments_are_drawn_by_lot_and_predicted_in_pieces(block, monkeypatch):
    monkeypatch.setattr("workbench.no_show.models.pooled.MOST_ROWS", 500)
    model = PooledLogistic(seed=1).fit(block(1500, 1))
    rows = block(40, 2)
    whole = model.probability(rows)
    monkeypatch.setattr("workbench.no_show.models.pooled.AT_A_TIME", 7)
    assert model.probability(rows) == pytest.approx(whole, rel=1e-12)
