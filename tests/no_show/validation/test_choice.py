"""The choice among models: the smallest log loss, paired, and never a baseline."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import ttest_1samp

from workbench.no_show.models.loss import log_losses
from workbench.no_show.validation.choice import choose


@pytest.fixture
def predictions():
    rng = np.random.default_rng(1)
    risk = expit(rng.normal(-1, 1, 4000))
    outcome = (rng.random(4000) < risk).astype(float)
    close = expit(logit(risk) + rng.normal(0, 0.02, 4000))
    far = expit(logit(risk) + rng.normal(0, 0.8, 4000))
    return {"rate": np.full(4000, risk.mean()), "far": far, "close": close, "own": risk}, outcome


def test_the_smallest_log_loss_is_chosen_and_others_are_told_apart_by_pairs(predictions):
    probability, outcome = predictions
    found = choose(probability, ["far", "close"], outcome, np.arange(4000))
    assert (found.chosen, found.best_baseline) == ("close", "own")
    assert found.of("far").told_apart
    assert found.of("close").behind is None
    assert not found.of("own").told_apart
    assert [each.log_loss.value for each in found.candidates] == sorted(
        each.log_loss.value for each in found.candidates
    )


def test_with_one_appointment_each_the_interval_is_that_of_a_paired_t_test(predictions):
    probability, outcome = predictions
    found = choose(probability, ["far", "close"], outcome, np.arange(4000)).of("far").behind
    losses = log_losses(outcome, probability["far"]) - log_losses(outcome, probability["close"])
    low, high = ttest_1samp(losses, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high), rel=2e-3)


def test_patients_with_several_appointments_make_the_interval_wider(predictions):
    probability, outcome = predictions
    four = {name: np.repeat(values[:1000], 4) for name, values in probability.items()}
    alone = choose(four, ["far", "close"], np.repeat(outcome[:1000], 4), np.arange(4000)).of("far").behind
    together = (
        choose(four, ["far", "close"], np.repeat(outcome[:1000], 4), np.arange(4000) // 4).of("far").behind
    )
    assert together.high - together.low == pytest.approx(2 * (alone.high - alone.low), rel=0.01)
