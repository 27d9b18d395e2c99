"""The model by segment: planted effects come back, the same seed gives the same draws, an empty cell is no problem."""

import numpy as np
import pytest

from workbench.experiments import segments
from workbench.experiments.segments import Diagnostics, SegmentCells, compile_segments, fit_segments
from workbench.refusal import Refused

SEGMENTS = ("anxiety", "bipolar", "depression", "psychosis", "trauma", "nobody")
ARMS = ("plain", "warm", "cold")
CONTROL = np.array([0.08, 0.06, 0.07, 0.05, 0.10, 0.07])
# In points: what warm and cold add in each segment.
ADDED = np.array([[0.04, 0.00], [0.03, 0.00], [0.05, 0.00], [0.00, 0.00], [0.02, 0.00], [0.00, 0.00]])


def planted(people: int = 3_000) -> SegmentCells:
    """Cells whose events are what the planted rates expect; the last segment has nobody, one cell is empty."""
    rates = np.column_stack([CONTROL, CONTROL[:, None] + ADDED])
    size = np.full(rates.shape, people)
    size[-1] = 0
    size[1, 2] = 0
    return SegmentCells(SEGMENTS, ARMS, size, np.rint(size * rates).astype(np.int64))


@pytest.fixture(scope="module")
def compiled():
    return compile_segments(planted())


@pytest.fixture(scope="module")
def fitted(compiled):
    # With all the draws of a report: a third of them was not enough to be sound here.
    return fit_segments(planted(), seed=5, compiled=compiled)


def effect(fitted, segment, arm):
    return next(entry for entry in fitted.effects if (entry.segment, entry.arm) == (segment, arm))


def test_planted_effects_come_back(fitted):
    errors = []
    for s, segment in enumerate(SEGMENTS[:-1]):
        for k, arm in enumerate(ARMS[1:]):
            found = effect(fitted, segment, arm)
            assert found.low < found.mean < found.high
            errors.append(found.mean - ADDED[s, k])
    # A cell of 3,000 people knows its difference to .7 points or so; the model draws it to the others.
    assert np.abs(errors).max() < 0.02
    assert np.mean(np.abs(errors)) < 0.007
    assert effect(fitted, "depression", "warm").above_zero > 0.999
    assert effect(fitted, "depression", "warm").mean > effect(fitted, "psychosis", "warm").mean + 0.015


def test_effects_that_differ_spread_wider_than_effects_that_do_not(fitted):
    warm, cold = fitted.spread["warm"], fitted.spread["cold"]
    assert warm[0] > cold[0]
    assert all(0 < low < mean < high for mean, low, high in (warm, cold))


def test_the_sampler_is_sound(fitted):
    assert fitted.diagnostics.sound
    assert fitted.diagnostics.divergences == 0


def test_a_segment_without_people_knows_what_the_others_know(fitted):
    nobody, known = effect(fitted, "nobody", "warm"), effect(fitted, "anxiety", "warm")
    assert nobody.high - nobody.low > 2 * (known.high - known.low)
    assert nobody.low < 0.03 < nobody.high
    assert effect(fitted, "bipolar", "cold").low < 0 < effect(fitted, "bipolar", "cold").high


def test_the_same_seed_gives_the_same_draws_and_new_counts_need_no_new_compilation(compiled, monkeypatch):
    # What does not depend on the number of draws is shown with few.
    monkeypatch.setattr(segments, "DRAWS", 200)
    monkeypatch.setattr(segments, "TUNE", 400)
    first, again = (fit_segments(planted(), seed=5, compiled=compiled) for _ in range(2))
    assert first == again
    fewer = fit_segments(planted(people=300), seed=5, compiled=compiled)
    few, many = effect(fewer, "anxiety", "warm"), effect(first, "anxiety", "warm")
    assert few.high - few.low > 1.5 * (many.high - many.low)


@pytest.mark.parametrize(
    ("flaw", "sound"),
    [
        ({}, True),
        ({"r_hat": 1.01}, False),
        ({"ess_bulk": 400.0}, False),
        ({"ess_tail": 400.0}, False),
        ({"divergences": 1}, False),
        ({"e_bfmi": 0.3}, False),
        ({"r_hat": float("nan")}, False),
    ],
)
def test_draws_may_be_read_within_the_thresholds_alone(flaw, sound):
    well = {"r_hat": 1.009, "ess_bulk": 401.0, "ess_tail": 401.0, "divergences": 0, "e_bfmi": 0.31}
    assert Diagnostics(**{**well, **flaw}).sound is sound


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 1)])
def test_one_segment_or_one_arm_is_refused(rows, columns):
    cells = np.ones((rows, columns), dtype=np.int64)
    with pytest.raises(Refused, match="fewer than two segments or arms"):
        SegmentCells(tuple("ab"[:rows]), tuple("xy"[:columns]), cells, cells)


def test_counts_of_another_shape_are_an_error():
    cells = np.ones((2, 2), dtype=np.int64)
    with pytest.raises(ValueError, match="must have the shape"):
        SegmentCells(("a", "b"), ("x", "y"), cells, cells[:1])
