"""Who moved, and how many would seem to have moved had nobody changed."""

import numpy as np
import pandas as pd
import pytest

from workbench.segments.weekly.migration import migrate, tell_movement
from workbench.segments.weekly.unchanged import Counted, Unchanged, prior_of

COUNTED = (Counted("due", "weeks", "rate"), Counted("missed", "due", "share"))
WEEKS = 52


def ids(*names):
    return np.array(names, dtype=object)


def test_everybody_is_counted_once_also_who_came_and_went():
    found = migrate(
        ids("a", "b", "c"), np.array([0, 1, 1]), ids("b", "c", "d", "e"), np.array([1, 0, 0, 1]), groups=2
    )
    assert found.counts.tolist() == [[0, 0, 1], [1, 1, 0], [1, 1, 0]]
    assert (found.both, found.moved, found.entered, found.left) == (2, 1, 2, 1)
    assert found.before.tolist() == [1, 2]
    assert found.after.tolist() == [2, 2]


def provider(rng, people, gap=1, changed=0.0):
    """Counts on two days `gap` weeks apart: two types of habits; those of some change between the days."""
    often = rng.random(people) < 0.5
    rate = np.where(often, rng.gamma(8, 0.5 / 8, people), rng.gamma(8, 0.25 / 8, people))
    misses = np.where(often, rng.beta(3, 12, people), rng.beta(8, 8, people))
    changes = rng.random(people) < changed
    rates = np.repeat(rate[:, None], WEEKS + gap, axis=1)
    shares = np.repeat(misses[:, None], WEEKS + gap, axis=1)
    rates[changes, WEEKS:] = 2.0
    shares[changes, WEEKS:] = np.where(often[changes], 1.0, 0.0)[:, None]
    due = rng.poisson(rates)
    missed = rng.binomial(due, shares)
    return tuple(
        pd.DataFrame(
            {"due": due[:, days].sum(axis=1), "missed": missed[:, days].sum(axis=1), "weeks": float(WEEKS)}
        )
        for days in (slice(0, WEEKS), slice(gap, WEEKS + gap))
    )


def by_border(rows):
    """A frozen definition: two groups on either side of a border through rate and share."""
    share = (rows["missed"] + 0.6) / (rows["due"] + 2)
    odds = np.log(share / (1 - share))
    return (odds - 0.9 * np.log(rows["due"] / rows["weeks"] + 0.02) > 0.1).to_numpy().astype(np.int64)


def movement(seed, people, draws=59, **how):
    before, after = provider(np.random.default_rng(seed), people, **how)
    unchanged = Unchanged(before, after, COUNTED, how.get("gap", 1))
    drawn = unchanged.draws(np.random.default_rng([seed, 1]))
    return tell_movement(by_border(before), by_border(after), drawn, by_border, 2, draws)


def test_noise_alone_moves_people_and_is_no_movement():
    """30 worlds in which nobody's habits change: as many seem to move as are expected, and excess is seldom claimed."""
    found = [movement(seed, 500, draws=39) for seed in range(30)]
    observed = np.mean([each.observed for each in found])
    assert observed > 3
    assert np.mean([each.expected for each in found]) == pytest.approx(observed, rel=0.2)
    # Of 30 at 5 %, six or more come in 0.3 %.
    assert sum(each.is_real() for each in found) < 6


def test_people_whose_habits_changed_are_found():
    found = [movement(seed, 500, draws=39, gap=4, changed=0.1) for seed in range(6)]
    assert sum(each.is_real() for each in found) >= 5
    assert np.mean([each.excess for each in found]) > 5


def test_a_seed_gives_the_same_answer():
    one, other = movement(3, 200), movement(3, 200)
    assert (one.expected, one.low, one.high, one.chance) == (
        other.expected,
        other.low,
        other.high,
        other.chance,
    )


def test_what_both_windows_hold_stays():
    """Without a gap nothing is drawn anew: the later day is the earlier one."""
    before, _ = provider(np.random.default_rng(1), 50)
    drawn = next(Unchanged(before, before, COUNTED, 0.0).draws(np.random.default_rng(1)))
    pd.testing.assert_frame_equal(drawn, before, check_dtype=False)


def test_counts_stay_possible_where_the_window_grows_or_trials_shrink():
    rng = np.random.default_rng(5)
    before, after = provider(rng, 300, gap=3)
    before["weeks"] = after["weeks"] = rng.integers(4, 53, 300).astype(float)
    after["weeks"] += 3.0
    after["due"] = np.maximum(after["due"] - rng.integers(0, 4, 300), 0)
    after["missed"] = np.minimum(after["missed"], after["due"])
    counted = (Counted("missed", "due", "share"),)
    drawn = next(Unchanged(before, after, counted, 3.0).draws(rng))
    assert (drawn["missed"] >= 0).all()
    assert (drawn["missed"] <= after["due"]).all()


def test_days_keep_their_sum_on_average():
    rng = np.random.default_rng(7)
    n = rng.integers(5, 40, 2_000)
    person = rng.normal(2, 0.5, 2_000)
    days = [rng.normal(mean, 0.7, size) for mean, size in zip(person, n, strict=True)]
    rows = pd.DataFrame(
        {
            "log_days_ahead": [each.sum() for each in days],
            "log_days_ahead_squares": [(each**2).sum() for each in days],
            "due": n,
            "weeks": 52.0,
        }
    )
    counted = (Counted("log_days_ahead", "due", "days"),)
    drawn = next(Unchanged(rows, rows, counted, 4.0).draws(rng))
    assert drawn["log_days_ahead"].sum() == pytest.approx(rows["log_days_ahead"].sum(), rel=0.01)
    assert (drawn["log_days_ahead"] != rows["log_days_ahead"]).any()


@pytest.mark.parametrize("kind", ["share", "rate", "days"])
def test_priors_find_how_people_differ(kind):
    rng = np.random.default_rng(2)
    n = rng.integers(10, 60, 20_000).astype(float)
    if kind == "share":
        events, mean, weight = rng.binomial(n.astype(int), rng.beta(3, 9, len(n))), 0.25, 12
    elif kind == "rate":
        events, mean, weight = rng.poisson(rng.gamma(2, 0.5 / 4, len(n)) * n), 0.25, 8
    else:
        events, mean, weight = n * rng.normal(2, 0.5, len(n)) + rng.normal(0, np.sqrt(n)), 2.0, 4
    found = prior_of(events.astype(float), n, kind, within=1.0)
    assert found.mean == pytest.approx(mean, rel=0.03)
    assert found.weight == pytest.approx(weight, rel=0.1)


def test_people_alike_get_a_heavy_prior():
    assert prior_of(np.full(50, 5.0), np.full(50, 10.0), "share").weight == 1_000
