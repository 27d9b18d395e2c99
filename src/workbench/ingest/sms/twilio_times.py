"""Times as Twilio and those who handle its exports write them, made moments inside the engine.

ISO 8601 in bulk exports and CSV files, RFC 2822 in what the interface answers, either with a zone or without one.
"""

from workbench.ingest.sms.statements import literal

CLOCK = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
ZONED = CLOCK + r" ?(Z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)"
MAIL = "%a, %d %b %Y %H:%M:%S %z"


def without_zone(column: str) -> str:
    """An SQL expression: whether a time says no zone."""
    return f"(regexp_full_match({column}, {literal(CLOCK)}) IS TRUE)"


def moment(column: str, time_zone: str | None) -> str:
    """An SQL expression: the moment of a time, null where it is none.

    Args:
        column: an expression of text.
        time_zone: the zone of times that say none; without it they are no moments.
    """
    local = f"timezone({literal(time_zone)}, try_cast({column} AS TIMESTAMP))" if time_zone else "NULL"
    mail = f"try_strptime(regexp_replace({column}, ' (GMT|UTC|UT|Z)$', ' +0000'), {literal(MAIL)})"
    return (
        f"CASE WHEN regexp_full_match({column}, {literal(ZONED)}) THEN try_cast({column} AS TIMESTAMPTZ) "
        f"WHEN {without_zone(column)} THEN {local} ELSE {mail} END"
    )
