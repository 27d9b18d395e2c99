"""What a reader learns of a group by subtracting the last version's counts: who came between, held to the same rule."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from workbench.present.counted import Counted, counted_in, sum_of
from workbench.present.disclosure import NOT_ATTRIBUTES, WHOLE_ARM, Profile, is_flow
from workbench.present.result import Cell, Metric, StudyResult, Table
from workbench.present.suppression import lines_of, with_complements

Change = list[Counted]
"""How many more people, and events among them, a row counts: one for each column of people."""


def comparable(result: StudyResult, previous: StudyResult | None) -> StudyResult | None:
    """The last version without what is of groups that this one made anew, which are other groups of the same names.

    People went to and fro between such groups, so that the difference of two counts is nobody's count.
    """
    if previous is None:
        return None
    fitted = [table for table in result.tables if table.fitted]
    ids = {table.id for table in fitted}
    names = {str(cell) for table in fitted for row in table.rows for cell in _labels(table, row)}
    return previous.model_copy(
        update={
            "tables": [table for table in previous.tables if table.id not in ids],
            "metrics": [metric for metric in previous.metrics if not _is_of(metric, names)],
        }
    )


def _is_of(metric: Metric, names: set[str]) -> bool:
    attributes = {value for key, value in metric.of.items() if key not in NOT_ATTRIBUTES}
    return bool(attributes) and attributes <= names


def change_may_show(change: Counted, profile: Profile) -> bool:
    """Whether a group's change since the last version may be known: people, events, and people without them.

    Nothing may have changed; else none of the three may be few, and of those who came not nobody, and not everybody,
    may have had the event. Counts that fell are held to the same: those who left are a group too.
    """
    people = abs(change.people or 0)
    if profile.is_few(people):
        return False
    for more in change.events:
        events, without = abs(more or 0), abs((change.people or 0) - (more or 0))
        if people + events and (events <= profile.few or without <= profile.few):
            return False
    return True


def rows_to_hold(table: Table, before: Table, profile: Profile) -> set[int]:
    """The rows that may not be brought up to date: those whose change is small, and rows that keep it from being told.

    Rows are protected by people alone first, so that all tables of the same groups hold the same of them.
    """
    if is_flow(table):
        return set(range(len(table.rows))) if _flow_changed_little(table, before, profile) else set()
    changes = _changes(table, before)
    exempt = {row for row in changes if _is_whole(table, table.rows[row])}
    lines = [line for whole in lines_of(table) if len(line := whole & (changes.keys() - exempt)) > 1]

    def together(rows: set[int], counts: dict[int, Change]) -> bool:
        return _may_show(sum_of([counts[row] for row in rows]), profile)

    held: set[int] = set()
    people = {row: [Counted(each.people) for each in change] for row, change in changes.items()}
    for counts in (people, changes):
        held |= {row for row, change in counts.items() if row not in exempt and not _may_show(change, profile)}
        held = with_complements(
            held,
            lines,
            lambda rows, counts=counts: together(rows, counts),  # type: ignore[misc]
            lambda row: (not changes[row][0].people, abs(changes[row][0].people or 0)),
        )
    return held


def metric_to_hold(metric: Metric, before: Metric, profile: Profile) -> bool:
    """Whether a metric of a group described by attributes counts only few other people than it did."""
    if metric.n is None or before.n is None or not set(metric.of) - NOT_ATTRIBUTES:
        return False
    events: tuple[int | None, ...] = ()
    if metric.unit == "probability" and "versus" not in metric.of and metric.value and before.value:
        events = (round(metric.value * metric.n) - round(before.value * before.n),)
    return not change_may_show(Counted(metric.n - before.n, events), profile)


def _may_show(change: Iterable[Counted], profile: Profile) -> bool:
    return all(change_may_show(each, profile) for each in change)


def _changes(table: Table, before: Table) -> dict[int, Change]:
    """The change of each row whose counts are shown in both versions, by the columns that both have."""
    named = {_labels(before, row): _by_column(before, row) for row in before.rows}
    found = {}
    for at, row in enumerate(table.rows):
        now, then = _by_column(table, row), named.get(_labels(table, row), {})
        change = [_less(now[name], then[name]) for name in now if name in then]
        if change and all(each.people is not None for each in change):
            found[at] = change
    return found


def _less(now: Counted, then: Counted) -> Counted:
    events = zip(now.events, then.events, strict=False)
    return Counted(_minus(now.people, then.people), tuple(_minus(a, b) for a, b in events))


def _minus(now: int | None, then: int | None) -> int | None:
    return None if now is None or then is None else now - then


def _labels(table: Table, row: Sequence[Cell]) -> tuple[Cell, ...]:
    return tuple(cell for column, cell in zip(table.columns, row, strict=True) if column.kind == "label")


def _by_column(table: Table, row: Sequence[Cell]) -> dict[str, Counted]:
    names = [column.name for column in table.columns if column.kind == "people"]
    return dict(zip(names, counted_in(table, row), strict=True))


def _is_whole(table: Table, row: Sequence[Cell]) -> bool:
    return table.groups == "arm" and all((each.people or 0) >= WHOLE_ARM for each in counted_in(table, row))


def _flow_changed_little(table: Table, before: Table, profile: Profile) -> bool:
    """Whether a step excludes a few more or fewer than it did; steps that exclude `WHOLE_ARM` are whole cohorts."""
    now, then = _remaining(table), _remaining(before)
    steps = [step for step in now if step in then]
    for step, after in pairwise(steps):
        excluded, did = now[step] - now[after], then[step] - then[after]
        if min(excluded, did) < WHOLE_ARM and profile.is_few(abs(excluded - did)):
            return True
    return False


def _remaining(flow: Table) -> dict[str, int]:
    """How many remain after each step; of steps that were merged, after the last one."""
    return {str(row[0]).split("; ")[-1]: row[1] for row in flow.rows if isinstance(row[1], int)}
