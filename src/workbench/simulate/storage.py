"""A simulated provider on disk: one Parquet file per table and the truth beside them, whole or not at all."""

import json
import os
from collections.abc import Set
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.simulate.course import Report
from workbench.simulate.provider import Provider, keep_quiet
from workbench.simulate.whole_folder import written_whole
from workbench.tables.schema import TABLES

TRUTH = "truth.json"
TYPES_FILE = "truth_types.parquet"
FILES = frozenset({TRUTH, TYPES_FILE, *(f"{name}.parquet" for name in TABLES)})
ROWS_IN_A_GROUP = 250_000


def write_provider(provider: Provider, folder: Path, report: Report = keep_quiet) -> None:
    """Write a provider's tables and truth into a folder, readable by its owner alone.

    The folder appears, or replaces an older simulated provider, by a rename at the end; until then everything
    stands in a hidden folder beside it, which is removed if the work is interrupted.

    Args:
        provider: what to write.
        folder: where to; it may be missing, empty, or hold a simulated provider.
        report: called with one sentence for each table.

    Raises:
        Refused: where the folder holds anything else, or cannot be written.
    """
    with written_whole(folder, _is_provider, "a simulated provider") as new:
        _fill(new, provider, report)


def _is_provider(names: Set[str]) -> bool:
    return TRUTH in names and names <= FILES


def _fill(folder: Path, provider: Provider, report: Report) -> None:
    for name, table in provider.tables.items():
        report(f"Writing {table.num_rows:,} rows of {name}.")
        _write_table(folder / f"{name}.parquet", table)
    _write_table(folder / TYPES_FILE, provider.types)
    with _private(folder / TRUTH) as file:
        file.write((json.dumps(provider.truth, indent=2, allow_nan=False) + "\n").encode())


def _write_table(path: Path, table: pa.Table) -> None:
    with _private(path) as file:
        pq.write_table(
            table,
            file,
            version="2.6",
            compression="zstd",
            row_group_size=ROWS_IN_A_GROUP,
            write_statistics=True,
            store_schema=False,
        )


def _private(path: Path) -> BinaryIO:
    """A new file that nobody but its owner can open, not even while it is written."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
