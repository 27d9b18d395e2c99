"""An analysis reconsidered under another smallest effect and loss: what depends on them changes, and nothing else."""

from dataclasses import fields

import pytest

from workbench.experiments.analysis import analyze, reconsidered
from workbench.experiments.counting.given import GivenArm, given_counts
from workbench.experiments.verdict import decide
from workbench.refusal import Refused


@pytest.fixture(scope="module")
def done(wording_analysis):
    return wording_analysis()


def test_the_same_values_give_the_same_analysis(done):
    settings = done.settings
    again = reconsidered(done, settings.primary.smallest_effect, settings.acceptable_loss)
    assert again.effects == done.effects
    assert again.settings == settings
    assert decide(again) == decide(done)


def test_it_agrees_with_an_analysis_from_the_start(done):
    booking, opt_out = done.settings.metrics
    metrics = (booking.model_copy(update={"smallest_effect": 0.02}), opt_out)
    settings = done.settings.model_copy(update={"metrics": metrics, "acceptable_loss": 0.001})
    anew = analyze(done.counts, settings)
    again = reconsidered(done, 0.02, 0.001)
    assert again.settings == anew.settings
    for quick, whole in zip(again.effects, anew.effects, strict=True):
        for field in fields(quick):
            if isinstance(getattr(whole, field.name), float):
                assert getattr(quick, field.name) == pytest.approx(getattr(whole, field.name), abs=1e-12)


def test_nothing_that_does_not_depend_on_them_changes(done):
    again = reconsidered(done, 0.03, 0.01)
    for before, after in zip(done.effects, again.effects, strict=True):
        changed = {f.name for f in fields(before) if getattr(before, f.name) != getattr(after, f.name)}
        assert changed == {"matters", "equivalent", "worse"}
    assert again.posterior is done.posterior
    assert again.counts is done.counts


@pytest.mark.parametrize("smallest", [0.0001, 0.01, 0.05, 0.49])
def test_the_three_probabilities_are_all_there_is(done, smallest):
    for effect in reconsidered(done, smallest, 0.002).effects:
        parts = (effect.matters, effect.equivalent, effect.worse)
        assert all(0 <= part <= 1 for part in parts)
        assert sum(parts) == pytest.approx(1)


def test_the_verdict_turns_where_half_of_the_posterior_lies_beyond(done):
    leader = done.leader
    median = done.posterior.difference(leader.arm, level=1e-6).low
    decisions = [decide(reconsidered(done, median + shift, 0.002)).decision for shift in (-0.0005, 0.0005)]
    assert decisions[0] == "adopt"
    assert decisions[1] != "adopt"


def test_the_loss_turns_the_leader_s_adoption_alone(done):
    loss = done.leader.loss
    assert decide(reconsidered(done, 0.01, loss * 1.01)).decision == "adopt"
    assert decide(reconsidered(done, 0.01, loss * 0.99)).decision == "inconclusive"


@pytest.mark.parametrize(
    ("smallest", "loss"), [(0.0, 0.002), (0.5, 0.002), (0.01, -1.0), (float("nan"), 0.002)]
)
def test_values_the_parameters_do_not_allow_are_refused(done, smallest, loss):
    with pytest.raises(Refused):
        reconsidered(done, smallest, loss)


def test_without_anybody_whose_window_has_closed_there_is_nothing_to_reconsider(wording_analysis):
    settings = wording_analysis().settings
    arms = {name: GivenArm(10, 0, {"bookings": 0, "opt-outs": 0}) for name in ("generic", "warm")}
    counts = given_counts(settings, arms)
    again = reconsidered(analyze(counts, settings), 0.02, 0.002)
    assert again.effects == ()
    assert again.settings.primary.smallest_effect == 0.02
