"""FHIR resources of the simulated provider, as SQL that makes a line of JSON for each.

What FHIR has no code for has a code of the made-up provider's own, under its made-up address.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import product

from workbench.simulate.appointments import MODALITIES, TYPES
from workbench.simulate.consent_changes import CHANNELS, PURPOSES, SCOPES
from workbench.simulate.consents import SOURCES
from workbench.simulate.phases import PHASES
from workbench.simulate.population import THERAPIES

OWN = "https://northside.example/fhir/"
RECORDS = f"{OWN}record-number"
DO_NOT_TEXT = f"{OWN}do-not-text"
WORDINGS = f"{OWN}consent-wording/"
TIME_ZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope|patient-privacy"
ACT_CODES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CANCELATIONS = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
LOINC = "http://loinc.org"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
KEYWORD = "keyword"


def _own(kind: str, word: str) -> str:
    return f"{OWN}{kind}|{word.replace(' ', '-')}"


TYPE_CODES = {_own("appointment-type", word): word for word in TYPES}
MODALITY_CODES = {_own("modality", word): word for word in MODALITIES}
PHASE_CODES = {_own("treatment-phase", word): word for word in PHASES}
THERAPY_CODES = {_own("therapy", word): word for word in THERAPIES}
RESCHEDULED_CODES = {by: _own("cancelation", f"moved by {by}") for by in ("patient", "clinic")}
CONSENT_SOURCES = {_own("consent-source", word): word for word in SOURCES if word != KEYWORD}
CONSENT_CODES = {
    (channel, purpose, reach): _own("consent", f"{channel} {purpose} {reach}")
    for channel, purpose, reach in product(CHANNELS, PURPOSES, SCOPES)
}
DIAGNOSIS_CODES = {
    "depression": f"{ICD_10_CM}|F33.1",
    "anxiety": f"{ICD_10_CM}|F41.1",
    "trauma": f"{ICD_10_CM}|F43.10",
    "bipolar": f"{ICD_10_CM}|F31.9",
    "psychosis": f"{ICD_10_CM}|F20.9",
    "substance use": f"{ICD_10_CM}|F10.20",
}
ITEMS = {
    "PHQ-9": (
        "44249-1",
        ["44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"],
    ),
    "GAD-7": ("69737-5", ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"]),
}
ANSWERS = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")


def resources(exported_at: datetime) -> dict[str, str]:
    """SQL of the lines of each kind of resource, from the tables `patients`, `contacts`, `appointments`, ..."""
    at = f"TIMESTAMPTZ '{exported_at.astimezone(UTC).isoformat()}'"
    return {
        "Organization": _lines("Organization", "clinic_id", "clinic_id", "name: clinic_id", "clinics"),
        "Location": _locations(),
        "Practitioner": _practitioners(),
        "Patient": _patients(at),
        "EpisodeOfCare": _episodes(at),
        "Condition": _conditions(),
        "Appointment": _appointments(),
        "Consent": _consents(),
        "QuestionnaireResponse": _responses(),
    }


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _lines(kind: str, key: str, order: str, elements: str, source: str, updated: str = "NULL") -> str:
    """SQL of lines of JSON; elements that are null are left out."""
    struct = (
        f"{{resourceType: '{kind}', id: {key}, meta: CASE WHEN {updated} IS NOT NULL "
        f"THEN {{lastUpdated: {_moment(updated)}}} END, {elements}}}"
    )
    # Rows are sorted before they become text, which is many times their size.
    return f"SELECT json_merge_patch('{{}}', to_json({struct})) FROM (SELECT * FROM {source} ORDER BY {order})"


def _moment(when: str) -> str:
    return f"strftime(({when})::TIMESTAMPTZ, '%Y-%m-%dT%H:%M:%SZ')"


def _patient(key: str = "patient_id") -> str:
    """SQL of the id of a Patient: the health record's own, not the pseudonym."""
    return f"md5('patient ' || {key})"


def _concept(codes: Mapping[str, str], word: str) -> str:
    """SQL of a concept with the code of a word; null where the word is null."""
    return _coded(_chosen({word: code for code, word in codes.items()}, word))


def _chosen(values: Mapping[str, str], word: str) -> str:
    cases = " ".join(f"WHEN {literal(key)} THEN {literal(value)}" for key, value in values.items())
    return f"(CASE {word} {cases} ELSE error('a word without a code') END)"


def _coded(code: str) -> str:
    """SQL of a concept from `system|code`."""
    return f"{{coding: [{{system: split_part({code}, '|', 1), code: split_part({code}, '|', 2)}}]}}"


def _if(condition: str, value: str) -> str:
    return f"CASE WHEN {condition} THEN {value} END"


def _reference(kind: str, key: str) -> str:
    return _if(f"{key} IS NOT NULL", f"{{reference: '{kind}/' || {key}}}")


def _locations() -> str:
    zone = f"extension: [{{url: '{TIME_ZONE}', valueCode: time_zone}}]"
    above = f"managingOrganization: {_reference('Organization', 'clinic_id')}"
    return _lines(
        "Location", "'site-' || clinic_id", "clinic_id", f"{zone}, name: clinic_id, {above}", "clinics"
    )


def _practitioners() -> str:
    source = "(SELECT DISTINCT clinician_id FROM appointments WHERE clinician_id IS NOT NULL)"
    return _lines("Practitioner", "clinician_id", "clinician_id", "active: true", source)


def _patients(at: str) -> str:
    day = f"printf('-%02d-%02d', 1 + hash({_patient()}) % 12, 1 + hash({_patient()}) % 28)"
    elements = f"""
        extension: [to_json({{url: '{TIME_ZONE}', valueCode: time_zone}}),
            to_json({{url: '{DO_NOT_TEXT}', valueBoolean: do_not_text}})],
        identifier: [{{use: 'usual', type: {{coding: [{{
            system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR'}}]}},
            system: '{RECORDS}', value: record_number}}],
        name: [{{use: 'official', family: family, given: [given]}}],
        telecom: [{{system: 'phone', value: phone, use: 'mobile'}}, {{system: 'email', value: email, use: 'home'}}],
        gender: sex, birthDate: birth_year || {day},
        deceasedDateTime: {_moment("deceased_at")},
        communication: [{{language: {{coding: [{{system: 'urn:ietf:bcp:47', code: language}}]}}, preferred: true}}]"""
    return _lines(
        "Patient", _patient(), "patient_id", elements, "patients JOIN contacts USING (patient_id)", at
    )


def _episodes(at: str) -> str:
    """Care as a whole, and a phase of treatment each: once when it was known, and again when its end was."""
    concepts = {
        "phase": _concept(PHASE_CODES, "treatment_phase"),
        "therapy": _concept(THERAPY_CODES, "therapy_type"),
    }
    source = f"""(
        SELECT 'care ' || patient_id AS key, patient_id, NULL AS clinic_id, enrolled_at AS begins, ended_at AS ends,
            {_coded(literal(_own("episode", "care")))} AS phase, NULL AS therapy, {at} AS updated
        FROM patients WHERE enrolled_at IS NOT NULL
        UNION ALL SELECT key, patient_id, clinic_id, valid_from, unnest(ends), phase, therapy, unnest(updates)
        FROM (SELECT 'phase ' || patient_id || valid_from AS key, patient_id, clinic_id, valid_from,
            {_if("treatment_phase IS NOT NULL", concepts["phase"])} AS phase,
            {_if("therapy_type IS NOT NULL", concepts["therapy"])} AS therapy,
            CASE WHEN over IS NULL THEN [NULL] ELSE [NULL, over] END AS ends,
            CASE WHEN over IS NULL THEN [known_at] ELSE [known_at, told] END AS updates
            FROM (SELECT s.*, coalesce(lead(valid_from) OVER person, ended_at) AS over,
                coalesce(lead(known_at) OVER person, {at}) AS told
                FROM patient_states AS s JOIN patients USING (patient_id)
                WINDOW person AS (PARTITION BY patient_id ORDER BY valid_from))))"""
    elements = f"""
        status: CASE WHEN ends IS NULL THEN 'active' ELSE 'finished' END,
        type: [k FOR k IN [phase, therapy] IF k IS NOT NULL], patient: {_reference("Patient", _patient())},
        managingOrganization: {_reference("Organization", "clinic_id")},
        period: {{"start": {_moment("begins")}, "end": {_moment("ends")}}}"""
    return _lines("EpisodeOfCare", "md5(key)", "key, updated", elements, source, "updated")


def _conditions() -> str:
    """A diagnosis for as long as it stands unchanged in a person's states."""
    source = """(
        SELECT patient_id, diagnosis_group, run, min(valid_from) AS begins, min(known_at) AS recorded,
            lead(min(valid_from)) OVER person AS ends,
            coalesce(lead(min(known_at)) OVER person, min(known_at)) AS updated
        FROM (SELECT *, sum(turned::INTEGER) OVER (PARTITION BY patient_id ORDER BY valid_from) AS run FROM (
            SELECT *, diagnosis_group IS DISTINCT FROM lag(diagnosis_group) OVER (
                PARTITION BY patient_id ORDER BY valid_from) AS turned FROM patient_states))
        GROUP BY patient_id, diagnosis_group, run
        WINDOW person AS (PARTITION BY patient_id ORDER BY run)) WHERE diagnosis_group IS NOT NULL"""
    state = "CASE WHEN ends IS NULL THEN 'active' ELSE 'resolved' END"
    elements = f"""
        clinicalStatus: {{coding: [{{
            system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: {state}}}]}},
        verificationStatus: {{coding: [{{
            system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed'}}]}},
        code: {_coded(_chosen(DIAGNOSIS_CODES, "diagnosis_group"))},
        subject: {_reference("Patient", _patient())},
        onsetDateTime: {_moment("begins")}, abatementDateTime: {_moment("ends")},
        recordedDate: {_moment("recorded")}"""
    key = "md5('diagnosis ' || patient_id || run)"
    return _lines("Condition", key, "patient_id, run", elements, source, "updated")


def _appointments() -> str:
    statuses = {
        "scheduled": "booked",
        "attended": "fulfilled",
        "no_show": "noshow",
        **dict.fromkeys(("late_canceled", "canceled", "rescheduled"), "cancelled"),
    }
    called_off = {"patient": f"{CANCELATIONS}|pat", "clinic": f"{CANCELATIONS}|prov"}
    reason = (
        f"CASE WHEN canceled_by IS NULL THEN NULL WHEN status = 'rescheduled' "
        f"THEN {_coded(_chosen(RESCHEDULED_CODES, 'canceled_by'))} "
        f"ELSE {_coded(_chosen(called_off, 'canceled_by'))} END"
    )
    actors = ", ".join(
        f"{{actor: {_reference(kind, key)}, status: 'accepted'}}"
        for kind, key in (
            ("Patient", _patient()),
            ("Practitioner", "clinician_id"),
            ("Location", "'site-' || clinic_id"),
        )
    )
    # The SMS platform's key of the text through which it was booked.
    text = "[{reference: 'Communication/SM' || md5(message_id)}]"
    elements = f"""
        status: {_chosen(statuses, "status")}, cancelationReason: {reason},
        serviceType: {_if("modality IS NOT NULL", f"[{_concept(MODALITY_CODES, 'modality')}]")},
        appointmentType: {_if("type IS NOT NULL", _concept(TYPE_CODES, "type"))},
        supportingInformation: {_if("message_id IS NOT NULL", text)},
        "start": {_moment("starts_at")},
        "end": {_moment("starts_at + to_minutes(duration_minutes)")}, minutesDuration: duration_minutes,
        created: {_moment("booked_at")}, participant: [p FOR p IN [{actors}] IF p.actor IS NOT NULL]"""
    order = "appointment_id, known_at, status"
    return _lines("Appointment", "appointment_id", order, elements, "appointments", "known_at")


def _consents() -> str:
    kinds = " ".join(
        f"WHEN channel = '{channel}' AND purpose = '{purpose}' AND scope = '{reach}' THEN {literal(code)}"
        for (channel, purpose, reach), code in CONSENT_CODES.items()
    )
    source = (
        f"(SELECT *, CASE {kinds} ELSE error('a consent without a code') END AS kind FROM consents "
        f"WHERE source IS DISTINCT FROM '{KEYWORD}')"
    )
    rule = f"{ACT_CODES}|"
    came = _if("source IS NOT NULL", _concept(CONSENT_SOURCES, "source"))
    elements = f"""
        status: 'active', scope: {_coded(literal(CONSENT_SCOPE))},
        category: [k FOR k IN [{_coded("kind")}, {came}] IF k IS NOT NULL],
        patient: {_reference("Patient", _patient())}, dateTime: {_moment("changed_at")},
        policy: {_if("wording_version IS NOT NULL", f"[{{uri: '{WORDINGS}' || wording_version}}]")},
        policyRule: {_coded(f"CASE status WHEN 'opt_in' THEN '{rule}OPTIN' ELSE '{rule}OPTOUT' END")}"""
    key = "md5(concat_ws(' ', 'consent', patient_id, kind, status, source, changed_at))"
    return _lines("Consent", key, "patient_id, changed_at, kind", elements, source, "changed_at")


def _responses() -> str:
    """Answers that were not given through a text: the items' answers, which add up to the score."""
    panels = _chosen({name: panel for name, (panel, _) in ITEMS.items()}, "instrument")
    items = " ".join(
        f"WHEN '{name}' THEN [{', '.join(_item(code, place, len(codes)) for place, code in enumerate(codes))}]"
        for name, (_, codes) in ITEMS.items()
    )
    known = ", ".join(map(literal, ITEMS))
    elements = f"""
        questionnaire: '{LOINC}/q/' || {panels}, status: 'completed', subject: {_reference("Patient", _patient())},
        authored: {_moment("responded_at")}, item: CASE instrument {items} END"""
    source = f"(SELECT * FROM surveys WHERE message_id IS NULL AND instrument IN ({known}))"
    return _lines("QuestionnaireResponse", "response_id", "response_id", elements, source, "responded_at")


def _item(code: str, place: int, count: int) -> str:
    answers = f"[{', '.join(map(literal, ANSWERS))}]"
    value = f"(score::INTEGER // {count} + ({place} < score::INTEGER % {count})::INTEGER)"
    return (
        f"{{linkId: '/{code}', answer: [{{valueCoding: {{system: '{LOINC}', code: {answers}[1 + {value}]}}}}]}}"
    )
