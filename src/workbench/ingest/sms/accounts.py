"""What became of a log's messages, told in numbers."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import duckdb

from workbench.ingest.reading import Account, Reason
from workbench.ingest.sms.consents import CHANGES
from workbench.ingest.sms.replies import HOURS
from workbench.ingest.sms.twilio_log import BLOCKED

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SENT_TOLD = {
    "dropped IS NULL AND templates > 1": "that several templates match; the one with the most written text counts",
    "dropped IS NULL AND templates = 0": "that no template matches, kept under the kind the source file names",
    "dropped IS NULL AND updated IS NULL": "without a last update, known from when they were sent",
    "dropped IS NULL AND price > 0 AND price_unit <> 'USD'": "priced in another currency than US dollars",
    f"dropped IS NULL AND error_code = '{BLOCKED}'": f"that the platform refused to send (error {BLOCKED})",
}
REPLIES_TOLD = {
    "answers IS NULL AND NOT unmatched": f"to no text of the last {HOURS} hours",
    "unmatched": "to a text that was left out",
    "empty": "without a text, such as a picture",
    "distress": "with words of distress",
    "either AND to_confirm": "that may change consent or be an answer",
}


def log_accounts(engine: duckdb.DuckDBPyConnection, staged: Mapping[str, str]) -> tuple[Account, ...]:
    """The accounts of texts sent, replies, changes of consent, and of what is neither sent nor received.

    Args:
        engine: where the tables stand.
        staged: the staged tables `log`, `links`, `changes` by these names.
    """
    log = staged["log"]
    sent = _account(
        engine, log, "messages sent", "messages", "sent", _told(engine, log, SENT_TOLD, "way = 'sent'")
    )
    replies = _account(
        engine, log, "replies", "replies", "received", _told(engine, staged["links"], REPLIES_TOLD, "true")
    )
    neither = _account(engine, log, "messages of others", None, None, ())
    found = (sent, replies, _changes(engine, staged["changes"]), neither)
    return found if neither.read else found[:-1]


def _account(
    engine: duckdb.DuckDBPyConnection,
    log: str,
    records: str,
    table: str | None,
    way: str | None,
    told: tuple[Reason, ...],
) -> Account:
    where = f"way = '{way}'" if way else "way IS NULL"
    counted = engine.execute(
        f"SELECT dropped, count(*) FROM {log} WHERE {where} GROUP BY dropped ORDER BY 2 DESC, 1"
    ).fetchall()
    rows = dict(counted)
    begins, ends = _span(engine, f"{log} WHERE {where} AND dropped IS NULL")
    return Account(
        records=records,
        table=table,
        read=sum(rows.values()),
        used=rows.pop(None, 0),
        dropped=tuple(Reason(reason, count) for reason, count in rows.items()),
        told=told,
        begins=begins,
        ends=ends,
    )


def _changes(engine: duckdb.DuckDBPyConnection, changes: str) -> Account:
    told = _told(engine, changes, {f"how = '{how}'": words for how, words in CHANGES.items()}, "true")
    count = sum(reason.rows for reason in told)
    begins, ends = _span(engine, changes)
    return Account("changes of consent", "consents", count, count, (), told, begins, ends)


def _told(
    engine: duckdb.DuckDBPyConnection, table: str, reasons: Mapping[str, str], where: str
) -> tuple[Reason, ...]:
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in reasons)
    found = engine.execute(f"SELECT {counts} FROM {table} WHERE {where}").fetchone() or ()
    return tuple(Reason(words, count) for words, count in zip(reasons.values(), found, strict=True) if count)


def _span(engine: duckdb.DuckDBPyConnection, rows: str) -> tuple[datetime | None, datetime | None]:
    found = engine.execute(f"SELECT epoch_us(min(moment)), epoch_us(max(moment)) FROM {rows}").fetchone() or (
        None,
        None,
    )
    begins, ends = (None if each is None else BEGINNING + timedelta(microseconds=each) for each in found)
    return begins, ends
