"""What became of the rows of a mapped table, counted file by file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import duckdb
import ibis.expr.types as ir

from workbench.ingest.mapped.settings import FeedTable
from workbench.ingest.reading import Account, Reason
from workbench.tables.known import KNOWN_FROM
from workbench.tables.local_time import is_doubtful
from workbench.tables.mapping import MappedTable
from workbench.tables.schema import TABLES, TIME
from workbench.tables.source import FromColumn, LocalTime
from workbench.tables.time_text import has_offset, wall_in

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class RowCounts:
    """Rows read and used so far, and by reason those dropped and those told of."""

    read: int = 0
    used: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)


def count_rows(counts: RowCounts, rows: ir.Table, mapped: MappedTable, name: str, table: FeedTable) -> None:
    """Add the rows of one file: those read, those that conditions left out, and what is told."""
    left_rows = rows if mapped.left is None else mapped.left
    read, left, made = _count(rows), _count(left_rows), _count(mapped.rows)
    dropped = sum(each.rows for each in mapped.dropped)
    counts.read += read
    if table.keep:
        counts.dropped[_kept_by(table)] += read - left - dropped
    for each in mapped.dropped:
        counts.dropped[each.reason] += each.rows
    if table.one_per is not None:
        counts.dropped[f'beyond the first with one value of "{table.one_per}"'] += left - made
    for each in mapped.told:
        counts.told[each.reason] += each.rows
    for reason, trusted in _of_clocks(name, table, left_rows):
        counts.told[reason] += _count(left_rows.filter(trusted))


def account(engine: duckdb.DuckDBPyConnection, name: str, staged: str, counts: RowCounts) -> Account:
    """The account of a staged table, with the span of time that its rows tell of."""
    begins, ends = _span(engine, name, staged)
    return Account(
        records=f"rows for {name}",
        table=name,
        read=counts.read,
        used=counts.used,
        dropped=_reasons(counts.dropped),
        told=_reasons(counts.told),
        begins=begins,
        ends=ends,
    )


def _kept_by(table: FeedTable) -> str:
    return "other than " + " and ".join(f'"{column}" = {value}' for column, value in table.keep.items())


def _of_clocks(name: str, table: FeedTable, rows: ir.Table) -> Iterator[tuple[str, ir.BooleanValue]]:
    """Times whose moment had to be taken on trust."""
    for column, mapping in table.columns.items():
        match mapping:
            case LocalTime():
                wall = wall_in(rows[mapping.local_time].cast("string"), mapping.format)
                trusted = is_doubtful(wall, mapping.time_zone)
                yield f'with a time in "{mapping.local_time}" that clocks showed twice or never', trusted
            case FromColumn() if TABLES[name].columns[column].dtype.type == TIME:
                text = rows[mapping.column]
                if text.type().is_string():
                    yield (
                        f'with a time in "{mapping.column}" that names no zone, taken as UTC',
                        ~has_offset(text),
                    )


def _span(engine: duckdb.DuckDBPyConnection, name: str, staged: str) -> tuple[datetime | None, datetime | None]:
    """The first and the last moment of the column that says from when on a row was known, else of `starts_at`."""
    for column in (KNOWN_FROM.get(name), "starts_at"):
        found = engine.execute(
            "SELECT 1 FROM duckdb_columns() WHERE table_name = ? AND column_name = ?", [staged, column]
        ).fetchone()
        if found:
            return _moments(engine, f"SELECT epoch_us(min({column})), epoch_us(max({column})) FROM {staged}")
    return None, None


def _moments(engine: duckdb.DuckDBPyConnection, query: str) -> tuple[datetime | None, datetime | None]:
    first, last = engine.execute(query).fetchone() or (None, None)
    return _moment(first), _moment(last)


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


def _count(rows: ir.Table) -> int:
    return int(rows.count().execute())


def _reasons(counts: Counter[str]) -> tuple[Reason, ...]:
    return tuple(Reason(reason, rows) for reason, rows in counts.items() if rows)
