"""Foreign files made into canonical tables by a declared mapping."""

from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from workbench.refusal import Fault, Refused, nearest
from workbench.tables.schema import TABLES
from workbench.tables.source import ColumnMapping, Constant, FromColumn, RowNumber, TableMapping

ROW_NUMBER = "_row_number"


def read_file(engine: Backend, folder: Path, file: str) -> ir.Table:
    """A CSV or Parquet file as a table.

    Raises:
        Refused: the file is missing, empty, or not what its ending says. The reader's own message is not
            repeated, since it quotes rows.
    """
    path = folder / file
    if not path.is_file():
        raise Refused(Fault(file, "the file is missing.", "Bring it, or correct the source file."))
    if path.stat().st_size == 0:
        raise Refused(Fault(file, "the file is empty.", "Export it again."))
    if path.suffix not in {".csv", ".parquet"}:
        raise Refused(Fault(file, "it is neither .csv nor .parquet.", "Export it as one of these."))
    try:
        if path.suffix == ".parquet":
            return engine.read_parquet(path)
        # A CSV is read once and numbered, so that every table made from it sees the same rows as the same people.
        rows = engine.read_csv(path, header=True, delim=",", all_varchar=False)
        numbered = rows.mutate(ibis.row_number().name(ROW_NUMBER))
        return engine.create_table(f"file_{path.stem}", numbered, temp=True)
    except duckdb.Error as error:
        kind = type(error).__name__
        raise Refused(
            Fault(file, f"the file cannot be read as {path.suffix[1:]} ({kind}).", "Export it again.")
        ) from None


def canonical(table: str, mapping: TableMapping, rows: ir.Table) -> ir.Table:
    """The canonical table `table`, made from a foreign file's rows.

    Raises:
        Refused: a column named by the mapping is not in the file, or a value has no canonical name; the value
            itself is not repeated, only how many rows hold one.
    """
    faults = _faults(table, mapping, rows)
    if faults:
        raise Refused(*faults)
    kept = (
        rows.filter([rows[column] == value for column, value in mapping.keep.items()]) if mapping.keep else rows
    )
    schema = TABLES[table].columns
    return kept.select(
        **{
            name: _expression(kept, column).cast(schema[name].dtype.type)
            for name, column in mapping.columns.items()
        }
    )


def _expression(rows: ir.Table, mapping: ColumnMapping) -> ir.Value:
    if isinstance(mapping, Constant):
        return ibis.literal(mapping.constant)
    if isinstance(mapping, RowNumber):
        return ibis.literal(mapping.row_number) + rows[ROW_NUMBER].cast("string")
    column = rows[mapping.column]
    if mapping.values is None:
        return column
    return column.cast("string").cases(*mapping.values.items(), else_=ibis.null("string"))


def _faults(table: str, mapping: TableMapping, rows: ir.Table) -> list[Fault]:
    faults = []
    known = [column for column in rows.columns if column != ROW_NUMBER]
    foreign = {m.column: m for m in mapping.columns.values() if isinstance(m, FromColumn)}
    for column in dict.fromkeys([*mapping.keep, *foreign]):
        if column not in known:
            what = f'there is no column "{column}", which table {table} is made from.{nearest(column, known)}'
            faults.append(Fault(mapping.file, what, f"Its columns: {', '.join(known)}."))
            continue
        values = foreign[column].values if column in foreign else None
        if values is not None:
            unnamed = rows.filter(~rows[column].cast("string").isin(list(values))).count().execute()
            if unnamed:
                what = f'column "{column}" holds a value that the mapping does not name, in {unnamed:,} rows.'
                faults.append(Fault(mapping.file, what, "Name it under values, or keep only other rows."))
    return faults
