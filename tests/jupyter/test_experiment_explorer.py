"""The explorer of an A/B analysis: sliders per 1,000, verdict and probabilities as the rule gives them."""

import pytest
import yaml

from workbench.experiments.analysis import analyze, reconsidered
from workbench.experiments.counting.given import GivenArm, given_counts
from workbench.experiments.parameters import ABTest
from workbench.experiments.verdict import decide
from workbench.jupyter.experiment_explorer import explore_verdict
from workbench.present import numbers
from workbench.present.fragments import DECISIONS, typeset


@pytest.fixture
def explorer(wording_analysis):
    return explore_verdict(wording_analysis())


def test_it_begins_at_the_parameters(explorer):
    assert explorer.values == {"smallest_effect": 10.0, "acceptable_loss": 2.0}
    printed = yaml.safe_load(explorer.printed.value)
    assert [metric["smallest_effect"] for metric in printed["metrics"]] == [0.01, 0.01]
    assert printed["acceptable_loss"] == 0.002


def test_what_it_prints_is_a_part_of_a_parameter_set(explorer, wording_analysis):
    explorer.controls["smallest_effect"].value = 13.0
    printed = yaml.safe_load(explorer.printed.value)
    settings = wording_analysis().settings
    again = ABTest.from_cell(settings.as_values() | printed, today=settings.as_of)
    assert again.primary.smallest_effect == 0.013
    assert again.guardrails == settings.guardrails


@pytest.mark.parametrize(("smallest", "loss"), [(13.0, 2.0), (35.5, 0.1), (0.5, 10.0)])
def test_it_shows_what_the_rule_says_there(explorer, smallest, loss, wording_analysis):
    explorer.controls["smallest_effect"].value = smallest
    explorer.controls["acceptable_loss"].value = loss
    again = reconsidered(wording_analysis(), smallest / 1000, loss / 1000)
    shown = explorer.shown.value
    assert DECISIONS[decide(again).decision].words in shown
    for effect in again.effects:
        for probability in (effect.matters, effect.equivalent):
            assert f">{typeset(numbers.probability(probability))}</td>" in shown
        assert f">{numbers.number(1000 * effect.loss, 1)}</td>" in shown


def test_the_sliders_reach_the_parameters_wherever_they_are(wording_analysis):
    far = reconsidered(wording_analysis(), 0.0123, 0.03)
    assert explore_verdict(far).values == {"smallest_effect": 12.3, "acceptable_loss": 30.0}
    printed = yaml.safe_load(explore_verdict(far).printed.value)
    assert (printed["metrics"][0]["smallest_effect"], printed["acceptable_loss"]) == (0.0123, 0.03)


def test_too_early_is_told_as_such(wording_analysis):
    settings = wording_analysis().settings
    arms = {name: GivenArm(10, 0, {"bookings": 0, "opt-outs": 0}) for name in ("generic", "warm")}
    counts = given_counts(settings, arms)
    assert "Too early to say" in explore_verdict(analyze(counts, settings)).shown.value
