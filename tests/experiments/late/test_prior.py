"""The delay prior: what it is made of, and whether counts agree with it."""

import numpy as np
import pytest

from workbench.experiments.late.delays import Delays
from workbench.experiments.late.prior import DelayPrior, check_prior, earlier_prior, pooled_prior
from workbench.refusal import Refused


def weibull_hazards(days: int, scale: float, slope: float) -> np.ndarray:
    return scale * np.arange(1.0, days + 1) ** slope


def test_pooled_hazards_find_a_weibull_slope(simulated):
    hazards = weibull_hazards(20, 0.02, -0.6)
    random = np.random.default_rng(1)
    happens = random.random((200_000, 20)) < hazards
    delay = np.where(happens.any(axis=1), happens.argmax(axis=1), np.nan)
    arm = Delays.from_counts("a", 20, np.full(200_000, 20), delay, np.ones(200_000))
    assert pooled_prior([arm]).hazards == pytest.approx(hazards, rel=0.05)


def test_pooled_hazards_expect_as_many_events_as_were_seen(simulated):
    arms = [simulated("a", seed=1, closed=0.2), simulated("b", seed=2, rate=0.05, closed=0.2)]
    expected = sum(float(pooled_prior(arms).hazards @ arm.at_risk) for arm in arms)
    assert expected == pytest.approx(sum(arm.events.sum() for arm in arms), rel=1e-6)


def test_without_an_event_pooled_hazards_stay_small_and_above_zero():
    arm = Delays.from_counts("a", 14, [14], [np.nan], [500])
    hazards = pooled_prior([arm]).hazards
    assert (hazards > 0).all()
    assert hazards @ arm.at_risk == pytest.approx(0.5)


def test_nobody_followed_for_a_day_is_refused():
    with pytest.raises(Refused, match="nobody was followed"):
        pooled_prior([Delays.from_counts("a", 14, [0], [np.nan], [500])])


@pytest.mark.parametrize(
    ("hazards", "weight", "told"),
    [
        ([0.1, 0.0], 5.0, "above 0 and below 1"),
        ([0.1, np.nan], 5.0, "above 0 and below 1"),
        ([1.0, 0.1], 5.0, "above 0 and below 1"),
        ([0.1, 0.1], 0.0, "weight is not above 0"),
        ([0.1, 0.1], np.inf, "weight is not above 0"),
    ],
)
def test_a_prior_that_is_no_distribution_is_refused(hazards, weight, told):
    with pytest.raises(Refused, match=told):
        DelayPrior(np.array(hazards), weight)


def test_a_prior_shorter_than_the_window_is_refused():
    with pytest.raises(Refused, match="2 days of a window of 3"):
        DelayPrior(np.full(2, 0.1), 5.0).beta(3)


def test_earlier_campaigns_give_each_day_its_own_hazard(simulated):
    earlier = [simulated(f"c{seed}", seed=seed, people=20_000, closed=0.9) for seed in (1, 2)]
    prior = earlier_prior(earlier, weight=80.0)
    events, at_risk = (sum(getattr(arm, what) for arm in earlier) for what in ("events", "at_risk"))
    assert prior.hazards == pytest.approx(events / at_risk, rel=0.02)
    assert prior.weight == 80
    assert prior.scaled(0.1).weight == pytest.approx(8)


def test_p_values_are_even_where_the_prior_is_true():
    random = np.random.default_rng(5)
    prior = DelayPrior(weibull_hazards(14, 0.02, -0.5), 200.0)
    a, b = prior.beta(14)
    found = []
    for _ in range(150):
        happens = random.random((800, 14)) < random.beta(a, b)
        delay = np.where(happens.any(axis=1), happens.argmax(axis=1), 99)
        followed = random.integers(0, 15, 800)
        arm = Delays.from_counts("a", 14, followed, np.where(delay < followed, delay, np.nan), np.ones(800))
        found.append(check_prior(prior, arm, random).p_value)
    for quantile in (0.1, 0.5, 0.9):
        assert np.mean(np.array(found) < quantile) == pytest.approx(quantile, abs=0.12)


def test_another_rate_and_another_delay_are_conflicts(simulated):
    random = np.random.default_rng(6)
    prior = earlier_prior([simulated("c", seed=1, people=50_000, closed=0.9)], weight=500.0)
    assert not check_prior(prior, simulated(seed=2, people=2000), random).conflict
    assert check_prior(prior, simulated(seed=2, people=2000, rate=0.25), random).conflict
    # The same rate within the window, only later.
    late = simulated(seed=2, people=4000, hazard=0.02, closed=0.9)
    assert check_prior(prior.scaled(4), late, random).conflict


def test_a_light_prior_is_hard_to_contradict(simulated):
    random = np.random.default_rng(6)
    prior = earlier_prior([simulated("c", seed=1, people=50_000, closed=0.9)], weight=5.0)
    assert not check_prior(prior, simulated(seed=2, people=2000, rate=0.15), random).conflict
