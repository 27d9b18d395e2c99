"""Sampling: data of other shapes are an error, progress is told, an interrupt ends it without half an answer."""

import numpy as np
import pymc as pm
import pytest

from workbench.sampling.nuts import Effort, compile_model, keep_densities, sample

QUICK = Effort(chains=2, draws=500, tune=300, target_accept=0.9)


@pytest.fixture(scope="module")
def compiled():
    with pm.Model() as model:
        heads = pm.Data("heads", np.zeros(1, dtype=np.int64))
        tosses = pm.Data("tosses", np.zeros(1, dtype=np.int64))
        chance = pm.Beta("chance", 2.0, 3.0)
        observed = pm.Binomial("observed", n=tosses, p=chance, observed=heads)
        keep_densities(pm.logp(observed, heads).sum(), [chance])
    return compile_model(model)


def test_draws_follow_the_conjugate_answer_and_keep_their_densities(compiled):
    data = {"heads": np.array([30]), "tosses": np.array([100])}
    draws = sample(compiled, data, seed=1, effort=Effort(draws=2000, tune=500, target_accept=0.9))
    assert draws.diagnostics.sound
    chance = draws.of("chance")
    assert chance.mean() == pytest.approx(32 / 105, abs=0.003)
    expected = 30 * np.log(chance) + 70 * np.log1p(-chance)
    kept = draws.of("log_likelihood")
    assert np.allclose(kept - kept[0], expected - expected[0])
    prior = np.log(chance) + 2 * np.log1p(-chance)
    assert np.allclose(draws.of("log_prior") - draws.of("log_prior")[0], prior - prior[0])


@pytest.mark.parametrize(
    "data",
    [
        {"heads": np.array([3])},
        {"heads": np.array([3, 4]), "tosses": np.array([5, 5])},
        {"heads": np.array([3]), "tosses": np.array([5]), "flips": np.array([5])},
    ],
)
def test_data_of_other_names_or_shapes_are_an_error(compiled, data):
    with pytest.raises(ValueError, match="must have the shapes"):
        sample(compiled, data, seed=1)


def test_what_is_done_is_told(compiled):
    told: list[str] = []
    sample(compiled, {"heads": np.array([3]), "tosses": np.array([9])}, 1, QUICK, told.append)
    assert told[0] == "sampling 2 chains of 500 draws"


def test_an_interrupt_is_raised_and_leaves_the_sampler_able_to_start_anew(compiled):
    data = {"heads": np.array([3]), "tosses": np.array([9])}

    def interrupt(words: str) -> None:
        if words.startswith("sampled"):
            raise KeyboardInterrupt

    endless = Effort(chains=2, draws=20_000_000, tune=300)
    with pytest.raises(KeyboardInterrupt):
        sample(compiled, data, 1, endless, interrupt)
    assert sample(compiled, data, 1, QUICK).of("chance").shape == (1000,)
