"""Released numbers of all published versions as tidy tables for dashboards: a folder of CSV or Parquet files.

The folder is written whole and put in place by a rename; an export that was there before is replaced, and nothing else.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from workbench.refusal import Fault, Refused
from workbench.reports.store import Store, Version
from workbench.reports.tidy import SCHEMAS, Row, rows_of
from workbench.whole_folder import written_whole

Format = Literal["csv", "parquet", "both"]
Kind = Literal["csv", "parquet"]
KINDS: Mapping[Format, tuple[Kind, ...]] = {
    "csv": ("csv",),
    "parquet": ("parquet",),
    "both": ("csv", "parquet"),
}
OWN_FILES = frozenset(f"{name}.{kind}" for name in SCHEMAS for kind in KINDS["both"])
# Rows that are held before they are written, so that a store of any size fits into memory.
ROWS_HELD = 50_000


class _Writer(Protocol):
    def write_table(self, table: pa.Table) -> None: ...


def export(store: Store, folder: Path, chosen: Format) -> dict[str, int]:
    """Write the tables of every version that can be read; gives the number of rows of each table.

    Args:
        store: the report store.
        folder: where to; it may be missing, empty, or an earlier export, which is replaced.
        chosen: the files' format.

    Raises:
        Refused: the folder lies in the store or holds the store, holds anything but an earlier export, or cannot be
            written.
    """
    folder = Path(os.path.abspath(folder.expanduser()))
    _require_apart(folder, store.folder)
    with written_whole(folder, OWN_FILES.issuperset, "an export", mode=0o755) as new:
        return _write(store, new, KINDS[chosen])


def _require_apart(folder: Path, store: Path) -> None:
    there, reports = folder.resolve(), store.resolve()
    if there.is_relative_to(reports) or reports.is_relative_to(there):
        what = "it lies in the report store, or the store in it, and a store holds nothing but versions."
        raise Refused(Fault(str(folder), what, "Name a folder elsewhere."))


def _write(store: Store, folder: Path, kinds: Sequence[Kind]) -> dict[str, int]:
    counts = dict.fromkeys(SCHEMAS, 0)
    with ExitStack() as open_files:
        writers = {
            name: [open_files.enter_context(WRITERS[kind](folder / f"{name}.{kind}", schema)) for kind in kinds]
            for name, schema in SCHEMAS.items()
        }
        held: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
        for version, newest in _versions(store):
            for name, rows in rows_of(version, newest=newest).items():
                held[name] += rows
                counts[name] += len(rows)
                if len(held[name]) >= ROWS_HELD:
                    _flush(writers[name], held[name], SCHEMAS[name])
        for name, rows in held.items():
            _flush(writers[name], rows, SCHEMAS[name])
    return counts


def _versions(store: Store) -> Iterator[tuple[Version, bool]]:
    """Every version with whether it is the newest that was not withdrawn, in the order of their names."""
    for study, name in store.parameter_sets():
        versions = store.versions(study, name)
        newest = next((version for version in versions if not version.withdrawn), None)
        yield from ((version, version is newest) for version in reversed(versions))


def _flush(writers: Sequence[_Writer], rows: list[Row], schema: pa.Schema) -> None:
    if rows:
        table = pa.Table.from_pylist(rows, schema=schema)
        for writer in writers:
            writer.write_table(table)
        rows.clear()


class _CSVWriter(pa.csv.CSVWriter):
    """CSV in which moments read "2026-11-23T06:00:00Z" and what is empty is empty."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._moments = [field.name for field in schema if pa.types.is_timestamp(field.type)]
        super().__init__(path, self._as_text(schema.empty_table()).schema)

    def write_table(self, table: pa.Table) -> None:
        super().write_table(self._as_text(table))

    def _as_text(self, table: pa.Table) -> pa.Table:
        for name in self._moments:
            told = pa.compute.strftime(table[name], format="%Y-%m-%dT%H:%M:%SZ")
            table = table.set_column(table.column_names.index(name), name, told)
        return table


WRITERS: Mapping[Kind, Callable[[Path, pa.Schema], pa.csv.CSVWriter | pa.parquet.ParquetWriter]] = {
    "csv": _CSVWriter,
    "parquet": pa.parquet.ParquetWriter,
}
