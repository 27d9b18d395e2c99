"""What is wrong in rows that a mapping made: keys that cannot be trusted, and what may not be empty."""

from collections.abc import Iterator

import duckdb
import ibis.expr.types as ir

from workbench.ingest.keys import VENDOR_KEYS
from workbench.ingest.mapped.settings import PATIENT, FeedTable
from workbench.ingest.rounded import rounded_faults
from workbench.refusal import Fault
from workbench.tables.schema import TABLES
from workbench.tables.source import FromColumn


def content_faults(
    engine: duckdb.DuckDBPyConnection, made: str, name: str, table: FeedTable, rows: ir.Table, label: str
) -> Iterator[Fault]:
    """Rounded keys, and rows that lack what a canonical table cannot do without.

    Args:
        engine: where the table stands.
        made: the table that the mapping made of a file's rows, the person's key in `patient_id`.
        name: the canonical table.
        table: its mapping.
        rows: the file's rows.
        label: what messages call the file.
    """
    keys = dict(_keys(table))
    rounded = [name for name in keys.values() if rows[name].type().is_floating()]
    for column in rounded:
        what = f'column "{column}" holds identifiers as decimal numbers, which round them.'
        yield Fault(label, what, "Export them as text.")
    written = {column: name for column, name in keys.items() if name not in rounded}
    yield from rounded_faults(engine, made, written, label)
    for column in table.columns:
        if TABLES[name].columns[column].nullable:
            continue
        found = engine.execute(f"SELECT count(*) FROM {made} WHERE {column} IS NULL").fetchone()
        count = found[0] if found else 0
        if count:
            lacking = f"{name}.{column} is empty in {'1 row' if count == 1 else f'{count:,} rows'}."
            yield Fault(label, lacking, "Drop them with a reason by a condition, such as missing: true.")


def _keys(table: FeedTable) -> Iterator[tuple[str, str]]:
    """Canonical columns of keys that are a foreign one, each with that one's name."""
    if table.person:
        yield PATIENT, table.person.column
    for column, mapping in table.columns.items():
        if column in VENDOR_KEYS and isinstance(mapping, FromColumn):
            yield column, mapping.column
