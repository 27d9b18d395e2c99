"""Canonical tables held against their declared schemas, before a study starts.

What is wrong is told all at once, as table, column, rule and number of rows; never as the rows' contents.
"""

from collections.abc import Iterable, Mapping, Sequence

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandas as pd
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from workbench.refusal import Fault, Refused, nearest
from workbench.tables.known import KNOWN_FROM, Tables
from workbench.tables.schema import NUMBER, TABLES, TIME, WHOLE


def table_faults(tables: Tables, needed: Mapping[str, Iterable[str]]) -> tuple[Fault, ...]:
    """Every fault in the tables a study needs.

    Args:
        tables: an opened source.
        needed: for each table, the columns the study reads.
    """
    faults = []
    for name, columns in needed.items():
        if name not in tables.names:
            has = ", ".join(tables.names)
            faults.append(Fault(f"table {name}", "the source does not have it.", f"It has: {has}."))
            continue
        rows = tables.whole(name)
        timed = (KNOWN_FROM[name],) if tables.is_timed(name) else ()
        wanted = dict.fromkeys([*_never_empty(name), *columns, *timed])
        missing = [column for column in wanted if column not in rows.columns]
        faults += [
            Fault(
                f"table {name}",
                f'there is no column "{column}".{nearest(column, rows.columns)}',
                f"Its columns: {', '.join(rows.columns)}.",
            )
            for column in missing
        ]
        if rows.count().execute() == 0:
            faults.append(Fault(f"table {name}", "it has no rows.", "Export it again."))
        else:
            faults += _schema_faults(name, rows, tables.is_timed(name))
    return tuple(faults)


def require(tables: Tables, needed: Mapping[str, Iterable[str]]) -> None:
    """Refuse tables with faults; see `table_faults`."""
    faults = table_faults(tables, needed)
    if faults:
        raise Refused(*faults)


def _never_empty(name: str) -> list[str]:
    """The columns of a table that must be there, whatever a study reads: those that may not be empty."""
    return [column for column, declared in TABLES[name].columns.items() if declared.required]


def _schema_faults(name: str, rows: ir.Table, timed: bool) -> list[Fault]:
    held = [column for column in TABLES[name].columns if column in rows.columns]
    schema = TABLES[name].select_columns(held)
    schema.unique = _key(name, held, timed)
    try:
        schema.validate(_widened(name, rows.select(held)), lazy=True)
    except SchemaErrors as found:
        return [_told(name, error, schema.unique or ()) for error in found.schema_errors]
    return []


def _key(name: str, held: Sequence[str], timed: bool) -> list[str] | None:
    """The columns that no two rows share; of a table that keeps no versions, its key without their moment."""
    declared = TABLES[name].unique or ()
    key = [column for column in declared if column in held]
    # Versions look alike without the column that tells them apart; that it is missing is told by itself.
    told_apart = len(key) == len(declared) or (key[:1] == declared[:1] and not timed)
    return key if key and told_apart else None


def _widened(name: str, rows: ir.Table) -> ir.Table:
    """Narrower forms of a type count as the type: 32-bit numbers, whole numbers, times in microseconds."""
    wide: dict[str, dt.DataType] = {}
    for column, kind in rows.schema().items():
        declared = TABLES[name].columns[column].dtype.type
        if isinstance(kind, dt.Integer) and declared in (WHOLE, NUMBER):
            wide[column] = declared
        elif isinstance(kind, dt.Floating):
            wide[column] = NUMBER
        elif isinstance(kind, dt.Timestamp) and kind.timezone is not None:
            wide[column] = TIME
    return rows.cast(wide)


def _told(table: str, error: SchemaError, key: Sequence[str]) -> Fault:
    if error.reason_code is SchemaErrorReason.DUPLICATES:
        what = f"{_in_rows(error.failure_cases)} share their key ({' and '.join(key)}) with another."
        return Fault(f"table {table}", what, "Every row needs its own.")
    column = error.schema.name
    where = f"table {table}, column {column}"
    if error.reason_code is SchemaErrorReason.WRONG_DATATYPE:
        allowed = TABLES[table].columns[column].dtype.type
        return Fault(where, f"it holds {error.failure_cases}.", f"It must hold {allowed}.")
    rows = _in_rows(error.failure_cases)
    if error.reason_code is SchemaErrorReason.SERIES_CONTAINS_NULLS:
        return Fault(where, f"it is empty in {rows}.", "Every row needs a value.")
    allowed = getattr(error.check, "statistics", None) or {}
    words = allowed.get("allowed_values")
    mend = (
        f"Allowed: {', '.join(map(str, words))}." if words else f"Rule: {getattr(error.check, 'name', 'type')}."
    )
    return Fault(where, f"it breaks its rule in {rows}.", mend)


def _in_rows(cases: ir.Table | pd.DataFrame | object) -> str:
    """How many rows are concerned, in words; nothing of what stands in them."""
    count = 1
    if isinstance(cases, ir.Table):
        count = int(cases.count().execute())
    elif isinstance(cases, pd.DataFrame):
        count = len(cases)
    return "1 row" if count == 1 else f"{count:,} rows"
