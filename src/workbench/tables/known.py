"""The canonical tables of a source, and what of them was known as of a moment: the only way a study reads them.

A row counts from the moment it was known on; of a row that changed, the newest version known by then counts.
So the same study, run again with an older `as_of`, gives the older answer.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time

import ibis
import ibis.expr.types as ir

from workbench.refusal import Fault, Refused
from workbench.tables.listing import ListedTable, list_tables, listing_html
from workbench.tables.mapping import MappedTable
from workbench.tables.source import Source

# For each table, the column that says from when on a row was known.
KNOWN_FROM = {
    "patients": "enrolled_at",
    "patient_states": "known_at",
    "consents": "changed_at",
    "messages": "known_at",
    "replies": "received_at",
    "assignments": "assigned_at",
    "appointments": "known_at",
    "surveys": "responded_at",
}
# Tables that keep every version of a row, with the key that the versions share.
VERSIONED = {"appointments": "appointment_id"}


class Tables:
    """The canonical tables of a source, as lazy Ibis expressions.

    A study never reads these directly: it asks `known(as_of)` for what was known by then.
    """

    def __init__(
        self,
        source: Source,
        tables: Mapping[str, ir.Table],
        mapped: Mapping[str, MappedTable] | None = None,
    ) -> None:
        self.source = source
        self._tables = dict(tables)
        self._mapped = dict(mapped or {})

    @property
    def names(self) -> tuple[str, ...]:
        """The canonical tables this source has."""
        return tuple(self._tables)

    def whole(self, name: str) -> ir.Table:
        """A whole table, whatever was known when; for checks of the data, not for studies.

        Raises:
            Refused: the source does not have the table.
        """
        if name not in self._tables:
            raise Refused(
                Fault(
                    f'source "{self.source.title}"',
                    f"it has no table {name}.",
                    f"It has: {', '.join(self._tables) or 'none'}.",
                )
            )
        return self._tables[name]

    def mapped(self, name: str) -> MappedTable:
        """How a table came from its foreign file: what was dropped and what is told of it."""
        return self._mapped.get(name) or MappedTable(self.whole(name), self.whole(name))

    def is_timed(self, name: str) -> bool:
        """Whether every row of the table must say from when on it was known; see `KNOWN_FROM`.

        When a person enrolled is often not recorded, and takes nothing from what is known of her otherwise.
        """
        return name in KNOWN_FROM and name != "patients" and self.source.not_recorded.time is None

    def listed(self) -> tuple[ListedTable, ...]:
        """The tables with their columns and numbers of rows, every version of a row counted."""
        return list_tables(self.names, self.whole)

    def _repr_html_(self) -> str:
        return listing_html(f"{self.source.title}, all there is", self.listed())

    def known(self, as_of: date) -> "KnownTables":
        """What was known before the start of the day `as_of`, UTC."""
        return KnownTables(self, as_of)


class KnownTables:
    """The canonical tables as they stood before the start of the day `as_of`, UTC."""

    def __init__(self, tables: Tables, as_of: date) -> None:
        self.source = tables.source
        self.as_of = as_of
        self.moment = datetime.combine(as_of, time(), UTC)
        self._tables = tables

    @property
    def names(self) -> tuple[str, ...]:
        """The canonical tables the source has."""
        return self._tables.names

    def has(self, table: str, column: str) -> bool:
        """Whether the source has the table with this column."""
        return table in self._tables.names and column in self._tables.whole(table).columns

    def mapped(self, name: str) -> MappedTable:
        """How a table came from its foreign file, whatever was known when; for telling of the data."""
        return self._tables.mapped(name)

    def table(self, name: str) -> ir.Table:
        """A table as known by `as_of`, columns that were not known by then blanked.

        Rows without a time are read only where the source says that it records none.

        Raises:
            Refused: the source does not have the table, or not the column that says from when on a row was known.
        """
        rows = self.versions(name)
        return _newest(name, rows) if _is_versioned(name, rows) else rows

    def versions(self, name: str) -> ir.Table:
        """A table with every version of its rows that was known by `as_of`; see `table`."""
        rows = self._tables.whole(name)
        if name in KNOWN_FROM:
            rows = self._known(name, rows, KNOWN_FROM[name])
        return self._without_later_ends(rows) if name == "patients" else rows

    def matching(self, name: str, match: Callable[[ir.Table], ir.Table]) -> ir.Table:
        """What `match(table(name))` gives; where few rows match, without comparing the versions of all others.

        The keys of the rows in question are looked for at once, and kept inside the engine: in one query with the rest,
        engines keep the whole table to read it twice.

        Args:
            name: the table.
            match: keeps some rows of a table, each for what stands in this row alone, and keeps the table's key.
        """
        rows = self.versions(name)
        if not _is_versioned(name, rows):
            return match(rows)
        # Of a row whose newest version matches, some version does; the versions of the others need not be compared.
        key = VERSIONED[name]
        concerned = match(rows).select(key).distinct().cache()
        return match(_newest(name, rows.semi_join(concerned, key)))

    def listed(self) -> tuple[ListedTable, ...]:
        """The tables with their columns and numbers of rows as known by `as_of`."""
        return list_tables(self.names, self.table)

    def _repr_html_(self) -> str:
        return listing_html(f"{self.source.title}, as known before {self.as_of}", self.listed())

    def _known(self, name: str, rows: ir.Table, known_from: str) -> ir.Table:
        timed = self._tables.is_timed(name)
        if known_from not in rows.columns:
            if not timed:
                return rows
            what = f'there is no column "{known_from}", so nobody can tell what was known by {self.as_of}.'
            mend = "Bring it, or say in the source file under not_recorded that it records no time."
            raise Refused(Fault(f"table {name}", what, mend))
        known = rows[known_from] < ibis.literal(self.moment)
        return rows.filter(known if timed else known | rows[known_from].isnull())

    def _without_later_ends(self, patients: ir.Table) -> ir.Table:
        ends = [name for name in ("ended_at", "deceased_at") if name in patients.columns]
        later = ibis.literal(self.moment)
        return patients.mutate(**{name: (patients[name] < later).ifelse(patients[name], None) for name in ends})


def _is_versioned(name: str, rows: ir.Table) -> bool:
    return name in VERSIONED and KNOWN_FROM[name] in rows.columns


def _newest(name: str, rows: ir.Table) -> ir.Table:
    window = ibis.window(group_by=VERSIONED[name], order_by=ibis.desc(KNOWN_FROM[name]))
    numbered = rows.mutate(_version=ibis.row_number().over(window))
    return numbered.filter(numbered["_version"] == 0).drop("_version")
