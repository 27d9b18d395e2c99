"""The rule: gates first, then ahead of the baseline, then worth it."""

from dataclasses import replace

import pytest

from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.verdict import decide


def changed(analysis, **scores):
    evaluation = analysis.evaluation
    made = tuple(replace(s, **scores) if s.model == analysis.chosen else s for s in evaluation.scores)
    return replace(analysis, evaluation=replace(evaluation, scores=made))


def gained(analysis, low):
    evaluation = analysis.evaluation
    gains = tuple(replace(gain, auroc=Estimate(0.02, low, 0.04)) for gain in evaluation.gains)
    benefits = tuple(replace(benefit, gain=Estimate(0.02, 0.01, 0.03)) for benefit in evaluation.benefits)
    good = changed(analysis, intercept=Estimate(0, -0.1, 0.1), slope=Estimate(1, 0.9, 1.1))
    return replace(good, evaluation=replace(good.evaluation, gains=gains, benefits=benefits))


@pytest.fixture
def good(simulated_analysis):
    return gained(simulated_analysis, 0.01)


def test_a_model_that_passes_is_used_with_oversight(good):
    assert decide(good).decision == "use_with_oversight"


def test_ahead_within_noise_is_not_useful(simulated_analysis):
    assert decide(gained(simulated_analysis, -0.001)).decision == "not_useful"


@pytest.mark.parametrize(
    ("scores", "decision"),
    [
        ({"intercept": Estimate(0.3, 0.2, 0.4)}, "invalid"),
        ({"slope": Estimate(0.6, 0.5, 0.7)}, "invalid"),
        ({"slope": Estimate(1.1, 0.7, 1.5)}, "keep_collecting"),
        ({"intercept": Estimate(0.2, 0.1, 0.3)}, "keep_collecting"),
    ],
)
def test_calibration_out_of_bounds_is_used_for_nothing(good, scores, decision):
    assert decide(changed(good, **scores)).decision == decision


def test_outcomes_not_yet_recorded_wait(good):
    late = replace(good, appointments=replace(good.appointments, maturity=0.5))
    assert decide(late).decision == "keep_collecting"


def test_few_no_shows_wait(good):
    strict = replace(good, settings=good.settings.model_copy(update={"fewest_no_shows": 10**6}))
    assert decide(strict).decision == "keep_collecting"


def test_simulated_model_is_ahead_of_every_baseline_by_more_than_noise(simulated_analysis):
    for gain in simulated_analysis.evaluation.gains:
        assert gain.auroc.low > 0
        assert gain.brier.low > 0
