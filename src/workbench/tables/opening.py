"""Opening a source: its files become canonical tables in DuckDB, or stand in an engine already; Ibis reaches both."""

from pathlib import Path
from typing import NamedTuple

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from workbench.project import project_root
from workbench.refusal import Fault, Refused
from workbench.tables.assigned import drawn_files, with_drawn
from workbench.tables.engine import Engine
from workbench.tables.engines.connecting import engine_tables
from workbench.tables.files import read_file
from workbench.tables.known import Tables
from workbench.tables.mapping import MappedTable, canonical
from workbench.tables.memory import keep_to_threads, keep_within_memory
from workbench.tables.schema import TABLES
from workbench.tables.source import Source, read_source, source_folder, source_path


def open_source(name: str, root: Path | None = None) -> Tables:
    """Open the source `params/sources/<name>.yaml`.

    Raises:
        Refused: no such source, a broken file, a missing table or column.
        DataAbsent: its data are not on this machine.
    """
    base = root or project_root()
    return open_tables(read_source(source_path(name, base), base), base)


def open_tables(source: Source, root: Path) -> Tables:
    """Open a source that has been read already; see `open_source`."""
    opened = _opened(source, root)
    files = drawn_files(source.name, root)
    return Tables(source, with_drawn(opened.tables, files), opened.mapped)


class _Opened(NamedTuple):
    tables: dict[str, ir.Table]
    mapped: dict[str, MappedTable] | None = None


def _opened(source: Source, root: Path) -> _Opened:
    if source.engine is not None:
        location = None if source.location is None else source_folder(source, root)
        return _Opened(engine_tables(source.engine, source.title, location))
    folder = source_folder(source, root)
    engine = Engine().connect()
    # Relations carry times in UTC whatever the zone of the machine.
    engine.raw_sql("SET TimeZone = 'UTC'")
    # What a command or a cell prints is its own.
    engine.raw_sql("SET enable_progress_bar = false")
    keep_within_memory(engine, root)
    keep_to_threads(engine)
    if source.tables is None:
        return _Opened(_canonical_files(source, folder, engine))
    names = {mapping.file for mapping in source.tables.values()}
    files = {file: read_file(engine, folder, file) for file in sorted(names)}
    mapped = {table: canonical(table, mapping, files[mapping.file]) for table, mapping in source.tables.items()}
    return _Opened({table: made.rows for table, made in mapped.items()}, mapped)


def _canonical_files(source: Source, folder: Path, engine: Backend) -> dict[str, ir.Table]:
    present = {name: folder / f"{name}.parquet" for name in TABLES if (folder / f"{name}.parquet").is_file()}
    if not present:
        raise Refused(
            Fault(
                f'source "{source.title}"',
                f"the folder {source.location} holds none of the canonical tables.",
                "Each is a Parquet file named for its table, such as patients.parquet.",
            )
        )
    return {name: read_file(engine, folder, file.name) for name, file in present.items()}


def data_files(source: Source, root: Path) -> tuple[Path, ...]:
    """The files a source reads, in the order of their names, then the draws of its experiments; for fingerprints."""
    folder, drawn = source_folder(source, root), drawn_files(source.name, root).values()
    if source.tables is None:
        files = {folder / f"{name}.parquet" for name in TABLES if (folder / f"{name}.parquet").is_file()}
    else:
        files = {folder / mapping.file for mapping in source.tables.values()}
    return (*sorted(files), *drawn)
