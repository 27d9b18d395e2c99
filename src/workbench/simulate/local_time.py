"""Wall clocks: the provider's two time zones, for whole arrays at once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from workbench.simulate.columns import DAY, HOUR
from workbench.simulate.randomness import Index, Real, Seconds

ZONES = ("America/New_York", "America/Chicago")


@dataclass(frozen=True)
class LocalTime:
    """Offsets from UTC by zone and day.

    The offset of a day is the one at its noon. It is wrong only in the night in which clocks change, when
    no clinic is open and no text is sent.
    """

    first_day: int
    offsets: Seconds

    @classmethod
    def between(cls, start: int, end: int) -> "LocalTime":
        """The offsets of every day from `start` to `end`, both in seconds since 1970 UTC."""
        first, count = start // DAY, (end - start) // DAY + 2
        noons = [datetime.fromtimestamp(first * DAY + 12 * HOUR, UTC) + timedelta(days=d) for d in range(count)]
        offsets = [[_offset(noon, ZoneInfo(name)) for noon in noons] for name in ZONES]
        return cls(first, np.array(offsets, np.int64))

    def wall(self, when: Seconds, zone: Index) -> Seconds:
        """What the clock on the wall shows, as seconds since 1970 there."""
        return when + self._offset(when, zone)

    def utc(self, wall: Seconds, zone: Index) -> Seconds:
        """The moment at which the clock on the wall shows this."""
        return wall - self._offset(wall, zone)

    def office_hours(self, when: Seconds, zone: Index, share: Real) -> Seconds:
        """A moment of the same local day, or of the Monday after a weekend, between 8 and 18 o'clock.

        `share`, from 0 to 1, says where between the two.
        """
        day = self.wall(when, zone) // DAY
        late = np.maximum(weekday(day) - 4, 0)
        day = day + np.where(late > 0, 3 - late, 0)
        return self.utc(day * DAY + 8 * HOUR + (share * 10 * HOUR).astype(np.int64), zone)

    def _offset(self, when: Seconds, zone: Index) -> Seconds:
        day = np.clip(when // DAY - self.first_day, 0, self.offsets.shape[1] - 1)
        return self.offsets[zone, day]


def weekday(day: Index) -> Index:
    """0 on Mondays to 6 on Sundays, of days since 1970."""
    return (day + 3) % 7


def _offset(noon: datetime, zone: ZoneInfo) -> int:
    ahead = noon.replace(tzinfo=zone).utcoffset()
    return int(ahead.total_seconds()) if ahead is not None else 0
