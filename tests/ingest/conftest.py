"""A source of the tests' own, whose feeds say what a test has them say."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml
from cryptography.fernet import Fernet

from workbench.ingest import ingesting
from workbench.ingest.accounts import IngestAccount
from workbench.ingest.crosswalk import Crosswalk, open_crosswalk
from workbench.ingest.feed_settings import FeedSettings
from workbench.ingest.merging import Merged
from workbench.ingest.reading import Account, Export, Reading
from workbench.ingest.settings import IngestSettings, Part2
from workbench.protection.key import read_key
from workbench.refusal import Refused
from workbench.tables.generation import current_generation

Rows = Sequence[Mapping[str, Any]]
FIRST_EXPORT = datetime(2026, 10, 1, tzinfo=UTC)
SECOND_EXPORT = datetime(2026, 11, 1, tzinfo=UTC)
MOMENTS = ("_at", "valid_from", "valid_to", "at")


@dataclass
class Feed:
    """What a feed says: tables of rows, and what it says of people beside them."""

    tables: dict[str, Rows] = field(default_factory=dict)
    links: Rows = ()
    contacts: Rows = ()
    watched: Sequence[str] = ()
    lists: dict[str, Rows] = field(default_factory=dict)
    retracted: Rows = ()
    broken: Refused | None = None


@dataclass
class Clinic:
    """A project with one ingested source, "clinic"."""

    root: Path
    feeds: dict[str, Feed]
    settings: list[FeedSettings]
    part2: Part2 | None = None
    exported_at: datetime = FIRST_EXPORT

    @property
    def location(self) -> Path:
        return self.root / "data" / "clinic"

    def ingest(self, **feeds: Feed) -> IngestAccount:
        self.feeds.clear()
        self.feeds.update(feeds)
        self.settings[:] = [
            FeedSettings(name=name, files="export.csv", exported_at=self.exported_at) for name in feeds
        ]
        source = {"title": "Clinic", "location": "data/clinic", "ingest": {"exports": "exports"}}
        path = self.root / "params" / "sources" / "clinic.yaml"
        path.write_text(yaml.safe_dump(source), encoding="utf-8")
        return ingesting.ingest("clinic", self.root, lambda _: None)

    def as_settings(self) -> IngestSettings:
        return IngestSettings.model_construct(
            exports="exports", within="project", feeds=tuple(self.settings), part2=self.part2
        )

    def rows(self, name: str) -> list[dict[str, Any]]:
        folder = current_generation(self.location)
        assert folder is not None
        with duckdb.connect() as engine:
            engine.execute("SET TimeZone = 'UTC'")
            return engine.sql(f"FROM '{folder / name}.parquet'").to_arrow_table().to_pylist()

    feed = Feed

    @staticmethod
    def at(day: int, hour: int = 12, month: int = 9) -> datetime:
        """A moment in the year 2026, UTC."""
        return datetime(2026, month, day, hour, tzinfo=UTC)

    @staticmethod
    def of(record: str) -> dict[str, str]:
        """A person named by a record number."""
        return {"person_kind": "record", "person_value": record}

    @staticmethod
    def by(phone: str) -> dict[str, str]:
        """A person named by a phone."""
        return {"person_kind": "phone", "person_value": phone}

    def patient(self, record: str, **told: Any) -> dict[str, Any]:
        return {**self.of(record), "birth_year": 1980, "sex": "female", "known_at": self.at(1), **told}

    def phone_of(self, record: str, phone: str, **told: Any) -> dict[str, Any]:
        return {**self.of(record), "kind": "phone", "value": phone, **told}

    def text(self, number: int, phone: str, **told: Any) -> dict[str, Any]:
        always = {"kind": "reminder", "sent_at": self.at(10), "status": "delivered", "known_at": self.at(10)}
        return {"message_id": f"SM{number}", **self.by(phone), **always, **told}

    def stop(self, phone: str, **told: Any) -> dict[str, Any]:
        always = {"channel": "sms", "purpose": "care", "scope": "all", "status": "opt_out", "source": "keyword"}
        return {**self.by(phone), **always, "changed_at": self.at(11), **told}

    def later(self) -> None:
        """From here on exports are a month younger."""
        self.exported_at = SECOND_EXPORT

    def crosswalk(self) -> Crosswalk:
        return open_crosswalk(current_generation(self.location), read_key())

    @staticmethod
    def merged(account: IngestAccount, name: str) -> Merged:
        return next(table for table in account.tables if table.name == name)

    def pseudonym(self, record: str) -> str | None:
        keys = self.crosswalk().keys.to_pylist()
        found = [key["pseudonym"] for key in keys if (key["kind"], key["value"]) == ("record", record)]
        assert len(found) <= 1
        return found[0] if found else None


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    for folder in ("notebooks", "params/sources", "exports"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "exports" / "export.csv").write_text("a\n1\n", encoding="utf-8")
    monkeypatch.setenv("WORKBENCH_KEY", Fernet.generate_key().decode())
    made = Clinic(tmp_path, {}, [])
    monkeypatch.setattr(ingesting, "reader_of", _reader_of(made.feeds))
    monkeypatch.setattr(ingesting, "read_ingest_settings", lambda *_: made.as_settings())
    return made


def _reader_of(feeds: dict[str, Feed]) -> Callable[[Any], Callable[[Export, Any], Reading]]:
    def reader_of(settings: Any) -> Callable[[Export, Any], Reading]:
        return lambda export, _: _read(export, feeds[settings.name])

    return reader_of


def _read(export: Export, feed: Feed) -> Reading:
    if feed.broken is not None:
        raise feed.broken
    stage = {name: _staged(export, name, rows) for name, rows in feed.tables.items()}
    return Reading(
        tables=stage,
        accounts=tuple(Account(name, name, len(rows), len(rows)) for name, rows in feed.tables.items()),
        links=_staged(export, "links", feed.links) if feed.links else None,
        contacts=_contacts(export, feed.contacts) if feed.contacts else None,
        watched=_staged(export, "watched", [{"token": token} for token in feed.watched])
        if feed.watched
        else None,
        protected={name: _staged(export, name, rows) for name, rows in feed.lists.items()},
        retracted=_staged(export, "retracted", feed.retracted) if feed.retracted else None,
    )


def _contacts(export: Export, rows: Rows) -> str:
    always = {"valid_from": None, "valid_to": None}
    return _staged(export, "contacts", [{**always, **row} for row in rows])


def _staged(export: Export, name: str, rows: Rows) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    table = pa.table(
        {
            column: pa.array(
                [row.get(column) for row in rows],
                pa.timestamp("us", tz="UTC") if column.endswith(MOMENTS) else None,
            )
            for column in columns
        }
    )
    export.engine.register("given", table)
    export.engine.execute(f"CREATE TABLE {export.prefix}{name} AS FROM given")
    export.engine.unregister("given")
    return f"{export.prefix}{name}"


@pytest.fixture
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute("SET TimeZone = 'UTC'")
        yield made


@pytest.fixture
def make_export(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> Callable[..., Export]:
    """An export of files given as `make_export({"a.csv": "id\\n1\\n"})`, and of paths."""

    def make(
        files: dict[str, str | bytes] | None = None,
        *paths: Path,
        prefix: str = "feed_",
        exported_at: datetime = SECOND_EXPORT,
    ) -> Export:
        for name, content in (files or {}).items():
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        found = sorted([*(tmp_path / name for name in files or {}), *paths])
        return Export(engine, tuple(found), prefix, exported_at, tmp_path)

    return make


@pytest.fixture
def rows(engine: duckdb.DuckDBPyConnection) -> Callable[..., list[tuple[str | None, ...]]]:
    """The rows of a staged table as text, sorted; some of its columns, or all."""

    def read(table: str, *columns: str) -> list[tuple[str | None, ...]]:
        named = ", ".join(f"{column}::VARCHAR" for column in columns) if columns else "COLUMNS(*)::VARCHAR"
        return sorted(engine.execute(f"SELECT {named} FROM {table}").fetchall(), key=str)

    return read
