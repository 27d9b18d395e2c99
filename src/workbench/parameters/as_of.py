"""The day a study looks from: a date, or a rule that is resolved to one before anything else happens."""

import re
from datetime import date, timedelta
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from workbench.parameters.validation import Unfit, given_in_words
from workbench.refusal import Fault, Refused, nearest

AsOfRule = Literal["today", "yesterday", "last_monday", "first_of_month"]
AS_OF_RULES: tuple[str, ...] = get_args(AsOfRule)

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ALLOWED = f"Write a date such as 2026-11-16, not after today, or one of {', '.join(AS_OF_RULES)}."


def resolve_as_of(rule: str | date, today: date) -> date:
    """The day that a rule or a date means, seen from `today`.

    `last_monday` and `first_of_month` are the latest such day that is not after today: on a Monday,
    `last_monday` is that Monday, so that a run on Monday morning and its repetition on Friday look from the
    same day.

    Raises:
        Refused: where the date lies in the future, or the text is neither a date nor a rule.
    """
    try:
        return _resolved(rule, today)
    except Unfit as error:
        raise Refused(*(Fault("as_of", fault.what, fault.mend) for fault in error.faults)) from None


def _resolved(rule: str | date, today: date) -> date:
    if isinstance(rule, str):
        day = _day_of_rule(rule, today) if rule in AS_OF_RULES else _day_of_text(rule)
        if day is None:
            what = f"{given_in_words(rule)} is neither a date nor a rule."
            raise Unfit(Fault("", what, _ALLOWED + nearest(rule, AS_OF_RULES)))
    else:
        day = rule
    if day > today:
        raise Unfit(Fault("", f"the date {day} lies in the future, seen from {today}.", _ALLOWED))
    return day


def _day_of_rule(rule: str, today: date) -> date:
    match rule:
        case "yesterday":
            return today - timedelta(days=1)
        case "last_monday":
            return today - timedelta(days=today.weekday())
        case "first_of_month":
            return today.replace(day=1)
        case _:
            return today


def _day_of_text(text: str) -> date | None:
    if not _ISO_DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _read_day(given: object) -> object:
    """Text in the form 2026-11-16 as a date; pydantic alone would also take "1700006400" for one."""
    if not isinstance(given, str):
        return given
    day = _day_of_text(given)
    if day is None:
        raise ValueError("it is no date of the calendar written as year-month-day")
    return day


def _read_as_of(given: object, info: ValidationInfo) -> object:
    """The resolved day; the validation context holds `today` and, from the command line, `as_of`."""
    context = info.context or {}
    today: date | None = context.get("today")
    if today is None or not (isinstance(given, str) or type(given) is date):
        return _read_day(given)
    day = _resolved(given, today)
    override: date | None = context.get("as_of")
    return day if override is None else override


Day = Annotated[date, BeforeValidator(_read_day)]
"""A date in a parameter set: 2026-11-16, plain or quoted."""

AsOf = Annotated[
    date,
    BeforeValidator(_read_as_of),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "enum": list(AS_OF_RULES)}]}
    ),
]
"""A date or a rule in a parameter set; always a date once validated with `today` in the context."""
