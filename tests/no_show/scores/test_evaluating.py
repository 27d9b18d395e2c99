"""The evaluation as a whole; what cannot be scored is told in a sentence, and the rest all the same."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from workbench.no_show.scores.benefit import daily_lists
from workbench.no_show.scores.evaluating import evaluate
from workbench.refusal import Refused


def scored(predicted, replicates=80, **given):
    probability, outcome = given.pop("probability", predicted.probability), predicted.outcome
    models = {"base_rate": np.full_like(outcome, 0.3), "boosting": probability} | given.pop("models", {})
    return evaluate(
        models,
        "boosting",
        ["base_rate"],
        outcome,
        predicted.patient,
        0.2,
        seed=1,
        replicates=replicates,
        **given,
    )


@pytest.fixture(scope="module")
def evaluation(predicted):
    return scored(predicted)


def test_values_are_those_of_scikit_learn(predicted, evaluation):
    found = evaluation.of("boosting")
    outcome, probability = predicted.outcome, predicted.probability
    assert found.auroc.value == pytest.approx(roc_auc_score(outcome, probability))
    assert found.average_precision.value == pytest.approx(average_precision_score(outcome, probability))
    assert found.brier.value == pytest.approx(brier_score_loss(outcome, probability))
    assert found.log_loss.value == pytest.approx(log_loss(outcome, probability))


def test_closed_form_and_bootstrap_of_the_auroc_agree(predicted):
    found = scored(predicted, replicates=1000).of("boosting")
    width = found.auroc.high - found.auroc.low
    assert found.auroc_check.low == pytest.approx(found.auroc.low, abs=0.1 * width)
    assert found.auroc_check.high == pytest.approx(found.auroc.high, abs=0.1 * width)


def test_gains_are_paired(evaluation):
    gain = evaluation.gain_over("base_rate")
    boosting, base = evaluation.of("boosting"), evaluation.of("base_rate")
    assert gain.brier.value == pytest.approx(base.brier.value - boosting.brier.value)
    assert gain.log_loss.value == pytest.approx(base.log_loss.value - boosting.log_loss.value)
    # Both are of the same patients, so that luck cancels.
    assert gain.brier.high - gain.brier.low < base.brier.high - base.brier.low


def test_tenths_hold_everybody_once(predicted, evaluation):
    tenths = evaluation.tenths
    assert sum(tenth.appointments for tenth in tenths) == predicted.outcome.size
    assert sum(tenth.missed for tenth in tenths) == predicted.outcome.sum()
    assert all(tenth.observed.low <= tenth.observed.value <= tenth.observed.high for tenth in tenths)
    assert [tenth.predicted for tenth in tenths] == sorted(tenth.predicted for tenth in tenths)


def test_curve_has_a_band(evaluation):
    assert all(point.observed.low <= point.observed.value <= point.observed.high for point in evaluation.curve)
    assert evaluation.eavg.expected > 0


def test_same_seed_same_numbers(predicted, evaluation):
    assert scored(predicted) == evaluation


def test_capacity_is_valued_at_the_clinic_s_threshold(predicted):
    day = np.repeat(np.array(["2026-01-05", "2026-01-06"], "datetime64[D]"), predicted.outcome.size)
    lists = daily_lists(day[: predicted.outcome.size], predicted.probability, 200, seed=1)
    found = scored(predicted, lists=lists).capacity
    caught = (predicted.outcome * lists.called).mean()
    assert found.model.value == pytest.approx(caught - (lists.called.mean() - caught) * 0.25)
    assert found.worth_calling.value >= found.model.value
    assert found.chance < found.model.value
    assert found.called == lists.called.mean()


def test_range_of_thresholds_is_half_to_twice_unless_told(predicted, evaluation):
    told = {benefit.threshold for benefit in evaluation.benefits}
    assert {0.1, 0.2, 0.4} <= told
    assert 0.33 in {benefit.threshold for benefit in scored(predicted, within=(0.15, 0.33)).benefits}


def test_predictions_that_are_all_the_same_have_no_slope_and_no_curve(predicted):
    found = scored(predicted, probability=np.full_like(predicted.outcome, 0.25))
    scores = found.of("boosting")
    assert scores.slope is None
    assert scores.auroc.value == 0.5
    assert scores.intercept is not None
    assert (found.curve, found.eavg, found.e90) == ((), None, None)
    assert found.benefit_at(0.2).model.value == pytest.approx(found.benefit_at(0.2).everybody)


def test_predictions_without_an_error_have_no_slope(predicted):
    found = scored(predicted, probability=np.where(predicted.outcome == 1, 0.9, 0.1)).of("boosting")
    assert found.slope is None
    assert found.auroc.value == 1


@pytest.mark.parametrize(
    ("wrong", "words"), [(1.2, "outside 0 to 1"), (-0.1, "outside 0 to 1"), (np.nan, "no probability")]
)
def test_chosen_model_without_probabilities_is_refused(predicted, wrong, words):
    with pytest.raises(Refused, match=words):
        scored(predicted, probability=np.append(predicted.probability[:-1], wrong))


@pytest.mark.parametrize("wrong", [1.2, np.nan])
def test_another_model_without_probabilities_is_left_out_and_named(predicted, evaluation, wrong):
    broken = np.append(predicted.probability[:-1], wrong)
    found = scored(predicted, models={"lead_time": broken})
    assert list(found.left_out) == ["lead_time"]
    assert found.left_out["lead_time"].startswith("it gives")
    assert found.scores == evaluation.scores


@pytest.mark.parametrize(("kind", "words"), [(0.0, "Nobody missed"), (1.0, "Everybody missed")])
def test_of_one_class_what_can_be_told_is_told(predicted, kind, words):
    one = replace(predicted, outcome=np.full_like(predicted.outcome, kind))
    found = scored(one)
    scores = found.of("boosting")
    assert found.one_class.startswith(words)
    undefined = (scores.auroc, scores.average_precision, scores.intercept, scores.slope, scores.scaled_brier)
    assert undefined == (None,) * 5
    assert scores.brier.value == pytest.approx(np.mean((kind - one.probability) ** 2))
    assert scores.log_loss.low < scores.log_loss.value < scores.log_loss.high
    assert found.gain_over("base_rate").auroc is None
    assert found.benefit_at(0.2).everybody == pytest.approx(1.0 if kind else -0.25)
    assert (found.benefit_at(0.2).standardized is None) == (kind == 0)


@pytest.mark.parametrize("wrong", [np.nan, 2.0])
def test_outcome_that_is_none_is_refused(predicted, wrong):
    with pytest.raises(Refused, match="neither 0"):
        scored(replace(predicted, outcome=np.append(predicted.outcome[:-1], wrong)))


def test_no_appointment_is_refused(predicted):
    with pytest.raises(Refused, match="no appointment"):
        evaluate({"boosting": np.empty(0)}, "boosting", [], np.empty(0), np.empty(0, int), 0.2, seed=1)
