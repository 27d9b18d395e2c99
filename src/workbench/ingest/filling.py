"""The files of a generation, made of what stands in the engine."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import duckdb

from workbench.ingest.merging import Merged
from workbench.protection.private_files import FILE_MODE, write_private
from workbench.protection.watch_list import WatchList
from workbench.tables.generation import WATCH_LIST

# Files of protected lists are called so, that no list passes for a table.
LIST = "list_"
ROWS_AT_ONCE = 100_000


def table_before(name: str, before: Path | None) -> Path | None:
    """A canonical table's file in the generation before, where there is one."""
    path = before / f"{name}.parquet" if before is not None else None
    return path if path is not None and path.is_file() else None


def write_tables(
    engine: duckdb.DuckDBPyConnection, merged: Sequence[Merged], before: Path | None, new: Path
) -> None:
    """Write every canonical table; one that is as it was is copied."""
    for each in merged:
        path = new / f"{each.name}.parquet"
        there = table_before(each.name, before)
        if there is not None and not each.differs:
            shutil.copyfile(there, path)
        else:
            engine.execute(f"COPY merged_{each.name} TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
        path.chmod(FILE_MODE)


def gather_lists(
    engine: duckdb.DuckDBPyConnection, told: Mapping[str, Sequence[str]], before: Path | None
) -> dict[str, int]:
    """Protected lists: what is told now and what was listed before, every entry once; `list_<name>` in the engine.

    Args:
        engine: where the told tables stand.
        told: of each list, tables with patient_id, at and about.
        before: the generation before.

    Returns:
        Of each list, its number of entries.
    """
    there = {path.stem.removeprefix(LIST): path for path in before.glob(f"{LIST}*.parquet")} if before else {}
    for name in told.keys() | there.keys():
        parts = [f'SELECT patient_id, "at", about FROM {table}' for table in told.get(name, ())]
        if name in there:
            parts.append(f"SELECT patient_id, \"at\", about FROM '{there[name]}'")
        engine.execute(f"CREATE TABLE {LIST}{name} AS {' UNION '.join(parts)}")
    return {name: len(engine.table(f"{LIST}{name}")) for name in sorted(told.keys() | there.keys())}


def write_lists(engine: duckdb.DuckDBPyConnection, names: Sequence[str], new: Path) -> None:
    """Write the protected lists that `gather_lists` made."""
    for name in names:
        path = new / f"{LIST}{name}.parquet"
        engine.execute(f"COPY (FROM {LIST}{name} ORDER BY ALL) TO '{path}' (FORMAT parquet)")
        path.chmod(FILE_MODE)


def write_watch_list(
    engine: duckdb.DuckDBPyConnection, watched: Sequence[str], before: Path | None, new: Path
) -> None:
    """Write what must stand in no report: all that was listed before, and all that identifies somebody now.

    Args:
        engine: with the crosswalk loaded.
        watched: tables with a column token, of what identifies people.
        before: the generation before.
        new: the folder to fill.
    """
    tokens = [
        "SELECT value AS token FROM who_keys",
        "SELECT pseudonym FROM who_keys",
        "SELECT value FROM who_contacts",
        *(f"SELECT token FROM {table}" for table in watched),
    ]
    found = _rows(engine, " UNION ".join(tokens))
    if before is None:
        kept = WatchList.of(found)
    else:
        kept = WatchList.from_bytes((before / WATCH_LIST).read_bytes()).joined(found)
    write_private(new / WATCH_LIST, kept.to_bytes())


def _rows(engine: duckdb.DuckDBPyConnection, query: str) -> Iterator[str]:
    rows = engine.execute(f"SELECT token FROM ({query}) WHERE token IS NOT NULL")
    while batch := rows.fetchmany(ROWS_AT_ONCE):
        yield from chain.from_iterable(batch)
