"""Allocation epochs: spells within which every arm had one chance, told by the source or by the chances themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
import pandas as pd

# More different chances than this are those of persons or strata, and tell no spells.
MOST_CHANCES = 1_000


@dataclass(frozen=True)
class Epochs:
    """How to tell in which epoch somebody was assigned: by the source's own numbers, or by when later ones began.

    `starts` holds the first moment of every epoch but the first; both are empty where there is one epoch alone.
    """

    recorded: Mapping[int, int] = field(default_factory=dict)
    starts: Sequence[pd.Timestamp] = ()

    def of(self, people: ir.Table) -> ir.IntegerValue:
        """The place of each person's epoch in the order of time, from 0."""
        place: ir.IntegerValue = ibis.literal(0, "int64")
        for number, at in self.recorded.items():
            if at:
                place = (people["recorded_epoch"] == number).fill_null(False).ifelse(at, place)
        for start in self.starts:
            place = place + (people["assigned_at"] >= ibis.literal(start)).cast("int64")
        return place.cast("int64")


def epochs_of(assigned: ir.Table) -> Epochs:
    """The epochs of an experiment, from its assignments; see `Epochs`.

    Where no epoch is recorded, one begins whenever arms' chances change for good: every chance of an arm must lie in a
    spell of its own. Chances that are mixed in time, as those of strata are, tell no epochs.
    """
    chances = assigned.group_by(["arm", "recorded_epoch", "probability"]).agg(
        first=assigned["assigned_at"].min(), last=assigned["assigned_at"].max()
    )
    found = chances.limit(MOST_CHANCES + 1).execute()
    if len(found) <= 1 or found["first"].isna().any():
        return Epochs()
    if found["recorded_epoch"].notna().all():
        begun = found.groupby("recorded_epoch")["first"].min().sort_values(kind="stable")
        return Epochs(recorded={int(number): at for at, number in enumerate(begun.index)})
    return Epochs(starts=() if len(found) > MOST_CHANCES else _starts(found))


def _starts(chances: pd.DataFrame) -> tuple[pd.Timestamp, ...]:
    """The moments at which chances changed: one for all arms whose changes may have been one and the same."""
    spells = chances.groupby(["arm", "probability"], as_index=False).agg(
        first=("first", "min"), last=("last", "max")
    )
    changes: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    for _, spell in spells.sort_values("first").groupby("arm"):
        ended, began = list(spell["last"])[:-1], list(spell["first"])[1:]
        if any(later <= earlier for earlier, later in zip(ended, began, strict=True)):
            return ()
        changes += zip(began, ended, strict=True)
    starts: list[pd.Timestamp] = []
    for began, ended in sorted(changes):
        # An arm that changed with another is seen to later, at its first assignment after the change.
        if not starts or ended >= starts[-1]:
            starts.append(began)
    return tuple(starts)
