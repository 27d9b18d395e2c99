"""What a table counts: the people of each row and the events among them, read from the columns' kinds."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.present.result import Cell, Table
from workbench.refusal import Fault, Refused


@dataclass(frozen=True)
class Counted:
    """People of one row and the events counted among them. None is unknown."""

    people: int | None
    events: tuple[int | None, ...] = ()


def counted_in(table: Table, row: Sequence[Cell]) -> list[Counted]:
    """What a row counts: one entry per column of people, with the events and shares that stand to its right.

    A share gives back a count of events: itself times the people.
    """
    counted: list[Counted] = []
    for column, cell in zip(table.columns, row, strict=True):
        if column.kind == "people":
            counted.append(Counted(whole_number(table, cell)))
        elif column.kind in {"events", "share"} and counted:
            last = counted[-1]
            events = whole_number(table, cell) if column.kind == "events" else implied_events(cell, last.people)
            counted[-1] = Counted(last.people, (*last.events, events))
    return counted


def sum_of(rows: Sequence[Sequence[Counted]]) -> list[Counted]:
    """The rows taken as one group. A column in which some row's number is not known is left out."""
    together = []
    for column in zip(*rows, strict=True):
        people = [counted.people for counted in column]
        events = zip(*(counted.events for counted in column), strict=True)
        if None not in people:
            known = tuple(sum(kind) for kind in events if None not in kind)
            together.append(Counted(sum(people), known))
    return together


def whole_number(table: Table, cell: Cell) -> int | None:
    """A cell that counts. Raises `Refused` where it holds something else than a whole number or None."""
    if cell is None or (isinstance(cell, int | float) and cell == int(cell)):
        return None if cell is None else int(cell)
    raise Refused(
        Fault(
            f"table {table.id}",
            "counts people or events in something else than whole numbers.",
            "Give counts as integers.",
        )
    )


def implied_events(share: Cell, people: int | None) -> int | None:
    """The count of events that a share of these people gives back."""
    return round(share * people) if isinstance(share, int | float) and people is not None else None


def refuse_uncounted(table: Table) -> None:
    """Raises `Refused` where a table describes groups without a count of people left of events and shares."""
    counting = [column.kind for column in table.columns if column.kind in {"people", "events", "share"}]
    if counting[:1] != ["people"] and (table.groups == "attributes" or counting):
        raise Refused(
            Fault(
                f"table {table.id}",
                "describes groups of people without counting them, so small groups cannot be told.",
                'Add a column of kind "people" before the numbers that describe them.',
            )
        )
