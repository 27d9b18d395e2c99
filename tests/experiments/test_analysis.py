"""What the analysis takes from counts, and that it takes it from the right ones."""

from datetime import date

import pandas as pd
import pytest

from workbench.experiments.analysis import analyze
from workbench.experiments.exact import ArmCounts, RatePosterior, RatePrior
from workbench.experiments.sequential import log_e_value, sample_ratio

ARMS = {"plain": (1_000, 900, 60, 12), "warm": (1_050, 950, 90, 15), "cold": (980, 870, 55, 40)}


@pytest.fixture
def analysis(experiment, parameters):
    return analyze(experiment(ARMS), parameters())


def test_numbers_are_those_of_people_whose_window_has_closed(analysis):
    outcome = RatePosterior([ArmCounts(arm, n[1], n[2]) for arm, n in ARMS.items()], "plain", RatePrior(0.35))
    # Harm is not doubted as a benefit is.
    guardrail = RatePosterior([ArmCounts(arm, n[1], n[3]) for arm, n in ARMS.items()], "plain", RatePrior(0.7))
    assert [effect.arm for effect in analysis.effects] == ["warm", "cold"]
    for effect in analysis.effects:
        assert effect.difference == outcome.difference(effect.arm)
        assert effect.better == pytest.approx(outcome.probability_better(effect.arm), abs=1e-12)
        assert effect.matters == pytest.approx(outcome.probability_better(effect.arm, by_more_than=0.01))
        assert effect.worse == pytest.approx(outcome.difference_cdf(-0.01, effect.arm))
        assert effect.loss == outcome.expected_loss(effect.arm)
        assert effect.equivalent + effect.worse + effect.matters == pytest.approx(1, abs=1e-12)
        assert effect.log_e == log_e_value(ARMS[effect.arm][2], 60, 0.5)
    for effect in analysis.guardrail:
        assert effect.rise == guardrail.difference(effect.arm)
        assert effect.harm + effect.safe == pytest.approx(1, abs=1e-12)
        assert effect.log_e == log_e_value(ARMS[effect.arm][3], 12, 0.5)
    assert analysis.rates["cold"] == outcome.rate("cold")
    assert analysis.guardrail_rates["cold"] == guardrail.rate("cold")
    assert analysis.between == {("warm", "cold"): outcome.difference("warm", "cold")}


def test_sizes_are_tested_of_everybody_enrolled(analysis):
    assert analysis.ratio.log_e == pytest.approx(sample_ratio([1_000, 1_050, 980], [1 / 3] * 3).log_e)


def test_the_leader_is_the_arm_with_the_highest_mean(analysis):
    assert analysis.leader.arm == "warm"
    assert [check.log_ratio_sd for check in analysis.prior_checks] == [0.15, 1.0]
    narrow, wide = analysis.prior_checks
    assert narrow.difference.mean < analysis.leader.difference.mean < wide.difference.mean


def test_the_planned_look_comes_when_the_last_window_has_been_recorded(experiment, parameters):
    planned = date(2026, 4, 16)
    for as_of, come in ((date(2026, 4, 15), False), (planned, True)):
        analysis = analyze(experiment(ARMS), parameters(as_of=as_of))
        assert analysis.planned_look == planned
        assert analysis.at_planned_look is come
    untimed = parameters(enrollment_ends=None, goes_on_without={"time": "It is over."})
    assert analyze(experiment(ARMS), untimed).at_planned_look


def test_an_arm_without_a_closed_window_leaves_nothing_to_compare(experiment, parameters):
    analysis = analyze(experiment({"plain": (50, 10, 1, 0), "warm": (50, 0, 0, 0)}), parameters())
    assert analysis.effects == ()
    assert analysis.leader is None
    assert analysis.posterior is None
    assert analysis.guardrail == ()
    assert analysis.ratio.p_value == 1


def test_without_a_guardrail_none_is_judged(experiment, parameters):
    arms = {arm: (*n[:3], None) for arm, n in ARMS.items()}
    analysis = analyze(experiment(arms), parameters(guardrail=None))
    assert analysis.guardrail == ()
    assert analysis.guardrail_of("warm") is None


def test_unequal_shares_enter_the_evidence(experiment, parameters):
    counts = experiment({"plain": (900, 900, 60, 9), "warm": (100, 100, 9, 1)}, shares=(0.9, 0.1))
    effect = analyze(counts, parameters()).effects[0]
    assert effect.log_e == log_e_value(9, 60, 0.1)


def test_one_segment_alone_is_not_told_apart(experiment, parameters):
    cells = pd.DataFrame(
        {"segment": ["all", "all"], "arm": ["plain", "warm"], "people": [9, 9], "events": [1, 1]}
    )
    counts = experiment({"plain": (50, 50, 5, 0), "warm": (50, 50, 6, 0)}, segments=cells)
    assert analyze(counts, parameters(segment_by="stratum")).segments is None


def test_a_large_effect_stands_where_tails_are_heavy(experiment, parameters):
    """Of 2 % in the control and 11 % in the arm a normal prior believes two thirds."""
    counts = experiment({"plain": (700, 700, 14, 5), "warm": (700, 700, 77, 5)})
    normal, heavy = (analyze(counts, parameters(prior_tails=tails)).effects[0] for tails in ("normal", "heavy"))
    assert normal.prior_conflict < 0.01
    assert normal.difference.mean < 0.075 < 0.08 < heavy.difference.mean
    assert heavy.difference.low < 0.09 < heavy.difference.high
    usual = experiment({"plain": (700, 700, 50, 5), "warm": (700, 700, 60, 5)})
    assert analyze(usual, parameters()).effects[0].prior_conflict > 0.2
