"""The alarm over the test, week by week."""

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.oversight.alarm import calibration_alarm
from workbench.no_show.oversight.rehearsal import rehearse


def block(seed: int, drift: float, days: int = 84) -> tuple[pd.DataFrame, np.ndarray]:
    """Twenty appointments a day from a Wednesday on, none on the fifth and sixth day of a week."""
    rng = np.random.default_rng(seed)
    number = np.repeat([day for day in range(days) if day % 7 not in (4, 5)], 20)
    risk = rng.uniform(0.1, 0.4, number.size)
    frame = pd.DataFrame(
        {
            "day": pd.Timestamp("2026-07-01") + pd.to_timedelta(number, unit="D"),
            "patient": np.arange(number.size) // 2,
            "no_show": (rng.random(number.size) < risk + drift).astype(int),
        }
    )
    return frame, risk


def test_risks_that_are_right_give_no_alarm_and_each_week_tells_the_evidence_so_far():
    test, risk = block(1, 0)
    found = rehearse(test, risk)
    assert (found.given_in, found.given_on) == (None, None)
    assert [week.number for week in found.weeks] == list(range(1, 13))
    assert sum(week.appointments for week in found.weeks) == len(test)
    alarm = calibration_alarm(risk, test["no_show"].to_numpy(float), test["day"].to_numpy())
    # Five days with outcomes in each week.
    assert [week.evidence for week in found.weeks] == pytest.approx(np.log10(alarm.evidence[4::5]))


def test_risks_that_are_too_low_give_an_alarm_in_the_week_of_its_day():
    test, risk = block(2, 0.2)
    found = rehearse(test, risk)
    assert found.given_in is not None
    assert found.given_on is not None
    week = found.weeks[found.given_in - 1]
    assert week.first <= found.given_on <= week.last
    assert all(earlier.evidence < found.threshold for earlier in found.weeks[: found.given_in - 1])
    assert found.threshold == pytest.approx(np.log10(20))


def test_the_order_of_rows_and_a_week_without_outcomes_change_nothing():
    test, risk = block(3, 0)
    kept = ~test["day"].between("2026-07-08", "2026-07-14").to_numpy()
    found = rehearse(test[kept], risk[kept])
    assert [week.number for week in found.weeks] == [1, *range(3, 13)]
    backwards = rehearse(test[kept][::-1], risk[kept][::-1])
    assert [week.evidence for week in backwards.weeks] == pytest.approx([week.evidence for week in found.weeks])


def test_evidence_beyond_all_bounds_stays_a_number():
    test, risk = block(4, 0.6, days=1400)
    assert np.isfinite(rehearse(test, risk).weeks[-1].evidence)
