"""The forecast: it covers, it says how mature it is, and it marks what rests on the prior alone."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.experiments.late.delays import Delays
from workbench.experiments.late.forecast import forecast
from workbench.experiments.late.prior import DelayPrior, earlier_prior
from workbench.refusal import Refused


def test_intervals_hold_the_truth_as_often_as_they_say(simulated):
    rates, haste = [], []
    for seed in range(100):
        slow = simulated("slow", seed=seed, hazard=0.08, closed=0.3)
        fast = simulated("fast", seed=1000 + seed, hazard=0.5, closed=0.3)
        told = forecast([slow, fast], seed=1, level=0.9)
        rates += [arm.rate.low <= 0.1 <= arm.rate.high for arm in told.arms]
        difference = told.differences["fast"]
        haste.append(difference.low <= 0 <= difference.high)
    assert np.mean(rates) == pytest.approx(0.9, abs=0.05)
    assert np.mean(haste) == pytest.approx(0.9, abs=0.07)


def test_means_are_exact_and_do_not_depend_on_the_seed(simulated):
    arms = [simulated("a", seed=1), simulated("b", seed=2)]
    one, other = forecast(arms, seed=1), forecast(arms, seed=2)
    for x, y in zip(one.arms, other.arms, strict=True):
        assert x.rate.mean == y.rate.mean
        assert x.everybody.mean == y.everybody.mean
        assert x.rate.low != y.rate.low
        assert x.rate.low == pytest.approx(y.rate.low, abs=x.rate_sd / 4)


def test_the_order_of_arms_does_not_matter(simulated):
    a, b, c = (simulated(name, seed=seed) for seed, name in enumerate("abc"))
    assert set(forecast([a, b, c], seed=1).arms) == set(forecast([c, a, b], seed=1).arms)


def test_maturity_and_the_share_that_was_seen(simulated):
    young, old = simulated("a", seed=1, closed=0.1, hazard=0.1), simulated("b", seed=2, closed=0.8, hazard=0.1)
    first, second = forecast([young, old], seed=1).arms
    assert first.maturity == pytest.approx(young.closed / young.total)
    assert first.share_seen < second.share_seen < 1
    assert first.share_seen == pytest.approx(young.events.sum() / (1000 * first.everybody.mean))
    # Closed windows are observed, so that those enrolled are known better than people like them.
    assert second.everybody_sd < second.rate_sd


def test_once_every_window_has_closed_those_enrolled_are_known(simulated):
    arm = simulated("a", seed=1, closed=0.9)
    closed = Delays("a", np.vstack([np.zeros_like(arm.people[:-1]), arm.people[-1:]]))
    told = forecast([closed], seed=1).arms[0]
    share = closed.events.sum() / closed.total
    assert (told.everybody.low, told.everybody.high, told.maturity, told.share_seen) == (share, share, 1, 1)
    assert told.everybody_sd == 0
    assert told.rate.low < share < told.rate.high


def test_no_event_among_closed_windows_leaves_the_share_seen_undefined():
    told = forecast([Delays.from_counts("a", 7, [7], [np.nan], [200])], seed=1)
    assert told.arms[0].share_seen is None
    assert told.arms[0].rate.high < 0.03


def test_follow_up_shorter_than_the_window_is_marked_and_is_wide(simulated):
    short = simulated("a", seed=1, closed=0.5, longest=7)
    told = forecast([short], seed=1)
    assert told.arms[0].extrapolated_days == 7
    assert told.doubts == ("extrapolated",)
    assert told.withheld
    whole = forecast([simulated("a", seed=1, closed=0.5)], seed=1)
    assert whole.arms[0].extrapolated_days == 0
    assert not whole.withheld
    assert told.arms[0].rate_sd > 3 * whole.arms[0].rate_sd


def test_a_prior_that_is_contradicted_is_told_and_lowered_only_where_asked_for(simulated):
    earlier = earlier_prior([simulated("c", seed=9, people=50_000, closed=0.9)], weight=2000.0)
    other = simulated("a", seed=1, rate=0.25, people=2000)
    found = forecast([other], seed=1, prior=earlier)
    plain = found.arms[0]
    assert plain.conflict
    assert "prior_conflict" in found.doubts
    assert plain.prior_power == 1
    lowered = forecast([other], seed=1, prior=earlier, on_conflict="lower_weight").arms[0]
    assert lowered.conflict
    assert lowered.prior_power == pytest.approx(0.1)
    assert plain.rate.mean < lowered.rate.mean < 0.26
    agreed = forecast([simulated("a", seed=2)], seed=1, prior=earlier, on_conflict="lower_weight").arms[0]
    assert not agreed.conflict
    assert agreed.prior_power == 1


def test_an_earlier_prior_carries_days_that_nobody_was_followed_for(simulated):
    short = simulated("a", seed=1, closed=0.5, longest=7, hazard=0.08)
    earlier = earlier_prior([simulated("c", seed=9, people=50_000, closed=0.9, hazard=0.08)], weight=50.0)
    told = forecast([short], seed=1, prior=earlier).arms[0]
    assert told.rate.low < 0.1 < told.rate.high
    assert told.extrapolated_days == 7
    assert told.rate_sd < forecast([short], seed=1).arms[0].rate_sd


def test_flat_hazards_mislead(simulated):
    # 42 days of Beta(1, 1) add an event a day: what was told as 9.3 % where 3.7 % were true.
    arm = simulated("a", seed=4, people=600, window=42, rate=0.037, closed=0.25)
    flat = forecast([arm], seed=1, prior=DelayPrior(np.full(42, 0.5), 2.0)).arms[0]
    assert flat.rate.low > 0.037
    assert flat.conflict
    usual = forecast([arm], seed=1).arms[0]
    assert usual.rate.low < 0.037 < usual.rate.high


def test_ten_times_the_people_narrow_the_interval(simulated):
    arm = simulated("a", seed=1)
    few = forecast([arm], seed=1).arms[0].rate
    many = forecast([replace(arm, people=arm.people * 10)], seed=1).arms[0].rate
    assert (many.high - many.low) * 2.5 < few.high - few.low


def test_people_who_come_to_their_events_otherwise_than_those_before_are_told():
    random = np.random.default_rng(1)
    followed = random.integers(0, 15, 4000)
    delay = random.geometric(np.where(followed < 7, 0.08, 0.01)) - 1
    arm = Delays.from_counts("a", 14, followed, np.where(delay < followed, delay, np.nan), np.ones(4000))
    assert forecast([arm], seed=1).doubts == ("unsteady",)


def test_arms_that_do_not_go_together_are_refused(simulated):
    arm = simulated("a", seed=1)
    with pytest.raises(Refused, match="there twice"):
        forecast([arm, arm], seed=1)
    with pytest.raises(Refused, match="windows differ"):
        forecast([arm, simulated("b", seed=1, window=7)], seed=1)
    with pytest.raises(Refused, match="there are none"):
        forecast([], seed=1)
    with pytest.raises(Refused, match="7 days of a window of 14"):
        forecast([arm], seed=1, prior=DelayPrior(np.full(7, 0.01), 5.0))
