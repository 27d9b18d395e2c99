from datetime import UTC, datetime

import numpy as np
import pytest

from workbench.simulate.columns import DAY, HOUR
from workbench.simulate.local_time import LocalTime, weekday


def seconds(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


CLOCK = LocalTime.between(seconds("2026-01-01"), seconds("2026-12-31"))


@pytest.mark.parametrize(
    ("utc", "zone", "wall"),
    [
        ("2026-01-15T17:00", 0, "2026-01-15T12:00"),
        ("2026-07-15T16:00", 0, "2026-07-15T12:00"),
        ("2026-03-08T16:00", 0, "2026-03-08T12:00"),  # the Sunday on which summer time begins
        ("2026-11-01T17:00", 0, "2026-11-01T12:00"),  # and ends
        ("2026-07-15T17:00", 1, "2026-07-15T12:00"),
    ],
)
def test_clocks_know_summer_time(utc, zone, wall):
    moment, where = np.array([seconds(utc)]), np.array([zone])
    assert CLOCK.wall(moment, where).tolist() == [seconds(wall)]
    assert CLOCK.utc(CLOCK.wall(moment, where), where).tolist() == moment.tolist()


def test_office_hours_are_on_working_days_from_8_to_18():
    rng = np.random.default_rng(1)
    when = rng.integers(seconds("2026-01-02"), seconds("2026-12-20"), 5000)
    zone = rng.integers(0, 2, 5000)
    moved = CLOCK.wall(CLOCK.office_hours(when, zone, rng.random(5000)), zone)
    assert weekday(moved // DAY).max() == 4
    assert (moved % DAY >= 8 * HOUR).all()
    assert (moved % DAY < 18 * HOUR).all()
    days = moved // DAY - CLOCK.wall(when, zone) // DAY
    assert set(days) == {0, 1, 2}


def test_weekdays_count_from_monday():
    monday = seconds("2026-11-16") // DAY
    assert weekday(np.arange(monday, monday + 7)).tolist() == list(range(7))
