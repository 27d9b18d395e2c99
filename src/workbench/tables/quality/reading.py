"""What of a table a check can read: its columns that are there and of their declared type, and rows without a time."""

from functools import cache

import ibis
import ibis.expr.types as ir

from workbench.refusal import Refused
from workbench.tables.known import KNOWN_FROM, KnownTables
from workbench.tables.quality.rule import RowCheck, Rows
from workbench.tables.schema import is_of_type
from workbench.tables.versions import VERSION_FROM


def why_not_asked(known: KnownTables, check: RowCheck) -> str:
    """Why a check cannot be asked of these tables, in a sentence; empty where it can."""
    missing = known.source.not_recorded.named()
    unrecorded = [thing for thing in check.recorded if thing in missing]
    if unrecorded:
        return f"The source does not record {' and '.join(unrecorded)}."
    for table, columns in check.needs.items():
        if table not in known.names:
            return f"There is no table {table}."
        why = why_unread(known, table, columns)
        if why:
            return why
    return ""


@cache
def each_row(table: str) -> Rows:
    """The rows of a table as known; of the same table the same function."""

    def rows(known: KnownTables) -> ir.Table:
        return of_people(known.table(table))

    return rows


def of_people(rows: ir.Table) -> ir.Table:
    """The rows with their `person`, where they are of people."""
    return rows.mutate(person=rows["patient_id"]) if "patient_id" in rows.columns else rows


def all_versions(known: KnownTables, table: str) -> ir.Table:
    """Every version of a table's rows known by then, and the rows that do not say when they were known."""
    rows = known.mapped(table).rows
    # A version counts from when it was known on, and a person from when she enrolled on.
    times = {KNOWN_FROM[table], VERSION_FROM} if table in KNOWN_FROM else set()
    for time in typed_columns(known, table, tuple(sorted(times))):
        rows = rows.filter((rows[time] < ibis.literal(known.moment)) | rows[time].isnull())
    return rows


def is_typed(known: KnownTables, table: str, column: str) -> bool:
    """Whether a column that is there holds what it is declared to hold."""
    return is_of_type(known.mapped(table).rows[column].type(), table, column)


def typed_columns(known: KnownTables, table: str, columns: tuple[str, ...]) -> list[str]:
    """Those of the columns that are there and of their declared type."""
    return [column for column in columns if known.has(table, column) and is_typed(known, table, column)]


def why_unread(known: KnownTables, table: str, columns: tuple[str, ...] = ()) -> str:
    """Why a table that is there, or one of its columns, cannot be read as it was known; empty where it can."""
    for column in columns:
        if not known.has(table, column):
            return f"{table.capitalize()} has no column {column}."
    read = dict.fromkeys([*columns, *([KNOWN_FROM[table]] if table in KNOWN_FROM else [])])
    for column in read:
        if known.has(table, column) and not is_typed(known, table, column):
            return f"{table.capitalize()}.{column} is not of its declared type."
    try:
        known.versions(table)
    except Refused as refused:
        return refused.faults[0].what.capitalize()
    return ""
