"""Randomized reminders hold the simulator's truth, and the emulation is checked by them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.at_risk.risk_set import declared_cohort
from workbench.no_show.effect.eligible import load_eligible
from workbench.no_show.effect.trial import randomized
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings

BOUNDS = (0.01, 0.99)
TRIAL = {
    "experiment": "segmented_reminders",
    "control": "uniform",
    "treated": "segmented",
    "stratum": "at risk",
    "first_days": 3,
}


@pytest.fixture(scope="module")
def segmented():
    return simulate_provider(ProviderSettings(patients=9_000, seed=103, scenario="segmented_reminders"))


@pytest.fixture(scope="module")
def loaded(segmented, settings_of_trial, tables_from):
    frames = {name: table.to_pandas() for name, table in segmented.tables.items()}
    known = tables_from(frames).known(settings_of_trial.as_of, declared_cohort(settings_of_trial))
    return load_eligible(known, settings_of_trial)


@pytest.fixture(scope="module")
def settings_of_trial(settings):
    return settings(
        test_from=date(2026, 7, 27),
        minors="exclude",
        reminder_days_before=1,
        reminder_hour=17,
        reminder_trial=TRIAL,
    )


def test_arms_hold_the_truth_of_both_worlds(segmented, loaded):
    found = randomized(loaded.rows, "missed", BOUNDS, 1)
    # Truth is told among those not called off; no reminder moves who calls off, and few do within a day.
    for estimand, estimate in (("attendance", found.difference), ("attendance_at_risk", found.in_stratum)):
        truth = -segmented.truth["laboratory"]["estimands"][estimand]["difference"]
        assert estimate.low < truth < estimate.high
    assert found.in_stratum.high < 0
    control, treated = found.arms
    assert (control.sent, treated.sent > 0) == (0, True)
    assert treated.appointments / treated.patients == pytest.approx(
        control.appointments / control.patients, rel=0.1
    )


def drawn(size=8_000, seed=2, confounded=0.0):
    """A trial by patient; where it is confounded, further texts also go to the good risks of the control arm."""
    rng = np.random.default_rng(seed)
    patient = np.arange(size) // 2
    arm = rng.integers(0, 2, size)[patient]
    secret = rng.random(size) < 0.5
    sent = (arm == 1) | (secret & (rng.random(size) < confounded))
    made = {name: np.zeros(size) for name in NUMBERS} | dict.fromkeys(WORDS)
    made |= {
        "patient": patient,
        "unit": patient,
        "day": pd.Timestamp("2026-06-22") + pd.to_timedelta(np.arange(size) % 50, unit="D"),
        "lead_days": rng.integers(3, 60, size),
        "arm": arm.astype(float),
        "stratum": True,
        "long": True,
        "eligible": True,
        "sent": sent.astype(int),
        "missed": (rng.random(size) < 0.35 - 0.1 * sent - 0.2 * secret).astype(int),
        "sex": "female",
        "language": None,
        "clinic_id": "c",
    }
    return pd.DataFrame(made)


def test_emulation_agrees_with_the_lot_where_nothing_is_hidden():
    found = randomized(drawn(), "missed", BOUNDS, 1)
    assert found.apart.low < 0 < found.apart.high
    assert found.emulation.patients == found.emulation.appointments == 4_000


def test_emulation_that_hidden_reasons_mislead_is_told_apart_from_the_lot():
    found = randomized(drawn(confounded=0.7), "missed", BOUNDS, 1)
    assert found.apart.high < 0


def test_difference_is_that_of_the_shares_and_is_clustered():
    rows = drawn()
    found = randomized(rows, "missed", BOUNDS, 1)
    shares = rows.groupby("arm")["missed"].mean()
    assert found.difference.value == pytest.approx(shares[1] - shares[0])
    halves = randomized(rows.assign(unit=rows["patient"] // 40), "missed", BOUNDS, 1)
    assert halves.difference.value == found.difference.value
    assert halves.difference != found.difference


def test_too_few_units_tell_nothing():
    rows = drawn()
    assert randomized(rows.assign(unit=rows["patient"] % 10), "missed", BOUNDS, 1) is None
    assert randomized(rows.assign(arm=np.nan), "missed", BOUNDS, 1) is None
