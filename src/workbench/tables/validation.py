"""Canonical tables held against their declared schemas, before a study starts.

What is wrong is told all at once, as table, column, rule and number of rows; never as the rows' contents. The rules
are pandera's, the counting is the engine's: pandera would bring every row that breaks one into memory.
"""

from collections.abc import Iterable, Mapping, Sequence

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandas as pd
from pandera.api.checks import Check
from pandera.api.ibis.container import DataFrameSchema
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

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
    rows = _widened(name, rows.select(held))
    faults, untyped = _type_faults(name, schema, rows)
    return [*_key_faults(name, rows, timed), *faults, *_value_faults(name, schema, rows, untyped)]


def _type_faults(name: str, schema: DataFrameSchema, rows: ir.Table) -> tuple[list[Fault], set[str]]:
    """What is wrong with the columns' types, and the names of these columns; no row is read."""
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_ONLY):
            schema.validate(rows, lazy=True)
    except SchemaErrors as found:
        columns = [error.schema.name for error in found.schema_errors]
        return [
            Fault(
                f"table {name}, column {column}",
                f"it holds {rows[column].type()}.",
                f"It must hold {schema.columns[column].dtype.type}.",
            )
            for column in columns
        ], set(columns)
    return [], set()


def _key_faults(name: str, rows: ir.Table, timed: bool) -> list[Fault]:
    """Rows that share their table's key with another."""
    key = _key(name, rows.columns, timed)
    if key is None:
        return []
    per_key = rows.group_by(key).agg(shared=rows.count())
    count = per_key.filter(per_key["shared"] > 1)["shared"].sum().execute()
    if pd.isna(count):
        return []
    what = f"{_in_words(count)} share their key ({' and '.join(key)}) with another."
    return [Fault(f"table {name}", what, "Every row needs its own.")]


def _value_faults(name: str, schema: DataFrameSchema, rows: ir.Table, untyped: set[str]) -> list[Fault]:
    """Values that are missing or break a rule. They are counted in one pass, and none leaves the engine."""
    breaches: list[tuple[str, ir.BooleanValue, str, str]] = []
    for column, declared in schema.columns.items():
        if not declared.nullable:
            breaches.append((column, _empty(rows[column]), "it is empty in", "Every row needs a value."))
        breaches += [
            (column, _broken(rows[column], check), "it breaks its rule in", _rule(check))
            for check in declared.checks
            if column not in untyped
        ]
    if not breaches:
        return []
    counted = rows.agg(
        **{f"n{place}": breach.fill_null(False).sum() for place, (_, breach, *_) in enumerate(breaches)}
    ).execute()
    return [
        Fault(f"table {name}, column {column}", f"{what} {_in_words(count)}.", mend)
        for count, (column, _, what, mend) in zip(counted.iloc[0], breaches, strict=True)
        if count
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


def _rule(check: Check) -> str:
    words = check.statistics.get("allowed_values")
    return f"Allowed: {', '.join(map(str, words))}." if words else f"Rule: {check.name}."


def _in_words(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


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
