"""Who moved between two days by one frozen definition, and how many would seem to have moved had nobody changed.

A person seems to move where a few new events carry her across the border between two groups. How many do, though
nobody's habits changed, is found by a parametric bootstrap (Efron and Tibshirani, *An Introduction to the Bootstrap*,
1993, section 6.5): the events of the later day are drawn anew from the habits of the earlier one (`unchanged`), and
scored by the same definition. What was observed beyond that is the excess.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.segments.weekly.labels import Labels, Matrix, crossed

Ids = NDArray[np.object_]

LEVEL = 0.95


@dataclass(frozen=True)
class Migration:
    """People by their group on two days.

    `counts` is (groups + 1, groups + 1), rows by the earlier day and columns by the later one. The last row holds
    those who were not followed yet on the earlier day, the last column those no longer followed on the later one: who
    came into or left care, or was or became too little known. The last cell is 0.
    """

    counts: Labels

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self.counts) - 1

    @property
    def both(self) -> int:
        """People followed on both days."""
        return int(self.counts[:-1, :-1].sum())

    @property
    def moved(self) -> int:
        """Those of them who are in another group."""
        inside = self.counts[:-1, :-1]
        return int(inside.sum() - np.trace(inside))

    @property
    def entered(self) -> int:
        """People followed on the later day alone."""
        return int(self.counts[-1].sum())

    @property
    def left(self) -> int:
        """People followed on the earlier day alone."""
        return int(self.counts[:, -1].sum())

    @property
    def before(self) -> Labels:
        """(groups,) people on the earlier day."""
        return self.counts[:-1].sum(axis=1)

    @property
    def after(self) -> Labels:
        """(groups,) people on the later day."""
        return self.counts[:, :-1].sum(axis=0)


def migrate(ids_before: Ids, before: Labels, ids_after: Ids, after: Labels, groups: int) -> Migration:
    """Count people by their group on two days.

    Args:
        ids_before, ids_after: (n,) who was followed on each day, sorted, nobody twice.
        before, after: (n,) their groups, 0 to groups - 1.
        groups: how many groups the definition has.
    """
    known_before, known_after = group_on(ids_before, before, ids_after, after, groups)
    return Migration(crossed(known_before, known_after, groups + 1, groups + 1))


def group_on(
    ids_before: Ids, before: Labels, ids_after: Ids, after: Labels, groups: int
) -> tuple[Labels, Labels]:
    """Everybody followed on either day: the group on each, `groups` where not followed."""
    everyone = np.union1d(ids_before.astype(str), ids_after.astype(str))
    found = []
    for ids, labels in ((ids_before, before), (ids_after, after)):
        of_all = np.full(len(everyone), groups, dtype=np.int64)
        of_all[np.searchsorted(everyone, ids.astype(str))] = labels
        found.append(of_all)
    return found[0], found[1]


@dataclass(frozen=True)
class Movement:
    """Moves observed, and moves by noise alone.

    `people` were followed on both days and looked at, of whom `observed` are in another group on the later day;
    `expected` is the mean over `draws` of those who would seem to be, had nobody changed, `low` and `high` hold 95 %
    of the draws; `chance` the probability of as many as observed. `expected_counts`, (groups, groups), is the mean
    table of the draws.
    """

    people: int
    observed: int
    expected: float
    low: float
    high: float
    chance: float
    draws: int
    expected_counts: Matrix

    @property
    def excess(self) -> float:
        """Moves beyond those expected; below zero where there are fewer."""
        return self.observed - self.expected

    def is_real(self, chance: float = 1 - LEVEL) -> bool:
        """Whether more moved than noise explains."""
        return self.chance <= chance


def tell_movement(
    before: Labels,
    after: Labels,
    drawn: Iterator[pd.DataFrame],
    assign: Callable[[pd.DataFrame], Labels],
    groups: int,
    draws: int,
) -> Movement:
    """Hold the moves observed against those of people who did not change.

    Args:
        before: (n,) groups on the earlier day of people followed on both.
        after: (n,) their groups on the later day.
        drawn: rows of the same people on the later day, had nobody changed; at least `draws` of them.
        assign: gives the groups of such rows, by the frozen definition.
        groups: how many groups there are.
        draws: how many to draw.
    """
    tables = np.empty((draws, groups, groups))
    for at in range(draws):
        tables[at] = crossed(before, assign(next(drawn)), groups, groups)
    moves = len(before) - np.trace(tables, axis1=1, axis2=2)
    observed = int((before != after).sum())
    low, high = np.quantile(moves, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Movement(
        people=len(before),
        observed=observed,
        expected=float(moves.mean()),
        low=float(low),
        high=float(high),
        chance=float((1 + (moves >= observed).sum()) / (1 + draws)),
        draws=draws,
        expected_counts=tables.mean(axis=0),
    )
