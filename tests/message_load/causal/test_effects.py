"""Curves of both ways, in worlds whose truth is known and shares no form with them."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.message_load.causal.effects import effects_of, load_effects
from workbench.message_load.causal.panel import panel_of
from workbench.message_load.causal.person_weeks import PersonWeeks
from workbench.message_load.causal.results import LEVELS, METHODS, OUTCOMES
from workbench.message_load.causal.settings import CausalSettings
from workbench.message_load.estimate import Estimate
from workbench.refusal import Refused

SETTINGS = CausalSettings(replicates=24)
NAIVE, WEIGHTED, G_FORMULA = range(len(METHODS))


@pytest.fixture(scope="module")
def targeted(made_rows):
    """What several data sets give, in a world where those who replied are sent more."""
    return [effects_of(panel_of(made_rows(seed, 4_000)), SETTINGS) for seed in range(4)]


def test_both_ways_find_the_truth_where_a_comparison_as_sent_does_not(targeted, true_chances):
    error = np.abs(np.mean([each.chances for each in targeted], axis=0) / true_chances - 1)[:, :, :4]
    naive, weighted, g_formula = error.mean(axis=(1, 2))
    assert error[NAIVE, :, 3].min() > 0.18
    assert weighted < 0.6 * naive
    assert g_formula < 0.6 * naive
    assert error[WEIGHTED, :, :3].max() < 0.15
    assert error[G_FORMULA, :, 1:].max() < 0.12


def test_intervals_hold_the_truth_as_often_as_they_should(targeted, true_chances):
    held = [
        point.low <= true_chances[place, level] <= point.high
        for each in targeted
        for place, outcome in enumerate(OUTCOMES)
        for method in ("weighted", "g_formula")
        for level, point in enumerate(each.curve(method, outcome).points)
    ]
    assert np.mean(held) > 0.8
    narrow = [each.curve("weighted", "opt_out").points[2] for each in targeted]
    assert all(point.high < 1.6 * point.value for point in narrow)


def test_both_ways_agree_and_weights_are_told(targeted):
    assert sum(each.agree for each in targeted) >= 3
    for each in targeted:
        assert each.weights.mean == pytest.approx(1, abs=0.05)
        assert each.weights.largest >= each.weights.largest_kept > 1
        assert 0 < each.weights.cut < 0.02


def test_counts_are_those_of_the_rows(made_rows):
    rows = made_rows(2, 600)
    found = load_effects(PersonWeeks(rows, ()), replace(SETTINGS, replicates=3))
    assert (found.people, found.weeks) == (600, len(rows))
    assert (found.opt_outs, found.bookings) == (rows["opted_out"].sum(), rows["booked"].sum())
    assert [each.level for each in found.support] == list(LEVELS)
    assert sum(each.weeks for each in found.support) == len(rows)
    assert sum(each.opt_outs for each in found.support) == found.opt_outs
    assert all(0 < each.effective <= each.weeks for each in found.support)


def test_the_order_of_rows_and_the_numbers_of_people_change_nothing(made_rows):
    rows = made_rows(2, 400)
    settings = replace(SETTINGS, replicates=3)
    other = rows.sample(frac=1, random_state=1).assign(patient=lambda made: made["patient"] * 3 + 7)
    one, two = (effects_of(panel_of(each), settings) for each in (rows, other))
    np.testing.assert_array_equal(one.draws, two.draws)
    assert one.curves == two.curves


def test_a_level_that_people_are_never_sent_is_not_supported(made_rows):
    rows = made_rows(3, 800)
    rows["texts"] = np.where(rows["replied"] == 1, rows["texts"].clip(2), rows["texts"].clip(upper=1))
    for ago in (1, 2, 3):
        rows[f"texts_{ago}"] = rows.groupby("patient")["texts"].shift(ago, fill_value=0)
    found = effects_of(panel_of(rows), replace(SETTINGS, replicates=3))
    assert max(each.rare for each in found.support) > 0.5
    assert not all(each.supported for each in found.support)


def test_nobody_followed_for_four_weeks_is_refused(made_rows):
    rows = made_rows(1, 50)
    with pytest.raises(Refused, match="four weeks"):
        effects_of(panel_of(rows[rows["week"] < 3].assign(to_come=1)), SETTINGS)


def test_texts_follow_bookings_where_they_follow_what_nobody_recorded(made_rows):
    """Who replied is sent more and books more: without the replies, texts go with bookings."""

    def after_booking(unseen: bool) -> list[Estimate]:
        panels = [panel_of(made_rows(seed, 2_500, unseen=unseen)) for seed in range(4)]
        return [effects_of(each, SETTINGS).after_booking for each in panels]

    assert all(each.low > 1 for each in after_booking(unseen=True))
    assert sum(each.low <= 1 <= each.high for each in after_booking(unseen=False)) >= 3


def test_whether_texts_follow_bookings_is_not_told_where_nobody_booked(made_rows):
    rows = made_rows(2, 400).assign(had_booked=0, bookings=0)
    assert effects_of(panel_of(rows), replace(SETTINGS, replicates=3)).after_booking is None
