"""Numbers of the last version that stand in for new ones, until what has changed between may be known.

A study does not know what was published before, so this is done to its result, before it is examined. Whoever compares
two versions then finds that a group's numbers stayed the same, or that its people and events changed by more than few.
As what stands in is carried from version to version, a comparison with the last one is one with all before it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.present.blocks import Block, FigureBlock, FoldBlock, OpenBlock, ProseBlock, TableBlock
from workbench.present.disclosure import NUMBER_KINDS, Profile, metric_describes
from workbench.present.fragments import cell_text
from workbench.present.numbers import count, percent
from workbench.present.result import Cell, Metric, StudyResult, Table
from workbench.reports.release.changes import comparable, metric_to_hold, rows_to_hold
from workbench.reports.release.reconstruction import exposures

LEFT_OUT = (
    "{} is left out here: since the last version few people or events came to a group, and it would tell them."
)
FIGURE, PROSE = LEFT_OUT.format("A figure"), LEFT_OUT.format("A sentence")
ROWS = "As in the last version, for few people or events came to these since, or what came could be worked out: {}."
WHOLE = "All of it as in the last version, since few people or events that came to a group could be worked out."


@dataclass(frozen=True)
class Held:
    """A result in which some numbers are the last version's.

    `tables` are the ids of tables that changed by it; `superseded` are the new numbers, as a reader would see them.
    """

    result: StudyResult
    tables: frozenset[str] = frozenset()
    superseded: frozenset[str] = frozenset()

    def shows(self, block: Block) -> Block:
        """What is shown in a block's place: the table as held, and no figure or sentence that tells what is not."""
        if isinstance(block, FoldBlock):
            return block.model_copy(update={"blocks": [self._shown(inner) for inner in block.blocks]})
        return self._shown(block)

    def _shown(self, block: OpenBlock) -> OpenBlock:
        if isinstance(block, TableBlock) and block.table.id in self.tables:
            return TableBlock(table=self.result.table(block.table.id))
        if isinstance(block, FigureBlock) and self.tables & set(block.source):
            return ProseBlock(text=FIGURE)
        if isinstance(block, ProseBlock) and tells(block.text, self.superseded):
            return ProseBlock(text=PROSE)
        return block


def hold(result: StudyResult, previous: StudyResult | None, profile: Profile) -> Held:
    """The result with the last version's numbers wherever their change may not be known."""
    previous = comparable(result, previous)
    if previous is None:
        return Held(result)
    rows = {
        table.id: rows_to_hold(table, previous.table(table.id), profile)
        for table in result.tables
        if table.groups != "none" and previous.has_table(table.id)
    }
    whole: set[str] = set()
    while True:
        shown = _with_held(result, previous, rows, whole, profile)
        told = exposures(shown, previous, profile)
        ids = {result.tables[at - 1].id for each in told if each.last for at in each.tables}
        if not ids & rows.keys() - whole:
            return Held(shown, *_differing(result, shown))
        whole |= ids & rows.keys()


def tells(text: str, numbers: frozenset[str]) -> bool:
    """Whether one of these numbers stands in a text, by itself."""
    return any(re.search(rf"(?<![\d.,]){re.escape(each)}(?!\d|[.,]\d)", text) for each in numbers)


def _with_held(
    result: StudyResult, previous: StudyResult, rows: dict[str, set[int]], whole: set[str], profile: Profile
) -> StudyResult:
    tables = []
    for table in result.tables:
        if table.id in whole:
            before = previous.table(table.id)
            tables.append(before.model_copy(update={"note": _with_sentence(before.note, WHOLE)}))
        elif rows.get(table.id):
            tables.append(_held_rows(table, previous.table(table.id), rows[table.id]))
        else:
            tables.append(table)
    groups = [
        {str(cell) for cell in _labels(table, table.rows[row])}
        for table in result.tables
        for row in (range(len(table.rows)) if table.id in whole else rows.get(table.id, ()))
    ]
    metrics = [_held_metric(metric, previous, groups, profile) for metric in result.metrics]
    return result.model_copy(update={"tables": tables, "metrics": metrics})


def _held_rows(table: Table, before: Table, rows: set[int]) -> Table:
    then = {_labels(before, row): row for row in before.rows}
    same = [(column.name, column.kind) for column in table.columns] == [
        (column.name, column.kind) for column in before.columns
    ]
    shown = [
        row
        if at not in rows
        else then[_labels(table, row)]
        if same and _labels(table, row) in then
        else [
            None if column.kind in NUMBER_KINDS else cell
            for column, cell in zip(table.columns, row, strict=True)
        ]
        for at, row in enumerate(table.rows)
    ]
    named = "; ".join(", ".join(map(str, _labels(table, table.rows[at]))) for at in sorted(rows))
    return table.model_copy(update={"rows": shown, "note": _with_sentence(table.note, ROWS.format(named))})


def _held_metric(metric: Metric, previous: StudyResult, groups: list[set[str]], profile: Profile) -> Metric:
    before = next((old for old in previous.metrics if (old.name, old.of) == (metric.name, metric.of)), None)
    described = any(group and metric_describes(metric, group) for group in groups)
    if before is not None and (described or metric_to_hold(metric, before, profile)):
        return before
    if described:
        return metric.model_copy(update={"value": None, "low": None, "high": None, "n": None})
    return metric


def _differing(result: StudyResult, shown: StudyResult) -> tuple[frozenset[str], frozenset[str]]:
    changed = {
        table.id for table, held in zip(result.tables, shown.tables, strict=True) if table.rows != held.rows
    }
    new = set(_numbers(result)) - set(_numbers(shown))
    return frozenset(changed), frozenset(new)


def _numbers(result: StudyResult) -> Iterator[str]:
    """The numbers of a result as a reader sees them, but for single digits, which stand everywhere."""
    texts = [
        cell_text(column, cell)
        for table in result.tables
        for row in table.rows
        for column, cell in zip(table.columns, row, strict=True)
        if cell is not None and column.kind in NUMBER_KINDS
    ]
    for metric in result.metrics:
        texts += [count(metric.n)] if metric.n is not None else []
        texts += [percent(metric.value)] if metric.value is not None and metric.unit == "probability" else []
    yield from (text for text in texts if sum(map(str.isdigit, text)) > 1)


def _labels(table: Table, row: list[Cell]) -> tuple[Cell, ...]:
    return tuple(cell for column, cell in zip(table.columns, row, strict=True) if column.kind == "label")


def _with_sentence(note: str, sentence: str) -> str:
    return note if sentence in note else f"{note} {sentence}".strip()
