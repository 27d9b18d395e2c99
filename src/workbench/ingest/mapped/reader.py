"""Any other table: files that a declared mapping makes into staged tables."""

from fnmatch import fnmatch
from pathlib import Path

import ibis
from ibis.backends.duckdb import Backend

from workbench.ingest.mapped.counts import RowCounts, account, count_rows
from workbench.ingest.mapped.faults import content_faults
from workbench.ingest.mapped.settings import KNOWN_AT, PATIENT, FeedTable, MappedFeed
from workbench.ingest.reading import Export, Reading
from workbench.refusal import Fault, Refused
from workbench.tables.files import read_file
from workbench.tables.mapping import canonical
from workbench.tables.schema import TABLES
from workbench.tables.source import FromColumn, TableMapping


def read_mapped(export: Export, feed: MappedFeed) -> Reading:
    """Stage the canonical tables that a feed's mapping makes of its files.

    Raises:
        Refused: with every fault of every file: what cannot be read or mapped, keys that are rounded, and rows that
            lack what the canonical table cannot do without.
    """
    backend = ibis.duckdb.from_connection(export.engine)
    faults: list[Fault] = []
    counts = {name: RowCounts() for name in feed.tables}
    try:
        for name, table in feed.tables.items():
            for path in _files(export, feed, name):
                try:
                    _stage(export, backend, name, table, path, counts[name])
                except Refused as refused:
                    faults += refused.faults
    finally:
        # Ibis forbids it for the whole connection, which others use too.
        export.engine.execute("SET python_enable_replacements = true")
    if faults:
        raise Refused(*dict.fromkeys(faults))
    staged = {name: _staged(export, name) for name in feed.tables}
    accounts = tuple(account(export.engine, name, staged[name], counts[name]) for name in feed.tables)
    return Reading(staged, accounts, watched=_watched(export, feed, staged))


def _staged(export: Export, name: str) -> str:
    return f"{export.prefix}{name}"


def _files(export: Export, feed: MappedFeed, name: str) -> list[Path]:
    pattern = feed.tables[name].file
    files = [path for path in export.files if fnmatch(path.name, pattern)]
    if not files:
        what = f"none of its files is called {pattern}, which table {name} is made from."
        raise Refused(Fault(f"feed {feed.name}", what, "Correct the pattern, or bring the file."))
    return files


def _stage(
    export: Export, backend: Backend, name: str, table: FeedTable, path: Path, counts: RowCounts
) -> None:
    """Add what one file gives to the staged table, and to what is counted."""
    rows = read_file(backend, path.parent, path.name)
    made = f"{_staged(export, name)}_made"
    try:
        mapped = canonical(name, _of_file(table, path), rows)
        backend.create_table(made, mapped.rows, temp=True)
        faults = [*content_faults(export.engine, made, name, table, rows, path.name)]
        if faults:
            raise Refused(*faults)
        count_rows(counts, rows, mapped, name, table)
        _append(export, name, table, made, counts)
    finally:
        # Neither stays longer than it is needed: the file's other columns may name people.
        export.engine.execute(f"DROP TABLE IF EXISTS {made}")
        kind = "VIEW" if path.suffix == ".parquet" else "TABLE"
        export.engine.execute(f'DROP {kind} IF EXISTS "{rows.op().name}"')


def _of_file(table: FeedTable, path: Path) -> TableMapping:
    """The mapping of one file, the person's key among its columns as it is written."""
    person = {PATIENT: FromColumn(column=table.person.column)} if table.person else {}
    return table.model_copy(update={"file": path.name, "columns": person | table.columns})


def _append(export: Export, name: str, table: FeedTable, made: str, counts: RowCounts) -> None:
    """Add the rows whose person is named to the staged table."""
    staged, engine = _staged(export, name), export.engine
    engine.execute(f"CREATE TABLE IF NOT EXISTS {staged} AS {_selection(export, name, table, made)} LIMIT 0")
    if table.person is None:
        engine.execute(f"INSERT INTO {staged} BY NAME {_selection(export, name, table, made)}")
        counts.used += _count(export, made, "true")
        return
    value = table.person.sql(PATIENT)
    engine.execute(
        f"INSERT INTO {staged} BY NAME {_selection(export, name, table, made)} WHERE {value} IS NOT NULL"
    )
    word = table.person.word
    counts.used += _count(export, made, f"{value} IS NOT NULL")
    counts.dropped[f"without {word}"] += _count(export, made, f"{PATIENT} IS NULL")
    unfit = f"{PATIENT} IS NOT NULL AND {value} IS NULL"
    counts.dropped[f"with what is not {word}"] += _count(export, made, unfit)


def _selection(export: Export, name: str, table: FeedTable, made: str) -> str:
    """The staged columns as a query: canonical ones, the person by kind and value."""
    columns = list(table.columns)
    if table.person is not None:
        kind = f"'{table.person.kind}' AS person_kind"
        columns = [kind, f"{table.person.sql(PATIENT)} AS person_value", *columns]
    if KNOWN_AT in TABLES[name].columns and KNOWN_AT not in table.columns:
        columns.append(f"TIMESTAMPTZ '{export.exported_at.isoformat()}' AS {KNOWN_AT}")
    return f"SELECT {', '.join(columns)} FROM {made}"


def _count(export: Export, made: str, condition: str) -> int:
    found = export.engine.execute(f"SELECT count(*) FROM {made} WHERE {condition}").fetchone()
    return int(found[0]) if found else 0


def _watched(export: Export, feed: MappedFeed, staged: dict[str, str]) -> str | None:
    """The keys that people were named by."""
    named = [f"SELECT person_value FROM {staged[name]}" for name, table in feed.tables.items() if table.person]
    if not named:
        return None
    watched = f"{export.prefix}watched"
    together = " UNION ".join(named)
    export.engine.execute(f"CREATE TABLE {watched} AS SELECT person_value AS token FROM ({together})")
    return watched
