"""The alarm for drift: a fair game under calibration, at every look, and soon heard where risks are off."""

from itertools import product

import numpy as np
import pytest
from scipy.special import expit, logit

from workbench.no_show.oversight.alarm import calibration_alarm
from workbench.refusal import Refused

START = np.datetime64("2026-01-01")


def days(number, each):
    return START + np.repeat(np.arange(number), each).astype("timedelta64[D]")


def drawn(rng, number, each, shift=0.0, slope=1.0, spread=0.0):
    """Predicted risks, outcomes whose log odds are off, and days that share a shock."""
    day = days(number, each)
    log_odds = rng.normal(-1.5, 0.8, day.size)
    shock = np.repeat(rng.normal(0, spread, number), each) if spread else 0.0
    truth = expit(-1.5 + slope * (log_odds + 1.5) + shift + shock)
    return expit(log_odds), (rng.random(day.size) < truth).astype(float), day


def test_a_day_s_bets_are_fair_whatever_the_risks():
    """Over all outcomes of two days, weighed by their probability, the evidence is worth 1."""
    probability = np.array([0.05, 0.3, 0.6, 0.9])
    day = days(2, 2)
    worth = 0.0
    for outcome in product((0.0, 1.0), repeat=4):
        chance = np.prod(np.where(outcome, probability, 1 - probability))
        worth += chance * calibration_alarm(probability, np.array(outcome), day).evidence[-1]
    assert worth == pytest.approx(1, abs=1e-12)


def test_outcomes_of_one_day_may_hang_together_in_any_way():
    """All of a day miss, or none: each with its probability, and the bet is as fair."""
    probability = np.full(10, 0.2)
    both = [
        calibration_alarm(probability, np.full(10, missed), days(1, 10)).evidence[-1] for missed in (1.0, 0.0)
    ]
    assert 0.2 * both[0] + 0.8 * both[1] == pytest.approx(1, abs=1e-12)


def test_false_alarms_are_as_rare_as_was_said_over_all_looks():
    rng = np.random.default_rng(1)
    false = [calibration_alarm(*drawn(rng, 200, 10), alpha=0.1).given_on is not None for _ in range(300)]
    # At most 10 % in truth; 300 draws would show more than 15 % once in a thousand times.
    assert np.mean(false) < 0.15


@pytest.mark.parametrize("changed", [{"shift": 0.4}, {"shift": -0.5}, {"slope": 0.3}, {"slope": 1.9}])
def test_risks_that_are_off_are_found(changed):
    rng = np.random.default_rng(2)
    found = [calibration_alarm(*drawn(rng, 300, 20, **changed)) for _ in range(10)]
    assert all(alarm.given_on is not None for alarm in found)
    kind = "slope" if "slope" in changed else "in_the_large"
    other = "in_the_large" if kind == "slope" else "slope"
    assert np.median([np.log(getattr(alarm, kind)[-1] / getattr(alarm, other)[-1]) for alarm in found]) > 0


def test_drift_that_comes_after_a_calm_year_is_found_as_well():
    rng = np.random.default_rng(3)
    calm, late = drawn(rng, 250, 20), drawn(rng, 150, 20, shift=0.6)
    probability, outcome = (np.concatenate([calm[place], late[place]]) for place in (0, 1))
    alarm = calibration_alarm(probability, outcome, days(400, 20))
    assert alarm.after_days is not None
    assert 250 < alarm.after_days < 320
    assert alarm.after_outcomes == 20 * alarm.after_days
    assert alarm.given_on == START + np.timedelta64(alarm.after_days - 1, "D")


def test_the_order_of_the_rows_is_of_no_account_and_later_days_change_nothing_before():
    rng = np.random.default_rng(4)
    probability, outcome, day = drawn(rng, 30, 5)
    whole = calibration_alarm(probability, outcome, day)
    order = rng.permutation(day.size)
    np.testing.assert_allclose(
        whole.evidence, calibration_alarm(probability[order], outcome[order], day[order]).evidence
    )
    part = calibration_alarm(probability[:50], outcome[:50], day[:50])
    np.testing.assert_allclose(part.evidence, whole.evidence[:10])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"probability": np.array([0.2, 1.0])}, "between 0 and 1"),
        ({"probability": np.array([0.2, np.nan])}, "between 0 and 1"),
        ({"outcome": np.array([0.0, 2.0])}, "neither 0 nor 1"),
        ({"outcome": np.array([0.0])}, "equally many"),
        ({"day": np.array(["2026-01-01", "NaT"], "datetime64[D]")}, "a day is missing"),
        ({"alpha": 0.0}, "alpha"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(changed, told):
    given = {"probability": np.array([0.2, 0.4]), "outcome": np.array([0.0, 1.0]), "day": days(2, 1)} | changed
    with pytest.raises(Refused, match=told):
        calibration_alarm(**given)


def test_log_odds_beyond_reach_leave_the_evidence_finite():
    probability = expit(np.array([-30.0, 30.0, logit(0.2)]))
    alarm = calibration_alarm(probability, np.array([1.0, 0.0, 1.0]), days(3, 1))
    assert np.isfinite(alarm.evidence).all()


@pytest.mark.parametrize("risk", [1e-300, 1e-9, 0.001, 1 - 1e-12])
def test_however_absurd_the_drift_the_evidence_stays_a_number_and_the_alarm_given(risk):
    """Every day the opposite of what was told, for three years."""
    day = days(1_100, 3)
    alarm = calibration_alarm(np.full(day.size, risk), np.full(day.size, float(risk < 0.5)), day)
    for evidence in (alarm.evidence, alarm.in_the_large, alarm.slope):
        assert np.isfinite(evidence).all()
    assert alarm.after_days is not None
    assert alarm.after_days < 15
    assert alarm.evidence[-1] >= alarm.evidence[0]


def test_drift_that_turns_absurdly_back_leaves_a_number():
    day = days(600, 1)
    outcome = np.repeat([1.0, 0.0, 1.0], 200)
    alarm = calibration_alarm(np.full(600, 1e-12), outcome, day)
    assert np.isfinite(alarm.evidence).all()
    assert (alarm.evidence >= 0).all()
