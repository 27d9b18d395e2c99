"""Models: baselines by hand, refusals in sentences, and the model ahead of its baselines by more than noise."""

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.features import NUMBERS, WORDS
from workbench.no_show.models import MODELS, own_rate, predict
from workbench.refusal import Refused


def block(size, seed, **columns):
    rng = np.random.default_rng(seed)
    lead = rng.integers(0, 40, size)
    made = {name: np.zeros(size) for name in NUMBERS} | {name: ["same"] * size for name in WORDS}
    made |= {
        "lead_days": lead,
        "no_show": (rng.random(size) < 0.05 + 0.01 * lead).astype(int),
        "past": rng.integers(0, 5, size).astype(float),
    }
    return pd.DataFrame(made | columns)


CONSTANT = [name for name in (*NUMBERS, *WORDS) if name not in {"lead_days", "past"}]


def test_own_rate_is_drawn_to_the_rate_of_all():
    rows = pd.DataFrame({"past": [0.0, 4.0], "past_missed": [0.0, 4.0]})
    assert own_rate(rows, base=0.2, prior_visits=4.0) == pytest.approx([0.2, (4 + 0.8) / 8])


def test_all_models_give_probabilities_and_the_same_seed_the_same():
    blocks = [block(2000, 1), block(800, 2), block(500, 3)]
    first, second = (predict(*blocks, CONSTANT, seed=4) for _ in range(2))
    assert set(first.probability) == set(MODELS)
    for name, values in first.probability.items():
        assert values.shape == (500,)
        assert ((values > 0) & (values < 1)).all()
        assert (values == second.probability[name]).all()
    assert first.best_baseline == "lead_time"


def test_a_word_never_seen_in_training_is_taken():
    blocks = [
        block(2000, 1, type=["a", "b"] * 1000),
        block(800, 2, type=["a"] * 800),
        block(50, 3, type=["new"] * 50),
    ]
    found = predict(*blocks, [name for name in CONSTANT if name != "type"], seed=4)
    assert np.isfinite(found.probability["boosting"]).all()


@pytest.mark.parametrize(
    ("which", "outcome", "words"), [(0, 0, "training block nobody"), (1, 1, "calibration block everybody")]
)
def test_one_class_only_is_refused(which, outcome, words):
    blocks = [block(300, 1), block(300, 2), block(300, 3)]
    blocks[which] = blocks[which].assign(no_show=outcome)
    with pytest.raises(Refused, match=words):
        predict(*blocks, CONSTANT, seed=1)


def test_nothing_but_constant_features_is_refused():
    with pytest.raises(Refused, match="none of them varies"):
        predict(block(300, 1), block(300, 2), block(300, 3), [*NUMBERS, *WORDS], seed=1)


def test_simulated_model_is_ahead_of_every_baseline_by_more_than_noise(simulated_analysis):
    for gain in simulated_analysis.evaluation.gains:
        assert gain.auroc.low > 0
        assert gain.brier.low > 0
