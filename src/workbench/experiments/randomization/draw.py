"""The draw itself: arms for units, balanced within strata, the same for the same seed whatever the order of the rows.

A unit is a person, or a cluster of people. Randomness is a keyed hash of the unit's pseudonym, so that no order of
rows, no engine and no library moves a draw. Within a stratum the units, in the order of their hashes, are laid evenly
over the unit interval from a random start, and each takes the arm in whose share of it it falls (systematic sampling of
a random order). Each unit so has exactly the designed probability of each arm, and an arm's units differ from its share
of the stratum by less than one on either side.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from workbench.tables.lot import lot


@dataclass(frozen=True)
class Unit:
    """A person, or a cluster of people, and the stratum within which arms are balanced."""

    key: str
    stratum: str


@dataclass(frozen=True)
class Design:
    """How units are drawn.

    `shares` are those of the arms among the units that are not held out, and add up to 1; `holdout` is the share that
    is. Who is held out hangs on seed and unit alone, so that experiments of one seed hold out the same.
    """

    experiment: str
    seed: int
    shares: Mapping[str, float]
    holdout: float = 0.0


@dataclass(frozen=True)
class Draw:
    """The arm of each unit that takes part, by its key, and the keys of those held out."""

    arms: Mapping[str, str]
    held_out: frozenset[str]


def draw(units: Sequence[Unit], design: Design) -> Draw:
    """Draw an arm for each unit.

    Args:
        units: each once, in any order.
        design: shares, holdout and seed.

    Raises:
        ValueError: a unit stands there twice.
    """
    if len({unit.key for unit in units}) != len(units):
        raise ValueError("a unit stands there twice")
    strata: dict[str, list[str]] = defaultdict(list)
    held_out = set()
    for unit in units:
        if is_held_out(unit.key, design):
            held_out.add(unit.key)
        else:
            strata[unit.stratum].append(unit.key)
    arms: dict[str, str] = {}
    for stratum, keys in sorted(strata.items()):
        arms |= _within(stratum, keys, design)
    return Draw(arms, frozenset(held_out))


def is_held_out(key: str, design: Design) -> bool:
    """Whether a unit is kept out of all arms, of this experiment and of others with the same seed."""
    return lot(design.seed, "holdout", key) < design.holdout


def _within(stratum: str, keys: Sequence[str], design: Design) -> dict[str, str]:
    names = list(design.shares)
    ends = list(accumulate(design.shares.values()))[:-1]
    ordered = sorted(keys, key=lambda key: (lot(design.seed, design.experiment, "order", key), key))
    start = lot(design.seed, design.experiment, "start", stratum)
    return {key: names[bisect_right(ends, (place + start) / len(ordered))] for place, key in enumerate(ordered)}
