"""The book of sessions as it stood at the moment of prediction, as arrays with one row per session."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.decisions.sessions import OF_SESSIONS

Real = NDArray[np.float64]
Index = NDArray[np.int64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Book:
    """Sessions, and their appointments in the order of the clock; places beyond the last one have `there` false.

    `row` is the place among the appointments given, `due` minutes after the session's start, `duration` planned
    minutes, `empty` the probability that nobody comes, `double` whether an extra booking may stand beside it; all of
    shape (sessions, longest). `length` is in minutes, `capacity` in appointments; shape (sessions,).
    """

    row: Index
    there: Truth
    due: Real
    duration: Real
    empty: Real
    double: Truth
    length: Real
    capacity: Index

    @property
    def booked(self) -> Index:
        """Appointments of each session."""
        return np.asarray(self.there.sum(1), dtype=np.int64)

    @property
    def full(self) -> Truth:
        """Which sessions have as many appointments as places; those with more are overbooked already."""
        return np.asarray(self.booked == self.capacity)

    def of(self, sessions: Truth | Index) -> "Book":
        """Some of the sessions."""
        return Book(*(column[sessions] for column in vars(self).values()))


def book_of(rows: pd.DataFrame, empty: Real, never: tuple[str, ...]) -> Book | None:
    """The book of appointments that lie in a session; None where none does, or no length is recorded.

    Args:
        rows: appointments with the columns of `OF_SESSIONS`.
        empty: the probability that each one's slot stays empty, shape (n,).
        never: types of appointments beside which nothing may be booked; one without a recorded type is none to double.
    """
    columns = rows[list(OF_SESSIONS)].to_numpy(float)
    kept = np.flatnonzero(~np.isnan(columns).any(1) & (columns[:, 2] > 0) & (columns[:, 3] > 0))
    if not kept.size:
        return None
    kept = kept[np.lexsort((kept, columns[kept, 1], columns[kept, 0]))]
    _, first, session = np.unique(columns[kept, 0], return_index=True, return_inverse=True)
    place = np.arange(kept.size) - first[session]
    shape = (first.size, int(place.max()) + 1)
    types = rows["type"].to_numpy(object)[kept]
    may = np.array([isinstance(each, str) and each not in never for each in types])

    def laid(values: NDArray[np.generic], beyond: float | bool | int) -> NDArray[np.generic]:
        table = np.full(shape, beyond, dtype=values.dtype)
        table[session, place] = values
        return table

    return Book(
        row=np.asarray(laid(kept, -1), dtype=np.int64),
        there=np.asarray(laid(np.ones(kept.size, bool), False), dtype=bool),
        due=np.asarray(laid(columns[kept, 1], 0.0), dtype=float),
        duration=np.asarray(laid(columns[kept, 2], 1.0), dtype=float),
        empty=np.asarray(laid(empty[kept], 1.0), dtype=float),
        double=np.asarray(laid(may, False), dtype=bool),
        length=columns[kept[first], 3],
        capacity=columns[kept[first], 4].astype(np.int64),
    )
