"""Twilio logs written message by message, and what the reader makes of them."""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from workbench.ingest.reading import Account, Export, Reading
from workbench.ingest.sms.reader import read_twilio
from workbench.ingest.sms.settings import TwilioFeed
from workbench.parameters.validation import validated

HERE = Path(__file__).resolve().parents[3]
OWN, OTHER_OWN = "+15555550000", "+15555550001"
PATIENT, NEIGHBOR = "+15555550123", "+15555550124"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
CSV_NAMES = {
    "from": "From",
    "to": "To",
    "body": "Body",
    "status": "Status",
    "date_sent": "SentDate",
    "num_segments": "NumSegments",
    "error_code": "ErrorCode",
    "sid": "Sid",
    "direction": "Direction",
    "price": "Price",
    "price_unit": "PriceUnit",
}
TEMPLATES = [
    {
        "id": "reminder-1",
        "pattern": "Hi {first_name}, you have an appointment on {day} at {time}.",
        "kind": "reminder",
        "campaign_id": "reminders",
        "tone": "neutral",
        "personalization": "personalized",
        "length": 60,
        "cta": "confirm",
    },
    {
        "id": "come-back-1",
        "pattern": "It's been a while. Book your next visit online.",
        "kind": "re_engagement",
    },
]
REMINDER = "Hi Zorbara, you have an appointment on Monday at 10:30."
INVITATION = "It's been a while. Book your next visit online."


def at(hours: float = 0, seconds: int = 0) -> datetime:
    """A moment so long after noon."""
    return NOON + timedelta(hours=hours, seconds=seconds)


@dataclass(frozen=True)
class Told:
    """What a reader gave, and the engine it gave it in."""

    reading: Reading
    engine: duckdb.DuckDBPyConnection

    def rows(self, table: str, *columns: str) -> list[Any]:
        """Rows of a table or a list, by their times; bare values where one column is asked for."""
        staged = {**self.reading.tables, **self.reading.protected}[table]
        times = {"messages": "sent_at", "replies": "received_at", "consents": "changed_at"}
        listed = ", ".join(f'"{column}"' for column in columns)
        found = self.engine.execute(
            f'SELECT {listed} FROM {staged} ORDER BY "{times.get(table, "at")}", {listed}'
        ).fetchall()
        return [row[0] for row in found] if len(columns) == 1 else found

    def account(self, records: str) -> Account:
        """The account of a kind of record."""
        return next(each for each in self.reading.accounts if each.records == records)

    def dropped(self, records: str) -> dict[str, int]:
        """Why records were left out."""
        return {each.reason: each.rows for each in self.account(records).dropped}

    def told(self, records: str) -> dict[str, int]:
        """What is told of records that were used."""
        return {each.reason: each.rows for each in self.account(records).told}


@dataclass(frozen=True)
class Logs:
    """A project with registries of its own, and the logs written into it."""

    root: Path
    numbers: Iterator[int]

    def sent(self, body: str | None, when: datetime, to: str = PATIENT, **more: Any) -> dict[str, Any]:
        """A text sent and delivered."""
        return self._message(body, when, OWN, to, {"direction": "outbound-api", "status": "delivered"} | more)

    def received(self, body: str | None, when: datetime, sender: str = PATIENT, **more: Any) -> dict[str, Any]:
        """A reply."""
        return self._message(body, when, sender, OWN, {"direction": "inbound", "status": "received"} | more)

    def _message(
        self, body: str | None, when: datetime, sender: str, to: str, more: dict[str, Any]
    ) -> dict[str, Any]:
        values = {
            "sid": f"SM{next(self.numbers):032d}",
            "from": sender,
            "to": to,
            "body": body,
            "date_sent": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "num_segments": "1",
            "error_code": None,
            "price": "-0.00790",
            "price_unit": "USD",
        }
        return values | more

    def csv(self, *messages: dict[str, Any], name: str = "log.csv", without: tuple[str, ...] = ()) -> Path:
        """A CSV of the messages."""
        path = self.root / name
        columns = {key: word for key, word in CSV_NAMES.items() if key not in without}
        opened = gzip.open if name.endswith(".gz") else open
        with opened(path, "wt", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(columns.values())
            rows.writerows([each.get(key) for key in columns] for each in messages)
        return path

    def json(self, *messages: dict[str, Any], name: str = "log.json.gz") -> Path:
        """JSON lines of the messages."""
        path = self.root / name
        opened = gzip.open if name.endswith(".gz") else open
        with opened(path, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(each) + "\n" for each in messages)
        return path

    def text(self, content: str, name: str = "log.csv") -> Path:
        """A file of this content."""
        path = self.root / name
        path.write_text(content, encoding="utf-8", newline="")
        return path

    def read(self, *files: Path, templates: list[dict[str, Any]] | None = None, **settings: Any) -> Told:
        """What the reader makes of the files."""
        folder = self.root / "params" / "sources"
        (folder / "templates.yaml").write_text(
            yaml.safe_dump({"templates": templates or TEMPLATES}, allow_unicode=True), encoding="utf-8"
        )
        feed = validated(TwilioFeed, {"name": "sms", "reads": "twilio", "files": "*", **settings}, str)
        engine = duckdb.connect()
        engine.execute("SET TimeZone = 'UTC'")
        export = Export(engine, files, "feed0_", datetime(2026, 11, 16, tzinfo=UTC), self.root)
        return Told(read_twilio(export, feed), engine)

    def told(self, *messages: dict[str, Any], **settings: Any) -> Told:
        """What the reader makes of a CSV of the messages."""
        return self.read(self.csv(*messages), **settings)


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    """A project with the committed words of replies."""
    folder = tmp_path / "params" / "sources"
    folder.mkdir(parents=True)
    words = (HERE / "params" / "sources" / "reply_words.yaml").read_text(encoding="utf-8")
    (folder / "reply_words.yaml").write_text(words, encoding="utf-8")
    return Logs(tmp_path, count(1))


@pytest.fixture(scope="session")
def when() -> Callable[..., datetime]:
    """A moment so many hours and seconds after noon."""
    return at


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """A text of each template, and the numbers they go from and to."""
    return {
        "reminder": REMINDER,
        "invitation": INVITATION,
        "own": OWN,
        "other_own": OTHER_OWN,
        "patient": PATIENT,
        "neighbor": NEIGHBOR,
    }
