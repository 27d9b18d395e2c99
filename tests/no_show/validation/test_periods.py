"""The periods of the primary design: the embargo, and appointments booked too late for anything to be done."""

from datetime import date

import pandas as pd
import pytest

from workbench.no_show.at_risk.frame import Appointments
from workbench.no_show.validation.periods import EMBARGO, TOO_LATE, with_periods
from workbench.refusal import Refused


@pytest.fixture
def appointments():
    day = pd.date_range("2026-06-01", "2026-09-30", freq="D").repeat(2)
    rows = pd.DataFrame({"day": day, "lead_days": [0, 5] * (len(day) // 2), "period": "by days alone"})
    return Appointments(rows, (), 1.0, (), None, None)


def days_of(appointments, period):
    day = appointments.of(period)["day"]
    return str(day.min().date()), str(day.max().date()), len(day)


def test_outcomes_not_recorded_when_the_test_began_calibrate_nothing(appointments, settings):
    found = with_periods(appointments, settings(test_from=date(2026, 9, 7), recording_lag_days=7))
    assert days_of(found, "training") == ("2026-06-01", "2026-08-09", 140)
    assert days_of(found, "calibration") == ("2026-08-10", "2026-08-30", 42)
    assert days_of(found, EMBARGO) == ("2026-08-31", "2026-09-06", 14)
    assert days_of(found, "test") == ("2026-09-07", "2026-09-30", 48)


def test_predicted_at_booking_only_those_are_scored_for_whom_something_can_be_done(appointments, settings):
    chosen = settings(test_from=date(2026, 9, 7), decide_days_before=None, reminded_from_lead_days=3)
    found = with_periods(appointments, chosen)
    assert set(found.of("test")["lead_days"]) == set(found.of("calibration")["lead_days"]) == {5}
    assert set(found.of(TOO_LATE)["lead_days"]) == {0}
    assert len(found.of("test")) + len(found.of(TOO_LATE)) == 48
    # They tell of patients, and train.
    assert set(found.of("training")["lead_days"]) == {0, 5}


def test_where_nothing_was_booked_so_early_it_is_refused(appointments, settings):
    chosen = settings(test_from=date(2026, 9, 7), decide_days_before=None, reminded_from_lead_days=9)
    with pytest.raises(Refused, match="no appointment of the calibration was booked so many days ahead"):
        with_periods(appointments, chosen)


def test_a_calibration_shorter_than_the_lag_is_refused_with_the_parameters(settings):
    with pytest.raises(ValueError, match="must exceed recording_lag_days"):
        settings(calibration_days=7, recording_lag_days=7)
