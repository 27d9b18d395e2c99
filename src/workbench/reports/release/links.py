"""Where published tables count the same people: sums that a reader may set equal, by the names of labels and columns.

Whether two tables really count the same is not said anywhere. A link that the numbers contradict is none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from workbench.present.unknowns import Terms
from workbench.reports.release.sheets import Labels, Sheet

Laid = dict[tuple[int, int], int]
"""The unknown of each cell of a sheet, by row and place in the row."""


@dataclass(frozen=True)
class Line:
    """Rows of one sheet and rows of another whose sums are equal, in one column of each."""

    rows: tuple[int, ...]
    column: int
    others: tuple[int, ...]
    other_column: int


@dataclass(frozen=True)
class Link:
    """Lines that two sheets share, of which all hold or none; `rank` is lowest for those most likely to hold."""

    first: int
    second: int
    lines: tuple[Line, ...]
    rank: int

    def equations(self, laid: Sequence[Laid]) -> Iterator[Terms]:
        """Each line as the difference of its sums, which is zero."""
        for line in self.lines:
            terms = {laid[self.first][row, line.column]: 1 for row in line.rows}
            yield terms | {laid[self.second][row, line.other_column]: -1 for row in line.others}


def links_between(sheets: Sequence[Sheet]) -> list[Link]:
    """All links that names allow, most likely ones first."""
    found = [
        link
        for (one, first), (two, second) in combinations(enumerate(sheets), 2)
        for columns in [_same_columns(first, second)]
        if columns
        for link in _of_pair(one, first, two, second, columns)
    ]
    return sorted(found, key=lambda link: link.rank)


def _same_columns(first: Sheet, second: Sheet) -> list[tuple[int, int]]:
    """Columns of one name; of the same groups also the first people of each, whatever they are called."""
    pairs = [
        (at, other)
        for at, count in enumerate(first.rows[0])
        for other in [second.column(count.name)]
        if other is not None and (count.among is None) == (second.rows[0][other].among is None)
    ]
    smaller = min(first.labels, second.labels, key=len)
    same = bool(smaller) and set(smaller) <= set(first.labels) & set(second.labels)
    if same and not any(at == 0 or other == 0 for at, other in pairs):
        pairs.append((0, 0))
    return pairs


def _of_pair(
    one: int, first: Sheet, two: int, second: Sheet, columns: Sequence[tuple[int, int]]
) -> Iterator[Link]:
    common = [name for name in first.labels if name in second.labels]
    if common:
        by_key, by_other = _by(first, common), _by(second, common)
        shared = [(by_key[key], by_other[key]) for key in by_key if key in by_other]
        yield from _link(one, two, shared, columns, -len(common))
    everybody, others = tuple(range(len(first.rows))), tuple(range(len(second.rows)))
    yield from _link(one, two, [(everybody, others)], columns, 1)
    # Under each value of a label a whole population may stand: by sex, then by age.
    for name in filter(first.nests, first.labels):
        yield from _link(one, two, [(rows, others) for rows in _by(first, [name]).values()], columns, 2)
    for name in filter(second.nests, second.labels):
        yield from _link(one, two, [(everybody, rows) for rows in _by(second, [name]).values()], columns, 2)


def _by(sheet: Sheet, names: Sequence[str]) -> dict[Labels, tuple[int, ...]]:
    rows: dict[Labels, list[int]] = {}
    for row in range(len(sheet.rows)):
        rows.setdefault(sheet.key(row, names), []).append(row)
    return {key: tuple(found) for key, found in rows.items()}


def _link(
    one: int,
    two: int,
    shared: Sequence[tuple[tuple[int, ...], tuple[int, ...]]],
    columns: Sequence[tuple[int, int]],
    rank: int,
) -> Iterator[Link]:
    if shared:
        lines = (Line(rows, at, others, other) for rows, others in shared for at, other in columns)
        yield Link(one, two, tuple(lines), rank)
