"""The moments at which a schedule is due, on clocks that are put forward and back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from workbench.parameters.schedule import Schedule, cron_values

# 29 February falls on a given day of the week at least once in 40 years.
_LONGEST_WAIT = timedelta(days=41 * 366)


def last_slot(schedule: Schedule, now: datetime) -> datetime:
    """The newest moment, not after `now`, at which the schedule is due, in UTC.

    A time of day that a clock leaves out, as it is put forward, is due once it goes on; one that it shows twice, as
    it is put back, is due the first time alone. A day must be among the days of the month and those of the week;
    where both are restricted, among either, as cron has it.

    Args:
        schedule: a cron line and a time zone.
        now: a moment with a time zone.
    """
    minutes, hours, _, _, _ = cron_values(schedule.cron)
    zone = ZoneInfo(schedule.time_zone)
    times = sorted((time(hour, minute) for hour, minute in product(hours, minutes)), reverse=True)
    for day in _days_back(schedule.cron, now.astimezone(zone).date()):
        for at in times:
            moment = _moment(datetime.combine(day, at), zone)
            if moment <= now:
                return moment
    raise ValueError("a cron line that was validated is due at least once in 41 years")


def _days_back(cron: str, newest: date) -> Iterator[date]:
    """The days on which a cron line is due, from the newest one on backward."""
    _, _, days, months, weekdays = cron_values(cron)
    _, _, in_month, _, in_week = cron.split(" ")
    either = not in_month.startswith("*") and not in_week.startswith("*")
    day = newest
    while newest - day < _LONGEST_WAIT:
        fits_month, fits_week = day.day in days, day.isoweekday() % 7 in weekdays
        fits = (fits_month or fits_week) if either else (fits_month and fits_week)
        if fits and day.month in months:
            yield day
        day -= timedelta(days=1)


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clocks of a zone first show this time or, where they leave it out, a later one."""
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # By the offset from before the gap, the time lies after it; by the one from behind it, before it.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after
