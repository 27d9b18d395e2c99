"""A simulated provider on disk: one Parquet file per table and the truth beside them, whole or not at all."""

import json
import os
from collections.abc import Iterable, Mapping, Set
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.simulate.course import Report
from workbench.simulate.pooling import pooled
from workbench.simulate.provider import SHARED, Provider, keep_quiet
from workbench.tables.schema import TABLES
from workbench.whole_folder import written_whole

TRUTH = "truth.json"
TYPES_FILE = "truth_types.parquet"
FILES = frozenset({TRUTH, TYPES_FILE, *(f"{name}.parquet" for name in TABLES)})
ROWS_IN_A_GROUP = 250_000


def write_provider(provider: Provider, folder: Path, report: Report = keep_quiet) -> None:
    """Write a provider that is whole in memory into a folder; see `write_blocks`."""
    write_blocks((provider,), folder, report)


def write_blocks(blocks: Iterable[Provider], folder: Path, report: Report = keep_quiet) -> None:
    """Write a provider's tables and truth into a folder, block by block, readable by its owner alone.

    The folder appears, or replaces an older simulated provider, by a rename at the end; until then everything
    stands in a hidden folder beside it, which is removed if the work is interrupted.

    Args:
        blocks: what to write; each is let go before the next is asked for.
        folder: where to; it may be missing, empty, or hold a simulated provider.
        report: called with one sentence for each table.

    Raises:
        Refused: where the folder holds anything else, or cannot be written.
    """
    with written_whole(folder, _is_provider, "a simulated provider") as new:
        _fill(new, blocks, report)


def _is_provider(names: Set[str]) -> bool:
    return TRUTH in names and names <= FILES


def _fill(folder: Path, blocks: Iterable[Provider], report: Report) -> None:
    truths: list[Mapping[str, Any]] = []
    with _TableFiles(folder) as files:
        for block in blocks:
            for name, table in block.tables.items():
                if truths and name in SHARED:
                    continue
                report(f"Writing {table.num_rows:,} rows of {name}.")
                files.append(f"{name}.parquet", table)
            files.append(TYPES_FILE, block.types)
            truths.append(block.truth)
            # The next block is simulated while this name still holds the last.
            del block, table
    with _private(folder / TRUTH) as file:
        file.write((json.dumps(pooled(truths), indent=2, allow_nan=False) + "\n").encode())


class _TableFiles(ExitStack):
    """The Parquet files of a folder while they are written, one table after the other at the end of each."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._writers: dict[str, pq.ParquetWriter] = {}

    def append(self, name: str, table: pa.Table) -> None:
        """Write the rows of a table after those that the file holds already."""
        if name not in self._writers:
            file = self.enter_context(_private(self._folder / name))
            self._writers[name] = self.enter_context(
                pq.ParquetWriter(
                    file,
                    table.schema,
                    version="2.6",
                    compression="zstd",
                    write_statistics=True,
                    store_schema=False,
                )
            )
        self._writers[name].write_table(table, row_group_size=ROWS_IN_A_GROUP)


def _private(path: Path) -> BinaryIO:
    """A new file that nobody but its owner can open, not even while it is written."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
