"""Draws of patients: as many as there are, each replicate by itself; sums that count rows as often as their patient."""

import numpy as np
import pytest

from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.scores.replicates import BLOCK, Sums, drawn_patients


def test_a_replicate_draws_as_many_patients_as_there_are():
    blocks = list(drawn_patients(40, BLOCK + 5, seed=1))
    assert [block.shape for block in blocks] == [(40, BLOCK), (40, 5)]
    assert all((block.sum(axis=0) == 40).all() for block in blocks)
    assert np.unique(np.concatenate(blocks, axis=1), axis=1).shape[1] == BLOCK + 5


def test_counts_are_those_of_drawing_with_replacement():
    drawn = np.concatenate(list(drawn_patients(50, 2000, seed=2)), axis=1)
    assert drawn.mean() == 1
    assert drawn.var() == pytest.approx(1 - 1 / 50, rel=0.03)
    assert (drawn == 0).mean() == pytest.approx((1 - 1 / 50) ** 50, rel=0.03)


def test_sums_count_rows_as_often_as_their_patient(predicted):
    sums = Sums(predicted.patient)
    place = sums.add(predicted.probability, predicted.outcome)
    (drawn,) = drawn_patients(sums.patients, 3, seed=3)
    found = sums.under(drawn)[place]
    for at in range(3):
        rows = np.repeat(np.arange(predicted.patient.size), drawn[sums.cluster, at].astype(int))
        expected = [predicted.probability[rows].sum(), predicted.outcome[rows].sum()]
        assert found[:, at] == pytest.approx(expected)


def test_sums_added_later_are_there_too(predicted):
    sums = Sums(predicted.patient)
    sums.add(predicted.outcome)
    ones = np.ones((sums.patients, 1))
    assert sums.under(ones).shape == (1, 1)
    later = sums.add(predicted.probability)
    assert sums.under(ones)[later][0, 0] == pytest.approx(predicted.probability.sum())


def test_replicates_without_a_number_are_left_out_of_the_interval():
    estimate = Estimate.percentile(0.5, np.array([0.4, np.nan, 0.6, np.inf]))
    assert (estimate.low, estimate.high) == pytest.approx((0.405, 0.595))
