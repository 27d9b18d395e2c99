"""The cure model beside the hazards: sound, no matter the family, and nothing told of who ever has the event."""

import dataclasses

import numpy as np
import pymc as pm
import pytest
from scipy import stats

from workbench.experiments.late import cure
from workbench.experiments.late.cure import CureFit, compile_cure, cure_model, fit_cure
from workbench.experiments.late.forecast import forecast
from workbench.refusal import Refused


@pytest.fixture(scope="module")
def compiled():
    # Longer than any window below, and filled up with zeros.
    return compile_cure("lognormal", arms=2, days=21)


@pytest.fixture(scope="module")
def arms(simulated):
    return [
        simulated("slow", seed=1, hazard=0.1, people=2000),
        simulated("fast", seed=2, hazard=0.5, people=2000),
    ]


@pytest.mark.parametrize("family", ["weibull", "lognormal"])
def test_likelihood_agrees_with_scipy(family):
    random = np.random.default_rng(1)
    events, waiting = random.integers(0, 9, (2, 6)), random.integers(0, 9, (2, 7))
    point = {
        "base": np.array(-1.0),
        "apart": np.array([0.7]),
        "log_median": np.array([1.0, 2.0]),
        "log_shape": np.array([-0.3, 0.4]),
    }
    model = cure_model(family, events, waiting)
    found = model.compile_logp(vars=model.potentials, sum=True, mode="FAST_COMPILE")(point)
    expected = 0.0
    for arm, eta in enumerate((-1.0, -0.3)):
        median, shape = np.exp(point["log_median"][arm]), np.exp(point["log_shape"][arm])
        delay = (
            stats.weibull_min(shape, scale=median / np.log(2) ** (1 / shape))
            if family == "weibull"
            else stats.lognorm(shape, scale=median)
        )
        share = 1 / (1 + np.exp(-eta))
        expected += events[arm] @ np.log(share * np.diff(delay.cdf(np.arange(7))))
        expected += waiting[arm] @ np.log(1 - share * delay.cdf(np.arange(7)))
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("family", ["weibull", "lognormal"])
def test_gradients_are_finite_far_from_the_data(family):
    model = cure_model(family, np.ones((2, 30), dtype=int), np.ones((2, 31), dtype=int))
    gradient = model.compile_dlogp(mode="FAST_COMPILE")
    for median in (-1.5, 6.0):
        for shape in (-1.0, 1.0):
            point = {
                "base": np.array(3.0),
                "apart": np.array([-1.0]),
                "log_median": np.full(2, median),
                "log_shape": np.full(2, shape),
            }
            assert np.isfinite(gradient(point)).all()


def test_it_is_sound_and_agrees_with_the_hazards(compiled, arms):
    fit = fit_cure(arms, seed=1, compiled=compiled)
    assert fit.diagnostics.sound
    for told in forecast(arms, seed=1).arms:
        rate = fit.rates[told.arm]
        assert rate.low < told.rate.mean < rate.high
        assert rate.mean == pytest.approx(told.rate.mean, abs=told.rate_sd)


def test_filling_up_changes_nothing():
    random = np.random.default_rng(2)
    events, waiting = random.integers(0, 9, (2, 6)), random.integers(0, 9, (2, 7))
    models = (
        cure_model("lognormal", events, waiting),
        cure_model("lognormal", np.pad(events, ((0, 0), (0, 9))), np.pad(waiting, ((0, 0), (0, 9)))),
    )
    exactly, filled = (model.compile_logp(mode="FAST_COMPILE")(model.initial_point()) for model in models)
    assert exactly == pytest.approx(filled, rel=1e-12)


def test_the_same_seed_gives_the_same_draws(compiled, arms, monkeypatch):
    monkeypatch.setattr(cure, "TUNE", 200)
    assert fit_cure(arms, seed=1, compiled=compiled) == fit_cure(arms, seed=1, compiled=compiled)


def test_counts_that_do_not_fit_what_was_compiled_are_refused(compiled, arms, simulated):
    with pytest.raises(Refused, match="2 arms and up to 21 days"):
        fit_cure(arms[:1], seed=1, compiled=compiled)
    long = [simulated(name, seed=1, window=28) for name in "ab"]
    with pytest.raises(Refused, match="2 arms and up to 21 days"):
        fit_cure(long, seed=1, compiled=compiled)


def test_nothing_is_told_of_who_ever_has_the_event():
    assert [field.name for field in dataclasses.fields(CureFit)] == ["family", "rates", "diagnostics"]
    model = cure_model("weibull", np.zeros((2, 5), dtype=int), np.zeros((2, 6), dtype=int))
    assert [told.name for told in model.deterministics] == ["rate"]
    assert isinstance(model, pm.Model)
