"""What a source has, to look at in a notebook: names of tables, how many rows, which columns. Never a row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
from markupsafe import Markup

from workbench.refusal import Refused

_TABLE = Markup(
    "<table><caption>{}</caption><thead><tr><th>table</th><th>rows</th><th>columns</th></tr></thead>"
    "<tbody>{}</tbody></table>"
)
_ROW = Markup(
    "<tr><th>{}</th><td>{}</td><td style='text-align: left; white-space: normal; max-width: 60em'>{}</td></tr>"
)


@dataclass(frozen=True)
class ListedTable:
    """A table's name, its columns, and its number of rows; `unread` says why these cannot be told."""

    name: str
    columns: tuple[str, ...] = ()
    rows: int | None = None
    unread: str = ""


def list_tables(names: Sequence[str], table: Callable[[str], ir.Table]) -> tuple[ListedTable, ...]:
    """Each of the tables, its rows counted by the engine: one query a table, and no row comes back."""
    return tuple(_listed(name, table) for name in names)


def listing_html(title: str, tables: Sequence[ListedTable]) -> str:
    """The tables as an HTML table."""
    rows = Markup("").join(
        _ROW.format(
            table.name,
            "–" if table.rows is None else f"{table.rows:,}",
            table.unread or ", ".join(table.columns),
        )
        for table in tables
    )
    return str(_TABLE.format(title, rows))


def _listed(name: str, table: Callable[[str], ir.Table]) -> ListedTable:
    try:
        found = table(name)
    except Refused as refused:
        return ListedTable(name, unread=str(refused))
    return ListedTable(name, tuple(found.columns), int(found.count().execute()))
