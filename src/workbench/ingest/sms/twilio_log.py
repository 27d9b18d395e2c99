"""Twilio's message log staged: a row per message without its text, but with what the text says."""

from collections.abc import Iterator

import duckdb

from workbench.ingest.contact_points import phone_sql
from workbench.ingest.reading import Export
from workbench.ingest.rounded import rounded_faults
from workbench.ingest.sms.reply_meaning import with_meaning
from workbench.ingest.sms.reply_words import Lexicon
from workbench.ingest.sms.settings import TwilioFeed
from workbench.ingest.sms.statements import listed, literal
from workbench.ingest.sms.template_matching import bare_text, fitting
from workbench.ingest.sms.templates import Templates
from workbench.ingest.sms.twilio_files import is_table, rows_of, unread
from workbench.ingest.sms.twilio_times import moment, without_zone
from workbench.refusal import Fault, Refused

# Twilio's status of a text sent: the canonical one.
STATUSES = {
    "delivered": "delivered",
    "read": "delivered",
    "partially_delivered": "delivered",
    "sent": "sent",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "canceled",
    "accepted": "pending",
    "scheduled": "pending",
    "queued": "pending",
    "sending": "pending",
}
# "Attempt to send to unsubscribed recipient": Twilio did not send.
BLOCKED = "21610"

OTHER_CHANNEL = "of another channel than text messages, such as WhatsApp"
FOREIGN = "of numbers that are not the provider's"
NO_SID = "without a Sid"
NO_PHONE = "to or from what is no phone number"
NO_TIME = "without a time"
REPEATED = "told by another row of the same Sid"
NO_TEMPLATE = "that no template matches"
NO_TEXT = "without a text, as those whose text was erased"
# Texts that the provider sent all the same, though they are in no table.
OURS = f"(dropped IS NULL OR dropped IN {listed((NO_TEMPLATE, NO_TEXT))})"


def stage_log(export: Export, feed: TwilioFeed, templates: Templates, words: Lexicon, table: str) -> None:
    """Stage all messages of the feed's files.

    The table has a row per message and no text: `file` (its place among the files), `Sid`, `From`, `To` (as written),
    `way` (sent, received or null), `phone` (the person's, E.164), `own` (the provider's number), `moment`, `updated`,
    `status`, `error_code`, `parts`, `price`, `price_unit`, `length`, `template` (a place in the templates' order),
    `templates` (how many matched), what `with_meaning` adds, and `dropped` (why it is left out; null for those used).

    Raises:
        Refused: files that are not sound, lack columns, hold lines that cannot be read, rounded identifiers, times
            without a zone where no rule is given, or words that Twilio does not know.
    """
    faults: list[Fault] = []
    for place, path in enumerate(export.files):
        try:
            rows = rows_of(path, knows_own_numbers=bool(feed.own_numbers))
            query = _typed(f"SELECT {place} AS file, * FROM ({rows})", feed, templates, words)
            begun = f"INSERT INTO {table}" if _is_there(export.engine, table) else f"CREATE TABLE {table} AS"
            export.engine.execute(f"{begun} {query}")
        except duckdb.InvalidInputException:
            faults.extend(unread(path).faults)
        except Refused as refused:
            faults.extend(refused.faults)
    if _is_there(export.engine, table):
        faults.extend(_rounded(export, table))
        faults.extend(_faults(export, feed, table))
    if faults:
        export.engine.execute(f"DROP TABLE IF EXISTS {table}")
        raise Refused(*faults)
    _drop_repeats(export.engine, table)


def _typed(rows: str, feed: TwilioFeed, templates: Templates, words: Lexicon) -> str:
    """The query that makes typed columns of a file's rows and lets go of the text."""
    way = f"SELECT *, {_way(feed)} AS way FROM ({rows})"
    sides = f"""
        SELECT *,
            CASE WHEN way = 'sent' THEN "to" WHEN way = 'received' THEN "from" END AS person,
            CASE WHEN way = 'sent' THEN {_number('"from"', feed)}
                 WHEN way = 'received' THEN {_number('"to"', feed)} END AS own,
            CASE WHEN way = 'sent' THEN {bare_text("body")} END AS sent_text,
            CASE WHEN way = 'received' THEN coalesce(body, '') END AS received_text
        FROM ({way})"""
    matched = f"""
        SELECT *, {phone_sql("person", feed.phone_country)} AS phone, {fitting("sent_text", templates)} AS fits,
            {moment('coalesce("date_sent", "date_created")', feed.time_zone)} AS moment,
            {moment('"date_updated"', feed.time_zone)} AS updated
        FROM ({sides})"""
    status = " ".join(f"WHEN {literal(word)} THEN {literal(put)}" for word, put in STATUSES.items())
    return f"""
        SELECT file, "sid" AS "Sid", "from" AS "From", "to" AS "To", way, phone, own, moment, updated,
            CASE WHEN error_code = '{BLOCKED}' THEN 'failed' ELSE CASE lower("status") {status} END END AS status,
            nullif(error_code, '0') AS error_code,
            nullif(try_cast(num_segments AS BIGINT), 0) AS parts,
            abs(try_cast(price AS DOUBLE)) AS price, upper(price_unit) AS price_unit,
            length(body)::BIGINT AS length, coalesce(trim(body), '') = '' AS empty,
            fits[1] AS template, len(fits) AS templates, distress, change, either, said,
            {_dropped(feed)} AS dropped,
            ({_unzoned()}) AS unzoned,
            (coalesce("date_sent", "date_created") IS NOT NULL AND moment IS NULL
                OR "date_updated" IS NOT NULL AND updated IS NULL) AND NOT ({_unzoned()}) AS untimed,
            way IS NULL AND ("direction" IS NOT NULL OR {"false" if feed.own_numbers else "true"}) AS undirected,
            way = 'sent' AND (lower("status") NOT IN {listed(tuple(STATUSES))}) IS NOT FALSE AS unknown_status,
            (num_segments IS NOT NULL AND try_cast(num_segments AS BIGINT) IS NULL)
                OR (price IS NOT NULL AND try_cast(price AS DOUBLE) IS NULL) AS unnumbered
        FROM ({with_meaning(matched, "received_text", words)})"""


def _way(feed: TwilioFeed) -> str:
    """Who wrote: told by the log, else by whose numbers are whose."""
    told = (
        "WHEN starts_with(lower(direction), 'outbound') OR starts_with(lower(direction), 'outgoing') THEN 'sent' "
        "WHEN lower(direction) IN ('inbound', 'incoming') THEN 'received'"
    )
    if not feed.own_numbers:
        return f"CASE {told} END"
    own = _own_numbers(feed)
    return (
        f"CASE {told} WHEN direction IS NOT NULL THEN NULL "
        f"WHEN {_number('"from"', feed)} IN {own} THEN 'sent' WHEN {_number('"to"', feed)} IN {own} THEN 'received' END"
    )


def _own_numbers(feed: TwilioFeed) -> str:
    return f"({', '.join(_number(literal(number), feed) for number in feed.own_numbers)})"


def _number(column: str, feed: TwilioFeed) -> str:
    """A phone number in one form; a short code or the name of a sender without spaces and in capitals."""
    return (
        f"coalesce({phone_sql(column, feed.phone_country)}, "
        f"nullif(upper(regexp_replace({column}, '[^0-9A-Za-z]', '', 'g')), ''))"
    )


def _dropped(feed: TwilioFeed) -> str:
    foreign = f"own NOT IN {_own_numbers(feed)}" if feed.own_numbers else "false"
    unmatched = (
        ""
        if feed.kind_of_unmatched
        else f"""
            WHEN way = 'sent' AND coalesce(trim(body), '') = '' THEN {literal(NO_TEXT)}
            WHEN way = 'sent' AND len(fits) = 0 THEN {literal(NO_TEMPLATE)}"""
    )
    sides = """(coalesce("from", '') || ' ' || coalesce("to", ''))"""
    return f"""CASE
            WHEN regexp_matches(regexp_replace({sides}, '(?i)(^| )(tel|sms):', ' ', 'g'), '(?i)(^| )[a-z_]+:')
                THEN {literal(OTHER_CHANNEL)}
            WHEN way IS NULL OR ({foreign}) THEN {literal(FOREIGN)}
            WHEN "sid" IS NULL THEN {literal(NO_SID)}
            WHEN phone IS NULL THEN {literal(NO_PHONE)}
            WHEN coalesce("date_sent", "date_created") IS NULL THEN {literal(NO_TIME)}{unmatched}
            END"""


def _unzoned() -> str:
    times = ('coalesce("date_sent", "date_created")', '"date_updated"')
    return " OR ".join(without_zone(column) for column in times)


def _is_there(engine: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = engine.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [table]).fetchone()
    return bool(found and found[0])


def _rounded(export: Export, table: str) -> Iterator[Fault]:
    for place, path in enumerate(export.files):
        if is_table(path):
            rows = f"(SELECT * FROM {table} WHERE file = {place})"
            yield from rounded_faults(export.engine, rows, ["From", "To", "Sid"], path.name)


def _faults(export: Export, feed: TwilioFeed, table: str) -> Iterator[Fault]:
    """What rows hold that this reader does not understand, by file."""
    zone = "Name the zone of such times under time_zone."
    again = "Export the log again, as Twilio writes it."
    checks = [
        ("untimed", "with a time that is neither ISO 8601 nor RFC 2822", again),
        ("undirected", "without a direction that Twilio knows", again),
        ("unknown_status", "sent with a status that Twilio does not know", again),
        ("unnumbered", "with segments or a price that is no number", again),
    ]
    if feed.time_zone is None:
        checks.insert(0, ("unzoned", "with a time that does not say its zone", zone))
    counts = ", ".join(f"count(*) FILTER ({column})" for column, _, _ in checks)
    counted = export.engine.execute(
        f'SELECT file, count("Sid"), count(*), {counts} FROM {table} GROUP BY file ORDER BY file'
    ).fetchall()
    for place, named, rows, *wrong in counted:
        where = export.files[place].name
        if not named:
            yield Fault(where, "no row has a Sid, so these are no messages of Twilio's.", again)
            continue
        for (column, what, mend), count in zip(checks, wrong, strict=True):
            if count:
                mixed = ", while others do" if column == "unzoned" and count < rows else ""
                there = "there is 1 message" if count == 1 else f"there are {count:,} messages"
                yield Fault(where, f"{there} {what}{mixed}.", mend)


def _drop_repeats(engine: duckdb.DuckDBPyConnection, table: str) -> None:
    """Of the rows of one message keep the one updated last, of equals the last of the last file."""
    engine.execute(
        f"""
        UPDATE {table} SET dropped = {literal(REPEATED)} WHERE rowid IN (
            SELECT rowid FROM (
                SELECT rowid, row_number() OVER (
                    PARTITION BY "Sid" ORDER BY updated DESC NULLS LAST, file DESC, rowid DESC) AS place
                FROM {table}
                WHERE "Sid" IN (SELECT "Sid" FROM {table} WHERE dropped IS NULL GROUP BY "Sid" HAVING count(*) > 1)
                    AND dropped IS NULL)
            WHERE place > 1)"""
    )
