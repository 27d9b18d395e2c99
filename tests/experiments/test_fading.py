"""Early against late: against independent computation, what fades and what does not, and what is refused."""

import numpy as np
import pytest
from scipy import integrate, stats
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import Log
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import DomainWarning

from workbench.experiments.fading import CHANGE_SD, LEVEL_SD, WeeklyCounts, _week, fading
from workbench.refusal import Refused

WEEKS = 9


def weekly(arm: str, people, events) -> WeeklyCounts:
    return WeeklyCounts(arm, np.array(people), np.array(events))


def drawn(seed: int, effect, people: int = 400, base: float = 0.08) -> tuple[WeeklyCounts, WeeklyCounts]:
    random = np.random.default_rng(seed)
    when = np.arange(WEEKS) / (WEEKS - 1)
    many = np.full(WEEKS, people)
    return (
        weekly("new", many, random.binomial(many, base + effect(when))),
        weekly("plain", many, random.binomial(many, base)),
    )


def test_agrees_with_brute_force_over_all_five_dimensions():
    arm, control = weekly("new", [60, 50, 70], [9, 4, 2]), weekly("plain", [55, 65, 50], [4, 6, 3])
    found = fading(arm, control, 0.02, level=0.9)
    week = np.arange(3) - (arm.events + control.events) @ np.arange(3) / (arm.events + control.events).sum()
    random = np.random.default_rng(1)
    # Importance sampling: rates of the control's weeks from their own likelihood, effects from the prior.
    draws = 400_000
    slope = random.normal(0, CHANGE_SD / 2, draws)
    level = random.normal(0, LEVEL_SD, draws)
    # log p is uniform: the control alone gives Beta(events, people - events + 1).
    rate = random.beta(control.events, control.people - control.events + 1, (draws, 3))
    treated = rate * np.exp(level[:, None] + slope[:, None] * week)
    weight = np.where((treated < 1).all(axis=1), 1.0, 0.0)
    weight *= stats.binom.pmf(arm.events, arm.people, np.minimum(treated, 1)).prod(axis=1)
    weight /= weight.sum()
    late = treated[:, 2] - rate[:, 2]
    error = 5 / np.sqrt(1 / (weight**2).sum())
    assert found.slope.mean == pytest.approx(weight @ slope, abs=error * slope.std())
    assert found.shrinking == pytest.approx(weight @ (slope < 0), abs=error)
    assert found.late.mean == pytest.approx(weight @ late, abs=error * late.std())
    assert found.late_too_small == pytest.approx(weight @ (late < 0.02), abs=error)
    assert weight @ (late < found.late.low) == pytest.approx(0.05, abs=error)
    assert weight @ (slope < found.slope.high) == pytest.approx(0.95, abs=error)


def test_a_week_agrees_with_adaptive_quadrature():
    counts = np.array([50.0, 1.0, 40.0, 2.0])
    for log_ratio in (-1.0, 0.0, 0.8):

        def integrand(log_p: float, power: int, log_ratio: float = log_ratio) -> float:
            rate, treated = np.exp(log_p), np.exp(log_p + log_ratio)
            return rate ** (1 + power) * (1 - rate) ** 49 * treated**2 * (1 - treated) ** 38

        top = -max(log_ratio, 0.0)
        total, first, second = (
            integrate.quad(integrand, -15, top, args=(k,), epsabs=0, epsrel=1e-12, limit=200)[0]
            for k in range(3)
        )
        log_likelihood, mean, variance = (float(x) for x in _week(counts, np.array(log_ratio)))
        assert log_likelihood == pytest.approx(np.log(total), abs=1e-9)
        assert mean == pytest.approx(first / total, rel=1e-8)
        assert variance == pytest.approx(second / total - (first / total) ** 2, rel=1e-7)


def test_with_many_people_it_agrees_with_a_regression():
    arm, control = drawn(1, lambda when: 0.04 * (1 - when), people=40_000)
    found = fading(arm, control, 0.01)
    week = np.tile(np.arange(WEEKS), 2)
    treated = np.repeat([1, 0], WEEKS)
    design = np.column_stack([np.eye(WEEKS)[week], treated, treated * (week - week.mean())])
    rates = np.concatenate([arm.events, control.events]) / 40_000
    family = Binomial(link=Log())
    start = np.concatenate([np.full(WEEKS, -2.5), [0.0, 0.0]])
    with pytest.warns(DomainWarning, match="Log link"):
        model = GLM(rates, design, family=family, var_weights=np.full(2 * WEEKS, 40_000))
    fit = model.fit(start_params=start)
    assert found.slope.mean == pytest.approx(fit.params[-1], abs=0.05 * fit.bse[-1])
    assert found.slope.high - found.slope.low == pytest.approx(2 * 1.96 * fit.bse[-1], rel=0.02)


def test_an_effect_that_is_gone_at_the_end_is_told():
    found = fading(*drawn(1, lambda when: 0.08 * 2.0 ** (-5 * when), people=3000), 0.01)
    assert found.fades
    assert found.slope.high < 0
    assert found.early.mean > 0.03
    assert found.late.mean < 0.01
    assert found.weeks == WEEKS


def test_a_lasting_effect_and_none_are_rarely_told_as_fading():
    for effect in (0.03, 0.0):
        told = [fading(*drawn(seed, lambda when, e=effect: 0 * when + e), 0.01).fades for seed in range(40)]
        assert np.mean(told) < 0.16


def test_intervals_hold_the_truth_of_the_last_third():
    held = []
    for seed in range(60):
        found = fading(*drawn(seed, lambda when: 0.03 * (1 - when / 2)), 0.01, level=0.8)
        truth = 0.03 * (1 - np.arange(WEEKS)[-3:] / 16).mean()
        held.append(found.late.low <= truth <= found.late.high)
    assert np.mean(held) == pytest.approx(0.8, abs=0.16)


def test_a_base_rate_that_drifts_is_no_fading_effect():
    random = np.random.default_rng(2)
    base = np.linspace(0.15, 0.05, WEEKS)
    many = np.full(WEEKS, 50_000)
    arm = weekly("new", many, random.binomial(many, base * 1.3))
    found = fading(arm, weekly("plain", many, random.binomial(many, base)), 0.01)
    assert found.slope.low < 0 < found.slope.high


def test_where_fewer_events_are_wanted_a_fading_fall_is_told():
    arm, control = drawn(1, lambda when: -0.06 * 2.0 ** (-5 * when), people=1500, base=0.12)
    found = fading(arm, control, 0.01, highest=False)
    assert found.fades
    assert found.early.mean < -0.03
    # The log ratio rises toward 0, which is what is wanted of an outcome whose events are.
    assert fading(arm, control, 0.01).shrinking == pytest.approx(1 - found.shrinking)


def test_swapping_the_arms_mirrors_the_slope():
    arm, control = drawn(3, lambda when: 0.03 * (1 - when))
    one, other = fading(arm, control, 0.01), fading(control, arm, 0.01)
    assert one.slope.mean == pytest.approx(-other.slope.mean, rel=1e-6)
    assert one.slope.low == pytest.approx(-other.slope.high, rel=1e-5)
    assert one.shrinking == pytest.approx(1 - other.shrinking, abs=1e-8)


def test_weeks_without_people_in_both_arms_say_nothing():
    arm, control = drawn(4, lambda when: 0.03 * (1 - when))
    longer = fading(
        weekly("new", [*arm.people, 50], [*arm.events, 9]),
        weekly("plain", [*control.people, 0], [*control.events, 0]),
        0.01,
    )
    assert longer == fading(arm, control, 0.01)


def test_too_little_to_compare_is_none():
    assert fading(weekly("a", [50, 50], [3, 4]), weekly("b", [50, 50], [3, 4]), 0.01) is None
    assert fading(weekly("a", [50] * 4, [0] * 4), weekly("b", [50] * 4, [0] * 4), 0.01) is None


def test_one_event_and_everybody_having_it_are_no_problem():
    few = fading(weekly("a", [5] * 4, [0, 1, 0, 0]), weekly("b", [5] * 4, [0] * 4), 0.01)
    assert few.slope.low < 0 < few.slope.high
    everybody = fading(weekly("a", [50] * 4, [50] * 4), weekly("b", [50] * 4, [50] * 4), 0.01)
    assert everybody.late.mean == pytest.approx(0, abs=0.01)


def test_what_is_no_count_is_refused():
    with pytest.raises(Refused, match="not whole numbers"):
        weekly("a", [50.0, 50.0], [3.0, 4.0])
    with pytest.raises(Refused, match="not between 0 and its people"):
        weekly("a", [50, 50], [3, 51])
    with pytest.raises(Refused, match="other weeks"):
        fading(weekly("a", [50, 50], [3, 4]), weekly("b", [50], [3]), 0.01)
    with pytest.raises(Refused, match="not above 0"):
        fading(weekly("a", [50] * 3, [3] * 3), weekly("b", [50] * 3, [3] * 3), 0.0)
