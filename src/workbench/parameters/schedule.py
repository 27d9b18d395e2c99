"""When a parameter set is due: a cron line of five fields in a named time zone."""

import re
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from workbench.parameters.validation import Unfit, given_in_words
from workbench.refusal import Fault, nearest

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, start=1)}),
    ("day of the week", 0, 7, {name: number for number, name in enumerate(_WEEKDAYS)}),
)
_LONGEST_MONTHS = dict(enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1))
_PART = re.compile(
    r"(?:\*|(?P<first>[0-9]{1,2}|[a-z]{3})(?:-(?P<last>[0-9]{1,2}|[a-z]{3}))?)(?:/(?P<step>[0-9]{1,2}))?"
)
# Names that tz databases carry but that depend on the machine or name no place.
_NO_ZONES = {"localtime", "Factory"}


def cron_values(cron: str) -> tuple[frozenset[int], ...]:
    """The minutes, hours, days of the month, months and days of the week (0 is Sunday) of a cron line.

    Each field takes `*`, numbers, ranges `a-b`, steps `*/n` and `a-b/n`, lists of these by commas, and names
    (jan, mon) for months and days of the week; 7 is Sunday too.

    Raises:
        ValueError: with a clause that says what is wrong.
    """
    fields = cron.split(" ")
    if len(fields) != len(_FIELDS) or not all(fields):
        raise ValueError("a cron line has five fields, separated by single spaces")
    named = zip(fields, _FIELDS, strict=True)
    minutes, hours, days, months, weekdays = (_field_values(text, *field) for text, field in named)
    if fields[4].startswith("*") and not any(_LONGEST_MONTHS[month] >= min(days) for month in months):
        raise ValueError("no such day of the month ever comes in these months")
    return minutes, hours, days, months, frozenset(day % 7 for day in weekdays)


def _field_values(text: str, field: str, low: int, high: int, names: dict[str, int]) -> frozenset[int]:
    values: set[int] = set()
    for part in text.lower().split(","):
        match = _PART.fullmatch(part)
        if match is None or (match["step"] and match["first"] and not match["last"]):
            raise ValueError(f'the {field} "{text}" is not written as cron writes it')
        first = _number(match["first"], names) if match["first"] else low
        last = _number(match["last"], names) if match["last"] else (first if match["first"] else high)
        step = int(match["step"] or 1)
        if first is None or last is None or not low <= first <= last <= high or step < 1:
            raise ValueError(f'the {field} "{text}" is not within {low} to {high}')
        values.update(range(first, last + 1, step))
    return frozenset(values)


def _number(word: str, names: dict[str, int]) -> int | None:
    return int(word) if word.isdecimal() else names.get(word)


def _valid_cron(cron: str) -> str:
    cron_values(cron)
    return cron


def zone_names() -> set[str]:
    """The names of all IANA time zones."""
    return available_timezones() - _NO_ZONES


def _known_zone(name: str) -> str:
    zones = zone_names()
    if name not in zones:
        what = f"{given_in_words(name)} is no known time zone."
        mend = f"Write a name such as America/New_York.{nearest(name, sorted(zones))}"
        raise Unfit(Fault("", what, mend))
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""The name of an IANA time zone, such as America/New_York."""


class Schedule(BaseModel):
    """When a parameter set is due."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    cron: Annotated[str, AfterValidator(_valid_cron)] = Field(
        max_length=100,
        description="Minute, hour, day of the month, month and day of the week, as cron writes them.",
        examples=["0 6 * * 1"],
    )
    time_zone: TimeZone = Field(
        max_length=60,
        description="The IANA time zone in which the hour is meant.",
        examples=["America/New_York"],
    )
