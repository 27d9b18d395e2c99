"""The draw: shares, balance, clusters and holdout, for many seeds; the same whatever the order."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chisquare

from workbench.experiments.randomization.draw import Design, Unit, draw

SHARES = {"usual": 0.5, "warm": 0.3, "short": 0.2}
UNITS = tuple(Unit(f"p{number:05}", f"s{number % 3}") for number in range(600))
SEEDS = range(200)


def design(seed=1, shares=None, holdout=0.0, experiment="greeting"):
    return Design(experiment, seed, shares or SHARES, holdout)


def test_arms_are_balanced_within_every_stratum():
    for seed in SEEDS:
        drawn = draw(UNITS, design(seed))
        counts = Counter((unit.stratum, drawn.arms[unit.key]) for unit in UNITS)
        for stratum in ("s0", "s1", "s2"):
            for arm, share in SHARES.items():
                assert abs(counts[stratum, arm] - 200 * share) <= 1, (seed, stratum, arm)


@pytest.mark.parametrize("unit", [UNITS[0], UNITS[299], UNITS[-1]], ids=lambda unit: unit.key)
def test_each_unit_has_the_designed_chance_of_each_arm(unit):
    seeds = range(2_000)
    among = tuple({*UNITS[:60], unit})
    counts = Counter(draw(among, design(seed)).arms[unit.key] for seed in seeds)
    for arm, share in SHARES.items():
        low, high = binom.interval(1 - 1e-6, len(seeds), share)
        assert low <= counts[arm] <= high, arm


def test_two_units_of_a_stratum_are_drawn_all_but_independently():
    # Sampling without replacement ties two units of 50 together by 1 in 49.
    seeds = range(1_500)
    drawn = (draw(UNITS[:150], design(seed)).arms for seed in seeds)
    pairs = Counter((arms["p00000"], arms["p00003"]) for arms in drawn)
    observed = [pairs[a, b] for a in SHARES for b in SHARES]
    expected = [len(seeds) * SHARES[a] * SHARES[b] for a in SHARES for b in SHARES]
    assert chisquare(observed, expected).pvalue > 1e-6


def test_who_is_held_out_hangs_on_the_seed_and_on_nothing_else():
    first = draw(UNITS, design(3, holdout=0.1))
    other = draw(UNITS[100:], design(3, {"a": 0.5, "b": 0.5}, 0.1, experiment="another"))
    assert other.held_out == first.held_out & {unit.key for unit in UNITS[100:]}
    assert draw(UNITS, design(4, holdout=0.1)).held_out != first.held_out
    # A larger share holds out the same and more.
    assert first.held_out < draw(UNITS, design(3, holdout=0.2)).held_out
    assert not first.held_out & set(first.arms)
    held = sum(len(draw(UNITS, design(seed, holdout=0.1)).held_out) for seed in SEEDS)
    low, high = binom.interval(1 - 1e-6, len(SEEDS) * len(UNITS), 0.1)
    assert low <= held <= high


def test_another_experiment_of_the_same_seed_is_drawn_anew():
    first, other = (draw(UNITS, design(experiment=name)).arms for name in ("one", "two"))
    same = sum(first[key] == other[key] for key in first)
    low, high = binom.interval(1 - 1e-6, len(UNITS), sum(share**2 for share in SHARES.values()))
    assert low <= same <= high


@given(st.randoms(use_true_random=False), st.integers(0, 2**32 - 1))
def test_no_order_of_the_units_moves_a_draw(order: random.Random, seed):
    mixed = list(UNITS[:40])
    order.shuffle(mixed)
    assert draw(mixed, design(seed)) == draw(UNITS[:40], design(seed))


@given(
    st.dictionaries(st.text(min_size=1, max_size=6), st.sampled_from("abc"), max_size=40),
    st.floats(0, 0.4),
    st.integers(0, 2**32 - 1),
)
def test_everybody_is_in_one_arm_or_held_out(strata, holdout, seed):
    units = [Unit(key, stratum) for key, stratum in strata.items()]
    drawn = draw(units, design(seed, holdout=holdout))
    assert set(drawn.arms) | drawn.held_out == set(strata)
    assert not set(drawn.arms) & drawn.held_out
    for stratum in "abc":
        inside = [key for key in drawn.arms if strata[key] == stratum]
        for arm, share in SHARES.items():
            assert abs(sum(drawn.arms[key] == arm for key in inside) - share * len(inside)) < 1 + 1e-9


def test_a_unit_that_stands_there_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        draw((UNITS[0], UNITS[0]), design())
