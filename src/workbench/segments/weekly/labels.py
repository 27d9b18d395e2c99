"""Groupings held side by side."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]


def crossed(before: Labels, after: Labels, rows: int, columns: int) -> Labels:
    """(rows, columns) counts of people by their group in each of two groupings."""
    return np.bincount(before * columns + after, minlength=rows * columns).reshape(rows, columns)
