"""Sums of unequal coins, against independent libraries and simulation; the shared effect; the transform."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import binom, norm

from workbench.no_show.decisions.attendance import dispersion
from workbench.no_show.decisions.group_effect import learn_effect
from workbench.no_show.decisions.pit import interval, transform
from workbench.no_show.decisions.totals import LARGE, total_distributions

ALONE = (np.zeros(1), np.ones(1))


def test_like_coins_give_a_binomial_whatever_the_batch():
    group = np.repeat([0, 1, 2], [4, 1, 9])
    laws = total_distributions(np.full(14, logit(0.3)), group, *ALONE)
    for law, size in zip(laws, (4, 1, 9), strict=True):
        assert law == pytest.approx(binom.pmf(np.arange(size + 1), size, 0.3))


def test_unequal_coins_are_counted_out():
    (law,) = total_distributions(logit(np.array([0.2, 0.5])), np.zeros(2, int), *ALONE)
    assert law == pytest.approx([0.4, 0.5, 0.1])


def test_effects_are_mixed():
    nodes, weights = np.array([-1.0, 2.0]), np.array([0.25, 0.75])
    (law,) = total_distributions(np.zeros(3), np.zeros(3, int), nodes, weights)
    expected = sum(w * binom.pmf(np.arange(4), 3, expit(u)) for u, w in zip(nodes, weights, strict=True))
    assert law == pytest.approx(expected)


def test_large_group_is_near_normal_and_sums_to_one():
    odds = np.full(LARGE, logit(0.8))
    (law,) = total_distributions(odds, np.zeros(LARGE, int), *ALONE)
    assert law.sum() == pytest.approx(1)
    assert np.abs(np.cumsum(law) - binom.cdf(np.arange(LARGE + 1), LARGE, 0.8)).max() < 0.01


def simulated_groups(spread, seed, groups=120, size=40):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), size)
    odds = rng.normal(1.2, 0.6, group.size)
    effect = rng.normal(0, spread, groups) if spread else np.zeros(groups)
    came = (rng.random(group.size) < expit(odds + effect[group])).astype(float)
    return odds, came, group


def test_spread_and_shift_are_recovered_and_covered():
    held = 0
    for seed in range(20):
        odds, came, group = simulated_groups(0.4, seed)
        found = learn_effect(odds - 0.1, came, group)
        held += found.spread.low <= 0.4 <= found.spread.high and found.shift.low <= 0.1 <= found.shift.high
        assert found.weights.sum() == pytest.approx(1)
    assert held >= 15


def test_without_an_effect_nearly_none_is_predicted():
    found = learn_effect(*simulated_groups(0, 3, groups=400, size=80))
    assert found.spread.low == 0
    assert found.spread.value < 0.1
    assert np.sqrt(found.weights @ found.nodes**2) < 0.15


def test_marginal_likelihood_agrees_with_quadrature_of_its_own():
    """The posterior's mean of the spread against a brute sum over a finer grid of another make."""
    odds, came, group = simulated_groups(0.5, 8, groups=30, size=15)
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    spreads, shifts = np.linspace(0.01, 1.5, 60), np.linspace(-0.6, 0.6, 41)
    posterior = np.zeros((shifts.size, spreads.size))
    sign = 2 * came - 1
    for i, shift in enumerate(shifts):
        for j, spread in enumerate(spreads):
            each = -np.logaddexp(0, -sign[:, None] * (odds[:, None] + shift + spread * nodes))
            by_group = np.stack([np.bincount(group, column) for column in each.T], axis=1)
            posterior[i, j] = np.log(np.exp(by_group) @ weights).sum()
            posterior[i, j] += norm.logpdf(shift, scale=0.5) + norm.logpdf(spread, scale=0.5)
    posterior = np.exp(posterior - posterior.max())
    mean = (posterior.sum(0) @ spreads) / posterior.sum()
    assert learn_effect(odds, came, group).spread.value == pytest.approx(mean, abs=0.03)


def test_turned_effect_is_that_on_the_opposite():
    odds, came, group = simulated_groups(0.3, 5)
    found, other = learn_effect(odds, came, group), learn_effect(-odds, 1 - came, group)
    assert found.turned.shift.value == pytest.approx(other.shift.value, abs=1e-9)
    assert found.turned.weights @ found.turned.nodes == pytest.approx(other.weights @ other.nodes, abs=1e-9)


def test_independent_sums_are_too_narrow_where_patients_share_an_effect():
    odds, came, group = simulated_groups(0.5, 11, groups=400)
    learned = learn_effect(*simulated_groups(0.5, 12, groups=200))
    counts = np.bincount(group, came).astype(int)
    alone = transform(counts, total_distributions(odds, group, *ALONE), 1)
    mixed = transform(counts, total_distributions(odds, group, learned.nodes, learned.weights), 1)
    assert dispersion(came, expit(odds), group) > 1.5
    assert alone.covered < 0.92 <= mixed.covered
    assert alone.p < 0.001
    assert mixed.p > 0.01
    assert alone.shares[0] + alone.shares[-1] > 0.25


def test_independent_totals_vary_once():
    odds, came, group = simulated_groups(0, 2, groups=2000, size=10)
    assert dispersion(came, expit(odds), group) == pytest.approx(1, abs=0.1)


def test_transform_of_counts_drawn_from_their_laws_is_uniform():
    rng = np.random.default_rng(6)
    laws = [binom.pmf(np.arange(n + 1), n, 0.8) for n in rng.integers(1, 12, 1500)]
    counts = np.array([rng.choice(law.size, p=law / law.sum()) for law in laws])
    found = transform(counts, laws, 4)
    assert found.p > 0.01
    assert sum(found.shares) == pytest.approx(1)
    assert np.abs(np.array(found.shares) - 0.1).max() < 0.03
    assert found.covered >= 0.95


@pytest.mark.parametrize(("size", "chance"), [(1, 0.5), (20, 0.8), (200, 0.1)])
def test_interval_holds_at_least_its_level(size, chance):
    law = binom.pmf(np.arange(size + 1), size, chance)
    low, high = interval(law)
    assert law[low : high + 1].sum() >= 0.95
    assert (low, high) == tuple(binom.interval(0.95, size, chance))
