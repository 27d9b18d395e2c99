"""What is true of every posterior, whatever was measured."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.experiments.exact.conjugate import beta_rates, gamma_event_rates, normal_means
from workbench.experiments.exact.event_rates import ArmExposure, EventRatePosterior
from workbench.experiments.exact.means import ArmMean, MeanPosterior, StandardizedMeanPosterior
from workbench.experiments.exact.posterior import Posterior
from workbench.experiments.exact.priors import GammaPrior, RatePrior
from workbench.experiments.exact.rates import ArmCounts, RatePosterior
from workbench.experiments.exact.ratios import ArmRatio, ratio_posterior
from workbench.experiments.exact.scores import ArmScores, ScorePosterior

# Of each kind: from (arm, people, share of them) to what was observed, and from that to the posterior.
Seen = tuple[str, int, float]


def rates(seen: Sequence[Seen]) -> list[ArmCounts]:
    return [ArmCounts(arm, n, round(n * x)) for arm, n, x in seen]


def exposures(seen: Sequence[Seen]) -> list[ArmExposure]:
    return [ArmExposure(arm, float(n), round(n * x)) for arm, n, x in seen]


def means(seen: Sequence[Seen]) -> list[ArmMean]:
    return [ArmMean(arm, n, 1 + x, 1.5) for arm, n, x in seen]


KINDS: dict[str, Callable[[Sequence[Seen]], Posterior]] = {
    "rates": lambda seen: RatePosterior(rates(seen), "a"),
    "rates, heavy tails": lambda seen: RatePosterior(rates(seen), "a", RatePrior(log_ratio_degrees=3)),
    "event rates": lambda seen: EventRatePosterior(exposures(seen), "a"),
    "means": lambda seen: MeanPosterior(means(seen), "a"),
    "standardized means": lambda seen: StandardizedMeanPosterior(means(seen), "a"),
    "beta": lambda seen: beta_rates(rates(seen), "a"),
    "gamma": lambda seen: gamma_event_rates(exposures(seen), "a", GammaPrior(1, 2)),
    "normal": lambda seen: normal_means(means(seen), "a"),
    "scores": lambda seen: ScorePosterior(
        [ArmScores(arm, (round(n * x), n - round(n * x), n // 3)) for arm, n, x in seen], (0, 1, 2), "a"
    ),
    "ratios": lambda seen: ratio_posterior(
        [ArmRatio(arm, n, x, 1.0, 0.05, 0.2, 0.02) for arm, n, x in seen], "a"
    ),
}
SEEN = st.tuples(st.integers(60, 4_000), st.floats(0.05, 0.6))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=6, deadline=None)
@given(st.lists(SEEN, min_size=3, max_size=3), st.permutations("abc"))
def test_laws_hold_for_any_data(kind, data, order):
    seen = {arm: (arm, *each) for arm, each in zip("abc", data, strict=True)}
    posterior = KINDS[kind](list(seen.values()))
    again = KINDS[kind]([seen[arm] for arm in order])
    best, lowest = posterior.probability_best(), posterior.probability_best(highest=False)
    assert sum(best.values()) == pytest.approx(1, abs=1e-9)
    assert sum(lowest.values()) == pytest.approx(1, abs=1e-9)
    assert again.arms == tuple(order)
    assert again.probability_best() == pytest.approx(best, abs=1e-10)
    losses = [posterior.expected_loss(arm) for arm in "abc"]
    assert min(losses) >= 0
    expected = [posterior.expectation(arm) + loss for arm, loss in zip("abc", losses, strict=True)]
    assert expected == pytest.approx([expected[0]] * 3, rel=1e-9)
    regrets = [posterior.expected_loss(arm, highest=False) for arm in "abc"]
    least = [posterior.expectation(arm) - regret for arm, regret in zip("abc", regrets, strict=True)]
    assert least == pytest.approx([least[0]] * 3, rel=1e-9)
    for arm, other in (("b", "a"), ("c", "b")):
        assert posterior.probability_better(arm, other) == pytest.approx(
            1 - posterior.probability_better(other, arm), abs=1e-9
        )
        there = posterior.difference_cdf(0.03, arm, other)
        assert there == pytest.approx(posterior.probability_better(other, arm, -0.03), abs=1e-9)
    steps = [posterior.difference_cdf(x, "b") for x in np.linspace(-0.4, 0.4, 9)]
    assert np.all(np.diff(steps) >= -1e-11)


# A flat prior of the control's rate, or mean, is worth an event of its own: see the page of methods.
LEANING = {"rates", "rates, heavy tails", "event rates", "means"}


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - LEANING - {"standardized means"}))
@pytest.mark.parametrize("arms", ["ab", "abcd"])
def test_independent_arms_that_are_alike_are_equally_good(kind, arms):
    posterior = KINDS[kind]([(arm, 500, 0.2) for arm in arms])
    for chance in posterior.probability_best().values():
        assert chance == pytest.approx(1 / len(arms), abs=1e-9)


@pytest.mark.parametrize("kind", [*sorted(LEANING), "standardized means"])
def test_tied_arms_that_are_alike_are_equally_good_beside_the_control(kind):
    posterior = KINDS[kind]([(arm, 500, 0.2) for arm in "abcd"])
    best = posterior.probability_best()
    assert best["b"] == pytest.approx(best["c"], abs=1e-10)
    assert posterior.probability_better("c", "b") == pytest.approx(0.5, abs=1e-10)
    leaning = abs(KINDS[kind]([(arm, 4_000_000, 0.2) for arm in "ab"]).probability_better("b") - 0.5)
    assert leaning < (1e-3 if kind in LEANING else 1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_the_density_is_the_slope_of_the_distribution_function(kind):
    posterior = KINDS[kind]([("a", 300, 0.2), ("b", 260, 0.25), ("c", 200, 0.2)])
    for arm, versus in (("b", "a"), ("a", "b"), ("c", "b")):
        step = 1e-4
        at = np.array([-0.03, 0.01, 0.06])
        slope = [
            (posterior.difference_cdf(x + step, arm, versus) - posterior.difference_cdf(x - step, arm, versus))
            / (2 * step)
            for x in at
        ]
        assert posterior.difference_density(at, arm, versus) == pytest.approx(slope, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_intervals_hold_what_they_say(kind):
    posterior = KINDS[kind]([("a", 300, 0.2), ("b", 260, 0.25), ("c", 200, 0.2)])
    found = posterior.difference("c", "b", level=0.8)
    tails = [posterior.difference_cdf(x, "c", "b") for x in (found.low, found.high)]
    assert tails == pytest.approx([0.1, 0.9], abs=1e-9)
    ratio = posterior.ratio("b", level=0.8)
    assert ratio.low < ratio.mean < ratio.high
    with pytest.raises(ValueError, match="not compared with itself"):
        posterior.difference("a")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_proportions_of_ten_times_the_people_narrow(kind):
    few, many = (KINDS[kind]([("a", n, 0.2), ("b", n, 0.3)]).difference("b") for n in (200, 2_000))
    assert many.high - many.low < few.high - few.low
