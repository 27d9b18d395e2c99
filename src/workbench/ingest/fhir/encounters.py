"""Encounter resources: visits that took place. An Encounter knows no no-show, and nothing that was called off."""

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
from workbench.ingest.fhir.macros import CODING, CONTAINED, PERIOD, REFERENCE, quoted
from workbench.ingest.fhir.ndjson import Stage
from workbench.ingest.fhir.patients import SUPERSEDED
from workbench.ingest.reading import Account

ENCOUNTER = "Encounter"
_COLUMNS = {
    "status": "VARCHAR",
    "class": CODING,
    "subject": REFERENCE,
    "period": PERIOD,
    "participant": f"STRUCT(individual {REFERENCE})[]",
    "location": f"STRUCT(location {REFERENCE})[]",
    "appointment": f"{REFERENCE}[]",
    "contained": CONTAINED,
}


def stage_encounters(stage: Stage) -> tuple[str, str]:
    """Stage visits as attended appointments, and the keys of those entered in error; the names of both tables."""
    chosen = f"""
        status, "class".code AS class, len(appointment) > 0 AS appointed,
        fhir_moment(period."start", {stage.zone}) AS starts_at, fhir_until(period."end", {stage.zone}) AS ends_at,
        {reference("patient", PATIENT, "subject")},
        {reference("place", LOCATION, "location[1].location")},
        {reference("clinician", PRACTITIONER, "participant[1].individual")}"""
    line = stage.lines(ENCOUNTER, _COLUMNS, chosen)
    stage.make(ENCOUNTER, f"SELECT *, {SUPERSEDED} AS superseded FROM {line}")
    stage.make(
        ENCOUNTER,
        f"""SELECT *, {_dropped(stage)} AS dropped FROM (
            SELECT line.*, {person(stage)}, {clinic(stage, "place", LOCATION)} AS clinic_id,
                {resolved("clinician")} AS clinician
            FROM {line} AS line {found(stage, "patient", PATIENT)} {found(stage, "place", LOCATION)}
            {found(stage, "clinician", PRACTITIONER)})""",
    )
    staged = stage.make(
        "visits",
        f"""SELECT person_kind, person_value, 'Encounter/' || id AS appointment_id, clinic_id,
            clinician AS clinician_id, starts_at,
            CASE WHEN ends_at > starts_at THEN date_diff('minute', starts_at, ends_at) END AS duration_minutes,
            'attended' AS status, known_at FROM {line} WHERE dropped IS NULL""",
    )
    retracted = stage.make(
        "retracted_visits",
        f"SELECT DISTINCT 'appointments' AS table_name, 'Encounter/' || id AS value FROM {line} "
        "WHERE dropped = 'entered in error'",
    )
    return staged, retracted


def encounter_account(stage: Stage) -> Account:
    """The account of Encounter resources."""
    used = stage.feed.encounters.used_as == "visits"
    told = [("whose clinic cannot be told", "clinic_id IS NULL")]
    table = "appointments" if used else None
    return account(stage, stage.table(ENCOUNTER), ENCOUNTER, table, told=told, when="starts_at")


def _dropped(stage: Stage) -> str:
    """SQL of the reason for which an Encounter makes no visit."""
    settings = stage.feed.encounters
    if settings.used_as == "nothing":
        return "'left, since an Encounter knows no no-show'"
    classes = ", ".join(map(quoted, settings.classes))
    return f"""CASE WHEN superseded IS NOT NULL THEN superseded
        WHEN status = 'entered-in-error' THEN 'entered in error'
        WHEN status IS DISTINCT FROM 'finished' THEN 'not finished'
        WHEN class IS NULL OR class NOT IN ({classes}) THEN 'of a class that is no visit'
        WHEN appointed THEN 'of an Appointment, which tells of it'
        WHEN person_value IS NULL THEN 'whose patient cannot be told'
        WHEN starts_at IS NULL THEN 'without a start' END"""
