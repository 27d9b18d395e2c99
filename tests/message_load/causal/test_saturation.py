"""Saturation from curves that are known, and every reason for which none is told."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.message_load.causal.results import LEVELS, Agreement, LoadEffects, Support, WeightsTold
from workbench.message_load.causal.saturation import find_saturation
from workbench.message_load.causal.settings import CausalSettings, Worth
from workbench.message_load.estimate import Estimate

SETTINGS = CausalSettings(worth=Worth(1, 3, 10))
LOADS = np.arange(5.0)


def effects(opt_out, booking, spread=0.0005, supported=5, opt_outs=500, agrees=True, mean=1.0) -> LoadEffects:
    """Curves that all methods share, with draws of so much spread around them."""
    rng = np.random.default_rng(1)
    point = np.tile(np.array([opt_out, booking]), (3, 1, 1))
    draws = np.maximum(point + rng.normal(0, spread, (200, 1, *point.shape[1:])), 1e-6)
    support = tuple(
        Support(name, load, 1_000, 5_000, 100, 400, 0.0, 4_000.0, place < supported)
        for place, (name, load) in enumerate(zip(LEVELS, LOADS, strict=True))
    )
    return LoadEffects(
        people=1_000,
        weeks=25_000,
        opt_outs=opt_outs,
        bookings=2_000,
        curves=(),
        support=support,
        weights=WeightsTold(mean, 30.0, 8.0, 0.01),
        agreement=(Agreement("opt_out", "1", Estimate(0.0, -0.1, 0.1), agrees),),
        after_booking=None,
        level=0.95,
        chances=point,
        draws=np.broadcast_to(draws, (200, *point.shape)),
    )


def peaked(at: float, worth: float = 3.0, height: float = 0.01):
    """Curves whose net is a parabola that is highest at this load where an opt-out is worth so much."""
    opt_out = 0.002 + 0.004 * LOADS
    return opt_out, 0.1 - height * (LOADS - at) ** 2 + worth * opt_out


@pytest.mark.parametrize("at", [1.3, 2.0, 2.7])
def test_the_load_is_where_the_net_is_highest(at):
    found = find_saturation(effects(*peaked(at)), SETTINGS).middle
    assert found.answer == "load"
    assert found.load.value == pytest.approx(at, abs=0.02)
    assert found.load.low < at < found.load.high < found.load.low + 0.5


def test_the_more_an_opt_out_is_worth_the_lower_it_lies():
    found = find_saturation(effects(*peaked(2.0)), SETTINGS)
    assert found.low.load.value > found.middle.load.value > found.high.load.value
    assert (found.low.worth, found.middle.worth, found.high.worth) == (1, 3, 10)


def test_below_one_where_the_first_text_already_costs_more():
    found = find_saturation(effects(0.002 + 0.01 * LOADS, 0.05 + 0.005 * LOADS), SETTINGS).middle
    assert found.answer == "below_one"
    assert found.load.high < 1


def test_beyond_what_was_sent_where_every_text_brings_more():
    found = find_saturation(effects(0.002 + 0.001 * LOADS, 0.05 + 0.02 * LOADS, supported=3), SETTINGS)
    assert found.middle.answer == "beyond_what_was_sent"
    assert found.middle.load.value == found.highest == 2


def test_the_net_is_told_by_level_less_that_without_texts():
    found = find_saturation(effects(*peaked(2.0), supported=4), SETTINGS).middle
    net = 0.1 - 0.01 * (LOADS[:4] - 2) ** 2
    np.testing.assert_allclose([each.value for each in found.net], net - net[0], atol=1e-12)
    assert (found.net[0].low, found.net[0].high) == (0, 0)
    assert all(each.low < each.value < each.high for each in found.net[1:])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"opt_outs": 19}, "too_few_opt_outs"),
        ({"supported": 1}, "positivity"),
        ({"supported": 0}, "positivity"),
        ({"mean": 2.0}, "weights_off"),
        ({"agrees": False}, "methods_disagree"),
        ({"spread": 0.1}, "curves_too_wide"),
    ],
)
def test_not_identified_with_its_reason(changed, reason):
    found = find_saturation(effects(*peaked(2.0), **changed), SETTINGS)
    for each in (found.low, found.middle, found.high):
        assert (each.answer, each.reason, each.load) == ("not_identified", reason, None)


def test_bookings_lost_in_a_year_are_those_of_one_text_a_week():
    found = find_saturation(effects(*peaked(2.0)), SETTINGS)
    _, booking = peaked(2.0)
    assert found.lost.value == pytest.approx(52 * (booking[1] - booking[0]))
    assert find_saturation(effects(*peaked(2.0), supported=1), SETTINGS).lost is None


def test_the_e_value_is_that_of_the_limit_nearest_to_no_difference():
    opt_out = np.array([0.002, 0.01, 0.02, 0.03, 0.04])
    sure = find_saturation(effects(opt_out, peaked(2.0)[1], spread=1e-7), SETTINGS)
    # A risk ratio of 4 (VanderWeele and Ding 2017): 4 + the root of 4 * 3.
    assert sure.unmeasured == pytest.approx(4 + 12**0.5, abs=0.01)
    wide = find_saturation(effects(opt_out, peaked(2.0)[1], spread=0.05), SETTINGS)
    assert wide.unmeasured == 1
    assert find_saturation(effects(opt_out, peaked(2.0)[1], supported=2), SETTINGS).unmeasured is None


def test_it_is_the_same_for_the_same_seed():
    known = effects(*peaked(2.0))
    assert find_saturation(known, SETTINGS) == find_saturation(known, SETTINGS)
    assert find_saturation(known, replace(SETTINGS, seed=2)).middle.load.value == pytest.approx(2, abs=0.02)
