"""FHIR's data types in SQL: their shapes for the JSON reader, and macros that read moments, codes and references.

Only what is declared here is read; names that stand beside a code or reference (`display`, `text`) are not.
"""

from collections.abc import Mapping

import duckdb

CODING = "STRUCT(system VARCHAR, code VARCHAR)"
CONCEPT = f"STRUCT(coding {CODING}[])"
PERIOD = 'STRUCT("start" VARCHAR, "end" VARCHAR)'
IDENTIFIER = f'STRUCT("use" VARCHAR, system VARCHAR, value VARCHAR, type {CONCEPT}, period {PERIOD})'
REFERENCE = "STRUCT(reference VARCHAR, type VARCHAR, identifier STRUCT(system VARCHAR, value VARCHAR))"
CONTAINED = "STRUCT(id VARCHAR, resourceType VARCHAR, identifier STRUCT(system VARCHAR, value VARCHAR)[])[]"
META = "STRUCT(lastUpdated VARCHAR)"

# FHIR R4, data types: dateTime (a year, a month, a day, or a full moment with its offset) and Period (an end
# includes every moment that matches it, so that the end "2014" lasts until 2015).
_MOMENTS = r"""
CREATE OR REPLACE TEMP MACRO fhir_local(given, zone) AS timezone(zone, try_cast(given AS TIMESTAMP));
CREATE OR REPLACE TEMP MACRO fhir_instant(given, zone) AS CASE
    WHEN regexp_matches(given, 'T.*(Z|[+-][0-9]{2}:?[0-9]{2})$') THEN
        try_cast(regexp_replace(given, '(T[0-9]{2}:[0-9]{2})(Z|[+-].*)$', '\1:00\2') AS TIMESTAMPTZ)
    WHEN regexp_matches(given, 'T') THEN fhir_local(given, zone)
END;
CREATE OR REPLACE TEMP MACRO fhir_day(given) AS CASE
    WHEN regexp_full_match(given, '[0-9]{4}') THEN given || '-01-01'
    WHEN regexp_full_match(given, '[0-9]{4}-[0-9]{2}') THEN given || '-01'
    WHEN regexp_full_match(given, '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN given
END;
CREATE OR REPLACE TEMP MACRO fhir_moment(given, zone) AS
    coalesce(fhir_instant(given, zone), fhir_local(fhir_day(given), zone));
CREATE OR REPLACE TEMP MACRO fhir_until(given, zone) AS coalesce(
    fhir_instant(given, zone),
    timezone(zone, try_cast(fhir_day(given) AS TIMESTAMP) + CASE length(given)
        WHEN 4 THEN INTERVAL 1 YEAR WHEN 7 THEN INTERVAL 1 MONTH ELSE INTERVAL 1 DAY END)
);
"""

_CODES = """
CREATE OR REPLACE TEMP MACRO fhir_codes(concept) AS
    [coalesce(c.system, '') || '|' || c.code FOR c IN concept.coding IF c.code IS NOT NULL];
CREATE OR REPLACE TEMP MACRO fhir_all_codes(concepts) AS flatten([coalesce(fhir_codes(k), []) FOR k IN concepts]);
"""

# A reference leads to a resource by its id (relative or absolute), or by a key to look it up with: `system|value` of
# a conditional reference, a logical one or a contained resource, or the id in a urn.
_REFERENCES = r"""
CREATE OR REPLACE TEMP MACRO fhir_token(identifier) AS
    CASE WHEN identifier.value IS NOT NULL THEN coalesce(identifier.system, '') || '|' || identifier.value END;
CREATE OR REPLACE TEMP MACRO fhir_outside(ref, contained) AS CASE
    WHEN starts_with(ref.reference, '#') THEN [
        {'reference': NULL::VARCHAR, 'type': c.resourceType, 'identifier': c.identifier[1]}
        FOR c IN contained IF '#' || c.id = ref.reference
    ][1]
    ELSE ref
END;
CREATE OR REPLACE TEMP MACRO fhir_id(ref, kind) AS nullif(
    regexp_extract(ref.reference, '(?:^|/)' || kind || '/([A-Za-z0-9.-]{1,64})(?:/_history/[^/]*)?$', 1), '');
CREATE OR REPLACE TEMP MACRO fhir_conditional(ref, kind) AS url_decode(nullif(
    regexp_extract(ref.reference, '(?:^|/)' || kind || '\?(?:.*&)?identifier=([^&]+)', 1), ''));
CREATE OR REPLACE TEMP MACRO fhir_key(ref, kind) AS coalesce(
    fhir_conditional(ref, kind),
    nullif(regexp_extract(ref.reference, '^urn:(?:uuid|oid):(.+)$', 1), ''),
    CASE WHEN ref.reference IS NULL AND coalesce(ref.type, kind) = kind THEN fhir_token(ref.identifier) END
);
CREATE OR REPLACE TEMP MACRO fhir_names(ref, kind) AS coalesce(
    fhir_id(ref, kind) IS NOT NULL OR fhir_conditional(ref, kind) IS NOT NULL OR ref.type = kind, false);
"""


def define_macros(engine: duckdb.DuckDBPyConnection) -> None:
    """Define the macros for this connection."""
    engine.execute(_MOMENTS + _CODES + _REFERENCES)


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def looked_up[K: str](mapping: Mapping[K, str], key: str) -> str:
    """SQL for the value of a mapping at a key, an expression of text; null where there is none."""
    if not mapping:
        return "NULL::VARCHAR"
    keys, values = ", ".join(map(quoted, mapping)), ", ".join(map(quoted, mapping.values()))
    return f"MAP([{keys}], [{values}])[{key}]"


def first_looked_up[K: str](mapping: Mapping[K, str], keys: str) -> str:
    """SQL for the value at the first of several keys, an expression of a list, that the mapping has."""
    found = looked_up(mapping, "k")
    return f"[{found} FOR k IN {keys} IF {found} IS NOT NULL][1]"
