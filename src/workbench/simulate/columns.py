"""How arrays become columns: moments, words and identifiers as Arrow arrays.

Inside the simulation a moment is whole seconds since 1970 UTC, and what never happens happens at `NEVER`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.simulate.randomness import Index, Seconds, Truth

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = 2**33  # the year 2242, and small enough to be packed with a patient's number into 64 bits

# In the order of ASCII, so that sorting the codes sorts what is spelled from them.
ALPHABET = np.frombuffer(b"234567abcdefghijklmnopqrstuvwxyz", np.uint8)
SPELLED = 12


def moments(when: Seconds) -> pa.Array:
    """Seconds since 1970 as UTC timestamps; null where they are `NEVER`."""
    return pa.array(when * 1_000_000, pa.timestamp("us", tz="UTC"), mask=when >= NEVER)


def words(which: Index, vocabulary: Sequence[str | None]) -> pa.Array:
    """The word at each place of the vocabulary; null where the place is negative."""
    return pick(pa.array(list(vocabulary), pa.string()), which)


def wholes(which: Index, values: Sequence[int]) -> pa.Array:
    """The whole number at each place of the list."""
    return pick(pa.array(list(values), pa.int64()), which)


def pick(values: pa.Array, which: Index) -> pa.Array:
    """The value at each place; null where the place is negative."""
    return values.take(pa.array(which, mask=which < 0))


def identifiers(prefix: str, codes: NDArray[np.uint64]) -> pa.Array:
    """One prefix letter and 12 characters of base 32 (a to z, 2 to 7) for each code of 60 bits."""
    width = 1 + SPELLED
    letters = np.empty((codes.size, width), np.uint8)
    letters[:, 0] = ord(prefix)
    for place in range(SPELLED):
        shift = np.uint64(5 * (SPELLED - 1 - place))
        letters[:, 1 + place] = ALPHABET[(codes >> shift) & np.uint64(31)]
    offsets = np.arange(codes.size + 1, dtype=np.int64) * width
    large = pa.LargeStringArray.from_buffers(codes.size, pa.py_buffer(offsets), pa.py_buffer(letters))
    return large.cast(pa.string())


def sorted_table(columns: Mapping[str, pa.Array], *keys: Index) -> pa.Table:
    """A table of these columns, its rows sorted by the keys, the first key first."""
    order = np.lexsort(keys[::-1])
    return pa.table({name: column.take(pa.array(order)) for name, column in columns.items()})


def packed(patient: Index, when: Seconds) -> Index:
    """One number per patient and moment that sorts by patient, then by moment."""
    return (patient << 34) + np.minimum(when, NEVER)


def happened_between(keys: Index, patient: Index, after: Seconds, until: Seconds) -> Truth:
    """Whether the patient has an event later than `after` and not later than `until`.

    `keys` are the events, packed and sorted.
    """
    first = np.searchsorted(keys, packed(patient, after), side="right")
    last = np.searchsorted(keys, packed(patient, until), side="right")
    return last > first
