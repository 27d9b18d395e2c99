"""Condition resources: from when to when a person was in a diagnosis group, and when each was known."""

from workbench.ingest.fhir.accounts import account
from workbench.ingest.fhir.directory import PATIENT, found, person, reference
from workbench.ingest.fhir.macros import CONCEPT, CONTAINED, PERIOD, REFERENCE, quoted
from workbench.ingest.fhir.ndjson import Stage
from workbench.ingest.fhir.patients import SUPERSEDED
from workbench.ingest.reading import Account

CONDITION = "Condition"
_COLUMNS = {
    "clinicalStatus": CONCEPT,
    "verificationStatus": CONCEPT,
    "code": CONCEPT,
    "subject": REFERENCE,
    "onsetDateTime": "VARCHAR",
    "onsetPeriod": PERIOD,
    "abatementDateTime": "VARCHAR",
    "abatementPeriod": PERIOD,
    "recordedDate": "VARCHAR",
    "contained": CONTAINED,
}


def stage_diagnoses(stage: Stage) -> str:
    """Stage spans of diagnosis groups.

    Columns: the person, `place` (the group's order of precedence), `diagnosis_group`, `valid_from` and `known_at`
    of the begin, `ends_at` and `end_known_at` (null while it lasts). A remission does not end a group: care goes on.
    """
    chosen = f"""
        fhir_codes(code) AS codes, clinicalStatus.coding[1].code AS clinical,
        verificationStatus.coding[1].code AS verified,
        fhir_moment(recordedDate, {stage.zone}) AS recorded_at,
        coalesce(fhir_moment(onsetDateTime, {stage.zone}), fhir_moment(onsetPeriod."start", {stage.zone})) AS onset_at,
        coalesce(fhir_until(abatementDateTime, {stage.zone}), fhir_until(abatementPeriod."end", {stage.zone}))
            AS abated_at,
        {reference("patient", PATIENT, "subject")}"""
    line = stage.lines(CONDITION, _COLUMNS, chosen)
    stage.make(
        CONDITION,
        f"SELECT *, {SUPERSEDED} AS superseded, min(known_at) OVER (PARTITION BY id) AS first_known_at FROM {line}",
    )
    stage.make(
        CONDITION,
        f"""SELECT *, {_DROPPED} AS dropped FROM (
            SELECT line.*, {person(stage)}, {_place(stage)} AS place FROM {line} AS line
            {found(stage, "patient", PATIENT)})""",
    )
    groups = ", ".join(quoted(each.group) for each in stage.feed.states.diagnosis_groups) or "NULL"
    known = "coalesce(recorded_at, first_known_at)"
    ends = "coalesce(abated_at, CASE WHEN clinical IN ('inactive', 'resolved') THEN known_at END)"
    return stage.make(
        "diagnoses",
        f"""SELECT person_kind, person_value, place, [{groups}][place] AS diagnosis_group,
            coalesce(onset_at, {known}) AS valid_from, {known} AS known_at,
            {ends} AS ends_at, CASE WHEN {ends} IS NOT NULL THEN greatest(known_at, {known}) END AS end_known_at
        FROM {line} WHERE dropped IS NULL""",
    )


def condition_account(stage: Stage) -> Account:
    """The account of Condition resources."""
    told = [("not confirmed", "verified IN ('unconfirmed', 'provisional', 'differential')")]
    when = "coalesce(onset_at, recorded_at, known_at)"
    return account(stage, stage.table(CONDITION), CONDITION, "patient_states", told=told, when=when)


def _place(stage: Stage) -> str:
    """SQL of the first group that one of the codes belongs to, counted from 1; null where there is none."""
    cases = [
        f"WHEN len([c FOR c IN line.codes IF {' OR '.join(_is(code) for code in each.codes)}]) > 0 THEN {place}"
        for place, each in enumerate(stage.feed.states.diagnosis_groups, start=1)
    ]
    return f"CASE {' '.join(cases)} END" if cases else "NULL::BIGINT"


def _is(code: str) -> str:
    return f"starts_with(c, {quoted(code[:-1])})" if code.endswith("*") else f"c = {quoted(code)}"


_DROPPED = """CASE WHEN superseded IS NOT NULL THEN superseded
    WHEN verified = 'entered-in-error' THEN 'entered in error'
    WHEN verified = 'refuted' THEN 'refuted'
    WHEN place IS NULL THEN 'in no diagnosis group of the settings'
    WHEN person_value IS NULL THEN 'whose patient cannot be told' END"""
