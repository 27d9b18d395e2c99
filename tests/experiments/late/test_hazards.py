"""Hazards: moments against independent computation, and draws against the moments."""

import numpy as np
import pytest
from scipy import integrate, stats

from workbench.experiments.late.delays import Delays
from workbench.experiments.late.hazards import Hazards
from workbench.experiments.late.prior import DelayPrior


def test_one_day_is_the_conjugate_beta():
    arm = Delays("a", np.array([[0, 3], [4, 13]]))
    after = Hazards.after(DelayPrior(np.array([0.1]), 20.0), arm)
    mean, sd = after.rate_moments()
    published = stats.beta(2 + 4, 18 + 13)
    assert mean == pytest.approx(published.mean(), rel=1e-12)
    assert sd == pytest.approx(published.std(), rel=1e-9)


def test_moments_of_two_days_agree_with_integration():
    hazards = Hazards(np.array([3.0, 4.0]), np.array([20.0, 60.0]))
    first, second = (
        (nodes := np.linspace(0, 1, 4001), stats.beta(a, b).pdf(nodes))
        for a, b in zip(hazards.a, hazards.b, strict=True)
    )

    def moment(power: int) -> float:
        rate = 1 - np.outer(1 - first[0], 1 - second[0])
        density = np.outer(first[1], second[1])
        return float(integrate.simpson(integrate.simpson(rate**power * density, x=first[0]), x=second[0]))

    mean, sd = hazards.rate_moments()
    assert mean == pytest.approx(moment(1), rel=1e-8)
    assert sd == pytest.approx(np.sqrt(moment(2) - moment(1) ** 2), rel=1e-6)


def test_draws_have_the_exact_moments(simulated):
    arm = simulated(seed=1, closed=0.25)
    after = Hazards.after(DelayPrior(np.full(14, 0.01), 5.0), arm)
    random = np.random.default_rng(2)
    survival = after.survival_draws(40_000, random)
    mean, sd = after.rate_moments()
    assert 1 - survival[:, 0].mean() == pytest.approx(mean, abs=5 * sd / 200)
    assert survival[:, 0].std() == pytest.approx(sd, rel=0.02)
    future = random.binomial(arm.waiting[:-1], 1 - survival).sum(axis=1)
    mean, sd = after.future_moments(arm.waiting)
    assert future.mean() == pytest.approx(mean, abs=5 * sd / 200)
    assert future.std() == pytest.approx(sd, rel=0.02)


def test_with_every_window_closed_and_little_prior_it_is_the_observed_share(simulated):
    arm = simulated(seed=3, closed=0.999, people=20_000)
    only = Delays("a", np.vstack([np.zeros_like(arm.people[:-1]), arm.people[-1:]]))
    mean, sd = Hazards.after(DelayPrior(np.full(14, 0.01), 1e-6), only).rate_moments()
    share = only.events.sum() / only.total
    # Without anybody censored, the product of the days' estimates is the share, and its variance the binomial one.
    assert mean == pytest.approx(share, rel=1e-6)
    assert sd == pytest.approx(np.sqrt(share * (1 - share) / only.total), rel=0.01)
    assert Hazards.after(DelayPrior(np.full(14, 0.01), 1.0), only).future_moments(only.waiting) == (0, 0)
