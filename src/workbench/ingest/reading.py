"""What a reader makes of one feed's files: staged tables inside the engine, and an account of their rows.

A staged table has columns of the canonical table, as they will stand there, with two differences:

- a person is named by `person_kind` and `person_value` (see `keys`) in the place of `patient_id`;
- keys of things (`keys.VENDOR_KEYS`) are the vendor's own, and are hashed later.

Columns that a vendor does not tell are left out. Times are TIMESTAMPTZ; `known_at` is the vendor's last update, else
the time of export. A staged table may name the same row twice; whoever merges sees to it. What is staged is a table,
not a view.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Export:
    """The files of one feed, and the engine to stage their rows in.

    Attributes:
        engine: a DuckDB connection in UTC; what is staged in it stays in the private folder.
        files: in the order of their names; at least one.
        prefix: what the names of staged tables begin with, so that two feeds share none.
        exported_at: when the files were exported: what `known_at` is where the vendor tells none.
        root: the project's root, for registries that the feed names.
    """

    engine: duckdb.DuckDBPyConnection = field(repr=False)
    files: tuple[Path, ...]
    prefix: str
    exported_at: datetime
    root: Path


@dataclass(frozen=True)
class Reason:
    """Why rows were left out, or what is told of them, and how many they are."""

    reason: str
    rows: int


@dataclass(frozen=True)
class Account:
    """What became of the records of one kind in one feed.

    Every record that was read was either used or dropped for one reason: `read == used + sum(dropped)`.

    Attributes:
        records: what they are, such as "Appointment", "messages sent".
        table: the canonical table made of them; None for what is only looked up or counted.
        read: records in the files.
        used: records that rows were made of.
        dropped: by reason.
        told: of the used ones, what a reader should know.
        begins, ends: the span of time they tell of.
    """

    records: str
    table: str | None
    read: int
    used: int
    dropped: tuple[Reason, ...] = ()
    told: tuple[Reason, ...] = ()
    begins: datetime | None = None
    ends: datetime | None = None

    def __post_init__(self) -> None:
        if self.read != self.used + sum(reason.rows for reason in self.dropped):
            raise ValueError(f"the account of {self.records} does not add up")


@dataclass(frozen=True)
class Reading:
    """What one feed's files say.

    Attributes:
        tables: canonical table: name of the staged table.
        accounts: of every kind of record in the files.
        links: a staged table (kind, value, record) of people's vendor keys and their record numbers, if there is one.
        contacts: a staged table (person_kind, person_value, kind, value, valid_from, valid_to) of contact points;
            moments may be null for unbounded.
        watched: a staged table (token) of what identifies people and must stand in no report: full names, e-mail
            addresses, phone and record numbers, other identifiers.
        protected: name of a list: staged table, for lists that name people and are kept protected, such as
            "distress"; columns person_kind, person_value, at (when), about (a vendor's key of a reply; may be null).
        retracted: a staged table (table_name, value) of vendors' keys whose rows must go, whatever was told before,
            such as appointments entered in error.
    """

    tables: Mapping[str, str]
    accounts: tuple[Account, ...]
    links: str | None = None
    contacts: str | None = None
    watched: str | None = None
    protected: Mapping[str, str] = field(default_factory=dict)
    retracted: str | None = None


@dataclass(frozen=True)
class Fed:
    """What one feed gave: its name, when it was exported, and what its files say."""

    feed: str
    exported_at: datetime
    reading: Reading
