"""What an export adds to the tables that are there: new rows, and new versions of rows that changed.

A row that is told again as it was adds nothing, so that the same export twice changes nothing. A row that an export
no longer tells of stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from workbench.ingest.reading import Reason
from workbench.tables.schema import TABLES

# What one row is about. A table that is not named here keeps every different row once.
KEYS: dict[str, tuple[str, ...]] = {
    "patients": ("patient_id",),
    "patient_states": ("patient_id", "valid_from"),
    "messages": ("message_id",),
    "replies": ("reply_id",),
    "appointments": ("appointment_id",),
    "sessions": ("clinic_id", "clinician_id", "starts_at"),
    "surveys": ("response_id",),
    "clinics": ("clinic_id",),
}
VERSION = "known_at"
# Of these the first version counts as known from the beginning: what was known before nobody told.
KNOWN_EVER = {"patients"}
# Rows of these that change are written over: they are plans, not observations.
REPLACED = {"sessions", "clinics"}


@dataclass(frozen=True)
class Merged:
    """One canonical table after an ingest.

    Attributes:
        name: the canonical table.
        rows: how many there are now.
        new: rows whose key was not there.
        changed: versions added to rows that were there, or plans written over.
        repeated: rows told that were there already, as they are.
        contradictory: rows that tell something else of the same key and the same moment, and were left.
        left_out: rows told now that may not stand there, by reason.
        taken_out: rows that had stood there and may not any more.
    """

    name: str
    rows: int
    new: int
    changed: int
    repeated: int
    contradictory: int
    left_out: tuple[Reason, ...]
    taken_out: int

    @property
    def differs(self) -> bool:
        """Whether the table is another than before."""
        return bool(self.new or self.changed or self.taken_out)


@dataclass(frozen=True)
class Leaving:
    """Rows that may not stand in a table: why, and SQL that is true of them."""

    reason: str
    condition: str


@dataclass(frozen=True)
class Incoming:
    """A resolved staged table and when it was exported."""

    table: str
    exported_at: datetime


def merge(
    engine: duckdb.DuckDBPyConnection,
    name: str,
    incoming: Sequence[Incoming],
    before: Path | None,
    leaving: Sequence[Leaving] = (),
) -> Merged:
    """Make the table `merged_<name>` of what was there and what came.

    Args:
        engine: where the incoming tables stand.
        name: the canonical table.
        incoming: with columns of the canonical table; those missing are not told.
        before: the Parquet file of the generation before, where there is one.
        leaving: which rows may not stand there, those from before among them.
    """
    columns = _columns(engine, name, incoming, before)
    _gather(engine, name, columns, incoming, before)
    if name not in KEYS:
        _keep_different(engine, name, columns)
    elif VERSION in columns:
        _keep_versions(engine, name, columns)
    else:
        _keep_one(engine, name)
    gone = [_leave(engine, each) for each in leaving]
    rows, new, changed = _one(
        engine,
        """
        SELECT count(*), count(*) FILTER (arrived AND is_new), count(*) FILTER (arrived AND NOT is_new)
        FROM kept
        """,
    )
    told, left = _one(engine, "SELECT count(*) FILTER (arrived), count(*) FILTER (contradictory) FROM gathered")
    order = [*KEYS.get(name, columns[:2]), *([VERSION] if VERSION in columns else [])]
    engine.execute(
        f"""
        CREATE TABLE merged_{name} AS SELECT {_listed(columns)} FROM kept ORDER BY {_listed(order)};
        DROP TABLE gathered;
        DROP TABLE kept;
        """
    )
    left_out = tuple(each.reason for each in gone if each.reason.rows)
    repeated = told - left - new - changed - sum(reason.rows for reason in left_out)
    return Merged(name, rows, new, changed, repeated, left, left_out, sum(each.taken_out for each in gone))


@dataclass(frozen=True)
class _Gone:
    reason: Reason
    taken_out: int


def _columns(
    engine: duckdb.DuckDBPyConnection, name: str, incoming: Sequence[Incoming], before: Path | None
) -> list[str]:
    """The canonical columns that anybody told, in the schema's order."""
    told = {column for each in incoming for column, *_ in engine.sql(f"DESCRIBE {each.table}").fetchall()}
    if before is not None:
        told |= {column for column, *_ in engine.sql(f"DESCRIBE FROM '{before}'").fetchall()}
    return [column for column in TABLES[name].columns if column in told]


def _gather(
    engine: duckdb.DuckDBPyConnection,
    name: str,
    columns: Sequence[str],
    incoming: Sequence[Incoming],
    before: Path | None,
) -> None:
    """`gathered`: all rows, with whether each arrived now, when it was exported, and what it says as one value.

    It has every canonical column, so that conditions may ask for any; what it says is of the columns told alone.
    """
    every = list(TABLES[name].columns)
    parts = [
        f"SELECT {_cast(engine, name, every, each.table)}, true AS arrived, "
        f"'{each.exported_at.isoformat()}'::TIMESTAMPTZ AS exported_at FROM {each.table}"
        for each in incoming
    ]
    if before is not None:
        parts.insert(
            0,
            f"SELECT {_cast(engine, name, every, f"'{before}'")}, false AS arrived, "
            f"NULL::TIMESTAMPTZ AS exported_at FROM '{before}'",
        )
    said = [column for column in columns if column not in (*KEYS.get(name, ()), VERSION)]
    content = f"struct_pack({_listed([f'{each} := {each}' for each in said] or ['told := true'])})"
    engine.execute(
        f"CREATE TABLE gathered AS SELECT *, {content} AS content, false AS contradictory "
        f"FROM ({' UNION ALL '.join(parts)})"
    )


def _cast(engine: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], table: str) -> str:
    there = {column for column, *_ in engine.sql(f"DESCRIBE FROM {table}").fetchall()}
    return ", ".join(
        f"{column if column in there else 'NULL'}::{_TYPES[str(TABLES[name].columns[column].dtype.type)]} AS {column}"
        for column in columns
    )


_TYPES = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp('UTC')": "TIMESTAMPTZ",
}


def _keep_different(engine: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str]) -> None:
    engine.execute(
        f"CREATE TABLE kept AS SELECT {_listed(columns)}, min(arrived) AS arrived, true AS is_new "
        f"FROM gathered GROUP BY {_listed(columns)}"
    )


def _keep_one(engine: duckdb.DuckDBPyConnection, name: str) -> None:
    """One row a key: of plans the one told last, of observations the one told first; another one contradicts it."""
    key = _listed(KEYS[name])
    if name in REPLACED:
        order = "exported_at DESC NULLS LAST, content"
    else:
        order = "arrived, exported_at, content"
        engine.execute(
            f"""
            UPDATE gathered SET contradictory = true FROM (
                SELECT rowid AS row, arrived AND content IS DISTINCT FROM first(content) OVER (
                    PARTITION BY {key} ORDER BY {order}
                ) AS other FROM gathered
            ) o WHERE gathered.rowid = o.row AND o.other
            """
        )
    engine.execute(
        f"""
        CREATE TABLE kept AS
        SELECT * REPLACE (arrived AND (is_new OR NOT as_before) AS arrived) FROM (
            SELECT *, bool_and(arrived) OVER of_key AS is_new,
                coalesce(bool_or(NOT arrived AND content IS NOT DISTINCT FROM newest) OVER of_key, false) AS as_before,
                row_number() OVER ordered AS place
            FROM (SELECT *, first(content) OVER (PARTITION BY {key} ORDER BY {order}) AS newest FROM gathered)
            WINDOW of_key AS (PARTITION BY {key}), ordered AS (PARTITION BY {key} ORDER BY {order})
        ) WHERE place = 1
        """
    )


def _keep_versions(engine: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str]) -> None:
    """Every version that says something else than the one before it, in the order in which they became known.

    Where a vendor changed a row without a later date of update, the version counts as known from the export on.
    """
    key = _listed(KEYS[name])
    at = f"coalesce({VERSION}, '-infinity'::TIMESTAMPTZ)"
    engine.execute(
        f"""
        UPDATE gathered SET {VERSION} = exported_at FROM (
            SELECT rowid AS row FROM (
                SELECT rowid, arrived, content IS DISTINCT FROM first(content) OVER (
                    PARTITION BY {key}, {at} ORDER BY arrived, exported_at, content
                ) AS other FROM gathered
            ) WHERE arrived AND other
        ) o WHERE gathered.rowid = o.row AND gathered.exported_at > coalesce(gathered.{VERSION}, '-infinity');
        UPDATE gathered SET contradictory = true FROM (
            SELECT rowid AS row, arrived AND content IS DISTINCT FROM first(content) OVER (
                PARTITION BY {key}, {at} ORDER BY arrived, exported_at, content
            ) AS other FROM gathered
        ) o WHERE gathered.rowid = o.row AND o.other;
        """
    )
    first_known = f"CASE WHEN place = 1 THEN NULL ELSE {VERSION} END" if name in KNOWN_EVER else VERSION
    engine.execute(
        f"""
        CREATE TABLE kept AS
        SELECT * REPLACE ({first_known} AS {VERSION}) FROM (
            SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY {at}, arrived, exported_at) AS place
            FROM (
                SELECT *, bool_and(arrived) OVER (PARTITION BY {key}) AS is_new_key,
                    row_number() OVER ordered > 1 AND content IS NOT DISTINCT FROM lag(content) OVER ordered AS again
                FROM gathered WHERE NOT contradictory
                WINDOW ordered AS (PARTITION BY {key} ORDER BY {at}, arrived, exported_at)
            ) WHERE NOT again
        );
        ALTER TABLE kept ADD COLUMN is_new BOOLEAN;
        UPDATE kept SET is_new = is_new_key AND place = 1;
        """
    )


def _leave(engine: duckdb.DuckDBPyConnection, leaving: Leaving) -> _Gone:
    arrived, before = _one(
        engine,
        f"SELECT count(*) FILTER (arrived), count(*) FILTER (NOT arrived) FROM kept WHERE {leaving.condition}",
    )
    engine.execute(f"DELETE FROM kept WHERE {leaving.condition}")
    return _Gone(Reason(leaving.reason, arrived), before)


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(columns)


def _one(engine: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    found = engine.execute(query).fetchone()
    if found is None:
        raise RuntimeError("a count gave no row")
    return found
