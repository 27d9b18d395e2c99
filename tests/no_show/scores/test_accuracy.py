"""Brier score, scaled Brier score and log loss against scikit-learn, of all and of resampled rows."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from workbench.no_show.scores.accuracy import Accuracy
from workbench.no_show.scores.calibration import EDGE
from workbench.no_show.scores.replicates import Sums, drawn_patients


def test_every_replicate_is_that_of_scikit_learn(predicted):
    sums = Sums(predicted.patient)
    accuracy = Accuracy(predicted.probability, predicted.outcome, sums)
    (drawn,) = drawn_patients(sums.patients, 5, seed=1)
    found = sums.under(drawn)
    for at in range(5):
        rows = np.repeat(np.arange(predicted.patient.size), drawn[sums.cluster, at].astype(int))
        outcome, probability = predicted.outcome[rows], predicted.probability[rows]
        brier = brier_score_loss(outcome, probability)
        useless = brier_score_loss(outcome, np.full_like(outcome, outcome.mean()))
        assert accuracy.brier(found)[at] == pytest.approx(brier)
        assert accuracy.scaled_brier(found)[at] == pytest.approx(1 - brier / useless)
        assert accuracy.log_loss(found)[at] == pytest.approx(log_loss(outcome, probability))


def test_certainty_that_was_wrong_costs_much_and_not_without_end():
    sums = Sums(np.arange(2))
    accuracy = Accuracy(np.array([0.0, 1.0]), np.array([1.0, 1.0]), sums)
    found = sums.under(np.ones((2, 1)))
    assert accuracy.log_loss(found)[0] == pytest.approx(-np.log(EDGE) / 2, rel=1e-5)
