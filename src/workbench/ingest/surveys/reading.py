"""Exports of survey tools staged: read record by record, so that nothing but what is kept enters the engine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import batched, chain, islice
from pathlib import Path

import duckdb
import pyarrow as pa

from workbench.ingest.person import Person
from workbench.ingest.reading import Account, Export, Reading, Reason
from workbench.ingest.surveys.form import ReadForm
from workbench.ingest.surveys.responses import Responses, SurveyRow, Tally
from workbench.ingest.surveys.settings import SurveyFeed
from workbench.refusal import Fault, Refused
from workbench.tables.files import sound_csv
from workbench.tables.records import csv_records

ROWS_AT_ONCE = 50_000
STAGED = pa.schema(
    [
        ("person_value", pa.string()),
        ("response_id", pa.string()),
        ("message_id", pa.string()),
        ("instrument", pa.string()),
        ("score", pa.float64()),
        ("responded_at", pa.timestamp("us", tz="UTC")),
    ]
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_surveys(export: Export, feed: SurveyFeed, read_form: ReadForm) -> Reading:
    """Stage the answers that a feed's settings name.

    Args:
        export: the feed's files.
        feed: its settings.
        read_form: how the tool lays out a file.

    Raises:
        Refused: with every fault of every file; nothing is staged then.
    """
    staged, batch, tally = f"{export.prefix}surveys", f"{export.prefix}batch", Tally()
    faults: list[Fault] = []
    kind = feed.person.kind if isinstance(feed.person, Person) else "record"
    message = ", message_id" if feed.message_id is not None else ""
    columns = f"'{kind}' AS person_kind, person_value, response_id{message}, instrument, score, responded_at"
    files = chain.from_iterable(_rows(path, feed, read_form, tally, faults) for path in export.files)
    # The first batch is empty and makes the table, whatever comes.
    for number, rows in enumerate(chain([()], batched(files, ROWS_AT_ONCE))):
        export.engine.register(batch, pa.table(_columns(rows), schema=STAGED))
        into = f"CREATE TABLE {staged} AS" if number == 0 else f"INSERT INTO {staged}"
        export.engine.execute(f"{into} SELECT {columns} FROM {batch}")
        export.engine.unregister(batch)
    if faults:
        export.engine.execute(f"DROP TABLE {staged}")
        raise Refused(*faults)
    begins, ends = _span(export.engine, staged)
    account = Account(
        records="responses",
        table="surveys",
        read=tally.read,
        used=tally.used,
        dropped=tuple(Reason(reason, rows) for reason, rows in tally.dropped.items()),
        told=tuple(Reason(reason, rows) for reason, rows in tally.told.items()),
        begins=begins,
        ends=ends,
    )
    watched = f"{export.prefix}watched"
    export.engine.execute(f"CREATE TABLE {watched} AS SELECT DISTINCT person_value AS token FROM {staged}")
    return Reading({"surveys": staged}, (account,), watched=watched)


def _rows(
    path: Path, feed: SurveyFeed, read_form: ReadForm, tally: Tally, faults: list[Fault]
) -> Iterator[SurveyRow]:
    """The rows that a file gives; what is wrong with it is added to the faults."""
    try:
        with sound_csv(path, path.name) as csv:
            form = read_form(csv, path.name)
            responses = Responses(form, feed, tally)
            for record in islice(csv_records(csv, path.name), form.header_rows, None):
                yield from responses.rows(record)
            faults += responses.faults()
    except Refused as refused:
        faults += refused.faults


def _columns(rows: tuple[SurveyRow, ...]) -> list[tuple[object, ...]]:
    return list(zip(*rows, strict=True)) if rows else [() for _ in STAGED]


def _span(engine: duckdb.DuckDBPyConnection, staged: str) -> tuple[datetime | None, datetime | None]:
    query = f"SELECT epoch_us(min(responded_at)), epoch_us(max(responded_at)) FROM {staged}"
    first, last = engine.execute(query).fetchone() or (None, None)
    return _moment(first), _moment(last)


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)
