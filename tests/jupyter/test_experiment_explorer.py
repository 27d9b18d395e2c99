"""The explorer of an A/B analysis: sliders per 1,000, verdict and probabilities as the rule gives them."""

import pandas as pd
import pytest

from workbench.experiments.analysis import analyze, reconsidered
from workbench.experiments.counts import ArmOutcome, ExperimentCounts
from workbench.experiments.verdict import decide
from workbench.jupyter.experiment_explorer import explore_verdict
from workbench.present import numbers
from workbench.present.fragments import DECISIONS, typeset
from workbench.tables.cohort import Step


@pytest.fixture
def explorer(wording_analysis):
    return explore_verdict(wording_analysis())


def test_it_begins_at_the_parameters(explorer):
    assert explorer.values == {"smallest_effect": 10.0, "acceptable_loss": 2.0}
    assert explorer.printed.value == "smallest_effect: 0.01\nacceptable_loss: 0.002"


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
    assert explore_verdict(far).printed.value == "smallest_effect: 0.0123\nacceptable_loss: 0.03"


def test_too_early_is_told_as_such(wording_analysis):
    settings = wording_analysis().settings
    arms = tuple(ArmOutcome(name, 0.5, 10, 0, 0, 0) for name in ("generic", "warm"))
    nothing = pd.DataFrame()
    counts = ExperimentCounts(
        control="generic",
        arms=arms,
        flow=(Step("assigned", 20),),
        enrollment=(),
        segments=nothing,
        delays=nothing,
        in_two_arms=0,
        shares_vary=False,
        not_recorded={},
        data_until=None,
    )
    assert "Too early to say" in explore_verdict(analyze(counts, settings)).shown.value
