"""Texts sent: the canonical messages, each described by the template it was made from."""

import duckdb

from workbench.ingest.sms.statements import literal
from workbench.ingest.sms.templates import Kind


def stage_messages(
    engine: duckdb.DuckDBPyConnection, log: str, templates: str, kind_of_unmatched: Kind | None, table: str
) -> None:
    """Stage the canonical messages.

    `known_at` is Twilio's last update. A CSV tells none: then a text counts as known when it was sent.

    Args:
        engine: where the tables stand.
        log: the staged log, see `stage_log`.
        templates: the staged registry.
        kind_of_unmatched: the kind of texts that no template matches; they are left out where it is None.
        table: what to stage.
    """
    unmatched = literal(kind_of_unmatched) if kind_of_unmatched else "NULL"
    engine.execute(f"""
        CREATE TABLE {table} AS
        SELECT "Sid" AS message_id, 'phone' AS person_kind, phone AS person_value, campaign_id,
            coalesce(kind, {unmatched}) AS kind, id AS template_id, tone, personalization,
            coalesce(named.length, log.length) AS length, cta, moment AS sent_at, status, error_code,
            coalesce(updated, moment) AS known_at, parts, price
        FROM {log} AS log LEFT JOIN {templates} AS named ON named.place = log.template
        WHERE way = 'sent' AND dropped IS NULL""")
