"""The design of a factorial experiment: contrasts of its factors' levels, and which factors it cannot tell apart."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from workbench.refusal import Fault

Factor = tuple[str, tuple[str, ...]]


def contrasts(levels: int) -> NDArray[np.float64]:
    """Orthonormal contrasts of a factor, of shape (levels, levels - 1): each column sums to 0."""
    return np.linalg.qr(np.column_stack([np.ones(levels), np.eye(levels)[:, :-1]]))[0][:, 1:]


def confounded(factors: Sequence[Factor], sent: NDArray[np.bool_]) -> list[Fault]:
    """Factors whose main effects the combinations that were sent cannot tell apart, by the rank of their columns.

    Args:
        factors: each with its levels.
        sent: which combinations were, of the shape of the factors' levels.
    """
    index = np.indices(sent.shape).reshape(len(factors), -1)[:, sent.ravel()]
    columns = [contrasts(size)[index[place]] for place, size in enumerate(sent.shape)]
    pairs = [pair for pair in combinations(range(len(columns)), 2) if _deficient([columns[i] for i in pair])]
    where = [" and ".join(factors[i][0] for i in pair) for pair in pairs]
    if not where and _deficient(columns):
        where = [", ".join(name for name, _ in factors)]
    return [
        Fault(
            f"factors {names}",
            "they are confounded: in the combinations that were sent, they change together.",
            "Analyze one of them alone, or send the combinations in which they differ.",
        )
        for names in where
    ]


def _deficient(columns: Sequence[NDArray[np.float64]]) -> bool:
    design = np.column_stack([np.ones(len(columns[0])), *columns])
    return bool(np.linalg.matrix_rank(design) < design.shape[1])
