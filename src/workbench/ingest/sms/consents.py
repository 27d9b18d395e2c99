"""Changes of consent that a log tells: words of withdrawal and of return, and blocks by the platform."""

import duckdb

from workbench.ingest.sms.twilio_log import BLOCKED, OURS

CHANGES = {
    "withdrawal": "by a word of withdrawal",
    "returns": "by a word of return",
    "block": f"by the platform's block (error {BLOCKED}), once for each run of them",
}


def stage_changes(engine: duckdb.DuckDBPyConnection, log: str, links: str, table: str) -> None:
    """Stage the changes of consent, in the words that they were made by.

    - Every word of withdrawal is a change, and every word of return but those that may be a confirmation: such a
      "yes" brings back only a phone that the log tells to be out, by a word or a block.
    - Texts that the platform refused to send tell of a block: one change for each run of them, until a return.

    Args:
        engine: where the tables stand.
        log: the staged log.
        links: the replies, see `stage_links`.
        table: what to stage: `Sid` (of the message that tells of it), `phone`, `moment`, `how` (withdrawal, returns,
            block).
    """
    engine.execute(f"""
        CREATE TABLE {table} AS
        WITH events AS (
            SELECT "Sid", phone, moment, change AS how, either FROM {links} WHERE change IS NOT NULL
            UNION ALL
            SELECT "Sid", phone, moment, 'block', false FROM {log}
            WHERE way = 'sent' AND error_code = '{BLOCKED}' AND phone IS NOT NULL AND moment IS NOT NULL
                AND {OURS}),
        followed AS (
            SELECT *,
                lag(how) OVER each_phone AS before,
                last_value(CASE WHEN how IN ('block', 'returns') THEN how END IGNORE NULLS) OVER (
                    PARTITION BY phone ORDER BY moment, "Sid" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last
            FROM events WINDOW each_phone AS (PARTITION BY phone ORDER BY moment, "Sid"))
        SELECT "Sid", phone, moment, how FROM followed
        WHERE CASE how
            WHEN 'withdrawal' THEN true
            WHEN 'returns' THEN NOT either OR before IN ('withdrawal', 'block')
            ELSE last IS DISTINCT FROM 'block' END""")


def stage_consents(engine: duckdb.DuckDBPyConnection, changes: str, table: str) -> None:
    """Stage the canonical consents: whoever withdraws, withdraws from all texts; whoever returns, to those for care."""
    engine.execute(f"""
        CREATE TABLE {table} AS
        SELECT 'phone' AS person_kind, phone AS person_value, 'sms' AS channel, 'care' AS purpose,
            CASE how WHEN 'returns' THEN 'this_kind' ELSE 'all' END AS scope,
            CASE how WHEN 'returns' THEN 'opt_in' ELSE 'opt_out' END AS status,
            CASE how WHEN 'block' THEN 'platform_block' ELSE 'keyword' END AS source,
            moment AS changed_at
        FROM {changes}""")
