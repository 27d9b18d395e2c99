"""Complementary suppression: which further rows must be hidden so that hidden ones cannot be computed.

Rows that are shown, together with sums published elsewhere, are a linear system in the hidden rows. See
Hundepool et al., *Statistical Disclosure Control* (2012), section 4.4.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from workbench.present.counted import Counted
from workbench.present.result import Table
from workbench.present.unknowns import Terms, Unknowns

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


def beside_told(
    protected: Iterable[int],
    hidden: set[int],
    rows: Sequence[Sequence[Counted]],
    lines: Sequence[Line],
    few: int,
) -> set[int]:
    """Shown rows beside a row of few that could be worked out too nearly; none, where all are safe.

    One line at a time may keep a row hidden that two lines together give away: what is solved for is every count
    of the rows of few, under the sums of all lines and, in each row, no more events than people.

    Args:
        protected: the rows to protect.
        hidden: all rows that are not shown.
        rows: what each row counts.
        lines: sets of rows whose sums are known.
        few: up to which number a count is few.
    """
    crossing = [line for line in lines if line & hidden]
    if len(crossing) < 2:
        return set()  # with_complements has seen to one line
    for counts in zip(*rows, strict=True):
        if any(count.people is None or None in count.events for count in counts):
            continue
        unknowns, people, events = _as_unknowns(counts, hidden, crossing)
        for row in sorted(set(protected) & hidden):
            beside = {shown for line in crossing if row in line for shown in line} - hidden
            parts: list[Terms] = [{event: 1} for event in events[row]]
            parts += [{people[row]: 1, event: -1} for event in events[row]]
            if beside and (
                unknowns.tells_few({people[row]: 1}, few)
                or any(unknowns.tells_few(part, few, nobody=True) for part in parts)
            ):
                return beside
    return set()


def _as_unknowns(
    counts: Sequence[Counted], hidden: set[int], lines: Sequence[Line]
) -> tuple[Unknowns, dict[int, int], dict[int, list[int]]]:
    """The counts of hidden rows as unknowns under the sums of lines: people and events by row."""
    most = sum(count.people or 0 for count in counts)
    unknowns = Unknowns(most)
    people = {row: unknowns.add(0, most) for row in sorted(hidden)}
    events = {row: [unknowns.add(0, most) for _ in counts[row].events] for row in sorted(hidden)}
    for row, of_row in events.items():
        for event in of_row:
            unknowns.equate({people[row]: 1, event: -1}, 0, most)
    for line in lines:
        inside = sorted(line & hidden)
        whole = sum(counts[row].people or 0 for row in inside)
        unknowns.equate({people[row]: 1 for row in inside}, whole, whole)
        for kind in range(len(counts[inside[0]].events)):
            whole = sum(counts[row].events[kind] or 0 for row in inside)
            unknowns.equate({events[row][kind]: 1 for row in inside}, whole, whole)
    return unknowns, people, events
