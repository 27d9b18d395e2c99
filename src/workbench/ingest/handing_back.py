"""`workbench hand-back`: a protected list with record numbers in the place of pseudonyms, for those who act on it.

Everybody on it is looked at again as it is handed back, and the file says until when it may be used.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

import duckdb
import pandas as pd
import pyarrow as pa

from workbench.ingest.crosswalk import open_crosswalk
from workbench.ingest.handed_back import (
    RECORD_NUMBER,
    HandedBackManifest,
    records_texted_since,
    write_handed_back,
)
from workbench.ingest.keys import RECORD, VENDOR_KEYS
from workbench.ingest.listed_people import PERSON, PeopleList
from workbench.ingest.rechecking import (
    REASONS,
    REASONS_OF_CALLS,
    Reason,
    Window,
    known_now,
    reasons,
    states_of,
    still_booked,
    texts_since,
    windows,
)
from workbench.protection.account import account_name
from workbench.protection.audit import audit
from workbench.protection.key import read_key
from workbench.refusal import Fault, Refused
from workbench.settings import HandBack
from workbench.tables.cohort import Purpose
from workbench.tables.generation import current_generation
from workbench.tables.known import KnownTables
from workbench.tables.opening import open_tables
from workbench.tables.source import Source, ingested_location, read_source, source_path

LeadsTo = Literal["calls", "care", "marketing", "survey"]
LONGEST_NAME = 120
APPOINTMENT = "appointment_id"
# Not told to those who act: keys of the tables, which with a record number beside them would say whose pseudonym is
# whose; and hours of another day, whose place those of the moment take.
_NOT_TOLD = {PERSON, *VENDOR_KEYS, "held_out", "stands"}
_HOURS = {"send_from", "send_until"}


@dataclass(frozen=True)
class Asked:
    """What is asked for: the list, what it rests on (approved, in words), what it leads to, and who gets it."""

    listed: PeopleList
    rests_on: str
    leads_to: LeadsTo
    to: str

    @property
    def texts(self) -> Purpose | None:
        """The purpose of the texts it leads to, if it does."""
        return next((purpose for purpose in get_args(Purpose) if purpose == self.leads_to), None)


@dataclass(frozen=True)
class HandedBack:
    """What a hand-back wrote, in counts of people.

    Attributes:
        path: the file.
        rows: of the file.
        people: on it.
        left_out: how many were left out, by reason; every reason that was looked for.
        waiting: how many of the people may not be texted yet, since it is night where they are.
        expires_at: until when the file may be used.
    """

    path: Path
    rows: int
    people: int
    left_out: Mapping[Reason, int]
    waiting: int
    expires_at: datetime


def hand_back(asked: Asked, policy: HandBack, root: Path, now: datetime) -> HandedBack:
    """Write a protected list as CSV with record numbers, its owner's alone.

    The CSV has record_number, the list's own columns but for keys, for texts not_before and not_after (UTC), and
    expires_at, all in the order of rank where the list has one.

    Args:
        asked: the list, resting on something that was approved.
        policy: the ceiling of texts, and how long the file may be used.
        root: the project's root.
        now: the moment of the hand-back.

    Raises:
        Refused: nobody is named, the source is not ingested, the list cannot be read, the source does not tell what
            must be known of people, or nobody is left.
    """
    to = _named_person(asked.to)
    if asked.listed.rests_on == "replies" and asked.texts is not None:
        what = "it lists replies, which a person reads and answers; no study says that these people be texted."
        raise Refused(Fault(asked.listed.label, what, "Hand it back for calls."))
    source = read_source(source_path(asked.listed.source, root), root)
    current = _ingested(source, root)
    known = known_now(open_tables(source, root), now)
    rows = _still_standing(_read(asked.listed), known, now)
    records = _records(source, current, root)
    people = _people(rows, records, asked, known, policy, root, now)
    why = reasons(people, policy)
    kept, counts = people[why.isna()], Counter(why.dropna())
    left_out = {name: counts[name] for name in _looked_for(asked, rows)}
    if kept.empty:
        what = "nobody on it may be handed back; nothing was written."
        raise Refused(Fault(asked.listed.label, what, "Make the list anew."))
    hours = windows(kept, now) if asked.texts else {}
    handed_at = now.astimezone(UTC).replace(microsecond=0)
    expires_at = handed_at + timedelta(days=policy.valid_days)
    columns, told = _told(rows[rows[PERSON].isin(kept.index) & rows["stands"]], records, hours, expires_at)
    manifest = HandedBackManifest(
        list=asked.listed.label,
        source=source.name,
        rests_on=asked.rests_on,
        leads_to=asked.leads_to,
        to=to,
        by=account_name(),
        handed_at=handed_at,
        expires_at=expires_at,
        rows=len(told),
    )
    _log(manifest, len(kept), left_out, root)
    path = write_handed_back(manifest, columns, told, root)
    waiting = sum(window.waits for window in hours.values())
    return HandedBack(path, len(told), len(kept), left_out, waiting, expires_at)


def _ingested(source: Source, root: Path) -> Path:
    current = None if source.ingest is None else current_generation(ingested_location(source, root))
    if current is None:
        what = "its tables were not made by workbench ingest, so that there is no crosswalk."
        raise Refused(Fault(f"source {source.name}", what, "Hand the list back where the tables come from."))
    return current


def _records(source: Source, current: Path, root: Path) -> pd.Series:
    """The record number of each person, by pseudonym."""
    key = read_key()
    audit(root, "crosswalk opened", source.name, purpose="hand-back")
    keys = open_crosswalk(current, key).keys.to_pandas()
    records = keys[keys["kind"] == RECORD].sort_values("value").drop_duplicates("pseudonym")
    return records.set_index("pseudonym")["value"]


def _log(manifest: HandedBackManifest, people: int, left_out: Mapping[Reason, int], root: Path) -> None:
    """Tell the audit log: what cannot be recorded is not done."""
    audit(
        root,
        "handed back",
        f"{manifest.source}: {manifest.list}",
        to=manifest.to,
        rests_on=manifest.rests_on,
        leads_to=manifest.leads_to,
        rows=manifest.rows,
        people=people,
        expires_at=manifest.expires_at.isoformat(),
        **{f"left_out_{name}": count for name, count in left_out.items()},
    )


def _looked_for(asked: Asked, rows: pd.DataFrame) -> tuple[Reason, ...]:
    if asked.listed.rests_on == "replies":
        return ("unknown", "deceased")
    told = REASONS if asked.texts is not None else REASONS_OF_CALLS
    return tuple(reason for reason in told if reason != "not_booked" or APPOINTMENT in rows)


def _named_person(name: str) -> str:
    """One line with at least one letter; a list that is given to nobody is nobody's to answer for."""
    plain = name.strip()
    if not plain.isprintable() or len(plain) > LONGEST_NAME or not any(map(str.isalpha, plain)):
        what = f"this is no name of at most {LONGEST_NAME} characters on one line."
        raise Refused(Fault("--to", what, "Name the person who gets the list."))
    return plain


def _read(listed: PeopleList) -> pd.DataFrame:
    """The list's rows; those of people whom it holds out are marked."""
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        rows = _whole(engine, listed.path, listed.label)
        if PERSON not in rows:
            what = f"it has no column {PERSON}, so that nobody can be found."
            raise Refused(Fault(listed.label, what, "Name a protected list of people."))
        held_out: set[str] = set()
        if listed.holdout is not None:
            held_out = set(_whole(engine, listed.holdout, f"{listed.label}, the holdout beside it")[PERSON])
    own = rows["held_out"].eq(True) if "held_out" in rows else False
    return rows.assign(held_out=rows[PERSON].isin(held_out) | own)


def _whole(engine: duckdb.DuckDBPyConnection, path: Path, label: str) -> pd.DataFrame:
    try:
        read: pa.Table = engine.read_parquet(str(path)).to_arrow_table()
    except duckdb.Error:
        what = "it is missing, or no Parquet file."
        raise Refused(Fault(label, what, "Name a protected list of the private folder.")) from None
    return read.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get)


def _still_standing(rows: pd.DataFrame, known: KnownTables, now: datetime) -> pd.DataFrame:
    """Adds stands: whether the row's appointment is still to come, where the list is of appointments."""
    if APPOINTMENT not in rows:
        return rows.assign(stands=True)
    return rows.assign(stands=rows[APPOINTMENT].isin(still_booked(known, rows[APPOINTMENT], now)))


def _people(
    rows: pd.DataFrame,
    records: pd.Series,
    asked: Asked,
    known: KnownTables,
    policy: HandBack,
    root: Path,
    now: datetime,
) -> pd.DataFrame:
    """What is known of each listed person, by pseudonym; see `reasons`."""
    listed = rows.groupby(PERSON).agg(rows=("stands", "sum"), held_out=("held_out", "any"))
    names = listed.index.to_series()
    replies = asked.listed.rests_on == "replies"
    people = listed.join(states_of(known, names, asked.texts, doubtful=replies))
    people["known"] = people.index.isin(records.index)
    if replies:
        people["discharged"] = False
    if asked.texts is None:
        return people
    since = now - timedelta(days=policy.over_days)
    texts, told_until = texts_since(known, names, since)
    # Texts of lists handed back since the log ends are not in it yet.
    handed = Counter(records_texted_since(root, asked.listed.source, max(since, told_until or since)))
    numbers = records.reindex(people.index)
    if {*_HOURS} <= set(rows):
        people = people.join(rows.groupby(PERSON)[sorted(_HOURS)].first())
    return people.assign(texts=texts + numbers.map(lambda number: handed[number]).astype("int64"))


def _told(
    rows: pd.DataFrame, records: pd.Series, hours: Mapping[str, Window], expires_at: datetime
) -> tuple[list[str], Sequence[Sequence[object]]]:
    """Columns and rows of the CSV."""
    hidden = _NOT_TOLD | (_HOURS if hours else set())
    own = [name for name in rows.columns if name not in hidden]
    told = rows[own].assign(**{RECORD_NUMBER: rows[PERSON].map(records)})
    if hours:
        told["not_before"] = [_iso(hours[person].not_before) for person in rows[PERSON]]
        told["not_after"] = [_iso(hours[person].not_after) for person in rows[PERSON]]
    told["expires_at"] = _iso(expires_at)
    told = told.sort_values([*(name for name in ("rank",) if name in own), RECORD_NUMBER], kind="stable")
    columns = [RECORD_NUMBER, *(name for name in told.columns if name != RECORD_NUMBER)]
    cells = told[columns].astype("object")
    return columns, cells.where(cells.notna(), None).to_numpy().tolist()


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
