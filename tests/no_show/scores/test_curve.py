"""The flexible calibration curve against statsmodels' lowess; distances beside what perfect calibration would show."""

import numpy as np
import pytest
from scipy.special import expit
from statsmodels.nonparametric.smoothers_lowess import lowess

from workbench.no_show.scores.calibration import log_odds
from workbench.no_show.scores.curve import SPAN, Loess, distances, residual_correlation
from workbench.no_show.scores.replicates import Sums, drawn_patients


def clinic(seed, patients=800, visits=4, spread=0.0):
    """Risks that are right; with a spread, patients repeat themselves beyond them."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), visits)
    risk = rng.beta(1.5, 5, patient.size)
    # A patient's luck, shared by some visits, leaves every single risk what it is.
    shared = rng.random(patient.size) < spread
    luck = np.where(shared, rng.random(patients)[patient], rng.random(patient.size))
    return risk, (luck < risk).astype(float), patient


def loess_of(risk, outcome, patient):
    return Loess(risk, outcome, Sums(patient).cluster)


def test_curve_is_that_of_lowess(predicted):
    loess = loess_of(predicted.probability, predicted.outcome, predicted.patient)
    found = loess.of(predicted.outcome)[:, 0]
    expected = lowess(predicted.outcome, predicted.probability, frac=SPAN, it=0, delta=0.0, xvals=loess.places)
    assert found == pytest.approx(expected, abs=3e-3)


def test_every_replicate_is_the_curve_of_its_rows(predicted):
    loess = loess_of(predicted.probability, predicted.outcome, predicted.patient)
    sums = Sums(predicted.patient)
    (drawn,) = drawn_patients(sums.patients, 2, seed=1)
    replicated = loess.under(drawn)
    assert loess.under(np.ones((sums.patients, 1))) == pytest.approx(loess.of(predicted.outcome))
    weight = drawn[sums.cluster, 0]
    rows = np.repeat(np.arange(weight.size), weight.astype(int))
    resampled = lowess(
        predicted.outcome[rows], predicted.probability[rows], frac=SPAN, it=0, delta=0.0, xvals=loess.places
    )
    # Bandwidths are those of the whole sample, so that it is not the same to the last.
    assert replicated[:, 0] == pytest.approx(resampled, abs=0.03)


def test_straight_truth_is_found_without_bias():
    curves = []
    for seed in range(40):
        risk, outcome, patient = clinic(seed)
        loess = loess_of(risk, outcome, patient)
        curves.append(loess.of(outcome)[:, 0] - loess.places)
    assert np.mean(curves, axis=0) == pytest.approx(0, abs=0.02)


def test_distances_of_predictions_that_are_off_by_a_known_amount():
    risk, outcome, patient = clinic(3, patients=8000)
    told = expit(log_odds(risk) - 0.7)
    eavg, e90 = distances(loess_of(told, outcome, patient), told, outcome, patient, seed=1)
    assert eavg.value == pytest.approx(np.abs(risk - told).mean(), abs=0.01)
    assert e90.value == pytest.approx(np.quantile(np.abs(risk - told), 0.9), abs=0.02)
    assert eavg.beyond
    assert e90.beyond


@pytest.mark.parametrize("spread", [0.0, 0.7])
def test_perfect_calibration_is_seldom_beyond_what_it_would_show(spread):
    beyond, values, expected = 0, [], []
    for seed in range(40):
        risk, outcome, patient = clinic(seed, patients=300, visits=8, spread=spread)
        eavg, _ = distances(loess_of(risk, outcome, patient), risk, outcome, patient, seed=seed)
        beyond += eavg.beyond
        values.append(eavg.value)
        expected.append(eavg.expected)
    assert beyond <= 6  # of 40; 2 on average
    assert np.mean(expected) == pytest.approx(np.mean(values), rel=0.2)
    assert min(values) > 0


def test_correlation_of_what_is_left_over_is_found():
    # Two visits share their luck with probability .8 * .8.
    risk, outcome, patient = clinic(8, patients=6000, spread=0.8)
    equal = np.full_like(risk, 0.25)
    shared = np.random.default_rng(1).random(6000)[patient]
    own = np.random.default_rng(2).random(risk.size)
    some = np.random.default_rng(3).random(risk.size) < 0.8
    outcome = (np.where(some, shared, own) < equal).astype(float)
    assert residual_correlation(equal, outcome, patient) == pytest.approx(0.64, abs=0.03)
    alone = np.arange(risk.size)
    assert residual_correlation(equal, outcome, alone) == 0


def test_two_predictions_alone_have_a_curve():
    risk = np.array([0.2, 0.8] * 50)
    outcome = np.array([0.0, 1.0] * 45 + [1.0, 0.0] * 5)
    curve = loess_of(risk, outcome, np.arange(100)).of(outcome)[:, 0]
    assert curve[0] == pytest.approx(0.1, abs=0.02)
    assert curve[-1] == pytest.approx(0.9, abs=0.02)
