"""Flows between groups told so coarsely that none of few people is told, nor can be worked out from the margins.

Hiding flows of few and what gives them back leaves little to read: where one flow is few, whole rows and columns go.
So flows are told to the nearest ten, and those under twenty as such, be they few or not. The sizes of the groups on
both days, and what else the report tells of the same people, are exact sums over flows: for each flow what can then be
worked out of it is found exactly (`workbench.present.unknowns`), and where a flow of few would be known too nearly, its
neighbors are not told at all (Hundepool et al., *Statistical Disclosure Control*, 2012, sections 4.2 and 4.3).
"""

from dataclasses import dataclass

from workbench.present import numbers
from workbench.present.disclosure import Profile
from workbench.present.unknowns import Interval, Unknowns
from workbench.segments.weekly.migration import Migration

STEP = 10
SMALL = 20

Place = tuple[int, int]


@dataclass(frozen=True)
class CoarseFlows:
    """What is told of each flow, by (from, to); None where nothing is. The place of who is not followed is the last."""

    told: dict[Place, Interval | None]

    def words(self, of: int, to: int) -> str:
        """A flow in words: "under 20", "about 1,240", or a dash; nothing where there is no such flow."""
        if (of, to) not in self.told:
            return ""
        told = self.told[of, to]
        return "–" if told is None else _words(told)

    def drawn(self, of: int, to: int) -> int | None:
        """How many to draw; None where a flow is small or not told."""
        told = self.told.get((of, to))
        return None if told is None else _middle(told)


def coarse_words(count: int) -> str:
    """A number of people as flows are told: "under 20", or "about 1,240"."""
    return _words(_coarse(count))


def coarse_number(count: int) -> int | None:
    """The number that those words tell; None for "under 20"."""
    return _middle(_coarse(count))


def coarse_flows(migration: Migration, profile: Profile) -> CoarseFlows:
    """Tell each flow as nearly as is safe.

    Args:
        migration: the flows, whose margins are told exactly, as is the number of people followed on both days; how
            many of these moved is told in `coarse_words`.
        profile: which counts are few.
    """
    size = migration.groups + 1
    places = [(of, to) for of in range(size) for to in range(size) if (of, to) != (size - 1, size - 1)]
    counts = {place: int(migration.counts[place]) for place in places}
    told: dict[Place, Interval | None] = {place: _coarse(count) for place, count in counts.items()}
    while (exposed := _exposed(told, migration, profile)) is not None:
        beside = [
            place
            for place in places
            if told[place] is not None and place != exposed and _share_a_line(place, exposed)
        ]
        if not beside:
            # Nothing more can be kept back beside it: then nothing is told.
            return CoarseFlows(dict.fromkeys(places))
        told[min(beside, key=lambda place: counts[place])] = None
    return CoarseFlows(told)


def _coarse(count: int) -> Interval:
    if count < SMALL:
        return Interval(0, SMALL - 1)
    nearest = (count + STEP // 2) // STEP * STEP
    return Interval(max(nearest - STEP // 2, SMALL), nearest + STEP // 2 - 1)


def _middle(told: Interval) -> int | None:
    return None if told.low == 0 else (told.high + 1 - STEP // 2) // STEP * STEP


def _words(told: Interval) -> str:
    middle = _middle(told)
    return f"under {SMALL}" if middle is None else f"about {numbers.count(middle)}"


def _share_a_line(place: Place, other: Place) -> bool:
    return place[0] == other[0] or place[1] == other[1]


def _exposed(told: dict[Place, Interval | None], migration: Migration, profile: Profile) -> Place | None:
    """A flow of few that could be worked out too nearly; None where there is none."""
    most = int(migration.counts.sum()) + 1
    unknowns = Unknowns(most)
    named = {
        place: unknowns.add(*((0, most) if interval is None else (interval.low, interval.high)))
        for place, interval in told.items()
    }
    groups = range(migration.groups)
    for group, (before, after) in enumerate(zip(migration.before, migration.after, strict=True)):
        unknowns.equate({named[of, to]: 1 for of, to in told if of == group}, int(before), int(before))
        unknowns.equate({named[of, to]: 1 for of, to in told if to == group}, int(after), int(after))
    both = {named[of, to]: 1 for of in groups for to in groups}
    unknowns.equate(both, migration.both, migration.both)
    moved = _coarse(migration.moved)
    unknowns.equate({named[of, to]: 1 for of in groups for to in groups if of != to}, moved.low, moved.high)
    for place, unknown in named.items():
        if int(migration.counts[place]) <= profile.few and unknowns.tells_few(
            {unknown: 1}, profile.few, nobody=True
        ):
            return place
    return None
