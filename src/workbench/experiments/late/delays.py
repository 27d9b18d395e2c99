"""Counts of people by whole days followed and by the day of delay of their first event."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.refusal import Fault, Refused, nearest

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Delays:
    """The people of one arm, by whole days followed and by delay.

    `people[f, d]` counts those followed for f days whose first event came on day d of delay, `people[f, W]` those
    followed for f days without one: shape (W + 1, W + 1), W being the window in days. People whose window has
    closed are followed for W days. An event on day d is known only where that day is wholly past, f > d.

    Raises:
        Refused: nobody in the arm, a negative count, or an event on a day that is not wholly past.
        ValueError: the table is not square.
    """

    arm: str
    people: Counts

    def __post_init__(self) -> None:
        days, columns = self.people.shape
        if days != columns or days < 2:
            raise ValueError("people must have the shape (W + 1, W + 1)")
        where = f"arm {self.arm}"
        if (self.people < 0).any():
            raise Refused(Fault(where, "a number of people is below 0.", "Give counts."))
        if not self.people.any():
            raise Refused(
                Fault(where, "it has no people.", "Leave the arm out, or wait until someone is in it.")
            )
        if np.triu(self.people[:, :-1]).any():
            raise Refused(
                Fault(
                    where,
                    "an event lies beyond the days its people were followed.",
                    "Count an event only on a day that is wholly past.",
                )
            )

    @property
    def window(self) -> int:
        """W, in days."""
        return len(self.people) - 1

    @property
    def total(self) -> int:
        """Everybody enrolled."""
        return int(self.people.sum())

    @property
    def closed(self) -> int:
        """People whose window has closed."""
        return int(self.people[-1].sum())

    @property
    def events(self) -> Counts:
        """First events by day of delay, shape (W,)."""
        return self.people[:, :-1].sum(axis=0)

    @property
    def waiting(self) -> Counts:
        """People without an event, by days followed, shape (W + 1,)."""
        return self.people[:, -1]

    @property
    def followed_beyond(self) -> Counts:
        """People followed beyond each day of delay, with or without an event, shape (W,)."""
        return _from_the_end(self.people.sum(axis=1))[1:]

    @property
    def at_risk(self) -> Counts:
        """People followed beyond each day of delay without an event before it, shape (W,)."""
        return _from_the_end(self.waiting)[1:] + _from_the_end(self.events)

    @classmethod
    def from_counts(
        cls, arm: str, window: int, followed: ArrayLike, delay: ArrayLike, people: ArrayLike
    ) -> "Delays":
        """From cells, all of one length: days followed, day of delay of the first event (NaN for none), people.

        Raises:
            Refused: a fraction or a negative number among them, more days followed than the window has, an event
                on a day that is not wholly past, or nobody at all.
        """
        where = f"arm {arm}"
        if window < 1:
            raise Refused(Fault(where, f"a window of {window} days holds nothing.", "Give 1 day or more."))
        days = _whole(followed, where, "the days followed")
        counted = _whole(people, where, "the number of people")
        lags = np.asarray(delay, dtype=float)
        if not days.shape == counted.shape == lags.shape:
            raise ValueError("followed, delay and people must have one length")
        none = np.isnan(lags)
        column = np.where(none, window, _whole(np.where(none, 0.0, lags), where, "a day of delay"))
        if (days > window).any():
            raise Refused(
                Fault(
                    where,
                    f"people are followed for more than the {window} days of the window.",
                    "Count them as followed for the whole window.",
                )
            )
        if (~none & (column >= days)).any():
            raise Refused(
                Fault(
                    where,
                    "an event lies beyond the days its people were followed.",
                    "Count an event only on a day that is wholly past.",
                )
            )
        table = np.zeros((window + 1, window + 1), dtype=np.int64)
        np.add.at(table, (days, column), counted)
        return cls(arm, table)


def delays_of_arms(cells: pd.DataFrame, arms: Sequence[str], window: int) -> tuple[Delays, ...]:
    """One `Delays` for each arm, in the order asked for.

    Args:
        cells: columns arm, followed, value (day of delay of the first event, null for none so far) and people; cells
            of one kind may stand in several rows, whose people are added up.
        arms: the arms of the experiment; the control first, where they are to be compared.
        window: W, in days.

    Raises:
        Refused: a column is missing or no number, an arm is not among those asked for, or what
            `Delays.from_counts` refuses.
    """
    missing = [name for name in ("arm", "followed", "value", "people") if name not in cells]
    if missing:
        raise Refused(Fault("delays", f"no column {', '.join(missing)}.", "Give all four columns."))
    known = list(arms)
    unknown = sorted(set(cells["arm"].astype(str)) - set(known))
    if unknown:
        raise Refused(
            *(Fault(f"arm {name}", "it is not asked for.", f"{_named(name, known)}") for name in unknown)
        )
    try:
        numbers = cells[["followed", "value", "people"]].astype("float64")
    except (TypeError, ValueError):
        raise Refused(Fault("delays", "a column of counts is no number.", "Give numbers.")) from None
    by_arm = {name: numbers[(cells["arm"] == name).to_numpy()] for name in known}
    return tuple(
        Delays.from_counts(
            name, window, part["followed"].to_numpy(), part["value"].to_numpy(), part["people"].to_numpy()
        )
        for name, part in by_arm.items()
    )


def _named(name: str, known: list[str]) -> str:
    return f"The arms are {', '.join(known)}.{nearest(name, known)}"


def _from_the_end(counts: Counts) -> Counts:
    """Sums from each place to the end."""
    return np.cumsum(counts[::-1])[::-1]


def _whole(values: ArrayLike, where: str, what: str) -> Counts:
    numbers = np.asarray(values, dtype=float)
    if numbers.size and not (np.isfinite(numbers).all() and (numbers == np.floor(numbers)).all()):
        raise Refused(Fault(where, f"{what} is missing or a fraction.", "Give whole numbers."))
    if (numbers < 0).any():
        raise Refused(Fault(where, f"{what} is below 0.", "Give whole numbers from 0 on."))
    return numbers.astype(np.int64)
