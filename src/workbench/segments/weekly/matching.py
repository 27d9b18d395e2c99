"""Groups of a refit matched to those before: which is which, and which were born, dissolved, split or merged.

Two things speak for a pair. People: everybody of the refit is scored by the model before and by the new one on the same
day, so that nobody's change stands between; their Jaccard similarity (Hennig 2007) is 1 where the two groups hold the
same people. Parameters: the distance between the groups' centers on the yardstick before; where words alone make the
groups there are none, and people speak alone. The assignment of new groups to old ones that has the largest sum of
similarities is found exactly (Kuhn 1955, Naval Research Logistics Quarterly 2; Crouse 2016, IEEE Transactions on
Aerospace and Electronic Systems 52). A pair below `LEAST_SIMILARITY` is no match.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from workbench.segments.weekly.labels import Labels, Matrix, crossed

# Hennig's line below which a group is dissolved; here for the mean of both similarities.
LEAST_SIMILARITY = 0.5
# Centers this far apart, in standard deviations (root mean square over features), are alike to 1/e.
SCALE_OF_CENTERS = 1.0
# A part of a group this large makes a split; the new group must consist of it by `MOSTLY`. Merging mirrors it.
PART = 0.3
MOSTLY = 0.5


@dataclass(frozen=True)
class Matching:
    """Which new group is which group before.

    `before_of` gives for each new group its match before, or None where it is born. `similarity`, (before, after), is
    the mean of `shared` (Jaccard similarity of people) and `closeness` (of centers, 0 to 1), and `shared` alone where
    no measure makes the groups. `dissolved` are groups before without a match. `split` maps a group before to the new
    ones that it went into, `merged` a new group to those that it is made of, two or more each.
    """

    before_of: tuple[int | None, ...]
    similarity: Matrix
    shared: Matrix
    closeness: Matrix
    dissolved: tuple[int, ...]
    split: dict[int, tuple[int, ...]]
    merged: dict[int, tuple[int, ...]]

    @property
    def born(self) -> tuple[int, ...]:
        """New groups without a match before."""
        return tuple(new for new, old in enumerate(self.before_of) if old is None)

    @property
    def is_same(self) -> bool:
        """Whether every group goes on, and no other was born."""
        return not self.born and not self.dissolved

    def letters(self, before: Sequence[str], used: Sequence[str]) -> tuple[str, ...]:
        """The new groups' letters: that of the match, and for a born group the next that no group ever bore.

        Args:
            before: letters of the groups before, in their order.
            used: every letter that a group of this name ever bore.
        """
        fresh = unused_letters({*before, *used})
        return tuple(next(fresh) if old is None else before[old] for old in self.before_of)


def match_groups(before: Labels, after: Labels, centers_before: Matrix, centers_after: Matrix) -> Matching:
    """Match the groups of a refit to those before.

    Args:
        before: (n,) everybody's group by the model before; the people are those of the refit, on its day.
        after: (n,) their group by the new model.
        centers_before: (groups before, features) centers on the yardstick before.
        centers_after: (groups after, features) centers of the new groups, on the yardstick before.

    Raises:
        ValueError: arrays that do not fit each other.
    """
    if before.shape != after.shape or centers_before.shape[1] != centers_after.shape[1]:
        raise ValueError("both groupings must be of the same people, by the same features")
    people = crossed(before, after, len(centers_before), len(centers_after)).astype(np.float64)
    shared, closeness = jaccard(people), _closeness(centers_before, centers_after)
    similarity = (shared + closeness) / 2 if centers_before.shape[1] else shared
    old, new = linear_sum_assignment(similarity, maximize=True)
    pairs = {
        int(to): int(of) for of, to in zip(old, new, strict=True) if similarity[of, to] >= LEAST_SIMILARITY
    }
    return Matching(
        before_of=tuple(pairs.get(at) for at in range(len(centers_after))),
        similarity=similarity,
        shared=shared,
        closeness=closeness,
        dissolved=tuple(at for at in range(len(centers_before)) if at not in pairs.values()),
        split=_parts(people),
        merged=_parts(people.T),
    )


def jaccard(people: Matrix) -> Matrix:
    """Jaccard similarity of every pair of groups: (before, after) from the people in both."""
    either = people.sum(axis=1)[:, None] + people.sum(axis=0)[None, :] - people
    return np.divide(people, either, out=np.zeros_like(people), where=either > 0)


def unused_letters(used: set[str]) -> Iterator[str]:
    """Letters that are not in use: A to Z, then A2, B2 and so on."""
    for again in count(1):
        for letter in ascii_uppercase:
            named = letter if again == 1 else f"{letter}{again}"
            if named not in used:
                yield named


def _closeness(before: Matrix, after: Matrix) -> Matrix:
    """exp(-d²), d the root mean square distance over features in units of `SCALE_OF_CENTERS`; missing ones left out."""
    apart = (before[:, None, :] - after[None, :, :]) ** 2
    known = np.isfinite(apart)
    counted = np.maximum(known.sum(axis=2), 1)
    squared = np.where(known, apart, 0.0).sum(axis=2) / counted
    return np.where(known.any(axis=2), np.exp(-squared / SCALE_OF_CENTERS**2), 0.0)


def _parts(people: Matrix) -> dict[int, tuple[int, ...]]:
    """For each row the columns that hold much of it and mostly consist of it, where these are several."""
    of_row = people / np.maximum(people.sum(axis=1, keepdims=True), 1)
    of_column = people / np.maximum(people.sum(axis=0, keepdims=True), 1)
    parts: NDArray[np.bool_] = (of_row >= PART) & (of_column >= MOSTLY)
    return {
        row: tuple(int(column) for column in np.flatnonzero(parts[row]))
        for row in range(len(people))
        if parts[row].sum() > 1
    }
