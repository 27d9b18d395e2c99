"""The published tables of one version as a reader who would solve them lays them out: cells, rows, labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.present.counted import implied_events, whole_number
from workbench.present.disclosure import NOT_ATTRIBUTES, WHOLE_ARM, Profile, is_flow
from workbench.present.result import Cell, Column, Metric, StudyResult, Table

Labels = tuple[Cell, ...]


@dataclass(frozen=True)
class Count:
    """A count of a row: what its column is called, the number where it is shown, and all that it can be.

    `among` is the place, in its row, of the people among whom events were counted; None for people.
    """

    name: str
    shown: int | None
    low: int
    high: int
    among: int | None


@dataclass(frozen=True)
class Sheet:
    """A table that counts people. Of a cohort's flow it is the people who remain in the end, without labels.

    `at` is the place in the result, from 1 on; None where the sheet is made of metrics. `id` is the table's.
    """

    at: int | None
    id: str
    labels: tuple[str, ...]
    keys: tuple[Labels, ...]
    rows: tuple[tuple[Count, ...], ...]
    whole: tuple[bool, ...]

    def column(self, name: str) -> int | None:
        """The place of the counts of that name in every row."""
        return next((at for at, count in enumerate(self.rows[0]) if count.name == name), None)

    def nests(self, name: str) -> bool:
        """Whether each value of a label has further labels of its own, as "age" has "young" and "old".

        Metrics may leave out groups, and only look so.
        """
        at = self.labels.index(name)
        parts = {(key[:at] + key[at + 1 :], key[at]) for key in self.keys}
        values = {value for _, value in parts}
        return self.at is not None and 1 < len(values) < len(parts) == len({rest for rest, _ in parts})

    def key(self, row: int, names: Sequence[str]) -> Labels:
        """A row's labels by these names."""
        return tuple(self.keys[row][self.labels.index(name)] for name in names)


def sheets_of(result: StudyResult, profile: Profile, most: int) -> list[Sheet]:
    """All that a result counts people in. `most` is a number that no count exceeds."""
    tables = [_sheet(at, table, profile, most) for at, table in enumerate(result.tables, 1) if _counts(table)]
    return [sheet for sheet in (*tables, *_of_metrics(result.metrics, profile, most)) if sheet.rows]


def largest_count(result: StudyResult) -> int:
    """The largest number among the counts of a result."""
    cells = (
        cell
        for table in result.tables
        for row in table.rows
        for column, cell in zip(table.columns, row, strict=True)
        if column.kind in {"people", "events"} and isinstance(cell, int | float)
    )
    return int(max([*cells, *(metric.n or 0 for metric in result.metrics)], default=0))


def _counts(table: Table) -> bool:
    return table.groups != "none" and any(column.kind == "people" for column in table.columns)


def _sheet(at: int, table: Table, profile: Profile, most: int) -> Sheet:
    if is_flow(table):
        remain = [row for row in table.rows if row[1] is not None][-1:]
        table = table.model_copy(update={"rows": [[row[1]] for row in remain], "columns": [table.columns[1]]})
    places = [n for n, column in enumerate(table.columns) if column.kind == "label"]
    rows = tuple(tuple(_row(table, row, profile, most)) for row in table.rows)
    return Sheet(
        at=at,
        id=table.id,
        labels=tuple(table.columns[n].name for n in places),
        keys=tuple(tuple(row[n] for n in places) for row in table.rows),
        rows=rows,
        whole=tuple(table.groups == "arm" and _all_large(row) for row in rows),
    )


def _row(table: Table, row: Sequence[Cell], profile: Profile, most: int) -> Iterator[Count]:
    people: int | None = None
    among: int | None = None
    place = 0
    for column, cell in zip(table.columns, row, strict=True):
        if column.kind == "people":
            people, among = whole_number(table, cell), place
            yield _count(column, people, None, profile, most, exact=_exact(table, people))
        elif column.kind in {"events", "share"} and among is not None:
            events = whole_number(table, cell) if column.kind == "events" else implied_events(cell, people)
            yield _count(column, events, among, profile, most, exact=_exact(table, people))
        else:
            continue
        place += 1


def _exact(table: Table, people: int | None) -> bool:
    return table.groups == "arm" and (people or 0) >= WHOLE_ARM


def _count(
    column: Column, shown: int | None, among: int | None, profile: Profile, most: int, *, exact: bool
) -> Count:
    if shown is None:
        return Count(column.name, None, 0, most, among)
    slack = 0 if exact or shown == 0 else profile.round_to // 2
    return Count(column.name, shown, max(shown - slack, 0), shown + slack, among)


def _all_large(row: Sequence[Count]) -> bool:
    return all((count.shown or 0) >= WHOLE_ARM for count in row if count.among is None)


def _of_metrics(metrics: Sequence[Metric], profile: Profile, most: int) -> Iterator[Sheet]:
    """What metrics count: `n` people by what they are of. Their values are estimates and give no exact count."""
    column = Column(name="people", title="", kind="people")
    named: dict[tuple[str, ...], dict[Labels, Metric]] = {}
    for metric in metrics:
        names = tuple(sorted(key for key in metric.of if key == "arm" or key not in NOT_ATTRIBUTES))
        counts = metric.n is not None or metric.value is None  # without either, it is hidden
        if counts and "versus" not in metric.of and set(metric.of) - set(names) <= {"outcome"}:
            named.setdefault(names, {}).setdefault(tuple(metric.of[name] for name in names), metric)
    for names, by_labels in named.items():
        people = [metric.n for metric in by_labels.values()]
        arms = not set(names) - NOT_ATTRIBUTES
        yield Sheet(
            at=None,
            id=f"metrics by {' '.join(names)}",
            labels=names,
            keys=tuple(by_labels),
            rows=tuple(
                (_count(column, n, None, profile, most, exact=arms and (n or 0) >= WHOLE_ARM),) for n in people
            ),
            whole=tuple(arms and (n or 0) >= WHOLE_ARM for n in people),
        )
