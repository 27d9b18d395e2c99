"""Foreign files made into canonical tables by a declared mapping."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from workbench.refusal import Fault, Refused, nearest
from workbench.tables.schema import TABLES
from workbench.tables.source import ColumnMapping, Constant, FromColumn, RowNumber, TableMapping

ROW_NUMBER = "_row_number"
AS_WRITTEN = {
    "header": True,
    "skip": 0,
    "delim": ",",
    "quote": '"',
    "escape": '"',
    "comment": "",
    "all_varchar": True,
}
READ_AS = {".csv": "CSV", ".parquet": "Parquet"}


def read_file(engine: Backend, folder: Path, file: str) -> ir.Table:
    """A CSV or Parquet file as a table; a CSV's rows are numbered in the column `ROW_NUMBER`.

    Raises:
        Refused: the file is missing, empty, or not what its ending says. The reader's own message is not
            repeated, since it quotes rows.
    """
    path = folder / file
    if not path.is_file():
        raise Refused(Fault(file, "the file is missing.", "Bring it, or correct the source file."))
    if path.stat().st_size == 0:
        raise Refused(Fault(file, "the file is empty.", "Export it again."))
    if path.suffix not in READ_AS:
        raise Refused(Fault(file, "it is neither .csv nor .parquet.", "Export it as one of these."))
    try:
        if path.suffix == ".parquet":
            return engine.read_parquet(path)
        # A CSV is read once and numbered, so that every table made from it sees the same rows as the same people.
        # Nothing is guessed: a guessed type would make one key of 007 and 7, a guessed header pass over rows.
        rows = engine.read_csv(path, **AS_WRITTEN)
        numbered = rows.mutate(ibis.row_number().name(ROW_NUMBER))
        return engine.create_table(ibis.util.gen_name("file"), numbered, temp=True)
    except duckdb.Error as error:
        what = f"the file cannot be read as {READ_AS[path.suffix]} ({type(error).__name__})."
        raise Refused(Fault(file, what, "Export it again.")) from None


def canonical(table: str, mapping: TableMapping, rows: ir.Table) -> ir.Table:
    """The canonical table `table`, made from a foreign file's rows.

    Raises:
        Refused: a column named by the mapping is not in the file, or a value has no canonical name or is not of
            the canonical type; the value itself is not repeated, only how many rows hold one.
    """
    _require_columns(table, mapping, rows)
    kept = (
        rows.filter(*(_is(rows[name], value) for name, value in mapping.keep.items())) if mapping.keep else rows
    )
    faults = [
        fault
        for name, column in mapping.columns.items()
        for fault in _faults(table, name, column, mapping, kept)
    ]
    if faults:
        raise Refused(*faults)
    return kept.select(
        **{
            name: _expression(kept, column).cast(TABLES[table].columns[name].dtype.type)
            for name, column in mapping.columns.items()
        }
    )


def _is(column: ir.Column, value: str | int) -> ir.BooleanValue:
    typed = isinstance(value, int) and column.type().is_numeric()
    return column == value if typed else column.cast("string") == str(value)


def _expression(rows: ir.Table, mapping: ColumnMapping) -> ir.Value:
    if isinstance(mapping, Constant):
        return ibis.literal(mapping.constant)
    if isinstance(mapping, RowNumber):
        return ibis.literal(mapping.row_number) + rows[ROW_NUMBER].cast("string")
    column = rows[mapping.column]
    if mapping.values is None:
        return column
    return column.cast("string").cases(*mapping.values.items(), else_=ibis.null("string"))


def _require_columns(table: str, mapping: TableMapping, rows: ir.Table) -> None:
    """Refuse a file without a column that the mapping names, and row numbers of a file that keeps no order."""
    known = [column for column in rows.columns if column != ROW_NUMBER]
    named = [column.column for column in mapping.columns.values() if isinstance(column, FromColumn)]
    wanted = list(dict.fromkeys([*mapping.keep, *named]))
    # Where the file has none of them, its first row may be no header but a person: it is not repeated.
    told = f"Its columns: {', '.join(known)}." if set(wanted) & set(known) else "Is its first row a header?"
    faults = [
        Fault(
            mapping.file,
            f'there is no column "{column}", which table {table} is made from.{nearest(column, known)}',
            told,
        )
        for column in wanted
        if column not in known
    ]
    numbers = any(isinstance(column, RowNumber) for column in mapping.columns.values())
    if numbers and ROW_NUMBER not in rows.columns:
        faults.append(Fault(mapping.file, "rows are numbered in CSV files alone.", "Map a column of keys."))
    if faults:
        raise Refused(*faults)


def _faults(
    table: str, name: str, column: ColumnMapping, mapping: TableMapping, rows: ir.Table
) -> Iterator[Fault]:
    """Values of one canonical column that have no canonical name, or are not of its type."""
    declared = TABLES[table].columns[name].dtype.type
    value = _expression(rows, column)
    where = f'column "{column.column}"' if isinstance(column, FromColumn) else f"the constant of {name}"
    if isinstance(column, FromColumn) and column.values is not None:
        foreign = rows[column.column].cast("string")
        unnamed = _count(rows.filter(~foreign.isin(list(column.values))))
        if unnamed:
            what = f"{where} holds a value that the mapping does not name, in {_rows(unnamed)}."
            yield Fault(mapping.file, what, "Name it under values, or keep only other rows.")
    if value.type() != declared and not isinstance(column, RowNumber):
        unfit = _count(rows.filter(value.notnull() & value.try_cast(declared).isnull()))
        if unfit:
            what = f"{where} holds what is no {declared}, which {table}.{name} is, in {_rows(unfit)}."
            yield Fault(mapping.file, what, "Name its values, or correct the file.")


def _count(rows: ir.Table) -> int:
    return int(rows.count().execute())


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
