"""Replies: which text each answers, and what it means as an answer."""

import duckdb

from workbench.ingest.sms.twilio_log import OURS

HOURS = 72


def stage_links(engine: duckdb.DuckDBPyConnection, log: str, templates: str, table: str) -> None:
    """Stage every reply with the text it answers, if any, and the state of consent it was written in.

    A reply belongs to the last text that went from the number it was written to, came to the phone, with a receipt or
    without, and left earlier than the reply, by `HOURS` at most. No reply answers a text of its own second: what a
    platform sends by itself in answer to a reply may carry the same.

    Args:
        engine: where the tables stand.
        log: the staged log, see `stage_log`.
        templates: the staged registry.
        table: what to stage: `Sid`, `phone`, `moment`, `answers` (the text's Sid), `unmatched` (whether the last text
            is one that was left out, so that the reply answers no text of the tables), `to_confirm` (whether that
            text may be answered by a word that changes consent), `said`, `distress`, `change`, `either`, `empty`.
    """
    engine.execute(f"""
        CREATE TABLE {table} AS
        WITH talks AS (
            SELECT "Sid", way, phone, own, moment, dropped, template, said, distress, change, either, empty,
                CASE WHEN way = 'sent' THEN {{'Sid': "Sid", 'moment': moment, 'dropped': dropped IS NOT NULL,
                    'template': template}} END AS text
            FROM {log}
            WHERE phone IS NOT NULL AND moment IS NOT NULL
                AND phone IN (SELECT phone FROM {log} WHERE way = 'received' AND dropped IS NULL)
                AND (way = 'received' AND dropped IS NULL
                    OR way = 'sent' AND status IN ('delivered', 'sent') AND {OURS})),
        followed AS (
            SELECT *, last_value(text IGNORE NULLS) OVER (
                PARTITION BY phone, own ORDER BY moment, way = 'sent', "Sid"
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last
            FROM talks),
        answering AS (
            SELECT * EXCLUDE (last),
                CASE WHEN moment <= last.moment + INTERVAL {HOURS} HOURS THEN last END AS last
            FROM followed WHERE way = 'received')
        SELECT answering."Sid", phone, moment,
            CASE WHEN NOT last.dropped THEN last."Sid" END AS answers,
            coalesce(last.dropped, false) AS unmatched,
            coalesce({templates}.to_confirm, false) AS to_confirm,
            said, distress, change, either, empty
        FROM answering LEFT JOIN {templates} ON {templates}.place = last.template""")


def stage_replies(engine: duckdb.DuckDBPyConnection, links: str, changes: str, table: str) -> None:
    """Stage the canonical replies.

    A word that may be both counts as the answer where the text may be answered by it. Elsewhere "cancel" is a STOP,
    and a "yes" that brought somebody back is nothing else; any other "yes" is a confirmation.

    Args:
        engine: where the tables stand.
        links: the replies, see `stage_links`.
        changes: the changes of consent, see `stage_changes`.
        table: what to stage.
    """
    engine.execute(f"""
        CREATE TABLE {table} AS
        SELECT "Sid" AS reply_id, answers AS message_id, 'phone' AS person_kind, phone AS person_value,
            moment AS received_at,
            CASE WHEN said IN ('cancel', 'confirm') AND either AND NOT to_confirm THEN
                    CASE WHEN change = 'withdrawal' THEN 'stop'
                         WHEN "Sid" IN (SELECT "Sid" FROM {changes}) THEN 'other'
                         ELSE said END
                 ELSE said END AS intent
        FROM {links}""")


def stage_ambiguous(engine: duckdb.DuckDBPyConnection, links: str, changes: str, table: str) -> None:
    """Stage the list of replies that changed consent and may as well be an answer."""
    engine.execute(f"""
        CREATE TABLE {table} AS
        SELECT 'phone' AS person_kind, phone AS person_value, moment AS "at", "Sid" AS about
        FROM {links} WHERE either AND to_confirm AND "Sid" IN (SELECT "Sid" FROM {changes})""")


def stage_distress(engine: duckdb.DuckDBPyConnection, links: str, table: str) -> None:
    """Stage the list of replies with words of distress."""
    engine.execute(f"""
        CREATE TABLE {table} AS
        SELECT 'phone' AS person_kind, phone AS person_value, moment AS "at", "Sid" AS about
        FROM {links} WHERE distress""")
