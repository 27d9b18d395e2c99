"""Plain scalars of YAML: which ones every reader takes for the same value, and which are traps.

PyYAML, and so plain papermill, reads YAML 1.1 with quirks of its own; editors and other tools read YAML 1.2.
A scalar is accepted only where both read the same and a person would expect it.

Sources: YAML 1.1 type repository (https://yaml.org/type/); YAML 1.2.2 core schema, section 10.3.2; PyYAML's
`resolver.py`.
"""

import math
import re
from collections.abc import Callable
from datetime import date

Scalar = str | int | float | bool | date | None

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUTH = re.compile(r"true|True|TRUE|false|False|FALSE")
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?|\.[0-9]+(?:[eE][-+][0-9]+)?")
_LIMIT = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_YES = re.compile(r"y|yes|on", re.IGNORECASE)
_NO = re.compile(r"n|no|off", re.IGNORECASE)
_CLOCK = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-9]+)+(?:\.[0-9_]*)?")
# Underscores, or zeros in front: 1_000, 010.
_ODD_DIGITS = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*")
_OTHER_BASE = re.compile(r"[-+]?0[box][0-9a-f_]*", re.IGNORECASE)
_CORE_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_YAML_NUMBER_TAGS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}

LONGEST_WHOLE_NUMBER = 18
"""Digits of a plain whole number: what fits 64 bits, so that no reader rounds it."""


class Trap(Exception):
    """A scalar that is refused: why (a clause) and how to write what was meant."""

    def __init__(self, why: str, write: str) -> None:
        super().__init__(why)
        self.why = why
        self.write = write


def read_plain(text: str, pyyaml_tag: str) -> Scalar:
    """The value of an unquoted scalar, which is the one `yaml.safe_load` reads.

    Args:
        text: The scalar as written.
        pyyaml_tag: The tag that PyYAML's resolver gave it.

    Raises:
        Trap: where readers of YAML differ, or the value would surprise.
    """
    for pattern, value in _ACCEPTED:
        if pattern.fullmatch(text):
            return value(text)
    for pattern, trap in _TRAPS:
        if pattern.fullmatch(text):
            raise trap(text)
    if pyyaml_tag != "tag:yaml.org,2002:str":
        raise _unlike_text(text, pyyaml_tag)
    return text


def _whole_number(text: str) -> int:
    if len(text.lstrip("+-")) > LONGEST_WHOLE_NUMBER:
        raise Trap(
            "is a whole number too long to be kept exactly everywhere", "Write it in quotes if it is text."
        )
    return int(text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Trap(
            "looks like a date, but the calendar has no such day",
            "Write a date such as 2026-11-16, or put it in quotes if it is text.",
        ) from None


def _truth_trap(word: str) -> Callable[[str], Trap]:
    def trap(text: str) -> Trap:
        return Trap(
            f"is {word} to some readers of YAML and text to others",
            f'Write {word} if that is meant, or "{text}" in quotes if it is text.',
        )

    return trap


def _clock_trap(text: str) -> Trap:
    return Trap(
        "is a number counted in sixties to some readers of YAML and text to others",
        f'Write "{text}" in quotes.',
    )


def _number_trap(meant: Callable[[str], int | float]) -> Callable[[str], Trap]:
    def trap(text: str) -> Trap:
        try:
            number = meant(text)
        except ValueError:
            number = math.inf
        plain = _plain_number(number)
        quoted = f'"{text}" in quotes if it is text.'
        return Trap(
            "is one number to some readers of YAML and another, or text, to others",
            f"Write {plain} if that number is meant, or {quoted}" if plain else f"Write {quoted}",
        )

    return trap


def _plain_number(number: int | float) -> str | None:
    """The number in the one spelling that all readers take alike, or None where it has none."""
    if isinstance(number, int):
        return str(number) if abs(number) < 10**LONGEST_WHOLE_NUMBER else None
    if not math.isfinite(number):
        return None
    mantissa, e, exponent = repr(number).partition("e")
    return repr(number) if not e or "." in mantissa else f"{mantissa}.0e{exponent}"


def _without_underscores(text: str) -> int | float:
    digits = text.replace("_", "")
    return float(digits) if "." in digits else int(digits)


def _unlike_text(text: str, tag: str) -> Trap:
    """What PyYAML alone takes for something: a time stamp, a merge key, a default value, an odd number."""
    if tag == "tag:yaml.org,2002:timestamp":
        return Trap(
            "is a moment to some readers of YAML and text to others",
            f'Write "{text}" in quotes, or a date alone.',
        )
    if tag in _YAML_NUMBER_TAGS:
        return Trap(
            "is a number to some readers of YAML and text to others", f'Write "{text}" in quotes if it is text.'
        )
    return Trap("has a special meaning to some readers of YAML", f'Write "{text}" in quotes.')


_ACCEPTED: tuple[tuple[re.Pattern[str], Callable[[str], Scalar]], ...] = (
    (_NULL, lambda text: None),
    (_TRUTH, lambda text: text.lower() == "true"),
    (_WHOLE, _whole_number),
    (_NUMBER, float),
    (_LIMIT, lambda text: float(text.replace(".", ""))),
    (_DATE, _date),
)
_TRAPS: tuple[tuple[re.Pattern[str], Callable[[str], Trap]], ...] = (
    (_YES, _truth_trap("true")),
    (_NO, _truth_trap("false")),
    (_CLOCK, _clock_trap),
    (_OTHER_BASE, _number_trap(lambda text: int(text, 0))),
    (_ODD_DIGITS, _number_trap(_without_underscores)),
    (_CORE_NUMBER, _number_trap(float)),
)
