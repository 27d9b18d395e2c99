"""Designs: who trains, who is predicted, and that no label is used before it was known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.no_show.validation.designs import (
    Split,
    patient_disjoint,
    random_split,
    rolling_origin,
    temporal,
)
from workbench.refusal import Refused

START = np.datetime64("2026-01-01")


def days(count=100, each=5):
    return START + np.repeat(np.arange(count), each).astype("timedelta64[D]")


def after(count):
    return START + np.timedelta64(count, "D")


def test_temporal_keeps_days_in_order_with_the_embargo_between():
    day = days()
    split = temporal(day, after(60), after(80), calibration_days=20, embargo_days=7)
    spans = [(day[places].min() - START, day[places].max() - START) for places in vars(split).values()]
    assert [tuple(int(at / np.timedelta64(1, "D")) for at in span) for span in spans] == [
        (0, 39),
        (40, 52),
        (60, 79),
    ]
    # Patients who return are kept: rows are chosen by their day alone.
    assert len(split.evaluation) == 20 * 5


def test_an_embargo_longer_than_the_calibration_leaves_nothing_to_calibrate():
    with pytest.raises(Refused, match="no appointment falls into a block of calibration"):
        temporal(days(), after(60), after(80), calibration_days=5, embargo_days=7)


def test_reversed_days_are_refused():
    with pytest.raises(Refused, match="ends before it begins"):
        temporal(days(), after(60), after(60), calibration_days=20, embargo_days=7)


@given(
    blocks=st.integers(1, 4),
    embargo=st.integers(0, 8),
    closes=st.integers(90, 110),
    seed=st.integers(0, 10),
)
def test_rolling_origin_never_uses_a_label_that_was_not_known(blocks, embargo, closes, seed):
    day = np.random.default_rng(seed).permutation(days())
    splits = rolling_origin(day, after(closes), blocks, calibration_days=10, embargo_days=embargo)
    assert len(splits) == blocks
    predicted = np.concatenate([split.evaluation for split in splits])
    assert len(np.unique(predicted)) == len(predicted)
    for split in splits:
        first = day[split.evaluation].min()
        assert day[split.calibration].max() < first - np.timedelta64(embargo, "D")
        assert day[split.training].max() < day[split.calibration].min()
    assert day[predicted].max() < after(closes)


def test_rolling_origin_predicts_the_later_half():
    splits = rolling_origin(days(), after(100), 5, calibration_days=10, embargo_days=0)
    assert days()[splits[0].evaluation].min() == after(50)
    assert [len(split.evaluation) for split in splits] == [50] * 5


@pytest.mark.parametrize("day", [days(3), days(0)])
def test_too_few_days_for_the_blocks_are_refused(day):
    with pytest.raises(Refused, match="too few for 3 blocks"):
        rolling_origin(day, after(3), 3, calibration_days=1, embargo_days=0)


def test_patients_are_in_training_or_predicted_and_the_same_rows_are_predicted():
    day, patient = days(), np.random.default_rng(1).integers(0, 80, 500)
    rolling = rolling_origin(day, after(100), 2, calibration_days=10, embargo_days=3)
    disjoint = patient_disjoint(rolling, patient, folds=3, seed=4)
    for split in disjoint:
        learned = np.union1d(patient[split.training], patient[split.calibration])
        assert np.intersect1d(learned, patient[split.evaluation]).size == 0
        assert day[split.training].max() < day[split.evaluation].min()
    assert (_predicted(disjoint) == _predicted(rolling)).all()


def test_a_random_split_trains_on_as_many_whenever_they_were():
    day = days()
    rolling = rolling_origin(day, after(100), 2, calibration_days=10, embargo_days=3)
    random = random_split(rolling, len(day), folds=2, seed=4)
    assert (_predicted(random) == _predicted(rolling)).all()
    for place, split in enumerate(random):
        assert len(split.training) == len(rolling[place // 2].training)
        assert len(split.calibration) == len(rolling[place // 2].calibration)
        together = np.concatenate([split.training, split.calibration, split.evaluation])
        assert len(np.unique(together)) == len(together)
        assert day[split.training].max() > day[split.evaluation].min()


def _predicted(splits: tuple[Split, ...]) -> np.ndarray:
    return np.sort(np.concatenate([split.evaluation for split in splits]))
