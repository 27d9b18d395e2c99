"""Whether distributions of counts hold: the probability integral transform, and the coverage of intervals.

For a count x with the distribution function F, the transform is spread evenly between F(x - 1) and F(x) (Czado,
Gneiting and Held, Biometrics 65 (2009) 1254-1261). Where the distributions hold it is uniform; heaped at both ends they
are too narrow, heaped in the middle too wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest

from workbench.no_show.scores.estimates import LEVEL

Real = NDArray[np.float64]
Index = NDArray[np.int64]

BINS = 10


@dataclass(frozen=True)
class Transform:
    """Shares of the transform in `BINS` equal stretches; the test of its being uniform; coverage and mean width.

    `p` is of Kolmogorov's and Smirnov's test of the transform spread by lot, which takes the groups for independent.
    """

    shares: tuple[float, ...]
    p: float
    covered: float
    width: float


def transform(counts: Index, laws: Sequence[Real], seed: int) -> Transform:
    """Hold counts against their distributions.

    Args:
        counts: one for each group.
        laws: the distribution of each, over 0, 1, ...
        seed: of the spreading.
    """
    below = [np.concatenate([[0.0], np.cumsum(law)]) for law in laws]
    low = np.array([each[count] for each, count in zip(below, counts, strict=True)])
    high = np.array([each[count + 1] for each, count in zip(below, counts, strict=True)])
    ends = np.array([interval(law) for law in laws])
    spread = low + np.random.default_rng(seed).random(low.size) * (high - low)
    return Transform(
        shares=_shares(low, high),
        p=float(kstest(np.clip(spread, 0, 1), "uniform").pvalue),
        covered=float(((ends[:, 0] <= counts) & (counts <= ends[:, 1])).mean()),
        width=float((ends[:, 1] - ends[:, 0]).mean()),
    )


def interval(law: Real, level: float = LEVEL) -> tuple[int, int]:
    """The counts between which the middle of a distribution lies: it holds at least `level`."""
    below = np.cumsum(law)
    tail = (1 - level) / 2
    low, high = np.searchsorted(below, [tail, 1 - tail - 1e-12])
    return int(low), min(int(high), law.size - 1)


def _shares(low: Real, high: Real) -> tuple[float, ...]:
    """The mean of each group's uniform stretch within each bin."""
    edges = np.linspace(0, 1, BINS + 1)
    width = np.maximum(high - low, 1e-12)
    reached = np.clip((edges[:, None] - low) / width, 0, 1).mean(1)
    return tuple(float(share) for share in np.diff(reached))
