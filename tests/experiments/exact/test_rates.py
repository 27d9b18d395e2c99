"""The exact posterior against computations that share nothing with it but the model."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import cumulative_simpson, quad
from scipy.special import betaln, comb, log_ndtr, xlog1py
from scipy.stats import beta, norm
from scipy.stats import t as student

from workbench.experiments.exact import ArmCounts, RatePosterior, RatePrior
from workbench.refusal import Refused

PUBLISHED = (ArmCounts("none", 12_000, 480), ArmCounts("mail", 12_000, 552))


def two(control: tuple[int, int], treated: tuple[int, int]) -> tuple[ArmCounts, ArmCounts]:
    """Two arms, each from (people, events)."""
    return ArmCounts("a", *control), ArmCounts("b", *treated)


@dataclass(frozen=True)
class Reference:
    """A two-arm posterior by Gauss-Legendre quadrature over the plane of the two rates themselves, not their logs."""

    arms: tuple[ArmCounts, ArmCounts]
    prior: RatePrior

    def log_joint(self, p_0, p_1):
        prior, (base, arm) = self.prior, self.arms
        a, b, tau = prior.baseline_events, prior.baseline_others, prior.log_ratio_sd
        baseline = (a - 1) * np.log(p_0) + (b - 1) * np.log1p(-p_0) - betaln(a, b)
        ratio = norm.logpdf(np.log(p_1 / p_0), scale=tau) - np.log(p_1) - log_ndtr(-np.log(p_0) / tau)
        lik_0 = base.events * np.log(p_0) + (base.people - base.events) * np.log1p(-p_0)
        lik_1 = arm.events * np.log(p_1) + (arm.people - arm.events) * np.log1p(-p_1)
        return baseline + ratio + lik_0 + lik_1

    def integral(self, weight, above=None) -> float:
        """Integral of weight(p_0, p_1) times the joint density, over p_1 > above(p_0) where given."""
        p_0, outer = _gauss(np.array([1e-9]), np.array([1 - 1e-12]))
        low = np.clip(above(p_0[0]), 1e-9, 1 - 1e-12) if above else np.full(p_0.size, 1e-9)
        p_1, inner = _gauss(low, np.full(p_0.size, 1 - 1e-12))
        joint = weight(p_0.T, p_1) * np.exp(self.log_joint(p_0.T, p_1))
        return float(outer[0] @ np.sum(joint * inner, axis=1))


def _gauss(low, high, nodes=400):
    """Gauss-Legendre nodes and weights between each low and high: one panel over all of the interval."""
    at, weight = np.polynomial.legendre.leggauss(nodes)
    half = ((high - low) / 2)[:, None]
    return low[:, None] + half * (at + 1), half * weight


CASES = {
    "small": (two((12, 3), (9, 5)), RatePrior()),
    "moderate": (two((60, 21), (75, 18)), RatePrior()),
    "wide prior": (two((40, 6), (40, 11)), RatePrior(log_ratio_sd=1.0)),
    "narrow prior, baseline of another shape": (two((30, 12), (20, 4)), RatePrior(0.15, 2.0, 5.0)),
}


@pytest.mark.parametrize("name", CASES)
def test_two_arms_agree_with_quadrature_over_the_rates(name):
    arms, prior = CASES[name]
    reference, posterior = Reference(arms, prior), RatePosterior(arms, "a", prior)
    total = reference.integral(lambda p_0, p_1: 1.0 + 0 * p_1)
    near = {"rel": 1e-9, "abs": 1e-9}
    assert posterior.log_evidence == pytest.approx(np.log(total), abs=1e-9)
    better = reference.integral(lambda p_0, p_1: 1.0 + 0 * p_1, above=lambda p_0: p_0) / total
    assert posterior.probability_better("b") == pytest.approx(better, **near)
    by_much = reference.integral(lambda p_0, p_1: 1.0 + 0 * p_1, above=lambda p_0: p_0 + 0.07) / total
    assert posterior.probability_better("b", by_more_than=0.07) == pytest.approx(by_much, **near)
    mean_0 = reference.integral(lambda p_0, p_1: p_0 + 0 * p_1) / total
    mean_1 = reference.integral(lambda p_0, p_1: p_1) / total
    assert posterior.rate_mean("a") == pytest.approx(mean_0, **near)
    assert posterior.rate("b").mean == pytest.approx(mean_1, **near)
    assert posterior.difference("b").mean == pytest.approx(mean_1 - mean_0, **near)
    gain = reference.integral(lambda p_0, p_1: p_1 - p_0, above=lambda p_0: p_0) / total
    assert posterior.expected_loss("a") == pytest.approx(gain, **near)
    assert posterior.expected_loss("b") == pytest.approx(gain - (mean_1 - mean_0), **near)
    low, high = posterior.ratio("b").low, posterior.difference("b", level=0.5).high
    above_ratio = reference.integral(lambda p_0, p_1: 1.0 + 0 * p_1, above=lambda p_0: low * p_0) / total
    assert 1 - above_ratio == pytest.approx(0.025, **near)
    assert reference.integral(
        lambda p_0, p_1: 1.0 + 0 * p_1, above=lambda p_0: p_0 + high
    ) / total == pytest.approx(0.25, **near)


def brute(arms, tau, center=None, reach=None, nodes=1200):
    """Masses on a fine rectangle of log rates around the peak: two arms of many people, default baseline."""
    base, arm = arms
    centers = center or [np.log(c.events / c.people) for c in arms]
    reaches = reach or [11 / np.sqrt(c.events) for c in arms]
    grids = [np.linspace(at - by, min(at + by, -1e-9), nodes) for at, by in zip(centers, reaches, strict=True)]
    x, y = grids[0][:, None], grids[1][None, :]
    log_joint = (
        (1 + base.events) * x
        + xlog1py(base.people - base.events, -np.exp(x))
        + arm.events * y
        + xlog1py(arm.people - arm.events, -np.exp(y))
        + norm.logpdf(y - x, scale=tau)
        - log_ndtr(-x / tau)
    )
    mass = np.exp(log_joint - log_joint.max())
    steps = [grid[1] - grid[0] for grid in grids]
    return grids, mass / mass.sum(), log_joint.max() + np.log(mass.sum() * steps[0] * steps[1])


@pytest.mark.parametrize(
    "arms", [PUBLISHED, two((1_940, 147), (1_941, 225)), two((5_000_000, 200_000), (5_000_000, 201_000))]
)
def test_many_people_agree_with_a_fine_rectangle(arms):
    # The trapezoid rule on a smooth density that vanishes at all sides converges faster than any power.
    (x, y), mass, log_evidence = brute(arms, 0.35)
    posterior = RatePosterior(arms, arms[0].arm)
    difference = posterior.difference(arms[1].arm)
    assert posterior.log_evidence == pytest.approx(log_evidence, abs=1e-8)
    assert posterior.rate_mean(arms[0].arm) == pytest.approx(mass.sum(axis=1) @ np.exp(x), rel=1e-10)
    assert posterior.rate_mean(arms[1].arm) == pytest.approx(mass.sum(axis=0) @ np.exp(y), rel=1e-10)
    gaps = np.exp(y)[None, :] - np.exp(x)[:, None]
    # Counting rectangles has an error of the order of their size only.
    for bound, tail in ((difference.low, 0.025), (difference.high, 0.975)):
        assert mass[gaps <= bound].sum() == pytest.approx(tail, abs=1e-3)
    assert posterior.probability_better(arms[1].arm) == pytest.approx(mass[gaps > 0].sum(), abs=1e-3)


def test_the_published_pair_and_the_paradox_of_flat_arms():
    (base, arm) = PUBLISHED
    posterior = RatePosterior(PUBLISHED, "none")
    assert np.exp(posterior.log_bayes_factor) == pytest.approx(2.0, abs=0.1)
    independent = sum(betaln(1 + c.events, 1 + c.people - c.events) for c in PUBLISHED)
    events, others = base.events + arm.events, 24_000 - base.events - arm.events
    assert np.exp(independent - betaln(1 + events, 1 + others)) == pytest.approx(0.09, abs=0.005)
    # Both call the arm better by far: the paradox is in the Bayes factor, not in the posterior.
    assert posterior.probability_better("mail") > 0.98


def test_evidence_of_every_possible_outcome_adds_up_to_one_and_posterior_means_to_the_prior_mean():
    prior = RatePrior(0.35, 2.0, 3.0)
    ways = {(0, 0): 1, (0, 1): 2, (0, 2): 1, (1, 0): 1, (1, 1): 2, (1, 2): 1}
    posteriors = {e: RatePosterior(two((1, e[0]), (2, e[1])), "a", prior) for e in ways}
    weights = {e: ways[e] * np.exp(posteriors[e].log_evidence) for e in ways}
    assert sum(weights.values()) == pytest.approx(1, abs=1e-10)
    mean = sum(weights[e] * posteriors[e].rate_mean("a") for e in ways)
    assert mean == pytest.approx(2 / 5, abs=1e-10)


def test_a_prior_of_no_width_ties_all_arms_to_one_rate():
    arms = two((200, 30), (150, 10))
    posterior = RatePosterior(arms, "a", RatePrior(log_ratio_sd=0.02))
    pooled = beta(1 + 40, 1 + 310)
    assert posterior.rate("a").mean == pytest.approx(pooled.mean(), rel=0.01)
    assert posterior.rate("b").low == pytest.approx(pooled.ppf(0.025), rel=0.02)
    assert posterior.log_bayes_factor == pytest.approx(0, abs=0.05)


def test_without_anything_learned_of_an_arm_the_control_keeps_its_closed_form():
    # One person without an event says almost nothing of an arm whose rate is tiny.
    posterior = RatePosterior(two((1_000_000, 10), (1, 0)), "a")
    closed = beta(11, 999_991)
    assert posterior.rate("a").mean == pytest.approx(closed.mean(), rel=1e-4)
    assert posterior.rate("a").high == pytest.approx(closed.ppf(0.975), rel=1e-4)
    ratio = posterior.ratio("b")
    assert (ratio.low, ratio.mean, ratio.high) == pytest.approx(
        tuple(np.exp(0.35 * norm.ppf([0.025, 0.5, 0.975]))), rel=1e-4
    )


THREE = (ArmCounts("a", 900, 54), ArmCounts("b", 950, 71), ArmCounts("c", 870, 66))


def test_three_arms_agree_with_importance_sampling():
    draws = 400_000
    rng = np.random.default_rng(7)
    log_weight = np.zeros(draws)
    rates = {}
    for c in THREE:
        # Beta posteriors as proposal; its likelihood part cancels, what is left is prior over proposal prior.
        rates[c.arm] = rng.beta(c.events + 1, c.people - c.events + 1, draws)
    tau = 0.35
    for name in ("b", "c"):
        log_weight += norm.logpdf(np.log(rates[name] / rates["a"]), scale=tau) - np.log(rates[name])
        log_weight -= log_ndtr(-np.log(rates["a"]) / tau)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    effective = 1 / np.sum(weight**2)
    assert effective > 100_000
    posterior = RatePosterior(THREE, "a")
    stacked = np.stack([rates[name] for name in "abc"])
    best = stacked.argmax(axis=0)
    probability = posterior.probability_best()
    lowest = posterior.probability_best(highest=False)
    for place, name in enumerate("abc"):
        found = weight @ (best == place)
        margin = 5 * np.sqrt(0.25 / effective)
        assert probability[name] == pytest.approx(found, abs=margin)
        assert lowest[name] == pytest.approx(weight @ (stacked.argmin(axis=0) == place), abs=margin)
        loss = weight @ (stacked.max(axis=0) - stacked[place])
        assert posterior.expected_loss(name) == pytest.approx(loss, abs=5 * 0.015 / np.sqrt(effective))
        assert posterior.rate_mean(name) == pytest.approx(
            weight @ stacked[place], abs=5 * 0.01 / np.sqrt(effective)
        )
    gap = rates["c"] - rates["b"]
    assert posterior.probability_better("c", "b") == pytest.approx(weight @ (gap > 0), abs=margin)
    assert posterior.difference("c", "b").mean == pytest.approx(
        weight @ gap, abs=5 * 0.013 / np.sqrt(effective)
    )
    bounds = posterior.difference("c", "b")
    assert weight @ (gap < bounds.low) == pytest.approx(0.025, abs=5 * np.sqrt(0.025 / effective))
    assert weight @ (gap > bounds.high) == pytest.approx(0.025, abs=5 * np.sqrt(0.025 / effective))


def test_two_arms_of_three_know_of_each_other_through_the_control():
    alone = RatePosterior(THREE[:2], "a").rate_mean("b")
    assert RatePosterior(THREE, "a").rate_mean("b") != pytest.approx(alone, rel=1e-6)


def test_a_narrow_peak_is_not_missed():
    arms = [ArmCounts("a", 12_000, 480), ArmCounts("b", 12_000, 552), ArmCounts("c", 12_000, 530)]
    # Each treated arm's distribution function at the control's rate, over a fine grid of that rate alone.
    x = np.linspace(np.log(0.025), np.log(0.055), 501)
    y = np.linspace(np.log(0.025), np.log(0.065), 4_001)
    weight = 481 * x + xlog1py(11_520, -np.exp(x))
    below = np.ones(x.size)
    for arm in arms[1:]:
        kernel = arm.events * y + xlog1py(12_000 - arm.events, -np.exp(y))
        joint = np.exp(kernel - kernel.max() - (y[None, :] - x[:, None]) ** 2 / 2 / 0.35**2)
        total = np.trapezoid(joint, y, axis=1)
        upto = cumulative_simpson(joint, x=y, axis=1, initial=0)
        below *= np.array([np.interp(at, y, row) for at, row in zip(x, upto, strict=True)]) / total
        weight = weight + np.log(total)
    mass = np.exp(weight - weight.max())
    best = RatePosterior(arms, "a").probability_best()["a"]
    assert best == pytest.approx(mass @ below / mass.sum(), rel=1e-5)
    assert 0.004 < best < 0.006


@pytest.mark.parametrize(
    ("few", "many"), [((100, 3), (10_000, 350)), ((1, 1), (100_000, 3_000)), ((9, 9), (700, 700))]
)
@pytest.mark.parametrize("control", ["few", "many"])
def test_arms_of_very_different_sizes_agree_both_ways(few, many, control):
    """A wide posterior is integrated against a distribution function that is steep within its panels."""
    posterior = RatePosterior([ArmCounts("few", *few), ArmCounts("many", *many)], control)
    better = posterior.probability_better("many", "few")
    assert posterior.probability_better("few", "many") == pytest.approx(1 - better, abs=1e-10)
    assert posterior.probability_best()["many"] == pytest.approx(better, abs=1e-10)


def test_data_far_from_the_prior_are_not_lost():
    """The joint posterior then lies where neither arm's counts alone would put it."""
    arms = two((9_495, 29), (25_556, 3_366))
    (x, y), mass, log_evidence = brute(arms, 0.15, center=(-4.3, -2.053), reach=(1.1, 0.16))
    assert mass[0].sum() + mass[-1].sum() + mass[:, 0].sum() + mass[:, -1].sum() < 1e-12
    posterior = RatePosterior(arms, "a", RatePrior(log_ratio_sd=0.15))
    assert posterior.log_evidence == pytest.approx(log_evidence, abs=1e-8)
    assert posterior.rate_mean("a") == pytest.approx(mass.sum(axis=1) @ np.exp(x), rel=1e-8)
    assert posterior.rate_mean("b") == pytest.approx(mass.sum(axis=0) @ np.exp(y), rel=1e-8)


EXTREMES = {
    "five million": two((5_000_000, 20_000), (5_000_000, 20_200)),
    "nobody had it": two((4_000, 0), (4_100, 0)),
    "everybody had it": two((4_000, 4_000), (3_900, 3_900)),
    "one person each": two((1, 0), (1, 1)),
    "nobody and everybody": two((30, 0), (30, 30)),
    "one person beside a million": two((1, 1), (1_000_000, 30_000)),
}


@cache
def extreme(name: str) -> RatePosterior:
    return RatePosterior(EXTREMES[name], "a")


@pytest.mark.parametrize("name", EXTREMES)
def test_extremes_keep_the_laws(name):
    posterior = extreme(name)
    assert sum(posterior.probability_best().values()) == pytest.approx(1, abs=1e-10)
    for arm in "ab":
        rate = posterior.rate(arm)
        assert 0 <= rate.low < rate.mean < rate.high <= 1
        assert posterior.expected_loss(arm) >= 0
    difference = posterior.difference("b")
    assert -1 < difference.low < difference.mean < difference.high < 1
    assert posterior.probability_better("b") == pytest.approx(
        1 - posterior.probability_better("a", "b"), abs=1e-10
    )
    assert posterior.probability_better("b") == pytest.approx(posterior.probability_best()["b"], abs=1e-10)


def test_extremes_say_what_is_known_in_closed_form():
    # All events possible seen: by the mirror of Beta(n + 1, 1), the rate's posterior is within 10 / n of 1.
    assert extreme("everybody had it").rate("a").low > 1 - 10 / 4_000
    assert extreme("nobody had it").rate("a").high < 10 / 4_000
    assert extreme("five million").rate("a").mean == pytest.approx(0.004, rel=1e-2)


@pytest.mark.parametrize("events", [(0, 0), (0, 2), (3, 1)])
def test_rare_events_agree_with_their_limit(events):
    """Of rare events the control's rate integrates out: the ratio r has density N(log r) r^b (n + m r)^-(a + b + 1)."""
    people = (400_000, 410_000)

    def density(z: float) -> float:
        ratio = np.exp(z)
        size = (people[0] + people[1] * ratio) / sum(people)
        return norm.pdf(z, scale=0.35) * ratio ** events[1] / size ** (sum(events) + 1)

    above, total = (quad(density, low, 4, epsabs=0, epsrel=1e-12)[0] for low in (0, -4))
    posterior = RatePosterior(two((people[0], events[0]), (people[1], events[1])), "a")
    assert posterior.probability_better("b") == pytest.approx(above / total, abs=2e-5)


COUNTS = st.tuples(st.integers(50, 3_000), st.floats(0.02, 0.9)).map(lambda x: (x[0], round(x[0] * x[1])))


@settings(max_examples=12, deadline=None)
@given(st.lists(COUNTS, min_size=3, max_size=3), st.sampled_from([0.15, 0.35, 1.0]), st.permutations("abc"))
def test_laws_hold_for_any_counts(counts, tau, order):
    arms = {name: ArmCounts(name, *c) for name, c in zip("abc", counts, strict=True)}
    prior = RatePrior(log_ratio_sd=tau)
    posterior = RatePosterior(list(arms.values()), "a", prior)
    best = posterior.probability_best()
    assert sum(best.values()) == pytest.approx(1, abs=1e-9)
    losses = {arm: posterior.expected_loss(arm) for arm in arms}
    assert min(losses.values()) >= 0
    assert max(losses, key=losses.get) == min(arms, key=posterior.rate_mean)
    for arm, other in (("a", "b"), ("b", "c")):
        mirrored = posterior.probability_better(other, arm)
        assert posterior.probability_better(arm, other) == pytest.approx(1 - mirrored, abs=1e-9)
        there, back = posterior.difference_cdf(0.02, arm, other), posterior.difference_cdf(-0.02, other, arm)
        assert there == pytest.approx(1 - back, abs=1e-9)
    steps = [posterior.difference_cdf(x, "b") for x in np.linspace(-1, 1, 21)]
    assert np.all(np.diff(steps) >= -1e-12)
    assert (steps[0], steps[-1]) == pytest.approx((0, 1), abs=1e-9)
    again = RatePosterior([arms[name] for name in order], "a", prior)
    assert again.arms == tuple(order)
    assert again.log_evidence == pytest.approx(posterior.log_evidence, abs=1e-9)
    assert again.probability_best() == pytest.approx(best, abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(st.integers(3, 30), st.integers(3, 30))
def test_the_same_proportions_of_ten_times_the_people_narrow(events, treated_events):
    narrow = RatePosterior(two((1_000, 10 * events), (1_000, 10 * treated_events)), "a")
    wide = RatePosterior(two((100, events), (100, treated_events)), "a")
    for few, many in ((wide.rate("a"), narrow.rate("a")), (wide.rate("b"), narrow.rate("b"))):
        assert many.high - many.low < few.high - few.low
    # A ratio narrows on its log scale: with few people the prior holds it near 1, where its own scale is finer.
    few, many = wide.ratio("b"), narrow.ratio("b")
    assert np.log(many.high / many.low) < np.log(few.high / few.low)


def test_the_density_is_the_slope_of_the_distribution_function_and_integrates_to_one():
    posterior = RatePosterior(THREE, "a")
    at = np.linspace(-0.05, 0.09, 281)
    density = posterior.difference_density(at, "b")
    assert np.all(density >= 0)
    assert np.trapezoid(density, at) == pytest.approx(1, abs=1e-4)
    upto = np.trapezoid(density[:141], at[:141])
    assert upto == pytest.approx(posterior.difference_cdf(at[140], "b"), abs=1e-4)


def test_the_sure_winner_costs_nothing():
    posterior = RatePosterior(two((100_000, 1_000), (100_000, 4_000)), "a")
    assert posterior.expected_loss("b") == pytest.approx(0, abs=1e-12)
    assert posterior.expected_loss("a") == pytest.approx(0.03, abs=0.002)
    assert posterior.expected_loss("a", highest=False) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("arms", "control", "prior", "told"),
    [
        ([ArmCounts("a", 10, 1)], "a", None, "1 arm was given"),
        ([], "a", None, "0 arm"),
        ([ArmCounts("a", 10, 1), ArmCounts("a", 10, 2)], "a", None, "the same arm stands twice"),
        (two((10, 1), (10, 1)), "c", None, '"c" is none of the arms. Choose one of: a, b.'),
        (two((10, 1), (0, 0)), "a", None, "arm b: it has no people"),
        (
            [ArmCounts("a", 10, 1), ArmCounts("b", 10, 1.5)],
            "a",
            None,
            "arm b: its counts are not whole numbers",
        ),
        (
            [ArmCounts("a", 10.0, 1), ArmCounts("b", 10, 1)],
            "a",
            None,
            "arm a: its counts are not whole numbers",
        ),
        (two((10, 11), (10, 1)), "a", None, "arm a: its events are not between 0 and its people"),
        (two((10, 1), (10, -1)), "a", None, "arm b: its events are not between 0 and its people"),
        (two((10, 1), (-10, 1)), "a", None, "arm b: it has no people"),
        (two((10, 1), (10, 1)), "a", RatePrior(log_ratio_sd=0.0), "prior: a scale is not above 0"),
        (two((10, 1), (10, 1)), "a", RatePrior(baseline_events=-1.0), "prior: a scale is not above 0"),
        (two((10, 1), (10, 1)), "a", RatePrior(log_ratio_sd=float("nan")), "prior: a scale is not above 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(arms, control, prior, told):
    with pytest.raises(Refused) as refused:
        RatePosterior(arms, control, prior)
    assert told in str(refused.value)


def test_every_fault_is_told_at_once():
    with pytest.raises(Refused) as refused:
        RatePosterior([ArmCounts("a", 0, 0), ArmCounts("b", 5, 9)], "z", RatePrior(log_ratio_sd=-1))
    assert len(refused.value.faults) == 4


def test_numpy_integers_are_whole_numbers():
    arms = [ArmCounts("a", np.int64(50), np.int64(5)), ArmCounts("b", np.int64(50), np.int64(9))]
    assert 0.5 < RatePosterior(arms, "a").probability_better("b") < 1


def test_an_arm_is_not_compared_with_itself():
    with pytest.raises(ValueError, match="not compared with itself"):
        RatePosterior(THREE, "a").probability_better("b", "b")


def test_twelve_arms_keep_the_laws():
    arms = [ArmCounts(f"arm {n}", 1_000 + 10 * n, 40 + 3 * (n % 5)) for n in range(12)]
    posterior = RatePosterior(arms, "arm 0")
    best = posterior.probability_best()
    assert sum(best.values()) == pytest.approx(1, abs=1e-9)
    losses = {arm: posterior.expected_loss(arm) for arm in best}
    expected_best = {arm: posterior.expectation(arm) + losses[arm] for arm in best}
    assert max(expected_best.values()) == pytest.approx(min(expected_best.values()), rel=1e-9)


@pytest.mark.parametrize("shift", [-0.12, -0.03, 0.0, 0.04, 0.15])
@pytest.mark.parametrize("arms", [two((40, 40), (30, 29)), two((9, 5), (9, 9)), two((16, 11), (5, 4))])
def test_differences_of_rates_near_one_agree_with_quadrature_over_the_rates(arms, shift):
    """Kinks lie where a shifted rate reaches 1, and steep places where it reaches 0."""
    reference = Reference(arms, RatePrior())
    total = reference.integral(lambda p_0, p_1: 1.0 + 0 * p_1)
    start = np.array([max(1e-9, -shift)]), np.array([min(1.0, 1 - shift) - 1e-12])
    p_0, outer = _gauss(*start)
    p_1, inner = _gauss(np.clip(p_0[0] + shift, 1e-9, 1 - 1e-12), np.full(p_0.size, 1 - 1e-12))
    beyond = float(outer[0] @ np.sum(np.exp(reference.log_joint(p_0.T, p_1)) * inner, axis=1))
    if shift < 0:
        # Below -shift the control is worse for sure.
        q_0, more = _gauss(np.array([1e-9]), np.array([-shift]))
        q_1, weight = _gauss(np.full(q_0.size, 1e-9), np.full(q_0.size, 1 - 1e-12))
        beyond += float(more[0] @ np.sum(np.exp(reference.log_joint(q_0.T, q_1)) * weight, axis=1))
    posterior = RatePosterior(arms, "a")
    assert posterior.probability_better("b", by_more_than=shift) == pytest.approx(beyond / total, abs=2e-8)


def test_practical_equivalence_is_what_lies_between():
    posterior = RatePosterior(THREE, "a")
    between = posterior.difference_cdf(0.02, "b") - posterior.difference_cdf(-0.02, "b")
    assert posterior.probability_equivalent(0.02, "b") == pytest.approx(between, abs=1e-12)
    ratio, uplift = posterior.ratio("b"), posterior.uplift("b")
    assert (uplift.mean, uplift.low, uplift.high) == pytest.approx(
        (ratio.mean - 1, ratio.low - 1, ratio.high - 1)
    )


@pytest.mark.parametrize("degrees", [None, 3.0])
@pytest.mark.parametrize("events", [0, 1, 4, 12])
def test_conflict_is_a_tail_of_all_outcomes_that_the_prior_expects(events, degrees):
    prior = RatePrior(0.5, log_ratio_degrees=degrees)

    def predicted(k):
        return comb(12, k) * np.exp(RatePosterior(two((20, 3), (12, k)), "a", prior).log_evidence - alone)

    alone = betaln(4, 18) - betaln(1, 1)
    chances = [predicted(k) for k in range(13)]
    assert sum(chances) == pytest.approx(1, abs=1e-8)
    tail = min(sum(chances[: events + 1]), sum(chances[events:]))
    posterior = RatePosterior(two((20, 3), (12, events)), "a", prior)
    assert posterior.prior_conflict("b") == pytest.approx(min(1.0, 2 * tail), abs=1e-8)


def test_an_effect_the_prior_calls_impossible_is_told_and_hardly_drawn_by_heavy_tails():
    arms = two((700, 14), (700, 77))
    normal, heavy = (RatePosterior(arms, "a", RatePrior(log_ratio_degrees=each)) for each in (None, 3.0))
    assert normal.prior_conflict("b") < 1e-3
    assert normal.difference("b").high < 0.09
    assert heavy.difference("b").low < 0.09 < heavy.difference("b").high
    usual = RatePosterior(two((700, 28), (700, 31)), "a")
    assert usual.prior_conflict("b") > 0.5


def test_heavy_tails_agree_with_quadrature_over_the_rates():
    arms = two((60, 21), (75, 18))
    posterior = RatePosterior(arms, "a", RatePrior(log_ratio_degrees=3.0))
    at, weight = np.polynomial.legendre.leggauss(600)
    p, weight = (at + 1) / 2, weight / 2
    x, y = p[:, None], p[None, :]
    room = student.cdf(-np.log(x) / 0.35, 3)
    joint = x**21 * (1 - x) ** 39 * y**18 * (1 - y) ** 57 * student.pdf(np.log(y / x) / 0.35, 3) / y / room
    mass = joint * weight[:, None] * weight
    mass /= mass.sum()
    assert posterior.expectation("a") == pytest.approx(mass.sum(axis=1) @ p, rel=1e-8)
    assert posterior.expectation("b") == pytest.approx(mass.sum(axis=0) @ p, rel=1e-8)


def test_a_level_beyond_certainty_is_refused():
    with pytest.raises(Refused, match="level: it is not between 0 and 1"):
        RatePosterior(THREE, "a").difference("b", level=95)
