"""Identifiers that a spreadsheet has rounded, such as 2.98725E+13: whom they named cannot be told any more."""

from collections.abc import Iterator, Sequence

import duckdb

from workbench.refusal import Fault

ROUNDED = r"[+-]?[0-9]([.,][0-9]+)?[eE][+]?[0-9]{1,3}"


def rounded_faults(
    engine: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], label: str
) -> Iterator[Fault]:
    """A fault for each column of identifiers in which some are written in scientific notation.

    Args:
        engine: where the table stands.
        table: its name; the columns hold text.
        columns: those that hold identifiers.
        label: what messages call the file.
    """
    for column in columns:
        quoted = '"' + column.replace('"', '""') + '"'
        found = engine.execute(
            f"SELECT count(*) FROM {table} WHERE regexp_full_match(trim({quoted}), ?)", [ROUNDED]
        ).fetchone()
        count = found[0] if found else 0
        if count:
            rows = "1 row" if count == 1 else f"{count:,} rows"
            what = f'column "{column}" holds identifiers rounded by a spreadsheet (as 1.23E+13 is), in {rows}.'
            yield Fault(label, what, "Export it again, and don't open and save it in a spreadsheet.")
