"""Who lives with whom, where a scenario needs to know."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.simulate.randomness import Index, Streams, Truth, choose

SIZES = np.array([1, 2, 3, 4])
SIZE_SHARES = [0.30, 0.40, 0.18, 0.12]  # of households


@dataclass(frozen=True)
class Households:
    """The number of each person's household, and the code from which each household's pseudonym is spelled."""

    of: Index
    codes: NDArray[np.uint64]


def draw_households(streams: Streams, people: int) -> Households:
    """Households of one to four people, put together without regard to anything else about them."""
    rng = streams.of("households")
    sizes = SIZES[choose(rng, SIZE_SHARES, people)]
    place = np.repeat(np.arange(people), sizes)[:people]
    return Households(rng.permutation(place), streams.codes(rng, int(place[-1]) + 1))


def others_treated(household: Index, treated: Truth) -> Index:
    """For each person listed, the number of others of the household that are treated."""
    count = np.bincount(household, weights=treated).astype(np.int64)
    return count[household] - treated
