"""The one place where numbers and dates become text.

A minus is "−", thousands are parted by commas, a percentage keeps a space before its sign, and a probability is
never rounded to certainty. Nothing here knows a locale: the same number gives the same text on every machine.
"""

import math
from datetime import UTC, date, datetime

MINUS = "−"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: float, digits: int = 0, *, signed: bool = False) -> str:
    """A number such as "1,204", "−0.25" or, signed, "+3.1"; what rounds to zero has no sign.

    Raises:
        ValueError: for NaN or infinity, which have no place in a report.
    """
    if not math.isfinite(value):
        raise ValueError("only a finite number can be shown; leave the cell empty where it is undefined")
    text = f"{abs(value):,.{digits}f}"
    if not any(figure in "123456789" for figure in text):
        return text
    if value < 0:
        return MINUS + text
    return "+" + text if signed else text


def count(value: int) -> str:
    """A count of people or events: "12,480"."""
    return number(value)


def percent(share: float, digits: int = 1, *, signed: bool = False) -> str:
    """A share (0 to 1) as a percentage: .0983 is "9.8 %"."""
    return f"{number(100 * share, digits, signed=signed)} %"


def points(difference: float, digits: int = 1, *, signed: bool = False) -> str:
    """A difference of two shares in percentage points: .0312 is "3.1 points"."""
    return f"{number(100 * difference, digits, signed=signed)} points"


def per_thousand(share: float, digits: int = 0, *, signed: bool = False) -> str:
    """A share, or a difference of two, per 1,000 people: .0312 is "31 per 1,000"."""
    return f"{number(1000 * share, digits, signed=signed)} per 1,000"


def probability(value: float, digits: int = 1) -> str:
    """A probability as a percentage that never claims certainty: "99.6 %", "> 99.9 %", "< 0.1 %".

    A posterior that floating point holds as exactly 0 or 1 is still neither, and is shown by the same bounds.

    Raises:
        ValueError: where value is not within 0 to 1.
    """
    if not 0 <= value <= 1:
        raise ValueError("a probability lies within 0 to 1")
    step = 10.0**-digits
    shown = round(100 * value, digits)
    if shown >= 100:
        return f"> {number(100 - step, digits)} %"
    if shown <= 0:
        return f"< {number(step, digits)} %"
    return f"{number(shown, digits)} %"


def interval(low: float, high: float, digits: int = 0, *, scale: float = 1.0, unit: str = "") -> str:
    """An interval in words, "12 to 31" or "−0.4 to 1.2 %": both ends times scale, the unit said once."""
    text = f"{number(scale * low, digits)} to {number(scale * high, digits)}"
    return f"{text} {unit}".rstrip()


def day(value: date | str) -> str:
    """A date as "23 Nov 2026". Text that is no ISO date (or date and time) is shown as it is."""
    if isinstance(value, str):
        read = _from_iso(value)
        return value if read is None else day(read)
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """A date whose year is plain from its surroundings: "23 Nov"."""
    return f"{value.day} {MONTHS[value.month - 1]}"


def moment(value: datetime | date | str) -> str:
    """A moment as "22 Nov 2026, 18:00 UTC"; a date alone, or other text, as `day` shows it.

    A moment with a time zone is told in UTC; one without is told as it is.
    """
    if isinstance(value, str):
        read = _from_iso(value)
        is_day = len(value) <= len("2026-11-23")
        return day(value) if read is None or is_day else moment(read)
    if not isinstance(value, datetime):
        return day(value)
    zone = ""
    if value.tzinfo is not None:
        value, zone = value.astimezone(UTC), " UTC"
    return f"{day(value)}, {value.hour:02d}:{value.minute:02d}{zone}"


def _from_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
