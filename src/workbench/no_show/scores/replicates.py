"""Replicates of a bootstrap that draws patients with replacement: how often each counts, and sums under these counts.

A replicate counts an appointment as often as its patient was drawn (Davison and Hinkley, *Bootstrap Methods and their
Application*, 1997, section 3.8). What is a sum over appointments is summed by patient once; all its replicates are then
one product of matrices. What depends on ranks goes through `discrimination.Ranked`, lines through `expansion`.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Index = NDArray[np.int64]

# Replicates that are made together: enough for fast products, few enough for little memory.
BLOCK = 64


class Sums:
    """Sums over the appointments of each patient, a column for each quantity that is added."""

    def __init__(self, patient: Index) -> None:
        _, cluster = np.unique(patient, return_inverse=True)
        self.cluster: Index = cluster
        self.patients = int(cluster.max()) + 1
        self._columns: list[Real] = []
        self._matrix: Real | None = None

    def add(self, *quantities: Real) -> slice:
        """Add quantities, each of shape (n,); the place of their sums in `under`."""
        first = len(self._columns)
        self._columns += [np.bincount(self.cluster, values, self.patients) for values in quantities]
        return slice(first, len(self._columns))

    def under(self, drawn: Real) -> Real:
        """The sums in each replicate, shape (columns, b).

        Args:
            drawn: how often each patient counts, shape (patients, b).
        """
        if self._matrix is None or len(self._matrix) < len(self._columns):
            self._matrix = np.stack(self._columns)
            self._columns = list(self._matrix)  # views, so that nothing is held twice
        return self._matrix @ drawn


def drawn_patients(patients: int, replicates: int, seed: int) -> Iterator[Real]:
    """Blocks of how often each patient is drawn, each of shape (patients, at most BLOCK)."""
    rng = np.random.default_rng(seed)
    for first in range(0, replicates, BLOCK):
        block = min(BLOCK, replicates - first)
        picks = (rng.integers(0, patients, patients, dtype=np.int32) for _ in range(block))
        yield np.stack([np.bincount(pick, minlength=patients) for pick in picks], axis=1).astype(float)
