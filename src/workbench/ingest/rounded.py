"""Identifiers that a spreadsheet has rounded, such as 2.98725E+13: whom they named cannot be told any more."""

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from workbench.refusal import Fault

ROUNDED = r"[+-]?[0-9]([.,][0-9]+)?[eE][+]?[0-9]{1,3}"


def rounded_faults(
    engine: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str] | Mapping[str, str], label: str
) -> Iterator[Fault]:
    """A fault for each column of identifiers in which some are written in scientific notation.

    Args:
        engine: where the table stands.
        table: its name; the columns hold text.
        columns: those that hold identifiers; or each with what the file calls it.
        label: what messages call the file.
    """
    called = columns if isinstance(columns, Mapping) else {column: column for column in columns}
    for column, name in called.items():
        quoted = '"' + column.replace('"', '""') + '"'
        found = engine.execute(
            f"SELECT count(*) FROM {table} WHERE regexp_full_match(trim({quoted}), ?)", [ROUNDED]
        ).fetchone()
        if found and found[0]:
            yield rounded_fault(name, found[0], label)


def rounded_fault(column: str, count: int, label: str) -> Fault:
    """The fault of a column in which so many identifiers are rounded."""
    rows = "1 row" if count == 1 else f"{count:,} rows"
    what = f'column "{column}" holds identifiers rounded by a spreadsheet (as 1.23E+13 is), in {rows}.'
    return Fault(label, what, "Export it again, and don't open and save it in a spreadsheet.")
