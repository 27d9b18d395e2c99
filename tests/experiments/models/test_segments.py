"""The model by segment: planted effects come back, the same seed gives the same draws, an empty cell is no problem."""

import numpy as np
import pytest

from workbench.experiments.models.segments import (
    SegmentCells,
    SegmentEffect,
    compile_segments,
    fit_segments,
    name_segments,
)
from workbench.refusal import Refused
from workbench.sampling.diagnostics import Diagnostics
from workbench.sampling.nuts import Effort

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


def test_the_same_seed_gives_the_same_draws_and_new_counts_need_no_new_compilation(compiled):
    # What does not depend on the number of draws is shown with few.
    few_draws = Effort(draws=200, tune=400)
    first, again = (fit_segments(planted(), seed=5, compiled=compiled, effort=few_draws) for _ in range(2))
    assert first == again
    fewer = fit_segments(planted(people=300), seed=5, effort=few_draws)
    few, many = effect(fewer, "anxiety", "warm"), effect(first, "anxiety", "warm")
    assert few.high - few.low > 1.5 * (many.high - many.low)


def test_another_number_of_segments_shares_the_compilation(compiled):
    whole = planted()
    fewer = SegmentCells(SEGMENTS[:3], ARMS, whole.people[:3], whole.events[:3])
    assert compile_segments(fewer) is compiled
    found = fit_segments(fewer, seed=5, effort=Effort(draws=300, tune=500))
    assert [entry.segment for entry in found.effects] == [*SEGMENTS[:3]] * 2
    assert effect(found, "anxiety", "warm").mean == pytest.approx(0.04, abs=0.015)


def test_a_model_of_other_arms_is_no_model_for_these_cells(compiled):
    whole = planted()
    with pytest.raises(ValueError, match="is of 3 arms and 16 segments at most"):
        fit_segments(
            SegmentCells(SEGMENTS, ARMS[:2], whole.people[:, :2], whole.events[:, :2]), 1, compiled=compiled
        )


def test_segments_are_named_where_effects_differ_and_nowhere_else(fitted):
    warm, cold = fitted.named
    assert warm.credible > 0.95 > cold.credible
    # A segment without people is not named, whatever the others say of it.
    assert set(warm.raised) == {"anxiety", "bipolar", "depression", "trauma"}
    assert warm.lowered == cold.raised == cold.lowered == ()
    assert warm.false_sign_rate < 0.05


def made_up(*above_zero: float) -> list[SegmentEffect]:
    return [SegmentEffect(f"s{i}", "warm", p - 0.5, -1.0, 1.0, 0.95, p) for i, p in enumerate(above_zero)]


def test_segments_are_named_while_the_mean_false_sign_rate_stays_within_a_twentieth():
    # Local rates .001, .01, .04, .14, .3: the mean passes .05 with the fifth.
    effects = made_up(0.86, 0.99, 0.04, 0.7, 0.999)
    named = name_segments("warm", effects, credible=0.96)
    assert named.raised == ("s4", "s1", "s0")
    assert named.lowered == ("s2",)
    assert named.false_sign_rate == pytest.approx((0.001 + 0.01 + 0.04 + 0.14) / 4)
    reordered = name_segments("warm", effects[::-1], credible=0.96)
    assert reordered == named


@pytest.mark.parametrize(("credible", "above_zero"), [(0.95, 0.999), (0.96, 0.94), (0.96, 0.5)])
def test_nobody_is_named_without_a_credible_spread_or_a_sure_sign(credible, above_zero):
    named = name_segments("warm", made_up(above_zero), credible)
    assert (named.raised, named.lowered, named.false_sign_rate) == ((), (), 0.0)


def test_checks_find_nothing_in_data_that_follow_the_model(fitted):
    assert fitted.checks.passed
    assert {check.extreme for check in fitted.checks.predictive} >= {
        "largest difference of a segment",
        "cells without an event",
    }
    assert [scaling.estimand for scaling in fitted.checks.sensitivity] == ["warm", "cold"]
    assert not any(scaling.conflict for scaling in fitted.checks.sensitivity)


def test_an_effect_far_outside_the_prior_is_told_as_a_conflict():
    size = np.full((3, 3), 100)
    events = np.array([[1, 60, 1], [2, 65, 2], [1, 55, 1]])
    found = fit_segments(SegmentCells(("a", "b", "c"), ARMS, size, events), seed=2, effort=Effort(draws=1000))
    warm, cold = found.checks.sensitivity
    assert warm.conflict
    assert warm.prior > cold.prior


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


def test_an_arm_without_people_is_refused():
    people = np.array([[3, 0], [4, 0]])
    with pytest.raises(Refused, match="nobody is in some arm"):
        SegmentCells(("a", "b"), ("x", "y"), people, 0 * people)


def test_counts_of_another_shape_are_an_error():
    cells = np.ones((2, 2), dtype=np.int64)
    with pytest.raises(ValueError, match="must have the shape"):
        SegmentCells(("a", "b"), ("x", "y"), cells, cells[:1])
