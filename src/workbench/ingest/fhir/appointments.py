"""Appointment resources: every version of an appointment, a row per patient."""

from workbench.ingest.fhir.accounts import account
from workbench.ingest.fhir.directory import (
    LOCATION,
    PATIENT,
    PRACTITIONER,
    clinic,
    found,
    person,
    reference,
    resolved,
)
from workbench.ingest.fhir.macros import (
    CONCEPT,
    CONTAINED,
    REFERENCE,
    first_looked_up,
    looked_up,
    quoted,
)
from workbench.ingest.fhir.ndjson import Stage
from workbench.ingest.fhir.settings import APPOINTMENT_STATUSES, CANCELATION_SYSTEM, AppointmentSettings
from workbench.ingest.reading import Account

APPOINTMENT = "Appointment"
NOT_BOOKED = ("proposed", "pending", "waitlist")
_COLUMNS = {
    "status": "VARCHAR",
    "cancelationReason": CONCEPT,
    "serviceCategory": f"{CONCEPT}[]",
    "serviceType": f"{CONCEPT}[]",
    "appointmentType": CONCEPT,
    "supportingInformation": f"{REFERENCE}[]",
    "start": "VARCHAR",
    "end": "VARCHAR",
    "minutesDuration": "BIGINT",
    "created": "VARCHAR",
    "participant": f"STRUCT(actor {REFERENCE}, required VARCHAR)[]",
    "contained": CONTAINED,
}


def stage_appointments(stage: Stage) -> tuple[str, str]:
    """Stage appointments, and the keys of those that were entered in error; the names of both tables."""
    settings = stage.feed.appointments
    codes = (
        "list_concat(list_concat(coalesce(fhir_codes(appointmentType), []), "
        "coalesce(fhir_all_codes(serviceType), [])), coalesce(fhir_all_codes(serviceCategory), []))"
    )
    chosen = f"""
        status, participant, contained,
        fhir_moment("start", {stage.zone}) AS starts_at, fhir_moment("end", {stage.zone}) AS ends_at,
        fhir_moment(created, {stage.zone}) AS booked_at, minutesDuration AS minutes,
        "start" IS NOT NULL AS start_told, meta.lastUpdated IS NOT NULL AS updated,
        {_type(settings, codes)} AS type, {first_looked_up(settings.modalities, codes)} AS modality,
        {_canceled_by(settings)} AS canceled_by, {_rescheduled(settings)} AS rescheduled,
        [fhir_id(r, 'Communication') FOR r IN supportingInformation
            IF fhir_id(r, 'Communication') IS NOT NULL][1] AS message_id"""
    line = stage.lines(APPOINTMENT, _COLUMNS, chosen)
    stage.make(
        APPOINTMENT,
        f"""SELECT *, rowid AS line, min(known_at) FILTER (status = 'cancelled') OVER (PARTITION BY id) AS canceled_at,
            row_number() OVER (PARTITION BY id, known_at ORDER BY rowid DESC) > 1 AS repeated,
            first_value(status) OVER (PARTITION BY id ORDER BY known_at DESC, rowid DESC) AS last_status FROM {line}""",
    )
    patients = _participants(stage)
    stage.make(APPOINTMENT, f"SELECT line.*, {_dropped(stage)} AS dropped FROM {line} AS line")
    staged = stage.make("appointments", _rows(stage, patients))
    return staged, _retracted(stage, patients)


def appointment_account(stage: Stage) -> Account:
    """The account of Appointment resources."""
    several = f"line IN (SELECT line FROM {stage.table('patients_of')} GROUP BY line HAVING count(*) > 1)"
    unplaced = f"line IN (SELECT line FROM {stage.table('places_of')} WHERE clinic_id IS NULL)"
    absent = (
        f"line IN (SELECT line FROM {stage.table('patients_of')} AS p WHERE person_kind = 'fhir' AND NOT EXISTS "
        f"(SELECT 1 FROM {stage.table(PATIENT)} AS known WHERE known.id = p.person_value))"
    )
    told = [
        ("without a start", "NOT start_told"),
        ("with a start that is no moment", "start_told AND starts_at IS NULL"),
        ("of several patients", several),
        ("of a patient who is not in this export", absent),
        ("whose clinic cannot be told", unplaced),
        ("canceled, and when is not told", "status = 'cancelled' AND NOT updated"),
        ("without a type that the settings name", "type IS NULL") if stage.feed.appointments.types else None,
    ]
    return account(
        stage,
        stage.table(APPOINTMENT),
        APPOINTMENT,
        "appointments",
        told=[entry for entry in told if entry],
        when="starts_at",
    )


def _type(settings: AppointmentSettings, codes: str) -> str:
    """SQL of the type: by the settings' codes, or where they name none, the code of appointmentType itself."""
    return first_looked_up(settings.types, codes) if settings.types else "appointmentType.coding[1].code"


def _canceled_by(settings: AppointmentSettings) -> str:
    """SQL of who called an appointment off: HL7's codes begin with pat or prov."""
    told = {code: meaning.by for code, meaning in settings.cancelations.items() if meaning.by}
    system = quoted(CANCELATION_SYSTEM)
    return f"""coalesce({first_looked_up(told, "fhir_codes(cancelationReason)")},
        [CASE WHEN starts_with(c.code, 'pat') THEN 'patient' ELSE 'clinic' END FOR c IN cancelationReason.coding
            IF c.system = {system} AND (starts_with(c.code, 'pat') OR starts_with(c.code, 'prov'))][1])"""


def _rescheduled(settings: AppointmentSettings) -> str:
    codes = [quoted(code) for code, meaning in settings.cancelations.items() if meaning.rescheduled]
    if not codes:
        return "false"
    return f"coalesce(list_has_any(fhir_codes(cancelationReason), [{', '.join(codes)}]), false)"


def _participants(stage: Stage) -> str:
    """Stage who takes part: patients (one row each), the first clinician and the first place of each line."""
    refs = ", ".join(
        reference(role, kind, "p.actor")
        for role, kind in (("patient", PATIENT), ("clinician", PRACTITIONER), ("place", LOCATION))
    )
    line = stage.make(
        "participants",
        f"""SELECT line, place_in_line, p.required = 'information-only' AS for_information, {refs} FROM (
            SELECT line, contained, unnest(participant) AS p,
                generate_subscripts(participant, 1) AS place_in_line FROM {stage.table(APPOINTMENT)})""",
    )
    patients = stage.make(
        "patients_of",
        f"""SELECT line, person_kind, person_value FROM (
            SELECT line.line, coalesce(line.for_information, false) AS for_information, {person(stage)}
            FROM {line} AS line {found(stage, "patient", PATIENT)})
        WHERE person_value IS NOT NULL AND NOT for_information GROUP BY ALL""",
    )
    first = "arg_min({value}, line.place_in_line) AS {name}"
    stage.make(
        "clinicians_of",
        f"SELECT line.line, {first.format(value=resolved('clinician'), name='clinician_id')} FROM {line} AS line "
        f"{found(stage, 'clinician', PRACTITIONER)} WHERE {resolved('clinician')} IS NOT NULL GROUP BY line.line",
    )
    stage.make(
        "places_of",
        f"SELECT line.line, {first.format(value=clinic(stage, 'place', LOCATION), name='clinic_id')} "
        f"FROM {line} AS line {found(stage, 'place', LOCATION)} "
        f"WHERE line.place_named OR {resolved('place')} IS NOT NULL GROUP BY line.line",
    )
    return patients


def _dropped(stage: Stage) -> str:
    """SQL of the reason for which a line makes no appointment."""
    known, early = ", ".join(map(quoted, APPOINTMENT_STATUSES)), ", ".join(map(quoted, NOT_BOOKED))
    who = f"EXISTS (SELECT 1 FROM {stage.table('patients_of')} AS p WHERE p.line = line.line)"
    named = (
        f"EXISTS (SELECT 1 FROM {stage.table('participants')} AS p WHERE p.line = line.line "
        "AND (p.patient_named OR p.patient_id IS NOT NULL){})"
    )
    informed = named.format(" AND p.for_information")
    return f"""CASE
        WHEN line.id IS NULL THEN 'without an id'
        WHEN line.repeated THEN 'repeating another line'
        WHEN line.status = 'entered-in-error' OR line.last_status = 'entered-in-error' THEN 'entered in error'
        WHEN line.status IN ({early}) THEN 'not booked yet'
        WHEN line.status IS NULL OR line.status NOT IN ({known}) THEN 'with a status that FHIR R4 does not know'
        WHEN {who} THEN NULL
        WHEN {informed} THEN 'with a patient for information only'
        WHEN {named.format("")} THEN 'whose patient cannot be told'
        ELSE 'without a patient' END"""


def _rows(stage: Stage, patients: str) -> str:
    """SQL of the canonical rows. An appointment of several patients has a key for each of them."""
    settings = stage.feed.appointments
    arrived = "attended" if settings.arrived_is_attended else "scheduled"
    statuses = {
        "booked": "scheduled",
        "arrived": arrived,
        "checked-in": arrived,
        "fulfilled": "attended",
        "noshow": "no_show",
    }
    late = (
        "line.updated AND line.canceled_at <= line.starts_at "
        f"AND line.starts_at - line.canceled_at < INTERVAL {settings.late_cancel_hours} HOUR "
        "AND line.canceled_by IS DISTINCT FROM 'clinic'"
    )
    minutes = "coalesce(line.minutes, date_diff('minute', line.starts_at, line.ends_at))"
    return f"""SELECT person.person_kind, person.person_value,
        line.id || CASE WHEN shared.id IS NULL THEN '' ELSE '#' || person.person_value END AS appointment_id,
        place.clinic_id, clinician.clinician_id, line.type, line.modality, line.booked_at, line.starts_at,
        CASE WHEN {minutes} > 0 THEN {minutes} END AS duration_minutes,
        CASE WHEN line.status <> 'cancelled' THEN {looked_up(statuses, "line.status")}
            WHEN line.rescheduled THEN 'rescheduled'
            WHEN coalesce({late}, false) THEN 'late_canceled' ELSE 'canceled' END AS status,
        CASE WHEN line.status = 'cancelled' THEN line.canceled_by END AS canceled_by,
        line.known_at, line.message_id
    FROM {stage.table(APPOINTMENT)} AS line JOIN {patients} AS person ON person.line = line.line
    LEFT JOIN {stage.table("places_of")} AS place ON place.line = line.line
    LEFT JOIN {stage.table("clinicians_of")} AS clinician ON clinician.line = line.line
    LEFT JOIN ({_shared(stage, patients)}) AS shared ON shared.id = line.id
    WHERE line.dropped IS NULL"""


def _shared(stage: Stage, patients: str) -> str:
    """SQL of the appointments that had several patients, in one version or over all of them."""
    return (
        f"SELECT line.id FROM {stage.table(APPOINTMENT)} AS line JOIN {patients} AS person ON person.line = line.line "
        "GROUP BY line.id HAVING count(DISTINCT person.person_value) > 1"
    )


def _retracted(stage: Stage, patients: str) -> str:
    """Stage keys under which no appointment may stand any more.

    They are of those entered in error, and the plain key of a shared one, which an earlier export may have had when
    it was one patient's.
    """
    line = stage.table(APPOINTMENT)
    wrong = f"SELECT id, line FROM {line} WHERE last_status = 'entered-in-error'"
    return stage.make(
        "retracted_appointments",
        f"""SELECT DISTINCT 'appointments' AS table_name, value FROM (
            SELECT id AS value FROM ({wrong})
            UNION ALL SELECT wrong.id || '#' || person.person_value FROM ({wrong}) AS wrong
                JOIN {patients} AS person ON person.line = wrong.line
            UNION ALL SELECT id FROM ({_shared(stage, patients)}))""",
    )
