"""No small cell: nothing shown of people tells about few of them, nor lets few be worked out.

The rule is `workbench.present.disclosure`; this check applies it to what is about to be published, knowing no more
than a reader does.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from pydantic import TypeAdapter

from workbench.present.blocks import BLOCK_TYPE, Block, FigureBlock, TableBlock
from workbench.present.counted import counted_in, refuse_uncounted, whole_number
from workbench.present.disclosure import (
    NUMBER_KINDS,
    WHOLE_ARM,
    Profile,
    is_flow,
    metric_may_show,
    row_may_show,
)
from workbench.present.result import Cell, Table
from workbench.present.suppression import lines_of, solvable
from workbench.refusal import Refused
from workbench.reports.release.candidate import Candidate, Finding

CHECK = "small cells"
BLOCKS: TypeAdapter[Block] = TypeAdapter(Block)
HIDE = "Pass the table through hide_small_cells before it is shown."
MERGE = "Hide a further row in both tables, or show one of the tables only."

Sums = dict[tuple[Cell, ...], int]
"""Counts by labels."""


def find_small_cells(candidate: Candidate, profile: Profile) -> Iterator[Finding]:
    """Small cells in tables, in metrics, between tables, and blocks whose numbers do not come from the result."""
    tables = candidate.result.tables
    for at, table in enumerate(tables, 1):
        place = f"results.json, table {at}"
        if table.groups == "none":
            if any(column.kind in {"people", "events"} for column in table.columns):
                yield _finding(place, 'It says "none" for groups but counts people: say "attributes" or "arm".')
        elif is_flow(table):
            yield from _in_flow(table, place, profile)
        else:
            yield from _in_rows(table, place, profile)
            yield from _solvable_alone(table, place)
    yield from _between_tables(tables, profile)
    for at, metric in enumerate(candidate.result.metrics, 1):
        if not metric_may_show(metric, tables, profile):
            advice = "It tells about few people, or of a group hidden in a table: pass it through hide_metrics."
            yield _finding(f"results.json, metric {at}", advice)
    yield from _blocks_not_from_the_result(candidate)


def _finding(where: str, advice: str) -> Finding:
    return Finding(CHECK, where, advice)


def _in_flow(table: Table, place: str, profile: Profile) -> Iterator[Finding]:
    counted = [[number.people for number in counted_in(table, row)] for row in table.rows]
    people = [row[0] for row in counted if row[0] is not None]
    excluded = [row[1] for row in counted if row[1] is not None]
    differences = [before - after for before, after in pairwise(people)]
    if any(profile.is_few(count) for count in [*people, *excluded, *differences]):
        yield _finding(place, "A step keeps or excludes few people: make the table with cohort_flow.")


def _in_rows(table: Table, place: str, profile: Profile) -> Iterator[Finding]:
    try:
        refuse_uncounted(table)
    except Refused:
        yield _finding(place, 'It describes groups without a column of kind "people" before their counts.')
        return
    for at, row in enumerate(table.rows, 1):
        numbers = [cell for column, cell in zip(table.columns, row, strict=True) if column.kind in NUMBER_KINDS]
        if all(number is None for number in numbers):
            continue
        if not row_may_show(table, row, profile) or not _is_rounded(table, row, profile):
            yield _finding(f"{place}, row {at}", HIDE)


def _is_rounded(table: Table, row: Sequence[Cell], profile: Profile) -> bool:
    return all(
        (table.groups == "arm" and (counted.people or 0) >= WHOLE_ARM)
        or all(
            number is None or number == profile.rounded(number) for number in (counted.people, *counted.events)
        )
        for counted in counted_in(table, row)
    )


def _solvable_alone(table: Table, place: str) -> Iterator[Finding]:
    """A hidden row follows from the shown ones and a total that is published elsewhere."""
    hidden = _hidden_rows(table)
    if len(hidden) < len(table.rows) and solvable(hidden, lines_of(table)):
        yield _finding(place, f"A hidden row follows from the total and the rows shown. {HIDE}")


def _between_tables(tables: Sequence[Table], profile: Profile) -> Iterator[Finding]:
    """Hidden rows that another table gives back: one of the same groups, of coarser, of finer ones, or of all."""
    counting = [
        (at, table) for at, table in enumerate(tables, 1) if _counts_people(table) and not is_flow(table)
    ]
    for (first_at, first), (second_at, second) in combinations(counting, 2):
        if any(
            _groups_give_back(table, other) or _sums_give_back(table, other, profile)
            for table, other in ((first, second), (second, first))
        ):
            yield _finding(f"results.json, tables {first_at} and {second_at}", MERGE)


def _groups_give_back(table: Table, other: Table) -> bool:
    """Whether people of a hidden row follow from rows of another table with the same labels or more."""
    names = _label_names(table)
    if not names or not set(names) <= set(_label_names(other)):
        return False
    people = [_people(table, row) for row in table.rows]
    sums = _sums(other, names)
    there = [sums.get(_labels(table, row, names)) for row in table.rows]
    if any(
        here is not None and sum_ is not None and here != sum_ for here, sum_ in zip(people, there, strict=True)
    ):
        return False  # other people are counted there
    hidden = {at for at, here in enumerate(people) if here is None}
    still = {at for at in hidden if there[at] is None}
    return len(still) < len(hidden) and bool(solvable(still, lines_of(table)))


def _sums_give_back(table: Table, margin: Table, profile: Profile) -> bool:
    """Whether a sum in another table, less the rows shown in this one, leaves few for the rows hidden here.

    Counts are taken for the same where their columns have one name.
    """
    hidden = _hidden_rows(table)
    names = [name for name in _label_names(margin) if name in _label_names(table)]
    if not hidden or table.groups == "none":
        return False
    for column in table.columns:
        if column.kind not in {"people", "events"} or column.name not in {
            other.name for other in margin.columns
        }:
            continue
        for by in {tuple(names), ()}:
            sums = _sums(margin, by, column.name)
            for key, total in sums.items():
                line = [at for at, row in enumerate(table.rows) if _labels(table, row, by) == key]
                shown = [_cell(table, table.rows[at], column.name) for at in line if at not in hidden]
                known = [count for count in shown if count is not None]
                if not known or len(known) == len(line):
                    continue
                slack = 0 if profile.round_to == 1 else len(known) * (profile.round_to // 2)
                left = total - sum(known)
                if 1 <= left <= profile.few - slack or (left == 0 and column.kind == "events" and not slack):
                    return True
    return False


def _sums(table: Table, names: Sequence[str], counted: str | None = None) -> Sums:
    """People, or the counts of a column, by these labels and summed over all others, where each row is shown."""
    rows: dict[tuple[Cell, ...], list[int | None]] = {}
    for row in table.rows:
        count = _people(table, row) if counted is None else _cell(table, row, counted)
        rows.setdefault(_labels(table, row, names), []).append(count)
    return {
        key: sum(count for count in counts if count is not None)
        for key, counts in rows.items()
        if None not in counts
    }


def _cell(table: Table, row: Sequence[Cell], name: str) -> int | None:
    cells = zip(table.columns, row, strict=True)
    return next(whole_number(table, cell) for column, cell in cells if column.name == name)


def _hidden_rows(table: Table) -> set[int]:
    """The rows of which a count is not shown."""
    return {
        at
        for at, row in enumerate(table.rows)
        for column, cell in zip(table.columns, row, strict=True)
        if cell is None and column.kind in {"people", "events"}
    }


def _labels(table: Table, row: Sequence[Cell], names: Sequence[str]) -> tuple[Cell, ...]:
    at = {column.name: cell for column, cell in zip(table.columns, row, strict=True)}
    return tuple(at[name] for name in names)


def _label_names(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.kind == "label"]


def _counts_people(table: Table) -> bool:
    return any(column.kind == "people" for column in table.columns)


def _people(table: Table, row: Sequence[Cell]) -> int | None:
    """The people of a row: those of its first count of people."""
    counted = counted_in(table, row)
    return counted[0].people if counted else None


def _blocks_not_from_the_result(candidate: Candidate) -> Iterator[Finding]:
    by_id = {table.id: table for table in candidate.result.tables}
    for at, cell in enumerate(candidate.notebook.cells, 1):
        for output in cell.get("outputs", []):
            if BLOCK_TYPE not in output.get("data", {}):
                continue
            block = BLOCKS.validate_python(output["data"][BLOCK_TYPE])
            place = f"notebook.ipynb, cell {at}"
            if isinstance(block, TableBlock) and by_id.get(block.table.id) != block.table:
                yield _finding(
                    place, "The table shown is not a table of the result: add it to the result's tables."
                )
            if isinstance(block, FigureBlock) and not (block.source and set(block.source) <= set(by_id)):
                yield _finding(
                    place, "The figure's numbers stand in no table of the result: name their tables."
                )
