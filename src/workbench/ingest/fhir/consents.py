"""Consent resources: changes of consent, only where the settings name their category and scope."""

from workbench.ingest.fhir.accounts import account
from workbench.ingest.fhir.directory import PATIENT, found, person, reference
from workbench.ingest.fhir.macros import (
    CONCEPT,
    CONTAINED,
    PERIOD,
    REFERENCE,
    first_looked_up,
    quoted,
)
from workbench.ingest.fhir.ndjson import Stage
from workbench.ingest.fhir.settings import ConsentRule, ConsentSettings
from workbench.ingest.reading import Account

CONSENT = "Consent"
_COLUMNS = {
    "status": "VARCHAR",
    "scope": CONCEPT,
    "category": f"{CONCEPT}[]",
    "patient": REFERENCE,
    "dateTime": "VARCHAR",
    "policy": "STRUCT(uri VARCHAR)[]",
    "policyRule": CONCEPT,
    "provision": f"STRUCT(type VARCHAR, period {PERIOD}, provision STRUCT(type VARCHAR)[])",
    "contained": CONTAINED,
}
_TOLD = "person_kind, person_value, channel, purpose"


def stage_consents(stage: Stage) -> str:
    """Stage changes of consent.

    A permission ends with its period, or when it was last updated to be inactive; its end is an opt-out, unless a
    newer consent to the same had taken its place by then.
    """
    settings = stage.feed.consents
    chosen = f"""
        status, {_place(settings)} AS place, {_permits()} AS permits,
        len(provision.provision) > 0 AS excepted,
        {first_looked_up(settings.sources, "fhir_all_codes(category)")} AS told_source,
        {_wording(settings)} AS wording_version,
        coalesce(fhir_moment(dateTime, {stage.zone}), fhir_moment(provision.period."start", {stage.zone}))
            AS changed_at,
        fhir_until(provision.period."end", {stage.zone}) AS lasts_until,
        {reference("patient", PATIENT, "patient")}"""
    line = stage.lines(CONSENT, _COLUMNS, chosen)
    stage.make(
        CONSENT,
        f"""SELECT line.*, {person(stage)}, first_value(status) OVER newest AS last_status,
            row_number() OVER (PARTITION BY line.id, changed_at ORDER BY known_at DESC, line.rowid DESC) AS version,
            known_at = max(known_at) OVER (PARTITION BY line.id, changed_at) AS repeated,
            least(lasts_until, CASE WHEN status = 'inactive' THEN known_at END) AS ends_at
        FROM {line} AS line {found(stage, "patient", PATIENT)}
        WINDOW newest AS (PARTITION BY line.id ORDER BY known_at DESC, line.rowid DESC)""",
    )
    stage.make(CONSENT, f"SELECT *, {_DROPPED} AS dropped FROM {line}")
    changes = stage.make(
        "changes",
        f"""SELECT person_kind, person_value, {_of_rule(settings.rules, "told_channel")} AS channel,
            {_of_rule(settings.rules, "purpose")} AS purpose, {_of_rule(settings.rules, "reach")} AS scope,
            CASE WHEN permits AND status <> 'rejected' THEN 'opt_in' ELSE 'opt_out' END AS status,
            coalesce(told_source, {_of_rule(settings.rules, "source")}) AS source, wording_version, changed_at, ends_at
        FROM {line} WHERE dropped IS NULL""",
    )
    return stage.make(
        "consents",
        f"""SELECT * EXCLUDE (ends_at) FROM {changes}
        UNION ALL SELECT {_TOLD}, scope, 'opt_out', NULL, NULL, ends_at FROM {changes} AS ending
        WHERE status = 'opt_in' AND ends_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {changes} AS newer
            WHERE newer.person_kind = ending.person_kind AND newer.person_value = ending.person_value
            AND newer.channel = ending.channel AND newer.purpose = ending.purpose
            AND newer.changed_at > ending.changed_at AND newer.changed_at <= ending.ends_at)""",
    )


def consent_account(stage: Stage) -> Account:
    """The account of Consent resources."""
    permitted = "permits AND status <> 'rejected'"
    told = [
        ("inactive, which ends a permission at its last update", f"{permitted} AND status = 'inactive'"),
        ("permitting until an end", f"{permitted} AND lasts_until IS NOT NULL"),
        ("rejected, which is an opt-out", "status = 'rejected'"),
    ]
    return account(stage, stage.table(CONSENT), CONSENT, "consents", told=told, when="changed_at")


def _place(settings: ConsentSettings) -> str:
    """SQL of the first rule that names the category and scope, counted from 1; null where there is none."""
    cases = [
        f"WHEN list_contains(fhir_all_codes(category), {quoted(rule.category)}) "
        f"AND list_contains(fhir_codes(scope), {quoted(rule.scope)}) THEN {place}"
        for place, rule in enumerate(settings.rules, start=1)
    ]
    return f"CASE {' '.join(cases)} END" if cases else "NULL::BIGINT"


def _permits() -> str:
    """SQL of whether a consent permits: by the root provision or the policy rule; whatever denies, wins."""
    rules = "[c.code FOR c IN policyRule.coding]"
    return f"""CASE
        WHEN provision.type = 'deny' OR coalesce(list_has_any({rules}, ['OPTOUT', 'OPTOUTE']), false) THEN false
        WHEN provision.type = 'permit' OR coalesce(list_contains({rules}, 'OPTIN'), false) THEN true END"""


def _wording(settings: ConsentSettings) -> str:
    if not settings.wordings:
        return "NULL::VARCHAR"
    prefix = quoted(settings.wordings)
    cut = f"substr(p.uri, length({prefix}) + 1)"
    return f"[{cut} FOR p IN policy IF starts_with(p.uri, {prefix}) AND {cut} <> ''][1]"


def _of_rule(rules: tuple[ConsentRule, ...], name: str) -> str:
    """SQL of what the rule of a line says."""
    values = [getattr(rule, name) for rule in rules]
    told = ", ".join("NULL" if value is None else quoted(value) for value in values)
    return f"([{told}]::VARCHAR[])[place]" if values else "NULL::VARCHAR"


_DROPPED = """CASE WHEN id IS NULL THEN 'without an id'
    WHEN status = 'entered-in-error' OR last_status = 'entered-in-error' THEN 'entered in error'
    WHEN version > 1 AND repeated THEN 'repeating another line'
    WHEN version > 1 THEN 'an older version of the same resource'
    WHEN place IS NULL THEN 'of a category and scope that the settings do not name'
    WHEN status IN ('draft', 'proposed') THEN 'not in force yet'
    WHEN status IS NULL OR status NOT IN ('active', 'rejected', 'inactive')
        THEN 'with a status that FHIR R4 does not know'
    WHEN person_value IS NULL THEN 'whose patient cannot be told'
    WHEN changed_at IS NULL THEN 'without a date'
    WHEN permits IS NULL THEN 'that neither permits nor denies'
    WHEN permits AND excepted AND status <> 'rejected' THEN 'that permits with exceptions'
    WHEN permits AND status <> 'rejected' AND ends_at <= changed_at THEN 'that ended before it was given' END"""
