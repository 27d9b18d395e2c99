"""The bands that texts are counted in: settled before any data are seen, so that no cell is drawn to suit a curve."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from workbench.tables.schema import MESSAGE_KINDS

DAY = 86_400
NOT_RECORDED = "not recorded"
# A prompt asks those who have not agreed yet; whoever has, gets none.
KINDS = tuple(kind for kind in MESSAGE_KINDS if kind != "consent_prompt")


@dataclass(frozen=True)
class Bands:
    """Bands of a whole number: each begins at its entry in `lows` and ends before the next; the last has no end."""

    lows: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.lows)

    def of(self, number: ir.NumericValue) -> ir.IntegerValue:
        """The place of the band that each number lies in; a number below all lies in the first."""
        steps = ((number >= low, place) for place, low in reversed(list(enumerate(self.lows))) if place)
        return ibis.cases(*steps, else_=0).cast("int64")

    @property
    def labels(self) -> tuple[str, ...]:
        """Each band in words: "3", "5–6", "7 or more"."""
        ends = [*self.lows[1:], None]
        return tuple(_spoken(low, end) for low, end in zip(self.lows, ends, strict=True))

    def place_of(self, number: int) -> int:
        """The place of the band that one number lies in."""
        return max(place for place, low in enumerate(self.lows) if place == 0 or number >= low)


def _spoken(low: int, end: int | None) -> str:
    if end is None:
        return f"{low} or more"
    return str(low) if end == low + 1 else f"{low}–{end - 1}"


# Texts of the seven days up to a text, this one among them.
LOAD = Bands((1, 2, 3, 4, 5, 7))
# Texts 8 to 28 days before it.
EARLIER = Bands((0, 1, 3, 6, 12))
# Texts since the consent, before this one.
BEFORE = Bands((0, 1, 2, 4, 8, 14, 25, 45, 80))
# Days since the consent.
TENURE = Bands((0, 28, 180))
TENURE_LABELS = ("first four weeks", "later, within half a year", "after half a year")
# Hours on the patient's clock at which the parts of a day begin.
HOURS = Bands((0, 9, 12, 17))
HOUR_LABELS = ("before 9:00", "9:00 to 11:59", "12:00 to 16:59", "17:00 or later", NOT_RECORDED)


def place_in(words: Sequence[str], column: ir.StringColumn) -> ir.IntegerValue:
    """The place of each word among some; null for any other."""
    return ibis.cases(*((column == word, place) for place, word in enumerate(words))).cast("int64")
