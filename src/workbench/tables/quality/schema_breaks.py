"""Which rules of its declared schema a table breaks, and in how many rows: types, empty values, words, keys."""

from dataclasses import dataclass
from typing import Literal

import ibis.expr.types as ir
import pandas as pd
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from workbench.tables.schema import TABLES, widened


@dataclass(frozen=True)
class Break:
    """A rule of a table's schema that is broken in so many rows; nothing of what stands in them.

    `held` is the type found where another is declared, `allowed` what a value may be, in words.
    """

    table: str
    column: str | None
    rule: Literal["absent", "type", "empty", "values", "key"]
    rows: int
    held: str = ""
    allowed: str = ""


def schema_breaks(name: str, rows: ir.Table) -> list[Break]:
    """Every rule that a table's rows break."""
    held = [column for column in TABLES[name].columns if column in rows.columns]
    schema = TABLES[name].select_columns(held)
    if not set(schema.unique or ()) <= set(held):
        # Versions look alike without the column that tells them apart; that it is missing is told by itself.
        schema.unique = None
    try:
        schema.validate(_widened(name, rows.select(held)), lazy=True)
    except SchemaErrors as found:
        return [_broken(name, rows, error) for error in found.schema_errors]
    return []


def _widened(name: str, rows: ir.Table) -> ir.Table:
    """Narrower forms of a type count as the type."""
    return rows.cast({column: widened(kind, name, column) for column, kind in rows.schema().items()})


def _broken(table: str, rows: ir.Table, error: SchemaError) -> Break:
    if error.reason_code is SchemaErrorReason.DUPLICATES:
        return Break(table, None, "key", _rows_of(error.failure_cases))
    column = error.schema.name
    if error.reason_code is SchemaErrorReason.WRONG_DATATYPE:
        return Break(table, column, "type", int(rows.count().execute()), held=str(error.failure_cases))
    concerned = _rows_of(error.failure_cases)
    if error.reason_code is SchemaErrorReason.SERIES_CONTAINS_NULLS:
        return Break(table, column, "empty", concerned)
    words = (getattr(error.check, "statistics", None) or {}).get("allowed_values")
    allowed = (
        f"Allowed: {', '.join(map(str, words))}." if words else f"Rule: {getattr(error.check, 'name', 'type')}."
    )
    return Break(table, column, "values", concerned, allowed=allowed)


def _rows_of(cases: ir.Table | pd.DataFrame | object) -> int:
    if isinstance(cases, ir.Table):
        return int(cases.count().execute())
    return len(cases) if isinstance(cases, pd.DataFrame) else 1
