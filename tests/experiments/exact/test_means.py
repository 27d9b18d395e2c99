"""Means against the closed form of normals, and against quadrature over the plane of the means themselves."""

import numpy as np
import pytest
from scipy.stats import norm, t

from workbench.experiments.exact.means import ArmMean, MeanPosterior, StandardizedMeanPosterior
from workbench.experiments.exact.priors import LogRatioPrior, StandardizedPrior
from workbench.refusal import Refused

THREE = [ArmMean("a", 1000, 2.0, 1.5), ArmMean("b", 1000, 2.2, 1.6), ArmMean("c", 900, 2.1, 1.6)]


def test_standardized_differences_are_jointly_normal():
    posterior = StandardizedMeanPosterior(THREE, "a")
    sd = np.sqrt((999 * 1.5**2 + 999 * 1.6**2 + 899 * 1.6**2) / (999 + 999 + 899))
    errors, means = np.array([m.error for m in THREE]), np.array([m.mean for m in THREE])
    precision = np.diag(errors**-2)
    for place in (1, 2):
        gap = np.eye(3)[place] - np.eye(3)[0]
        precision += np.outer(gap, gap) / (0.35 * sd) ** 2
    covariance = np.linalg.inv(precision)
    center = covariance @ (means / errors**2)
    for arm, versus, contrast in (("b", "a", [-1, 1, 0]), ("c", "b", [0, -1, 1])):
        gap = norm(center @ contrast, np.sqrt(contrast @ covariance @ contrast))
        found = posterior.difference(arm, versus)
        assert (found.mean, found.low, found.high) == pytest.approx(
            (gap.mean(), *gap.ppf([0.025, 0.975])), abs=1e-10
        )
        assert posterior.probability_better(arm, versus) == pytest.approx(gap.sf(0), abs=1e-11)
        assert posterior.difference_density(np.array([0.1]), arm, versus) == pytest.approx(
            [gap.pdf(0.1)], rel=1e-9
        )
        within = posterior.probability_equivalent(0.12, arm, versus)
        assert within == pytest.approx(gap.cdf(0.12) - gap.cdf(-0.12), abs=1e-11)
    surprise = norm(2.0, np.sqrt(errors[0] ** 2 + errors[1] ** 2 + (0.35 * sd) ** 2)).sf(2.2)
    assert posterior.prior_conflict("b") == pytest.approx(2 * surprise, abs=1e-10)


def test_scores_around_nothing_may_be_below_it():
    arms = [ArmMean("a", 300, -0.05, 2.0), ArmMean("b", 300, 0.1, 2.0)]
    posterior = StandardizedMeanPosterior(arms, "a", StandardizedPrior(sd=0.2, degrees=3))
    assert 0.5 < posterior.probability_better("b") < 1
    with pytest.raises(Refused, match=r"ratio of b to a: one of the means may be below 0\."):
        posterior.ratio("b")
    with pytest.raises(Refused, match="arm a: its mean is not well above 0"):
        MeanPosterior(arms, "a")


@pytest.mark.parametrize("degrees", [None, 3.0])
def test_ratios_agree_with_quadrature_over_the_means(degrees):
    arms = [ArmMean("a", 60, 1.2, 2.0), ArmMean("b", 50, 2.0, 2.5)]
    posterior = MeanPosterior(arms, "a", LogRatioPrior(0.35, degrees))
    at, weight = np.polynomial.legendre.leggauss(400)
    x, y = (center * (at + 1) for center in (2.0, 2.6))
    law = norm if degrees is None else t(degrees)
    gap = np.log(y[None, :] / x[:, None])
    joint = norm.pdf(1.2, x, arms[0].error)[:, None] * norm.pdf(2.0, y, arms[1].error) * law.pdf(gap / 0.35) / y
    mass = joint * weight[:, None] * weight * 2.0 * 2.6
    mass /= mass.sum()
    assert posterior.expectation("a") == pytest.approx(mass.sum(axis=1) @ x, rel=1e-8)
    assert posterior.expectation("b") == pytest.approx(mass.sum(axis=0) @ y, rel=1e-8)
    assert posterior.difference("b").mean == pytest.approx(
        mass.sum(axis=0) @ y - mass.sum(axis=1) @ x, rel=1e-8
    )


def test_units_do_not_matter():
    other = [ArmMean(m.arm, m.people, 60 * m.mean, 60 * m.sd) for m in THREE]
    for kind in (MeanPosterior, StandardizedMeanPosterior):
        one, same = kind(THREE, "a"), kind(other, "a")
        assert same.probability_best() == pytest.approx(one.probability_best(), abs=1e-11)
        assert same.expected_loss("a") == pytest.approx(60 * one.expected_loss("a"), rel=1e-10)
        assert same.ratio("b").high == pytest.approx(one.ratio("b").high, rel=1e-10)
        assert same.log_bayes_factor == pytest.approx(one.log_bayes_factor, abs=1e-9)


def test_a_histogram_and_sums_are_the_same_people():
    values, people = [0, 1, 2, 5], [50, 30, 15, 5]
    one = ArmMean.from_histogram("a", values, people)
    each = np.repeat(values, people)
    assert (one.people, one.mean, one.sd) == pytest.approx((100, each.mean(), each.std(ddof=1)))
    sums = ArmMean.from_sums("a", 100, float(each.sum()), float((each**2).sum()))
    assert (sums.mean, sums.sd) == pytest.approx((one.mean, one.sd))


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: ArmMean.from_histogram("a", [0, 1], [1, 0]), "arm a: it has fewer than two people"),
        (lambda: ArmMean.from_histogram("a", [0, float("nan")], [1, 5]), "arm a: its values are not numbers"),
        (lambda: ArmMean.from_histogram("a", [0, 1], [1, 2.5]), "arm a: its people are not whole numbers"),
        (lambda: ArmMean.from_histogram("a", [0, 1], [1, -2]), "arm a: its people are not whole numbers"),
        (lambda: ArmMean.from_sums("a", 1, 3.0, 9.0), "arm a: it has fewer than two people"),
        (lambda: ArmMean.from_sums("a", 10, 30.0, 9.0), "arm a: its squares do not go with its sum"),
        (
            lambda: MeanPosterior([ArmMean("a", 9, 1, 1), ArmMean("b", 9, float("nan"), 1)], "a"),
            "arm b: its mean",
        ),
        (lambda: MeanPosterior([ArmMean("a", 9, 1, 0), ArmMean("b", 9, 1, 1)], "a"), "arm a: all its people"),
        (
            lambda: MeanPosterior([ArmMean("a", 1, 1, 1), ArmMean("b", 9, 1, 1)], "a"),
            "arm a: it has fewer than two",
        ),
        (lambda: LogRatioPrior(sd=-1), "prior: a scale is not above 0"),
        (lambda: LogRatioPrior(degrees=1), "prior: its degrees are not above 2"),
    ],
)
def test_what_cannot_be_compared_is_refused(ask, told):
    with pytest.raises(Refused, match=told):
        ask()


def test_priors_say_what_they_expect():
    assert LogRatioPrior().ratios == pytest.approx((0.50, 1.99), abs=0.01)
    assert StandardizedPrior(0.2).differences == pytest.approx((-0.392, 0.392), abs=1e-3)
    assert LogRatioPrior(degrees=3).ratios[1] > LogRatioPrior().ratios[1]
