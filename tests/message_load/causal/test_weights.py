"""Shares of weeks cut short, and weights, against examples worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.message_load.causal.panel import panel_of
from workbench.message_load.causal.weights import (
    Treatment,
    fit_treatment,
    level_chances,
    settled,
    shares_of_levels,
    window_weights,
)


@pytest.fixture
def small(made_rows):
    """Two people over four weeks, the second of whom opts out within the last."""
    rows = made_rows(people=2).head(0)
    levels = [[1, 1, 0, 1], [1, 0, 1, 1]]
    for person, texts in enumerate(levels):
        for week, number in enumerate(texts):
            before = [0, 0, 0, *texts[:week]][::-1][:3]
            told = dict.fromkeys(rows.columns, 0) | {"diagnosis_group": "any", "treatment_phase": "any"}
            told |= {
                "patient": person,
                "week": week,
                "to_come": 4 - week,
                "texts": number,
                "opted_out_after": 1.0,
            }
            told |= dict(zip(("texts_1", "texts_2", "texts_3"), before, strict=True))
            rows.loc[len(rows)] = told
    rows.loc[7, ["opted_out", "opted_out_after"]] = 1, 2.5 / 7
    return panel_of(rows)


def test_chances_of_levels_are_products_of_going_on():
    treatment = Treatment(
        any=np.array([0.0]), more=np.array([-np.log(3), 0.0, np.log(3)]), leaving=np.array([0.0])
    )
    # Half are sent any; a quarter of them a second, a quarter of these a third, and half of these a fourth.
    expected = [1 / 2, 3 / 8, 3 / 32, 1 / 64, 1 / 64]
    np.testing.assert_allclose(level_chances(np.ones((1, 1)), treatment), [expected])


def test_a_week_cut_short_is_shared_over_what_it_would_have_reached(small):
    chances = np.tile([0.5, 0.3, 0.1, 0.06, 0.04], (len(small.x), 1))
    shares = shares_of_levels(small, chances)
    cut = shares.row == 7
    # One text by the third day: four days are left, of which none, 1, 2 or 3 would hold another.
    parts = np.array([0.3 * 1 / 7, 0.1 * 4 / 21, 0.06 * 6 / 35, 0.04 * 4 / 35])
    np.testing.assert_array_equal(shares.level[cut], [1, 2, 3, 4])
    np.testing.assert_allclose(shares.share[cut], parts / parts.sum())
    np.testing.assert_array_equal(shares.share[~cut], 1.0)
    assert shares.share.sum() == pytest.approx(8)


def test_an_opt_out_at_the_end_of_a_week_stays_at_its_level(small):
    late = replace(small, gone=np.ones(8))
    shares = shares_of_levels(late, np.full((len(small.x), 5), 0.2))
    np.testing.assert_array_equal(shares.share, 1.0)
    np.testing.assert_array_equal(shares.level[shares.row == 7], [1])


def test_weights_of_a_window_are_those_worked_out_by_hand(small):
    shares = shares_of_levels(small)
    width = small.x.shape[1]
    likely = np.zeros(width)
    likely[0] = np.log(3)
    never = np.full(width + 2, 0.0)
    never[0] = -30.0
    staying = np.zeros(width)
    staying[0] = -30.0
    # Any text has a chance of 3/4 whatever was known; nobody leaves.
    ends, weights = window_weights(small, shares, Treatment(likely, never, staying), np.ones(2))
    np.testing.assert_array_equal(shares.row[ends], [3, 7])
    # Of 8 weeks 6 had a text; of 3 after none all three... the two first weeks follow none as well.
    first = {0: 2 / 8, 1: 6 / 8}
    then = {(0, 1): 4 / 4, (1, 1): 2 / 4, (1, 0): 2 / 4}
    given = {0: 1 / 4, 1: 3 / 4}
    one = first[1] * then[1, 1] * then[1, 0] * then[0, 1] / (given[1] ** 3 * given[0])
    other = first[1] * then[1, 0] * then[0, 1] * then[1, 1] / (given[1] ** 3 * given[0])
    np.testing.assert_allclose(weights, [one, other])


def test_weights_are_one_where_texts_are_sent_by_lot_and_one_in_the_mean_elsewhere(made_rows):
    for targeted, apart in ((0.0, 0.2), (0.35, 5.0)):
        panel = panel_of(made_rows(targeted=targeted))
        everyone = np.ones(panel.people)
        shares, treatment = settled(panel, everyone)
        ends, weights = window_weights(panel, shares, treatment, everyone)
        assert np.average(weights, weights=shares.share[ends]) == pytest.approx(1, abs=0.05)
        assert (np.abs(np.log(weights)) < apart).mean() > 0.95
    assert weights.std() > 0.3


def test_weights_make_load_the_same_among_those_who_replied_and_who_did_not(made_rows):
    panel = panel_of(made_rows(people=3_000))
    everyone = np.ones(panel.people)
    shares, treatment = settled(panel, everyone)
    ends, weights = window_weights(panel, shares, treatment, everyone)
    row, level = shares.row[ends], shares.level[ends]
    replied = panel.state["replied"][row] == 1
    before = panel.state["texts_1"][row] == 1
    raw = [level[before & who].mean() for who in (replied, ~replied)]
    made = [np.average(level[before & who], weights=weights[before & who]) for who in (replied, ~replied)]
    assert raw[0] > 1.4 * raw[1]
    assert made[0] == pytest.approx(made[1], rel=0.1)


def test_who_leaves_more_often_counts_for_more(made_rows):
    rows = made_rows(people=2_000, targeted=0.0)
    rng = np.random.default_rng(4)
    last = rows.groupby("patient")["week"].transform("max") == rows["week"]
    leaves = (
        last & (rows["opted_out"] == 0) & (rng.random(len(rows)) < np.where(rows["replied"] == 1, 0.9, 0.05))
    )
    rows.loc[leaves, "left"] = 1
    panel = panel_of(rows)
    shares, treatment = settled(panel, np.ones(panel.people))
    assert not panel.left[shares.row].any()
    ends, weights = window_weights(panel, shares, treatment, np.ones(panel.people))
    replied = panel.state["replied"][shares.row[ends]] == 1
    assert weights[replied].mean() > 1.05 * weights[~replied].mean()


def test_a_fit_from_an_earlier_one_is_the_same(made_rows):
    panel = panel_of(made_rows())
    everyone = np.ones(panel.people)
    shares, treatment = settled(panel, everyone)
    again = fit_treatment(panel, shares, everyone, treatment)
    for name in ("any", "more", "leaving"):
        np.testing.assert_allclose(getattr(again, name), getattr(treatment, name), atol=1e-6)
