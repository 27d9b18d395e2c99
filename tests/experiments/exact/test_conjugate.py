"""Independent arms against closed forms of 40 digits, and scipy's quadrature."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betainc, betaln
from scipy.stats import beta, norm, t

from workbench.experiments.exact.conjugate import (
    beta_rates,
    gamma_event_rates,
    normal_means,
    normal_means_with_prior,
)
from workbench.experiments.exact.event_rates import ArmExposure
from workbench.experiments.exact.means import ArmMean
from workbench.experiments.exact.priors import BetaPrior, GammaPrior, MeanPrior
from workbench.experiments.exact.rates import ArmCounts
from workbench.refusal import Refused

mpmath.mp.dps = 40


def greater(a, b):
    """P(rate of b > rate of a) of two Betas with whole parameters, by the finite sum of Miller (2015)."""
    (a_1, b_1), (a_2, b_2) = a, b
    log = mpmath.loggamma
    term = mpmath.exp(log(b_1 + b_2) - log(a_1 + b_1 + b_2) - log(b_1) + log(a_1 + b_1))
    total = mpmath.mpf(0)
    for i in range(a_2):
        total += term
        term *= mpmath.mpf((a_1 + i) * (b_2 + i)) / ((a_1 + b_1 + b_2 + i) * (1 + i))
    return total


def loss(a, b):
    """E[max(rate of b - rate of a, 0)], by Miller's sum with one event more (Stucchio 2015)."""
    (a_1, b_1), (a_2, b_2) = a, b
    there = mpmath.mpf(a_2) / (a_2 + b_2) * greater(a, (a_2 + 1, b_2))
    return there - mpmath.mpf(a_1) / (a_1 + b_1) * greater((a_1 + 1, b_1), b)


CASES = {
    "small": ((12, 3), (9, 5)),
    "one person each": ((1, 0), (1, 1)),
    "five million": ((5_000_000, 2_000), (5_000_000, 2_070)),
    "five million, nearly all": ((5_000_000, 4_998_000), (5_000_000, 4_997_900)),
    "nobody of five million": ((5_000_000, 0), (5_000_000, 3)),
    "nobody had it": ((4_000, 0), (4_100, 0)),
    "everybody had it": ((4_000, 4_000), (3_900, 3_900)),
    "one beside a million": ((1, 1), (1_000_000, 300)),
}


@pytest.mark.parametrize("name", CASES)
def test_two_rates_agree_with_forty_digits(name):
    counts = [ArmCounts(arm, *each) for arm, each in zip("ab", CASES[name], strict=True)]
    posterior = beta_rates(counts, "a")
    a, b = ((1 + c.events, 1 + c.people - c.events) for c in counts)
    if name == "five million, nearly all":
        # Of the mirror, whose sum is short: b is the better one where fewer lack the event.
        a, b = b[::-1], a[::-1]
    better, lost, lost_b = greater(a, b), loss(a, b), loss(b, a)
    assert posterior.probability_better("b") == pytest.approx(float(better), abs=1e-9)
    assert posterior.probability_best()["b"] == pytest.approx(float(better), abs=1e-9)
    assert posterior.difference_cdf(0.0, "b") == pytest.approx(float(1 - better), abs=1e-9)
    assert posterior.expected_loss("a") == pytest.approx(float(lost), rel=1e-9)
    assert posterior.expected_loss("b") == pytest.approx(float(lost_b), rel=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_one_rate_is_its_beta(name):
    counts = [ArmCounts(arm, *each) for arm, each in zip("ab", CASES[name], strict=True)]
    posterior = beta_rates(counts, "a")
    closed = beta(1 + counts[1].events, 1 + counts[1].people - counts[1].events)
    rate = posterior.mean("b", level=0.9)
    assert (rate.mean, rate.low, rate.high) == pytest.approx(
        (closed.mean(), *closed.ppf([0.05, 0.95])), rel=1e-9
    )


def test_a_shift_and_a_ratio_of_rates_agree_with_scipy():
    posterior = beta_rates([ArmCounts("a", 40, 6), ArmCounts("b", 35, 9)], "a", BetaPrior(0.5, 0.5))
    a, b = beta(6.5, 34.5), beta(9.5, 26.5)
    for shift in (-0.15, 0.02, 0.3):
        found = quad(
            lambda p, shift=shift: a.pdf(p) * b.cdf(p + shift), 0, 1, points=[0.15, abs(shift)], epsabs=1e-12
        )
        assert posterior.difference_cdf(shift, "b") == pytest.approx(found[0], abs=1e-9)
    high = posterior.ratio("b").high
    assert quad(lambda p: a.pdf(p) * b.sf(p * high), 0, 1, points=[0.15], epsabs=1e-12)[0] == pytest.approx(
        0.025
    )


def test_bayes_factors_are_those_of_the_closed_forms():
    counts = [ArmCounts("a", 40, 6), ArmCounts("b", 35, 9), ArmCounts("c", 50, 9)]
    differ = sum(betaln(2 + c.events, 3 + c.people - c.events) - betaln(2, 3) for c in counts)
    alike = betaln(2 + 24, 3 + 101) - betaln(2, 3)
    assert beta_rates(counts, "a", BetaPrior(2, 3)).log_bayes_factor == pytest.approx(differ - alike)
    # One arm's evidence is the density of its mean, where people have a known spread and the prior is sharp in it.
    prior = GammaPrior.from_rate(0.2, worth=10)
    observed = [ArmExposure("a", 30.0, 6), ArmExposure("b", 30.0, 6)]

    def evidence(events, exposure):
        def likelihood(rate):
            return rate ** (1 + events) * np.exp(-(10 + exposure) * rate) * 10**2

        return quad(likelihood, 0, 5, epsabs=0, epsrel=1e-11)[0]

    expected = np.log(evidence(6, 30) ** 2 / evidence(12, 60))
    assert gamma_event_rates(observed, "a", prior).log_bayes_factor == pytest.approx(expected, rel=1e-9)


def test_two_event_rates_agree_with_the_incomplete_beta():
    observed = [ArmExposure("a", 1_000.0, 30), ArmExposure("b", 1_300.0, 52)]
    posterior = gamma_event_rates(observed, "a", GammaPrior(1.0, 20.0))
    # The share of b in the sum of two gammas of one scale is a Beta.
    better = 1 - betainc(53, 31, 1_320 / (1_320 + 1_020))
    assert posterior.probability_better("b") == pytest.approx(better, abs=1e-12)


def test_means_are_students():
    observed = [ArmMean("a", 3, 2.0, 1.5), ArmMean("b", 10, 2.2, 0.2)]
    posterior = normal_means(observed, "a")
    a, b = t(2, 2.0, 1.5 / 3**0.5), t(9, 2.2, 0.2 / 10**0.5)
    found = posterior.mean("a")
    assert (found.mean, found.low, found.high) == pytest.approx((2.0, *a.ppf([0.025, 0.975])), rel=1e-9)
    parts = [
        quad(lambda x: b.pdf(x) * a.cdf(x), *ends, epsabs=1e-13)[0] for ends in ((-np.inf, 2.2), (2.2, np.inf))
    ]
    assert posterior.probability_better("b") == pytest.approx(sum(parts), abs=1e-10)
    assert posterior.expected_loss("a") - posterior.expected_loss("b") == pytest.approx(0.2, rel=1e-9)


def test_means_of_known_spread_are_normal():
    posterior = normal_means([ArmMean("a", 100, 2.0, 1.4), ArmMean("b", 400, 2.1, 1.6)], "a", sd=1.5)
    gap = norm(0.1, 1.5 * np.sqrt(1 / 100 + 1 / 400))
    assert posterior.probability_better("b") == pytest.approx(gap.sf(0), abs=1e-12)
    assert posterior.difference("b").low == pytest.approx(gap.ppf(0.025), abs=1e-10)
    assert posterior.expected_loss("b") == pytest.approx(
        gap.std() * norm.pdf(0.1 / gap.std()) - 0.1 * gap.cdf(0)
    )
    with pytest.raises(Refused, match="none under a flat prior"):
        _ = posterior.log_bayes_factor


def test_a_prior_of_means_counts_as_people():
    observed = [ArmMean("a", 30, 2.0, 1.5), ArmMean("b", 40, 2.6, 1.2)]
    posterior = normal_means_with_prior(observed, "a", MeanPrior(mean=1.0, sd=1.5, worth=10))
    assert posterior.expectation("a") == pytest.approx((10 * 1.0 + 30 * 2.0) / 40)

    # Evidence is the density of the data: of one person at a time, each predicted from those before.
    def log_evidence(values):
        total = 0.0
        for place, value in enumerate(values):
            seen = np.array(values[:place])
            n = len(seen)
            mean = (10 + seen.sum()) / (10 + n)
            around = ((seen - seen.mean()) ** 2).sum() if n else 0.0
            squares = 10 * 1.5**2 + around + (10 * n / (10 + n) * (seen.mean() - 1) ** 2 if n else 0.0)
            scale = np.sqrt(squares / (10 + n) * (1 + 1 / (10 + n)))
            total += t.logpdf(value, 10 + n, mean, scale)
        return total

    a, b = [1.0, 2.5, 2.0], [3.0, 1.5, 2.5, 4.0]
    arms = [
        ArmMean(arm, len(x), float(np.mean(x)), float(np.std(x, ddof=1)))
        for arm, x in zip("ab", (a, b), strict=True)
    ]
    found = normal_means_with_prior(arms, "a", MeanPrior(1.0, 1.5, 10)).log_bayes_factor
    assert found == pytest.approx(log_evidence(a) + log_evidence(b) - log_evidence(a + b), abs=1e-10)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 400), st.integers(0, 400), st.integers(1, 400), st.integers(0, 400))
def test_mirrored_counts_under_mirrored_priors_give_complements(n, s, m, r):
    s, r = min(s, n), min(r, m)
    there = beta_rates([ArmCounts("a", n, s), ArmCounts("b", m, r)], "a", BetaPrior(2, 5))
    back = beta_rates([ArmCounts("a", n, n - s), ArmCounts("b", m, m - r)], "a", BetaPrior(5, 2))
    assert there.probability_better("b") == pytest.approx(1 - back.probability_better("b"), abs=1e-9)
    assert there.expected_loss("a") == pytest.approx(back.expected_loss("a", highest=False), abs=1e-12)


def test_priors_are_named_by_what_they_say():
    assert BetaPrior.from_rate(0.04, worth=50) == BetaPrior(2.0, 48.0)
    assert GammaPrior.from_rate(0.5, worth=20) == GammaPrior(10.0, 20.0)
    for wrong in (
        lambda: BetaPrior.from_rate(1.4, worth=50),
        lambda: BetaPrior(0, 1),
        lambda: GammaPrior(float("nan"), 1),
        lambda: MeanPrior(float("nan"), 1, 1),
        lambda: MeanPrior(0, 1, 0),
    ):
        with pytest.raises(Refused):
            wrong()


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: normal_means([ArmMean("a", 2, 1, 1), ArmMean("b", 9, 1, 1)], "a"), "arm a: it has two people"),
        (lambda: normal_means([ArmMean("a", 9, 1, 1), ArmMean("b", 9, 1, 0)], "a"), "arm b: all its people"),
        (
            lambda: normal_means([ArmMean("a", 9, 1, 1), ArmMean("b", 9, 1, 1)], "a", sd=0),
            "sd: it is not above 0",
        ),
        (lambda: beta_rates([ArmCounts("a", 9, 1)], "a"), "1 arm was given"),
        (
            lambda: gamma_event_rates(
                [ArmExposure("a", 0, 1), ArmExposure("b", 1, 2.5)], "a", GammaPrior(1, 1)
            ),
            "arm a: its exposure is not above 0",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(ask, told):
    with pytest.raises(Refused, match=told):
        ask()
