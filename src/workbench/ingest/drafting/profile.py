"""What the values of a column look like, and which of them a draft may repeat.

A draft is a file that people pass around. Of a file's rows it repeats nothing but the words of a closed list: at most
`MOST_WORDS` different short values, each in at least `FEWEST_ROWS` rows, in a column whose name is not about a person;
and the printed answers of common symptom scales.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from workbench.ingest.drafting.vocabulary import FREQUENCIES

MOST_WORDS = 20
# Values in fewer rows could be a few people's: the limit below which reports hide counts.
FEWEST_ROWS = 11
LONGEST_WORD = 48
# Enough to see what a column holds; words beyond are found when the file is read.
ROWS_LOOKED_AT = 100_000
ABOUT_A_PERSON = re.compile(
    r"name|surname|mail|phone|mobile|cell|address|street|city|zip|postal|birth|dob|ssn|social security|clinician"
    r"|therapist|doctor|physician|provider|staff|nurse|who\b|comment|note|text|body|describe|specify|latitude|longitude"
)
NOT_A_WORD = re.compile(r"@|\d{5}|\d[-./ ]\d{2,}|[\r\n]|https?:")


class Kind(Enum):
    """What all values of a column are."""

    EMPTY = "empty"
    WHOLE = "whole numbers"
    NUMBER = "numbers"
    MOMENT = "dates and times with an offset from UTC"
    CLOCK = "dates and times"
    EMAIL = "e-mail addresses"
    PHONE = "phone numbers"
    TEXT = "text"


@dataclass(frozen=True)
class Profile:
    """What a draft may know of a column.

    Attributes:
        name: in the file's header.
        kind: what all its values are.
        words: its values, the most frequent first, where a draft may repeat them; else none.
        format: for clocks, how they are written in codes of strptime; None for ISO 8601.
        doubtful: whether the format could as well begin with the day.
        typed: whether the file itself says that these are moments.
    """

    name: str
    kind: Kind
    words: tuple[str, ...] = ()
    format: str | None = None
    doubtful: bool = False
    typed: bool = False

    @property
    def plain(self) -> str:
        """The name in small words: "AppointmentDay" and "appointment_day" are "appointment day"."""
        return plain(self.name)


def plain(name: str) -> str:
    """A name in small words, however they were put together."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return " ".join(re.findall(r"[a-z0-9]+", parted.lower()))


def profiles(header: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[Profile, ...]:
    """What the columns of a file look like; cells are text, and empty where there is no value."""
    columns = [_Column() for _ in header]
    for row in rows:
        for column, cell in zip(columns, row, strict=False):
            column.see(cell.strip())
    return tuple(column.profile(name) for name, column in zip(header, columns, strict=True))


def looks_like_data(header: Sequence[str]) -> bool:
    """Whether a first row holds values rather than names, so that it must not be repeated."""
    kinds = (_kind_of({cell.strip()}) for cell in header if cell.strip())
    return any(kind not in (Kind.TEXT, Kind.EMPTY) for kind in kinds)


class _Column:
    """The different values of a column, as long as they are few, and of all of them what they are."""

    def __init__(self) -> None:
        self._words: Counter[str] | None = Counter()
        self._kinds = dict(_PATTERNS)
        self._formats: list[str | None] = [None, *_FORMATS]
        self._filled = False

    def see(self, cell: str) -> None:
        if not cell:
            return
        self._filled = True
        if self._words is not None:
            self._words[cell] += 1
            if self._words[cell] > 1 and len(self._words) <= MOST_WORDS:
                return
            if len(self._words) > MOST_WORDS:
                self._words = None
        for kind, pattern in list(self._kinds.items()):
            if not pattern.fullmatch(cell):
                del self._kinds[kind]
        self._formats = [written for written in self._formats if _is_clock(cell, written)]

    def profile(self, name: str) -> Profile:
        if not self._filled:
            return Profile(name, Kind.EMPTY)
        kind = next(iter(self._kinds), Kind.TEXT)
        if self._formats and kind in (Kind.TEXT, Kind.PHONE):
            kind = Kind.CLOCK
        written = self._formats[0] if kind is Kind.CLOCK else None
        doubtful = written is not None and any(other and other[1] != written[1] for other in self._formats)
        return Profile(name, kind, self._told(name), written, doubtful)

    def _told(self, name: str) -> tuple[str, ...]:
        if self._words is None:
            return ()
        told = tuple(word for word, _ in self._words.most_common())
        if {" ".join(word.lower().split()) for word in told} <= FREQUENCIES.keys():
            # The words of the scale, which everybody knows.
            return told
        if ABOUT_A_PERSON.search(plain(name)):
            return ()
        if any(
            count < FEWEST_ROWS or len(word) > LONGEST_WORD or NOT_A_WORD.search(word)
            for word, count in self._words.items()
        ):
            return ()
        return told


_PATTERNS = {
    Kind.WHOLE: re.compile(r"[+-]?[0-9]{1,9}"),
    Kind.NUMBER: re.compile(r"[+-]?[0-9]+([.][0-9]+)?"),
    Kind.MOMENT: re.compile(
        r"(?i)[0-9]{4}(-[0-9]{2}){2}[t ]([0-9]{2}:){2}[0-9]{2}([.][0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})"
        r"|([a-z]{3}, *)?[0-9]{1,2} [a-z]{3} [0-9]{4} [0-9:]{5,8} ([+-][0-9]{4}|gmt|utc?)"
    ),
    Kind.EMAIL: re.compile(r"[^@\s]+@[^@\s]+"),
    Kind.PHONE: re.compile(r"[+(]?[0-9][0-9 ().+-]{8,18}[0-9]"),
}
_DAYS = ("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%m-%d-%Y", "%d-%m-%Y")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_FORMATS = tuple(day + time for day in _DAYS for time in _TIMES)


def _is_clock(text: str, written: str | None) -> bool:
    try:
        told = datetime.fromisoformat(text) if written is None else datetime.strptime(text, written)
    except ValueError:
        return False
    # A number such as 20260105 is a date to the parser alone.
    return told.tzinfo is None and not text.isdigit()


def _kind_of(values: set[str]) -> Kind:
    column = _Column()
    for value in values:
        column.see(value)
    return column.profile("").kind
