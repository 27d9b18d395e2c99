"""What identifies people in Patient resources: contact points with dates, and tokens that must stand in no report."""

from workbench.ingest.contact_points import email_sql, phone_sql
from workbench.ingest.fhir.directory import PATIENT
from workbench.ingest.fhir.ndjson import Stage

# A shorter address or number, or a number without a digit, could stand on any page.
SHORTEST_ADDRESS = 8
SHORTEST_NUMBER = 6


def stage_contacts(stage: Stage) -> str:
    """Stage phones and e-mail addresses; one of use "old" without an end lasted until it was known to be old."""
    phone = phone_sql("t.value", stage.feed.phone_country)
    return stage.make(
        "contacts",
        f"""SELECT DISTINCT 'fhir' AS person_kind, id AS person_value, kind, value, valid_from, valid_to FROM (
            SELECT id, CASE WHEN t.system IN ('phone', 'sms') THEN 'phone' ELSE 'email' END AS kind,
                CASE WHEN t.system IN ('phone', 'sms') THEN {phone} ELSE {email_sql("t.value")} END AS value,
                fhir_moment(t.period."start", {stage.zone}) AS valid_from,
                coalesce(fhir_until(t.period."end", {stage.zone}),
                    CASE WHEN t."use" = 'old' THEN known_at END) AS valid_to
            FROM (SELECT id, known_at, unnest(telecom) AS t FROM {stage.table(PATIENT)} WHERE dropped IS NULL)
            WHERE t.system IN ('phone', 'sms', 'email'))
        WHERE value IS NOT NULL""",
    )


def stage_watched(stage: Stage) -> str:
    """Stage full names, numbers, addresses and contact points of people and of their contact persons."""
    line, country = stage.table(PATIENT), stage.feed.phone_country
    names = "list_concat(coalesce(name, []), [c.name FOR c IN coalesce(contact, []) IF c.name IS NOT NULL])"
    points = (
        "list_concat(coalesce(telecom, []), flatten([coalesce(c.telecom, []) FOR c IN coalesce(contact, [])]))"
    )
    numbers = "list_append([i.value FOR i IN coalesce(identifier, [])], id)"
    return stage.make(
        "watched",
        f"""WITH names AS (SELECT unnest({names}) AS n FROM {line}),
        points AS (SELECT unnest({points}).value AS value FROM {line}),
        numbers AS (SELECT unnest({numbers}) AS value FROM {line}),
        lines AS (SELECT unnest(flatten([coalesce(a.line, []) FOR a IN address])) AS value FROM {line}),
        tokens AS (
            SELECT n.text AS token FROM names WHERE contains(trim(n.text), ' ')
            UNION ALL SELECT n.given[1] || ' ' || n.family FROM names
            UNION ALL SELECT array_to_string(n.given, ' ') || ' ' || n.family FROM names WHERE len(n.given) > 1
            UNION ALL SELECT coalesce({phone_sql("value", country)}, value) FROM points
            UNION ALL SELECT value FROM lines WHERE length(value) >= {SHORTEST_ADDRESS}
            UNION ALL SELECT value FROM numbers
            WHERE length(value) >= {SHORTEST_NUMBER} AND regexp_matches(value, '[0-9]')
        )
        SELECT DISTINCT trim(token) AS token FROM tokens WHERE trim(token) <> ''""",
    )
