"""Every model by its name: probabilities, the same seed the same, refusals in sentences, and all rows weigh alike."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import log_loss as theirs

from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.models.loss import log_loss
from workbench.no_show.models.training import LEARNED, MODELS, train, unfitted
from workbench.refusal import Refused


@pytest.mark.parametrize("name", MODELS)
def test_all_models_give_probabilities_and_the_same_seed_the_same(block, name):
    first, second = (
        train(unfitted(name, 4), block(1500, 1), block(600, 2)).probability(block(400, 3)) for _ in range(2)
    )
    assert first.shape == (400,)
    assert ((first > 0) & (first < 1)).all()
    assert (first == second).all()


@pytest.mark.parametrize("name", LEARNED)
def test_what_is_learned_is_near_the_risk_that_was_planted(block, name):
    test = block(3000, 3)
    found = train(unfitted(name, 4), block(4000, 1), block(3000, 2)).probability(test)
    truth = 0.05 + 0.01 * test["lead_days"].to_numpy()
    assert np.abs(found - truth).mean() < 0.035
    # No class weights, no resampling: on the whole as many are predicted as missed.
    assert found.mean() == pytest.approx(truth.mean(), abs=0.02)


@pytest.mark.parametrize("name", LEARNED)
def test_words_never_seen_and_numbers_not_recorded_are_taken(block, name):
    training = block(1500, 1, type=["a", "b"] * 750)
    strange = block(50, 3, type=["new"] * 50, past=np.nan, clinic_id="elsewhere")
    found = train(unfitted(name, 4), training, block(600, 2, type=["a"] * 600)).probability(strange)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", LEARNED)
def test_a_number_with_most_values_alike_is_taken(block, name):
    age = np.where(np.arange(1500) % 50 == 0, 30.0, 40.0)
    model = unfitted(name, 4).fit(block(1500, 1, age=age, hour=np.where(age > 35, np.nan, 9.0)))
    assert np.isfinite(model.probability(block(50, 2, age=90.0))).all()


@pytest.mark.parametrize(
    ("which", "outcome", "words"), [(0, 0, "training block nobody"), (1, 1, "calibration block everybody")]
)
@pytest.mark.parametrize("name", MODELS)
def test_one_class_only_is_refused(block, name, which, outcome, words):
    blocks = [block(300, 1), block(300, 2)]
    blocks[which] = blocks[which].assign(no_show=outcome)
    with pytest.raises(Refused, match=words):
        train(unfitted(name, 1), *blocks)


@pytest.mark.parametrize("which", [0, 1])
def test_an_empty_block_is_refused(block, which):
    blocks = [block(300, 1), block(300, 2)]
    blocks[which] = blocks[which].head(0)
    with pytest.raises(Refused, match="block is empty"):
        train(unfitted("base_rate", 1), *blocks)


def test_a_calibration_before_the_training_is_refused(block):
    with pytest.raises(Refused, match="before those of the training"):
        train(unfitted("base_rate", 1), block(300, 5), block(300, 1))


@pytest.mark.parametrize("name", LEARNED)
def test_nothing_but_constant_features_is_refused(block, name):
    same = dict.fromkeys(NUMBERS, 1.0) | dict.fromkeys(WORDS, "same")
    with pytest.raises(Refused, match="none of them varies"):
        unfitted(name, 1).fit(block(300, 1).assign(**same))


def test_recalibration_undoes_a_line_in_log_odds(block):
    """A calibration block whose risks are the model's on a known line gives back that line."""
    model = unfitted("lead_time", 1).fit(block(4000, 1))
    later = block(60_000, 2)
    risk = expit(-0.4 + 0.7 * logit(model.probability(later)))
    later = later.assign(no_show=(np.random.default_rng(9).random(60_000) < risk).astype(int))
    found = train(unfitted("lead_time", 1), block(4000, 1), later)
    assert (found.line.intercept, found.line.slope) == pytest.approx((-0.4, 0.7), abs=0.05)


def test_log_loss_is_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    outcome, risk = (rng.random(200) < 0.3).astype(float), rng.random(200)
    assert log_loss(outcome, risk) == pytest.approx(theirs(outcome, risk), rel=1e-12)
