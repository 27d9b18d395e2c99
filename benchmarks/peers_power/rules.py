"""The peers' evidence by their own formulas, vectorized over tables of counts, as standardized differences.

`real.py` asks the peers themselves; the benchmark holds the two to each other.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

Grid = NDArray[np.float64]

ALPHA = 0.05


def z_of(p_value: Grid, gap: Grid) -> Grid:
    """A two-sided p value as a standardized difference: none where the arm is not better."""
    return np.where((gap > 0) & np.isfinite(p_value), norm.isf(np.clip(p_value, 0, 1) / 2), -np.inf)


def chance_to_win(n: int, a: Grid, b: Grid) -> Grid:
    """gbstats 0.8, EffectBayesianABTest with its flat prior: relative uplift, normal by the delta method."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = a / n, b / n
        variance = q * (1 - q) / (p**2 * n) + p * (1 - p) * q**2 / (p**4 * n)
        found = (q - p) / p / np.sqrt(variance)
    return np.where((a == 0) | (b == 0), 0.0, found)


def sequential(tuned: float) -> Callable[[int, Grid, Grid], Grid]:
    """gbstats 0.8, SequentialTwoSidedTTest: an asymptotic confidence sequence, narrowest at `tuned` people."""
    root = (-2 * np.log(ALPHA) + np.log(-2 * np.log(ALPHA) + 1)) / tuned

    def found(n: int, a: Grid, b: Grid) -> Grid:
        wide = 2 * n * root + 1
        log_e = root * 2 * n * chance_to_win(n, a, b) ** 2 / (2 * wide) - np.log(wide) / 2
        return z_of(np.exp(-np.maximum(log_e, 0)), b - a)

    return found


def welch(n: int, a: Grid, b: Grid) -> Grid:
    """tea-tasting, Mean: Welch's test."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = a / n, b / n
        u, v = p * (1 - p) / (n - 1), q * (1 - q) / (n - 1)
        freedom = (u + v) ** 2 / (u**2 + v**2) * (n - 1)
        return z_of(2 * t.sf(np.abs(q - p) / np.sqrt(u + v), freedom), b - a)


def proportion(n: int, a: Grid, b: Grid) -> Grid:
    """tea-tasting, Proportion by its normal approximation: pooled variance, corrected for continuity."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (a + b) / (2 * n)
        gap = np.maximum(np.abs(b - a) / n - 1 / n, 0)
        return z_of(2 * norm.sf(gap / np.sqrt(pooled * (1 - pooled) * 2 / n)), b - a)


def peers(n: int) -> dict[str, tuple[Callable[[int, Grid, Grid], Grid], float]]:
    """Each peer's evidence as a standardized difference, and its own threshold."""
    own = float(norm.isf(ALPHA / 2))
    return {
        "gbstats: chance to win > .95": (chance_to_win, float(norm.isf(ALPHA))),
        "gbstats: sequential, p < .05": (sequential(5000), own),
        "gbstats: sequential, tuned to the end": (sequential(2 * n), own),
        "tea-tasting: mean, p < .05": (welch, own),
        "tea-tasting: proportion, p < .05": (proportion, own),
    }
