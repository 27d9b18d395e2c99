"""Evidence valid at every look: against direct integration, and against what a martingale must do."""

from functools import cache
from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.experiments.sequential import log_e_value, sample_ratio
from workbench.refusal import Refused

EVENTS = [
    (0, 0, 0.5),
    (1, 0, 0.5),
    (9, 2, 0.5),
    (40, 55, 0.5),
    (120, 60, 1 / 3),
    (7, 60, 0.1),
    (2_400, 2_100, 0.5),
]


@pytest.mark.parametrize(("treated", "control", "share"), EVENTS)
def test_e_value_agrees_with_direct_integration(treated, control, share):
    with mpmath.workdps(40):
        rho, scale = mpmath.mpf(share), mpmath.mpf("0.5")

        def integrand(x):
            density = mpmath.sqrt(2 / mpmath.pi) / scale * mpmath.exp(-(x**2) / (2 * scale**2))
            theta = rho * mpmath.exp(x) / (rho * mpmath.exp(x) + 1 - rho)
            return density * (theta / rho) ** treated * ((1 - theta) / (1 - rho)) ** control

        direct = mpmath.log(mpmath.quad(integrand, [0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3, 6]))
    assert log_e_value(treated, control, share) == pytest.approx(float(direct), abs=1e-10)


def test_no_event_is_no_evidence():
    assert log_e_value(0, 0, 0.3) == pytest.approx(0, abs=1e-12)


def test_millions_of_events_neither_overflow_nor_vanish():
    # Laplace: the best log likelihood ratio, less a penalty for not having known the effect.
    n, k = 4_000_000, 2_020_000
    best = k * np.log(k / n / 0.5) + (n - k) * np.log((n - k) / n / 0.5)
    assert best - 12 < log_e_value(k, n - k, 0.5) < best
    assert log_e_value(n - k, k, 0.5) < 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 400), st.integers(0, 400), st.floats(0.05, 0.95))
def test_under_equal_rates_the_next_event_changes_nothing_on_average(treated, control, share):
    """E[e after one more event | data] = e: the identity of a martingale."""
    now = log_e_value(treated, control, share)
    to_arm = np.exp(log_e_value(treated + 1, control, share) - now)
    to_control = np.exp(log_e_value(treated, control + 1, share) - now)
    assert share * to_arm + (1 - share) * to_control == pytest.approx(1, abs=1e-10)


@cache
def log_e(treated: int, control: int, share: float) -> float:
    return log_e_value(treated, control, share)


def ever_crosses(level: float, share: float, events: int) -> float:
    """Exact probability, under equal rates, that e reaches a level by some event, looked at after each."""
    alive, crossed = {0: 1.0}, 0.0
    for n in range(1, events + 1):
        after: dict[int, float] = {}
        for k, mass in alive.items():
            for treated, chance in ((k + 1, share), (k, 1 - share)):
                if log_e(treated, n - treated, share) >= np.log(level):
                    crossed += mass * chance
                else:
                    after[treated] = after.get(treated, 0.0) + mass * chance
        alive = after
    return crossed


@pytest.mark.parametrize(("level", "share"), list(product([2.0, 10.0, 100.0], [0.5, 0.2])))
def test_whoever_looks_after_every_event_is_fooled_no_more_often_than_one_in_x(level, share):
    # Exact on the lattice of counts, so that nothing is left to the luck of a simulation.
    assert 0 < ever_crosses(level, share, 70) <= 1 / level


def test_evidence_grows_when_the_arm_is_better_and_shrinks_when_it_is_worse():
    values = [log_e_value(k, 100 - k, 0.5) for k in range(101)]
    assert np.all(np.diff(values) > 0)
    assert values[50] < 0 < values[65]
    # Of an arm of one tenth, ten events in a hundred are what equal rates give.
    assert log_e_value(10, 90, 0.1) < 0 < log_e_value(25, 75, 0.1)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.2, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(Refused, match="an arm's share is not between 0 and 1"):
        log_e_value(3, 4, share)


def direct_log_e(people, shares):
    """Dirichlet-multinomial over multinomial, in 40 digits."""
    with mpmath.workdps(40):
        total = mpmath.fsum(shares)
        design = [mpmath.mpf(share) / total for share in shares]
        alpha = [len(design) * share for share in design]
        mixture = mpmath.loggamma(sum(alpha)) - mpmath.loggamma(sum(alpha) + sum(people))
        for a, n in zip(alpha, people, strict=True):
            mixture += mpmath.loggamma(a + n) - mpmath.loggamma(a)
        return float(mixture - sum(n * mpmath.log(share) for n, share in zip(people, design, strict=True)))


@pytest.mark.parametrize(
    ("people", "shares"),
    [
        ((0, 0), (0.5, 0.5)),
        ((1_940, 1_941, 1_939), (1 / 3, 1 / 3, 1 / 3)),
        ((21_306, 21_387, 21_307), (1, 1, 1)),
        ((900, 8_100), (0.1, 0.9)),
        ((1_100, 7_900), (1, 9)),
        ((5_000_000, 5_020_000), (0.5, 0.5)),
    ],
)
def test_sample_ratio_agrees_with_the_direct_formula(people, shares):
    found, log_e = sample_ratio(people, shares), direct_log_e(people, shares)
    # Differences of logarithms of factorials of millions lose digits to their size.
    assert found.log_e == pytest.approx(log_e, rel=1e-9, abs=1e-6 + 1e-15 * sum(people) * 16)
    assert found.p_value == pytest.approx(np.exp(min(0.0, -log_e)), rel=1e-4)


def test_sample_ratio_passes_what_fits_and_alarms_at_what_does_not():
    assert sample_ratio((10_000, 10_050), (0.5, 0.5)).p_value == 1
    assert sample_ratio((1_000, 9_000), (0.1, 0.9)).p_value == 1
    assert sample_ratio((10_000, 10_600), (0.5, 0.5)).p_value < 0.02
    assert sample_ratio((10_000, 11_000), (0.5, 0.5)).p_value < 1e-6
    assert sample_ratio((9_000, 1_000), (0.1, 0.9)).p_value == 0


def test_sample_ratio_does_not_depend_on_the_order_of_arms_or_the_scale_of_shares():
    first = sample_ratio((700, 820, 1_490), (0.25, 0.25, 0.5))
    again = sample_ratio((1_490, 700, 820), (2, 1, 1))
    assert first.log_e == pytest.approx(again.log_e, abs=1e-9)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_sample_ratio_alarms_falsely_no_more_often_than_it_says(share):
    alive, alarmed = {0: 1.0}, 0.0
    for n in range(1, 161):
        after: dict[int, float] = {}
        for k, mass in alive.items():
            for arm, chance in ((k + 1, share), (k, 1 - share)):
                if sample_ratio((arm, n - arm), (share, 1 - share)).p_value <= 0.05:
                    alarmed += mass * chance
                else:
                    after[arm] = after.get(arm, 0.0) + mass * chance
        alive = after
    assert 0 < alarmed <= 0.05


@pytest.mark.parametrize("shares", [(0.0, 1.0), (0.5, -0.5), (0.5, 0.25, 0.25)])
def test_shares_that_fit_no_design_are_refused(shares):
    with pytest.raises(Refused, match="an arm has no designed share"):
        sample_ratio((10, 10), shares)
