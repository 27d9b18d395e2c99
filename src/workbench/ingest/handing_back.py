"""`workbench hand-back`: a protected list with record numbers in the place of pseudonyms, for those who act on it.

A list that leads to texts holds those alone who may be texted on the day it is handed back.
"""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import duckdb
import pyarrow as pa

from workbench.ingest.crosswalk import open_crosswalk
from workbench.ingest.keys import RECORD
from workbench.parameters.base import Unrecorded
from workbench.protection.audit import audit
from workbench.protection.key import read_key
from workbench.protection.private_files import write_private
from workbench.refusal import Fault, Refused
from workbench.tables.cohort import Cohort, Purpose
from workbench.tables.generation import current_generation
from workbench.tables.opening import open_source
from workbench.tables.source import ingested_location, read_source, source_path

PSEUDONYM, RECORD_NUMBER = "patient_id", "record_number"


@dataclass(frozen=True)
class HandedBack:
    """What a hand-back wrote.

    Attributes:
        rows: of the file.
        unknown: people listed who are nobody's record number any more.
        not_texted: people listed who may not be texted, and were left out; 0 where the list leads to no text.
    """

    rows: int
    unknown: int
    not_texted: int


def hand_back(name: str, listed: Path, out: Path, texts: Purpose | None, root: Path) -> HandedBack:
    """Write a protected list as CSV with record numbers, its owner's alone.

    Args:
        name: the source whose people are listed.
        listed: a Parquet file with a column patient_id.
        out: the CSV to write; it must not be there yet.
        texts: the purpose of the texts that the list leads to; None where it leads to none, but to calls.
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
    allowed = None if texts is None else _may_be_texted(name, texts, root)
    rows = _with_records(listed, open_crosswalk(current, read_key()).keys, allowed)
    what = f"{name}: {listed.name}"
    audit(root, "handed back", what, rows=len(rows.found), people=rows.people, purpose=texts or "no texts")
    write_private(out, _as_csv(rows.columns, rows.found))
    return HandedBack(len(rows.found), rows.unknown, rows.not_texted)


def _may_be_texted(name: str, purpose: Purpose, root: Path) -> pa.Table:
    """The pseudonyms of adults who may be texted today."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    tables = open_source(name, root)
    unrecorded = cast("dict[Unrecorded, str]", tables.source.not_recorded.named())
    reasons = dict.fromkeys(unrecorded, "Who may be texted is refused where it is not told.")
    known = tables.known(tomorrow, Cohort(goes_on_without=reasons))
    return known.may_be_texted(purpose).to_pyarrow()


@dataclass(frozen=True)
class _Rows:
    columns: list[str]
    found: list[tuple[object, ...]]
    people: int
    unknown: int
    not_texted: int


def _with_records(listed: Path, keys: pa.Table, allowed: pa.Table | None) -> _Rows:
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
        engine.execute(f"CREATE VIEW listed AS FROM '{_quoted(listed)}'")
        if allowed is None:
            engine.execute("CREATE VIEW wanted AS FROM listed")
        else:
            engine.register("allowed", allowed)
            engine.execute(f"CREATE VIEW wanted AS FROM listed WHERE {PSEUDONYM} IN (FROM allowed)")
        rest = [f'l."{column}"' for column in columns if column != PSEUDONYM]
        found = engine.execute(
            f"SELECT {', '.join(['k.value', *rest])} FROM wanted l "
            f"JOIN keys k ON l.{PSEUDONYM} = k.pseudonym AND k.kind = '{RECORD}' ORDER BY ALL"
        ).fetchall()
        people, unknown = engine.execute(
            f"SELECT count(DISTINCT l.{PSEUDONYM}) FILTER (k.value IS NOT NULL), "
            f"count(DISTINCT l.{PSEUDONYM}) FILTER (k.value IS NULL) FROM listed l "
            f"LEFT JOIN keys k ON l.{PSEUDONYM} = k.pseudonym AND k.kind = '{RECORD}'"
        ).fetchall()[0]
    told = [RECORD_NUMBER, *(column for column in columns if column != PSEUDONYM)]
    handed = len({row[0] for row in found})
    return _Rows(told, found, handed, unknown, people - handed)


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("'", "''")


def _as_csv(columns: list[str], rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
