"""AUROC and its clustered variance: against scikit-learn, DeLong by hand, and a bootstrap of patients."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from workbench.no_show.scores.discrimination import Ranked, aurocs
from workbench.no_show.scores.replicates import Sums, drawn_patients


@pytest.fixture
def clustered():
    rng = np.random.default_rng(3)
    patient = np.repeat(np.arange(400), rng.integers(1, 8, 400))
    habit = rng.normal(size=400)[patient]
    outcome = (rng.normal(size=patient.size) + habit > 1).astype(float)
    good = 1.2 * habit + rng.normal(size=patient.size)
    poor = np.round(0.3 * habit + rng.normal(size=patient.size), 1)  # with ties
    return patient, outcome, good, poor


def test_values_are_those_of_scikit_learn(clustered):
    patient, outcome, good, poor = clustered
    found = aurocs([good, poor], outcome, patient)
    assert found.values == pytest.approx([roc_auc_score(outcome, good), roc_auc_score(outcome, poor)])


def test_four_appointments_by_hand():
    # Missed .8 and .4, kept .6 and .2: three of four pairs in order.
    found = aurocs([np.array([0.8, 0.4, 0.6, 0.2])], np.array([1.0, 1, 0, 0]), np.arange(4))
    assert found.values[0] == 0.75
    # DeLong: placements 1, .5 of the missed and .5, 1 of the kept; variances .125 each over two.
    assert found.covariance[0, 0] == pytest.approx(0.125 / 2 + 0.125 / 2)


def test_variance_and_covariance_agree_with_a_bootstrap_of_patients(clustered):
    patient, outcome, good, poor = clustered
    found = aurocs([good, poor], outcome, patient)
    sums = Sums(patient)
    ranked = [Ranked(score, outcome, sums.cluster) for score in (good, poor)]
    blocks = [[one.under(drawn)[0] for one in ranked] for drawn in drawn_patients(sums.patients, 1000, seed=1)]
    draws = np.concatenate(blocks, axis=1).T
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(draws.std(axis=0), rel=0.12)
    difference = found.difference(0, 1)
    half = (difference.high - difference.low) / 2
    assert half / 1.96 == pytest.approx((draws[:, 0] - draws[:, 1]).std(), rel=0.12)


def test_every_replicate_is_that_of_scikit_learn(clustered):
    patient, outcome, good, poor = clustered
    sums = Sums(patient)
    (drawn,) = drawn_patients(sums.patients, 20, seed=5)
    for score in (good, poor, np.full_like(good, 0.3), np.where(outcome == 1, 2.0, 1.0)):
        auroc, precision = Ranked(score, outcome, sums.cluster).under(drawn)
        weights = drawn[sums.cluster].T
        expected = [
            (
                roc_auc_score(outcome, score, sample_weight=weight),
                average_precision_score(outcome, score, sample_weight=weight),
            )
            for weight in weights
        ]
        assert np.column_stack([auroc, precision]) == pytest.approx(np.array(expected), abs=2e-7)


def test_replicate_in_which_nobody_missed_has_no_auroc():
    ranked = Ranked(np.array([0.9, 0.2, 0.1]), np.array([1.0, 0, 0]), np.arange(3))
    auroc, precision = ranked.under(np.array([[0.0, 1], [2, 1], [1, 1]]))
    assert np.isnan([auroc[0], precision[0]]).all()
    assert (auroc[1], precision[1]) == (1, 1)


def test_patients_who_repeat_themselves_widen_the_interval():
    rng = np.random.default_rng(1)
    outcome, score = (rng.random(300) < 0.3).astype(float), rng.random(300)
    once = aurocs([score], outcome, np.arange(300))
    thrice = aurocs([np.tile(score, 3)], np.tile(outcome, 3), np.tile(np.arange(300), 3))
    # The same people told three times say no more than told once.
    assert thrice.covariance[0, 0] == pytest.approx(once.covariance[0, 0], rel=0.02)


def test_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(11)
    truth = 0.7602  # Phi(1 / sqrt(2)) for scores one standard deviation apart
    covered = 0
    for _ in range(300):
        patient = np.repeat(np.arange(120), 3)
        outcome = (rng.random(patient.size) < 0.3).astype(float)
        score = outcome + rng.normal(size=patient.size)
        estimate = aurocs([score], outcome, patient).estimate(0)
        covered += estimate.low <= truth <= estimate.high
    assert 0.91 <= covered / 300 <= 0.985


def test_perfect_separation_has_an_interval_of_one_point():
    estimate = aurocs([np.array([0.9, 0.8, 0.1])], np.array([1.0, 1, 0]), np.arange(3)).estimate(0)
    assert (estimate.value, estimate.low, estimate.high) == (1, 1, 1)
