"""The account of an ingest: what was read, what became of it, and how the tables stand after it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from workbench.ingest.filling import LIST
from workbench.ingest.identity import Known, Resolved
from workbench.ingest.merging import Merged
from workbench.ingest.reading import Account, Reason
from workbench.protection.private_files import private_folder_at, write_private
from workbench.tables.generation import CURRENT

FOLDER = "accounts"


@dataclass(frozen=True)
class FileTold:
    """A file that was read: its name below the exports' folder, its size in bytes, its sha256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class FeedTold:
    """One feed: its files, the accounts of its records, and for each table how its people were found."""

    feed: str
    exported_at: datetime
    files: tuple[FileTold, ...]
    accounts: tuple[Account, ...]
    people: dict[str, Resolved]


@dataclass(frozen=True)
class IngestAccount:
    """What one ingest did.

    Attributes:
        source: the source's name.
        location: the folder of its generations, below the project's root.
        at: when the ingest ended.
        feeds: what each feed gave.
        people: who was found in them.
        tables: what became of each canonical table.
        lists: entries of each protected list that has any.
        generation: the folder that is current now; None where nothing changed.
    """

    source: str
    location: str
    at: datetime
    feeds: tuple[FeedTold, ...]
    people: Known
    tables: tuple[Merged, ...]
    lists: dict[str, int]
    generation: str | None

    def lines(self) -> Iterator[str]:
        """The account as it is shown: numbers of rows, never a row."""
        for feed in self.feeds:
            yield f"{feed.feed}: {_files(feed)}, exported {feed.exported_at:%Y-%m-%d %H:%M} UTC"
            for account in feed.accounts:
                yield f"  {_of_records(account)}"
            for table, resolved in feed.people.items():
                if told := _unplaced(resolved):
                    yield f"  {table}: {told}"
        yield f"People: {_people(self.people)}"
        for merged in self.tables:
            yield f"  {merged.name:<15}{_of_table(merged)}"
        for name, rows in self.lists.items():
            yield f"Protected list {name}: {_counted(rows, 'row')}, in {self.location}/{CURRENT}/{LIST}{name}.parquet"
        yield "The tables are as they were." if self.generation is None else f"Now current: {self.generation}"

    def keep(self, location: Path) -> Path:
        """Write the account beside the tables, for good; returns its file."""
        path = private_folder_at(location / FOLDER) / f"{self.at:%Y%m%dT%H%M%S%fZ}.json"
        write_private(path, (json.dumps(asdict(self), indent=2, default=_as_text) + "\n").encode())
        return path


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _files(feed: FeedTold) -> str:
    return f"{_counted(len(feed.files), 'file')} of {sum(file.size for file in feed.files) / 1e6:,.1f} MB"


def _of_records(account: Account) -> str:
    told = f"{account.records}: {account.read:,} read, {account.used:,} used"
    if account.dropped:
        told += f", {account.read - account.used:,} left out ({_reasons(account.dropped)})"
    if account.told:
        told += f"; of these {_reasons(account.told)}"
    if account.begins and account.ends:
        told += f"; {account.begins:%Y-%m-%d} to {account.ends:%Y-%m-%d}"
    return told


def _reasons(reasons: tuple[Reason, ...]) -> str:
    return "; ".join(f"{reason.rows:,} {reason.reason}" for reason in reasons)


def _unplaced(resolved: Resolved) -> str:
    told = {
        "of a contact point of several people": resolved.shared,
        "of nobody known": resolved.unmatched,
        "of people who were erased": resolved.erased,
    }
    return ", ".join(f"{_counted(rows, 'row')} {words}" for words, rows in told.items() if rows)


def _people(known: Known) -> str:
    told = f"{known.people:,} new"
    if known.shared:
        told += f"; {_counted(known.shared, 'contact point')} of several people at once, never merged"
    if known.rejoined:
        told += f"; {_counted(known.rejoined, 'key')} found to name somebody known by a record number"
    return told


def _of_table(merged: Merged) -> str:
    told = f"{merged.rows:>12,} rows: {merged.new:,} new, {merged.changed:,} changed, {merged.repeated:,} told again"
    if merged.contradictory:
        told += f", {merged.contradictory:,} contradictory and left"
    if merged.left_out:
        told += f"; left out: {_reasons(merged.left_out)}"
    if merged.taken_out:
        told += f"; {merged.taken_out:,} taken out"
    return told


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
