"""Random numbers: one stream per subject, so that a new subject shifts none of the others."""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]
Real = NDArray[np.float64]
Seconds = NDArray[np.int64]
Truth = NDArray[np.bool_]

CODE_BITS = 60


class Streams:
    """Independent random streams that hang from one seed by the name of what they are for."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, subject: str) -> np.random.Generator:
        """A fresh generator for one subject; the same subject always starts at the same place."""
        branch = np.random.SeedSequence(self._seed, spawn_key=(crc32(subject.encode()),))
        return np.random.default_rng(branch)


def distinct_codes(rng: np.random.Generator, count: int) -> NDArray[np.uint64]:
    """`count` different random codes of 60 bits, in no order: what pseudonyms are spelled from."""
    codes = rng.integers(0, 2**CODE_BITS, count, dtype=np.uint64)
    while True:
        first = np.unique(codes, return_index=True)[1]
        if first.size == count:
            return codes
        again = np.ones(count, bool)
        again[first] = False
        codes[again] = rng.integers(0, 2**CODE_BITS, int(again.sum()), dtype=np.uint64)


def lognormal(
    rng: np.random.Generator, median: float | Real, sigma: float, size: int | tuple[int, ...]
) -> Real:
    """Lognormal draws told by their median and the standard deviation of their logarithm."""
    return median * np.exp(sigma * rng.standard_normal(size))


def choose(rng: np.random.Generator, shares: Real | list[float], size: int) -> Index:
    """Categories 0, 1, … drawn with the given shares, which need not add up to one."""
    steps = np.cumsum(np.asarray(shares, float))
    return np.searchsorted(steps / steps[-1], rng.random(size), side="right").clip(max=steps.size - 1)
