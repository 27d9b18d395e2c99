"""When a schedule is due, held against clocks that are read minute by minute."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.parameters.schedule import Schedule, cron_values
from workbench.parameters.slots import last_slot

MINUTE = timedelta(minutes=1)
# Zones and days around which their clocks change: by an hour, by half an hour, at midnight, by a whole day, and never.
CHANGES = [
    ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 29, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2026, 3, 28, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 2, 15, tzinfo=UTC)),
    ("Asia/Kolkata", datetime(2026, 2, 15, tzinfo=UTC)),
]
DAYS_BEFORE, DAYS_AFTER = 3, 2


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def last(cron: str, zone: str, now: str) -> datetime:
    return last_slot(Schedule(cron=cron, time_zone=zone), moment(now))


@cache
def shown(zone: str, middle: datetime) -> list[tuple[datetime, list[datetime]]]:
    """Minute by minute: the moment, and the times of day that its clock shows or passes over, each for the first time.

    Knows nothing of offsets or folds: it only watches a clock.
    """
    first, end = middle - timedelta(days=DAYS_BEFORE), middle + timedelta(days=DAYS_AFTER)
    watched, furthest = [], first.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - MINUTE
    now = first
    while now <= end:
        clock = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        new = []
        while furthest < clock:
            furthest += MINUTE
            new.append(furthest)
        watched.append((now, new))
        now += MINUTE
    return watched


values = cache(cron_values)


def fits(cron: str, clock: datetime) -> bool:
    """Whether a cron line names this time of day, by the rule of the manual crontab(5)."""
    minutes, hours, days, months, weekdays = values(cron)
    if clock.minute not in minutes:
        return False
    fields = cron.split(" ")
    restricted = [not fields[2].startswith("*"), not fields[4].startswith("*")]
    day, week = clock.day in days, int(clock.strftime("%w")) in weekdays
    on_day = day or week if all(restricted) else day and week
    return clock.hour in hours and clock.month in months and on_day


@st.composite
def lines(draw: st.DrawFn) -> str:
    minute = draw(st.sampled_from(["0", "30", "59", "*", "*/15", "5,35", "0-10"]))
    hour = draw(st.sampled_from(["*", "0", "1", "2", "2-3", "*/6", "23", "0,12"]))
    day = draw(st.sampled_from(["*", "*/2", "1", "8", "15", "25-31"]))
    week = draw(st.sampled_from(["*", "*/3", "0", "1-5", "sat"]))
    return f"{minute} {hour} {day} * {week}"


@settings(deadline=None, max_examples=150)
@given(
    cron=lines(),
    change=st.sampled_from(CHANGES),
    minutes=st.integers(0, 2 * 24 * 60),
    seconds=st.integers(0, 59),
)
@example(cron="30 2 * * *", change=CHANGES[0], minutes=7 * 60, seconds=0)
def test_it_is_what_watching_the_clock_gives(cron, change, minutes, seconds):
    zone, middle = change
    now = middle - timedelta(days=1) + minutes * MINUTE + timedelta(seconds=seconds)
    seen = [at for at, new in shown(zone, middle) if at <= now and any(fits(cron, clock) for clock in new)]
    found = last_slot(Schedule(cron=cron, time_zone=zone), now)
    assert found.tzinfo is UTC
    if seen:
        assert found == seen[-1]
    else:
        assert found < middle - timedelta(days=DAYS_BEFORE) + MINUTE


@settings(deadline=None, max_examples=50)
@given(
    cron=lines(),
    change=st.sampled_from(CHANGES),
    minutes=st.integers(0, 24 * 60),
    later=st.integers(0, 24 * 60),
)
def test_it_is_its_own_last_slot_and_never_goes_back(cron, change, minutes, later):
    schedule = Schedule(cron=cron, time_zone=change[0])
    now = change[1] + minutes * MINUTE
    slot = last_slot(schedule, now)
    assert slot <= now
    assert last_slot(schedule, slot) == slot
    assert last_slot(schedule, now + later * MINUTE) >= slot


@pytest.mark.parametrize(
    ("cron", "zone", "now", "slot"),
    [
        ("0 6 * * 1", "America/New_York", "2026-11-16T10:59:59+00:00", "2026-11-09T11:00:00+00:00"),
        ("0 6 * * 1", "America/New_York", "2026-11-16T11:00:00+00:00", "2026-11-16T11:00:00+00:00"),
        # A time left out runs as the clocks go on, at 03:00 of the new offset, and once, whatever was left out.
        ("30 2 * * *", "America/New_York", "2026-03-08T06:59:00+00:00", "2026-03-07T07:30:00+00:00"),
        ("30 2 * * *", "America/New_York", "2026-03-08T07:00:00+00:00", "2026-03-08T07:00:00+00:00"),
        ("*/10 2 * * *", "America/New_York", "2026-03-08T09:00:00+00:00", "2026-03-08T07:00:00+00:00"),
        # A time shown twice runs the first time, and not the second.
        ("30 1 * * *", "America/New_York", "2026-11-01T05:30:00+00:00", "2026-11-01T05:30:00+00:00"),
        ("30 1 * * *", "America/New_York", "2026-11-01T06:30:00+00:00", "2026-11-01T05:30:00+00:00"),
        # A whole day left out, 30 December 2011 in Samoa, is made up for as the next one begins.
        ("0 6 30 12 *", "Pacific/Apia", "2012-01-05T00:00:00+00:00", "2011-12-30T10:00:00+00:00"),
        # Days that come seldom.
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00:00+00:00", "2024-02-29T00:00:00+00:00"),
        ("0 0 29 2 */7", "UTC", "2031-01-01T00:00:00+00:00", "2004-02-29T00:00:00+00:00"),
        # Both days restricted: either will do.
        ("0 0 13 * 5", "UTC", "2026-11-15T00:00:00+00:00", "2026-11-13T00:00:00+00:00"),
        ("0 0 1 * 1", "UTC", "2026-11-15T00:00:00+00:00", "2026-11-09T00:00:00+00:00"),
    ],
)
def test_the_last_slot(cron, zone, now, slot):
    assert last(cron, zone, now) == moment(slot)


def test_the_moment_may_be_given_in_any_zone():
    in_tokyo = moment("2026-11-16T20:00:00+09:00")
    assert last_slot(Schedule(cron="0 6 * * 1", time_zone="America/New_York"), in_tokyo) == moment(
        "2026-11-16T11:00:00Z"
    )
