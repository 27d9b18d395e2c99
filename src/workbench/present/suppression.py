"""Complementary suppression: which further rows must be hidden so that hidden ones cannot be computed.

Rows that are shown, together with sums published elsewhere, are a linear system in the hidden rows. See
Hundepool et al., *Statistical Disclosure Control* (2012), section 4.4.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from workbench.present.result import Table

Line = frozenset[int]


def lines_of(table: Table) -> list[Line]:
    """Sets of rows whose sums a reader may know, shortest first: all rows, and the rows that share a label."""
    lines = {frozenset(range(len(table.rows)))}
    for at, column in enumerate(table.columns):
        if column.kind == "label":
            values = {row[at] for row in table.rows}
            lines |= {frozenset(n for n, row in enumerate(table.rows) if row[at] == value) for value in values}
    return sorted((line for line in lines if len(line) > 1), key=lambda line: (len(line), sorted(line)))


def solvable(hidden: set[int], lines: Sequence[Line]) -> set[int]:
    """The hidden rows whose numbers follow from the shown rows and the sums of the lines.

    A row is determined exactly if its unit vector lies in the row space of the system.
    """
    rows = sorted(hidden)
    system = np.array([[row in line for row in rows] for line in lines if line & hidden], dtype=float)
    if not system.size:
        return set()
    determined = np.diag(np.linalg.pinv(system) @ system) > 1 - 1e-9
    return {row for row, known in zip(rows, determined, strict=True) if known}


def with_complements(
    hidden: set[int], lines: Sequence[Line], clear: Callable[[set[int]], bool], size: Callable[[int], Any]
) -> set[int]:
    """The hidden rows and the smallest others needed to keep them hidden.

    Args:
        hidden: rows that may not be shown.
        lines: sets of rows whose sums are known.
        clear: whether the sum over some rows may be known.
        size: orders rows; the first of a line is hidden first.

    A line of which nothing is shown is left alone: its sum is judged where it is published.
    """
    hidden = set(hidden)
    while (line := _line_giving_back(hidden, lines, clear)) is not None:
        hidden.add(min(line - hidden, key=size))
    return hidden


def _line_giving_back(
    hidden: set[int], lines: Sequence[Line], clear: Callable[[set[int]], bool]
) -> Line | None:
    exposed = solvable(hidden, lines)
    for line in lines:
        inside = set(line & hidden)
        if inside and inside != line and (line & exposed or not clear(inside)):
            return line
    return None
