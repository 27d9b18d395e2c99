"""Ratios of two means against the normal of what is below, and the plane of two normals."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from workbench.experiments.exact.ratios import ArmRatio, ratio_posterior
from workbench.refusal import Refused

A = ArmRatio("a", 400, 0.8, 2.0, 1.2, 1.5, 0.5)
B = ArmRatio("b", 300, 0.9, 2.1, 1.1, 1.4, -0.2)


def below(t, arm):
    """P(N / D <= t) = P(N - t D <= 0)."""
    variance = arm.numerator_variance - 2 * t * arm.covariance + t**2 * arm.denominator_variance
    return norm.sf((arm.numerator - t * arm.denominator) / np.sqrt(variance / arm.people))


def test_one_ratio_has_its_closed_form():
    posterior = ratio_posterior([A, B], "a")
    for t in (0.3, 0.4, 0.47):
        assert posterior.cdf(t, "a") == pytest.approx(below(t, A), abs=1e-11)
    interval = posterior.mean("b", level=0.9)
    assert [below(x, B) for x in (interval.low, interval.high)] == pytest.approx([0.05, 0.95], abs=1e-10)


def test_two_ratios_are_compared_by_an_integral():
    posterior = ratio_posterior([A, B], "a")

    def density(t, step=1e-5):
        return (below(t + step, A) - below(t - step, A)) / (2 * step)

    for shift in (-0.02, 0.0, 0.05):
        found = quad(lambda t, shift=shift: density(t) * (1 - below(t + shift, B)), 0.1, 0.8, points=[0.4])[0]
        assert posterior.probability_better("b", by_more_than=shift) == pytest.approx(found, abs=1e-7)


def test_a_histogram_gives_means_and_their_covariance():
    rng = np.random.default_rng(1)
    d = rng.poisson(3, 200) + 1
    n = rng.binomial(d, 0.3)
    pairs, people = np.unique(np.stack([n, d]), axis=1, return_counts=True)
    arm = ArmRatio.from_histogram("a", pairs[0], pairs[1], people)
    spread = np.cov(np.stack([n, d]))
    assert (arm.people, arm.numerator, arm.denominator) == pytest.approx((200, n.mean(), d.mean()))
    found = (arm.numerator_variance, arm.denominator_variance, arm.covariance)
    assert found == pytest.approx((spread[0, 0], spread[1, 1], spread[0, 1]))


def test_a_denominator_that_is_known_leaves_a_mean():
    arms = [ArmRatio(arm, 100, mean, 2.0, 1.0, 0.0, 0.0) for arm, mean in (("a", 1.0), ("b", 1.2))]
    gap = norm(0.1, np.sqrt(2 / 100) / 2)
    assert ratio_posterior(arms, "a").probability_better("b") == pytest.approx(gap.sf(0), abs=1e-11)


@pytest.mark.parametrize(
    ("arm", "told"),
    [
        (ArmRatio("b", 1, 0.9, 2.1, 1.1, 1.4, 0.0), "arm b: it has fewer than two people"),
        (ArmRatio("b", 50, 0.9, 0.1, 1.1, 1.4, 0.0), "arm b: its denominator may be 0"),
        (ArmRatio("b", 50, 0.9, -2.1, 1.1, 1.4, 0.0), "arm b: its denominator may be 0"),
        (ArmRatio("b", 50, 0.9, 2.1, 1.1, 1.4, 3.0), "arm b: its variances are not those of people"),
        (ArmRatio("b", 50, 0.9, 2.1, 0.0, 1.4, 0.0), "arm b: its variances are not those of people"),
        (ArmRatio("b", 50, float("nan"), 2.1, 1.0, 1.4, 0.0), "arm b: a mean or spread is not a number"),
    ],
)
def test_what_cannot_be_compared_is_refused(arm, told):
    with pytest.raises(Refused, match=told):
        ratio_posterior([A, arm], "a")
