"""`workbench hand-back`: a protected list with record numbers in the place of pseudonyms, for those who act on it."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import duckdb

from workbench.ingest.crosswalk import open_crosswalk
from workbench.ingest.keys import RECORD
from workbench.protection.audit import audit
from workbench.protection.key import read_key
from workbench.protection.private_files import write_private
from workbench.refusal import Fault, Refused
from workbench.tables.generation import current_generation
from workbench.tables.source import ingested_location, read_source, source_path

PSEUDONYM, RECORD_NUMBER = "patient_id", "record_number"


@dataclass(frozen=True)
class HandedBack:
    """What a hand-back wrote: rows, and people of the list who are nobody's record number any more."""

    rows: int
    unknown: int


def hand_back(name: str, listed: Path, out: Path, root: Path) -> HandedBack:
    """Write a protected list as CSV with record numbers, its owner's alone.

    Args:
        name: the source whose people are listed.
        listed: a Parquet file with a column patient_id.
        out: the CSV to write; it must not be there yet.
        root: the project's root.

    Raises:
        Refused: the source is not ingested, the list cannot be read, or the file is there already.
    """
    source = read_source(source_path(name, root), root)
    current = current_generation(ingested_location(source, root))
    if current is None:
        what = "its tables were not made by workbench ingest, so that there is no crosswalk."
        raise Refused(Fault(f"source {name}", what, "Hand the list back where the tables come from."))
    if out.exists():
        raise Refused(Fault(str(out), "it is there already.", "Name a file that is not there yet."))
    rows = _with_records(listed, open_crosswalk(current, read_key()).keys)
    audit(root, "handed back", f"{name}: {listed.name}", rows=len(rows.found), people=rows.people)
    write_private(out, _as_csv(rows.columns, rows.found))
    return HandedBack(len(rows.found), rows.unknown)


@dataclass(frozen=True)
class _Rows:
    columns: list[str]
    found: list[tuple[object, ...]]
    people: int
    unknown: int


def _with_records(listed: Path, keys: object) -> _Rows:
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("keys", keys)
        try:
            columns = [column for column, *_ in engine.sql(f"DESCRIBE FROM '{_quoted(listed)}'").fetchall()]
        except duckdb.Error:
            what = "it is missing, or no Parquet file."
            raise Refused(Fault(str(listed), what, "Name a protected list of the private folder.")) from None
        if PSEUDONYM not in columns:
            what = f"it has no column {PSEUDONYM}, so that nobody can be found."
            raise Refused(Fault(str(listed), what, "Name a protected list of people."))
        rest = [f'l."{column}"' for column in columns if column != PSEUDONYM]
        found = engine.execute(
            f"SELECT {', '.join(['k.value', *rest])} FROM '{_quoted(listed)}' l "
            f"JOIN keys k ON l.{PSEUDONYM} = k.pseudonym AND k.kind = '{RECORD}' ORDER BY ALL"
        ).fetchall()
        people, unknown = engine.execute(
            f"SELECT count(DISTINCT l.{PSEUDONYM}) FILTER (k.value IS NOT NULL), "
            f"count(DISTINCT l.{PSEUDONYM}) FILTER (k.value IS NULL) FROM '{_quoted(listed)}' l "
            f"LEFT JOIN keys k ON l.{PSEUDONYM} = k.pseudonym AND k.kind = '{RECORD}'"
        ).fetchall()[0]
    return _Rows(
        [RECORD_NUMBER, *(column for column in columns if column != PSEUDONYM)], found, people, unknown
    )


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("'", "''")


def _as_csv(columns: list[str], rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
