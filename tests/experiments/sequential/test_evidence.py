"""Evidence valid at every look: against direct integration, and against what a martingale must do."""

from functools import cache
from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.experiments.sequential import log_e_value
from workbench.refusal import Refused

EVENTS = [
    (0, 0, 0.5),
    (1, 0, 0.5),
    (9, 2, 0.5),
    (40, 55, 0.5),
    (120, 60, 1 / 3),
    (7, 60, 0.1),
    (2_400, 2_100, 0.5),
    # Steep at 0.
    (0, 273, 0.75),
    (3, 4_000, 0.9),
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


def test_epochs_of_one_allocation_are_as_one():
    parts = log_e_value((30, 12), (20, 9), (0.4, 0.4))
    assert parts == pytest.approx(log_e_value(42, 29, 0.4), abs=1e-12)


def test_a_base_rate_that_drifts_with_the_ramp_is_no_evidence():
    # 10 : 90 while the rate is 3 %, then 50 : 50 while it is 6 %, with no effect of the arm.
    events = (300, 3_000), (2_700, 3_000)
    assert log_e_value(*events, (0.1, 0.5)) < 0
    assert log_e_value(3_300, 5_700, 0.3) > np.log(100)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_by_epoch_as_well_the_next_event_changes_nothing_on_average(a, b, c, d):
    shares = (0.1, 0.5)
    now = log_e_value((a, b), (c, d), shares)
    to_arm = np.exp(log_e_value((a, b + 1), (c, d), shares) - now)
    to_control = np.exp(log_e_value((a, b), (c, d + 1), shares) - now)
    assert 0.5 * to_arm + 0.5 * to_control == pytest.approx(1, abs=1e-10)


def test_epochs_that_do_not_match_are_refused():
    with pytest.raises(Refused, match="not of the same epochs"):
        log_e_value((1, 2), (3, 4), 0.5)
