"""Which rules of its declared schema a table breaks, and in how many rows: types, empty values, words, keys.

The rules are pandera's, the counting is the engine's: pandera would bring every row that breaks one into memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import ibis.expr.types as ir
import pandas as pd
from pandera.api.checks import Check
from pandera.api.ibis.container import DataFrameSchema
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from workbench.tables.schema import TABLES, widened


@dataclass(frozen=True)
class Break:
    """A rule of a table's schema that is broken in so many rows; nothing of what stands in them.

    `column` of a key is its columns in words, `held` the type found where another is declared, `allowed` what a value
    may be, in words.
    """

    table: str
    column: str
    rule: Literal["absent", "type", "empty", "values", "key"]
    rows: int
    held: str = ""
    allowed: str = ""


def schema_breaks(name: str, rows: ir.Table, timed: bool) -> list[Break]:
    """Every rule that a table's rows break.

    Args:
        name: the canonical table.
        rows: its rows.
        timed: whether every row must say from when on it was known.
    """
    held = [column for column in TABLES[name].columns if column in rows.columns]
    schema = TABLES[name].select_columns(held)
    rows = _widened(name, rows.select(held))
    wrong_types = _type_breaks(name, schema, rows)
    untyped = {found.column for found in wrong_types}
    return [*_key_breaks(name, rows, timed), *wrong_types, *_value_breaks(name, schema, rows, untyped)]


def _widened(name: str, rows: ir.Table) -> ir.Table:
    """Narrower forms of a type count as the type."""
    return rows.cast({column: widened(kind, name, column) for column, kind in rows.schema().items()})


def _type_breaks(name: str, schema: DataFrameSchema, rows: ir.Table) -> list[Break]:
    """What is wrong with the columns' types; no row is read but to count them."""
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_ONLY):
            schema.validate(rows, lazy=True)
    except SchemaErrors as found:
        count = int(rows.count().execute())
        columns = [error.schema.name for error in found.schema_errors]
        return [Break(name, column, "type", count, held=str(rows[column].type())) for column in columns]
    return []


def _key_breaks(name: str, rows: ir.Table, timed: bool) -> list[Break]:
    """Rows that share their table's key with another."""
    key = _key(name, rows.columns, timed)
    if key is None:
        return []
    per_key = rows.group_by(key).agg(shared=rows.count())
    count = per_key.filter(per_key["shared"] > 1)["shared"].sum().execute()
    return [] if pd.isna(count) else [Break(name, " and ".join(key), "key", int(count))]


def _key(name: str, held: Sequence[str], timed: bool) -> list[str] | None:
    """The columns that no two rows share; of a table that keeps no versions, its key without their moment."""
    declared = TABLES[name].unique or ()
    key = [column for column in declared if column in held]
    # Versions look alike without the column that tells them apart; that it is missing is told by itself.
    told_apart = len(key) == len(declared) or (key[:1] == declared[:1] and not timed)
    return key if key and told_apart else None


def _value_breaks(name: str, schema: DataFrameSchema, rows: ir.Table, untyped: set[str]) -> list[Break]:
    """Values that are missing or break a rule. They are counted in one pass, and none leaves the engine."""
    asked: list[tuple[ir.BooleanValue, Break]] = []
    for column, declared in schema.columns.items():
        if not declared.nullable:
            asked.append((_empty(rows[column]), Break(name, column, "empty", 0)))
        asked += [
            (_broken(rows[column], check), Break(name, column, "values", 0, allowed=_allowed(check)))
            for check in declared.checks
            if column not in untyped
        ]
    if not asked:
        return []
    sums = {f"n{place}": breach.cast("int64").sum().fill_null(0) for place, (breach, _) in enumerate(asked)}
    counted = rows.agg(**sums).execute().iloc[0]
    return [
        replace(found, rows=int(count)) for count, (_, found) in zip(counted, asked, strict=True) if count > 0
    ]


def _empty(column: ir.Column) -> ir.BooleanValue:
    return column.isnull() | column.isnan() if column.type().is_floating() else column.isnull()


def _broken(column: ir.Column, check: Check) -> ir.BooleanValue:
    """Whether each value breaks a declared rule; what is empty breaks none."""
    given = check.statistics
    if set(given) == {"allowed_values"}:
        return ~column.isin(given["allowed_values"])
    if set(given) == {"min_value", "max_value", "include_min", "include_max"}:
        above = column >= given["min_value"] if given["include_min"] else column > given["min_value"]
        below = column <= given["max_value"] if given["include_max"] else column < given["max_value"]
        return ~(above & below)
    raise NotImplementedError(f"a rule of the schemas is of a kind that nothing counts: {check.name}")


def _allowed(check: Check) -> str:
    words = check.statistics.get("allowed_values")
    return f"Allowed: {', '.join(map(str, words))}." if words else f"Rule: {check.name}."
