"""Random numbers: one stream per subject, so that a new subject shifts none of the others."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]
Real = NDArray[np.float64]
Seconds = NDArray[np.int64]
Truth = NDArray[np.bool_]

CODE_BITS = 60


@dataclass(frozen=True)
class Block:
    """Which of a provider's blocks, counted from 0, and of how many; a provider in one piece is its only block."""

    number: int = 0
    of: int = 1

    @property
    def codes(self) -> tuple[int, int]:
        """The first code that is the block's own, and the first that is not any more."""
        return (2**CODE_BITS * self.number // self.of, 2**CODE_BITS * (self.number + 1) // self.of)


class Streams:
    """Independent random streams that hang from one seed by the name of what they are for.

    Those of one block say nothing of another's.
    """

    def __init__(self, seed: int, block: Block | None = None) -> None:
        self._seed = seed
        self._block = block or Block()

    def of(self, subject: str) -> np.random.Generator:
        """A fresh generator for one subject; the same subject always starts at the same place."""
        branch = (crc32(subject.encode()), *((self._block.number,) if self._block.of > 1 else ()))
        return np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=branch))

    def codes(self, rng: np.random.Generator, count: int) -> NDArray[np.uint64]:
        """`count` different random codes, drawn from `rng`, that no other block has; see `distinct_codes`."""
        return distinct_codes(rng, count, *self._block.codes)


def distinct_codes(
    rng: np.random.Generator, count: int, low: int = 0, high: int = 2**CODE_BITS
) -> NDArray[np.uint64]:
    """`count` different random codes of 60 bits, in no order: what pseudonyms are spelled from.

    Args:
        rng: the stream to draw from.
        count: how many.
        low, high: the smallest code there may be, and the first that may not.
    """
    codes = rng.integers(low, high, count, dtype=np.uint64)
    while True:
        first = np.unique(codes, return_index=True)[1]
        if first.size == count:
            return codes
        again = np.ones(count, bool)
        again[first] = False
        codes[again] = rng.integers(low, high, int(again.sum()), dtype=np.uint64)


def lognormal(
    rng: np.random.Generator, median: float | Real, sigma: float, size: int | tuple[int, ...]
) -> Real:
    """Lognormal draws told by their median and the standard deviation of their logarithm."""
    return median * np.exp(sigma * rng.standard_normal(size))


def choose(rng: np.random.Generator, shares: Real | list[float], size: int) -> Index:
    """Categories 0, 1, … drawn with the given shares, which need not add up to one."""
    steps = np.cumsum(np.asarray(shares, float))
    return np.searchsorted(steps / steps[-1], rng.random(size), side="right").clip(max=steps.size - 1)
