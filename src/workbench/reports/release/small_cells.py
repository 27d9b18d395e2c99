"""No small cell: nothing shown of people tells about few of them, nor lets few be worked out.

The rule is `workbench.present.disclosure`; this check applies it to what is about to be published, knowing no more
than a reader does.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from pydantic import TypeAdapter

from workbench.present.blocks import BLOCK_TYPE, Block, FigureBlock, TableBlock, unfolded
from workbench.present.counted import counted_in, refuse_uncounted
from workbench.present.disclosure import (
    NUMBER_KINDS,
    WHOLE_ARM,
    Profile,
    is_flow,
    metric_may_show,
    row_may_show,
)
from workbench.present.result import Cell, StudyResult, Table
from workbench.present.suppression import lines_of, solvable
from workbench.refusal import Refused
from workbench.reports.release.candidate import Candidate, Finding
from workbench.reports.release.changes import comparable, metric_to_hold, rows_to_hold
from workbench.reports.release.holding import tells
from workbench.reports.release.reconstruction import exposures

CHECK = "small cells"
BLOCKS: TypeAdapter[Block] = TypeAdapter(Block)
HIDE = "Pass the table through hide_small_cells before it is shown."
MERGE = "Hide a further row in both tables, or show one of the tables only."

LAST = "Too little changed since the last version: publish less often, or form larger groups, so that more changes."
SAID = "It tells a number of a group to which few came since the last version: say it without the number."


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
    yield from _worked_out(candidate, profile)
    yield from _changed_little(candidate, profile)
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
        if all(number is None for number in _numbers(table, row)):
            continue
        if not row_may_show(table, row, profile) or not _is_rounded(table, row, profile):
            yield _finding(f"{place}, row {at}", HIDE)


def _numbers(table: Table, row: Sequence[Cell]) -> list[Cell]:
    return [cell for column, cell in zip(table.columns, row, strict=True) if column.kind in NUMBER_KINDS]


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


def _hidden_rows(table: Table) -> set[int]:
    """The rows of which a count is not shown."""
    return {
        at
        for at, row in enumerate(table.rows)
        for column, cell in zip(table.columns, row, strict=True)
        if cell is None and column.kind in {"people", "events"}
    }


def _worked_out(candidate: Candidate, profile: Profile) -> Iterator[Finding]:
    last = comparable(candidate.result, candidate.previous)
    for exposure in exposures(candidate.result, last, profile):
        places = " and ".join(map(str, exposure.tables))
        where = (
            f"results.json, table{'s' if len(exposure.tables) > 1 else ''} {places or 'of the last version'}"
        )
        if exposure.last:
            yield _finding(f"{where}, beside the last version", LAST)
        else:
            yield _finding(where, MERGE)


def _changed_little(candidate: Candidate, profile: Profile) -> Iterator[Finding]:
    """Groups whose numbers, less those of the last version, tell about few, and words that tell numbers held back."""
    result = candidate.result
    previous = comparable(result, candidate.previous)
    if previous is None:
        return
    for at, table in enumerate(result.tables, 1):
        if table.groups == "none" or not previous.has_table(table.id):
            continue
        before = previous.table(table.id)
        held = {row for row in rows_to_hold(table, before, profile) if table.rows[row] not in before.rows}
        if any(any(cell is not None for cell in _numbers(table, table.rows[row])) for row in held):
            yield _finding(f"results.json, table {at}, beside the last version", LAST)
    for at, metric in enumerate(result.metrics, 1):
        before_it = (old for old in previous.metrics if (old.name, old.of) == (metric.name, metric.of))
        if any(metric_to_hold(metric, old, profile) for old in before_it):
            yield _finding(f"results.json, metric {at}, beside the last version", LAST)
    for where, said in (("verdict", _verdict_words), ("checks", _check_words)):
        # What was said of other numbers, such as a level of 95 %, tells none that is held back.
        said_before = said(previous)
        held_back = frozenset(
            each for each in candidate.superseded if not tells(said_before, frozenset({each}))
        )
        if tells(said(result), held_back):
            yield _finding(f"results.json, {where}", SAID)


def _verdict_words(result: StudyResult) -> str:
    verdict = result.verdict
    return " ".join([verdict.headline, *verdict.reasons, *(fact.text for fact in verdict.facts)])


def _check_words(result: StudyResult) -> str:
    return " ".join(check.detail for check in result.checks)


def _words_of(block: Block) -> str:
    """The sentences of a block; a table's are its caption and note."""
    told = block.model_dump(exclude={"table": {"rows", "columns"}, "wide": True, "narrow": True, "id": True})
    return " ".join(_strings(told))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for inner in value.values() for text in _strings(inner))
    elif isinstance(value, list):
        yield from (text for inner in value for text in _strings(inner))


def _blocks_not_from_the_result(candidate: Candidate) -> Iterator[Finding]:
    by_id = {table.id: table for table in candidate.result.tables}
    for at, cell in enumerate(candidate.notebook.cells, 1):
        for output in cell.get("outputs", []):
            if BLOCK_TYPE not in output.get("data", {}):
                continue
            shown = BLOCKS.validate_python(output["data"][BLOCK_TYPE])
            for block in unfolded(shown):
                yield from _block(block, f"notebook.ipynb, cell {at}", by_id, candidate.superseded)


def _block(
    block: Block, place: str, by_id: Mapping[str, Table], superseded: frozenset[str]
) -> Iterator[Finding]:
    if tells(_words_of(block), superseded):
        yield _finding(place, SAID)
    if isinstance(block, TableBlock) and by_id.get(block.table.id) != block.table:
        yield _finding(place, "The table shown is not a table of the result: add it to the result's tables.")
    if isinstance(block, FigureBlock) and not (block.source and set(block.source) <= set(by_id)):
        yield _finding(place, "The figure's numbers stand in no table of the result: name their tables.")
