"""Every score against an independent package or a sum by hand; what cannot be scored is refused in a sentence."""

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.metrics import average_precision_score, brier_score_loss

from workbench.no_show.calibration import in_the_large, recalibration, weighted_line
from workbench.no_show.evaluation import _Measured, clustered_mean, evaluate, patient_weights
from workbench.no_show.models.loss import log_odds
from workbench.refusal import Refused


@pytest.fixture(scope="module")
def predicted():
    rng = np.random.default_rng(5)
    patient = np.repeat(np.arange(500), 3)
    probability = np.round(rng.beta(1.5, 6, patient.size), 3)
    outcome = (rng.random(patient.size) < probability).astype(float)
    return probability, outcome, patient


def scored(probability, outcome, patient, **given):
    models = {"base_rate": np.full_like(outcome, outcome.mean()), "boosting": probability}
    return evaluate(models, "boosting", ["base_rate"], outcome, patient, 0.2, seed=1, replicates=60, **given)


def test_average_precision_and_brier_are_those_of_scikit_learn(predicted):
    found = scored(*predicted).of("boosting")
    probability, outcome, _ = predicted
    assert found.average_precision.value == pytest.approx(average_precision_score(outcome, probability))
    assert found.brier.value == pytest.approx(brier_score_loss(outcome, probability))


def test_weights_count_rows_as_often(predicted):
    probability, outcome, patient = predicted
    weight = next(patient_weights(patient, 1, seed=2))
    rows = np.repeat(np.arange(patient.size), weight.astype(int))
    precision, brier, intercept, slope = _Measured(probability, outcome).under(weight)
    assert precision == pytest.approx(average_precision_score(outcome, probability, sample_weight=weight))
    assert brier == pytest.approx(brier_score_loss(outcome[rows], probability[rows]))
    line = recalibration(log_odds(probability[rows]), outcome[rows])
    assert slope == pytest.approx(line.slope)
    assert intercept == pytest.approx(
        in_the_large(log_odds(probability[rows]), outcome[rows], np.ones(rows.size))
    )


def test_calibration_line_is_that_of_statsmodels(predicted):
    probability, outcome, patient = predicted
    odds = log_odds(probability)
    weight = next(patient_weights(patient, 1, seed=4))
    fitted = sm.GLM(outcome, sm.add_constant(odds), family=sm.families.Binomial(), freq_weights=weight).fit()
    line = weighted_line(odds, outcome, weight)
    assert [line.intercept, line.slope] == pytest.approx(list(fitted.params), abs=1e-6)
    offset = sm.GLM(outcome, np.ones_like(odds), family=sm.families.Binomial(), offset=odds).fit()
    assert in_the_large(odds, outcome, np.ones_like(odds)) == pytest.approx(offset.params[0], abs=1e-6)


def test_net_benefit_by_hand():
    probability = np.array([0.9, 0.6, 0.5, 0.1])
    outcome = np.array([1.0, 0, 1, 0])
    model, everybody, gain = _Measured(probability, outcome).net_benefit(np.ones(4), [0.5])
    # Called are three, two of them rightly; at a threshold of one half a needless call weighs as much as a no-show.
    assert model[0] == pytest.approx((2 - 1) / 4)
    assert everybody[0] == pytest.approx((2 - 2) / 4)
    assert gain[0] == pytest.approx(0.25)


def test_curve_holds_everybody_once(predicted):
    curve = scored(*predicted).curve
    assert sum(point.appointments for point in curve) == predicted[1].size
    assert sum(point.missed for point in curve) == predicted[1].sum()
    assert all(point.observed.low <= point.observed.value <= point.observed.high for point in curve)
    assert [point.predicted for point in curve] == sorted(point.predicted for point in curve)


def test_same_seed_same_numbers(predicted):
    assert scored(*predicted) == scored(*predicted)


def test_model_without_variation_has_no_slope(predicted):
    found = scored(*predicted).of("base_rate")
    assert found.slope is None
    assert found.auroc.value == 0.5


def test_clustered_mean_agrees_with_statsmodels(predicted):
    probability, outcome, patient = predicted
    estimate = clustered_mean(outcome - probability, patient)
    fitted = sm.OLS(outcome - probability, np.ones_like(outcome)).fit(
        cov_type="cluster", cov_kwds={"groups": patient}
    )
    low, high = fitted.conf_int()[0]
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx(
        (fitted.params[0], low, high), abs=1e-5
    )


@pytest.mark.parametrize("wrong", [1.2, -0.1, np.nan])
def test_probability_outside_0_to_1_is_refused(predicted, wrong):
    probability, outcome, patient = predicted
    with pytest.raises(Refused, match="a probability outside 0 to 1"):
        scored(np.append(probability[:-1], wrong), outcome, patient)


@pytest.mark.parametrize(("kind", "words"), [(0.0, "nobody missed"), (1.0, "everybody missed")])
def test_one_class_only_is_refused(predicted, kind, words):
    probability, outcome, patient = predicted
    with pytest.raises(Refused, match=words):
        scored(probability, np.full_like(outcome, kind), patient)
