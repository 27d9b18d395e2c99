"""When a response was given: what the account's clock showed, made a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Answered:
    """A moment, and what is to be said of how it was told.

    Attributes:
        moment: in UTC.
        with_offset: the text named its offset from UTC.
        doubtful: the clock showed this twice or never, as where summer time ends and begins.
    """

    moment: datetime
    with_offset: bool
    doubtful: bool = False


@dataclass(frozen=True)
class Clock:
    """How a file writes times: in which zone, and in which formats of strptime beside ISO 8601."""

    zone: ZoneInfo
    formats: Sequence[str] = ()

    def read(self, text: str) -> Answered | None:
        """The moment that a text tells; None where it tells none.

        A time that comes twice is taken as the later, and one that never comes as if clocks had not been put forward;
        the engine's own conversion does the same.
        """
        told = self._parsed(text.strip())
        if told is None:
            return None
        if told.tzinfo is not None:
            return Answered(told.astimezone(UTC), with_offset=True)
        offsets = [told.replace(tzinfo=self.zone, fold=fold).utcoffset() for fold in (0, 1)]
        first, second = (offset for offset in offsets if offset is not None)
        return Answered((told - min(first, second)).replace(tzinfo=UTC), False, doubtful=first != second)

    def _parsed(self, text: str) -> datetime | None:
        for written in (None, *self.formats):
            try:
                return datetime.fromisoformat(text) if written is None else datetime.strptime(text, written)
            except ValueError:
                continue
        return None
