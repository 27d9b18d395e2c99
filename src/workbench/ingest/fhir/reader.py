"""A FHIR R4 bulk export becomes staged tables.

Kinds of resources are told by their lines, not by the files' names. Narrative, comments, descriptions, notes and
answers in words are not declared to the engine's JSON reader, and so are never read.
"""

from workbench.ingest.fhir.accounts import account, unused
from workbench.ingest.fhir.appointments import APPOINTMENT, appointment_account, stage_appointments
from workbench.ingest.fhir.conditions import CONDITION, condition_account, stage_diagnoses
from workbench.ingest.fhir.consents import CONSENT, consent_account, stage_consents
from workbench.ingest.fhir.contacts import stage_contacts, stage_watched
from workbench.ingest.fhir.directory import LOCATION, ORGANIZATION, PATIENT, PRACTITIONER, stage_directory
from workbench.ingest.fhir.encounters import ENCOUNTER, encounter_account, stage_encounters
from workbench.ingest.fhir.episodes import (
    EPISODE,
    episode_account,
    stage_enrollment,
    stage_episodes,
    stage_phases,
)
from workbench.ingest.fhir.macros import looked_up
from workbench.ingest.fhir.ndjson import Stage, open_stage
from workbench.ingest.fhir.patients import patient_account, stage_links, stage_patients, stage_people
from workbench.ingest.fhir.questionnaires import RESPONSE, response_account, stage_surveys
from workbench.ingest.fhir.settings import FhirFeed
from workbench.ingest.fhir.states import stage_states
from workbench.ingest.reading import Account, Export, Reading

LOOKED_UP = (LOCATION, ORGANIZATION, PRACTITIONER)
ACCOUNTS = {
    PATIENT: patient_account,
    APPOINTMENT: appointment_account,
    ENCOUNTER: encounter_account,
    EPISODE: episode_account,
    CONDITION: condition_account,
    CONSENT: consent_account,
    RESPONSE: response_account,
}


def read_fhir(export: Export, feed: FhirFeed) -> Reading:
    """Stage what a FHIR bulk export says.

    Args:
        export: the files, and the engine to stage their rows in.
        feed: what the source file says of them.

    Raises:
        Refused: a file is cut off, no NDJSON, or not UTF-8; record numbers are of several systems or were rounded.
    """
    stage = open_stage(export, feed)
    stage_people(stage)
    stage_directory(stage)
    stage_episodes(stage)
    tables = _stage_tables(stage)
    retracted = tables.pop("retracted")
    links, contacts, watched = (tables.pop(name) for name in ("links", "contacts", "watched"))
    accounts = _accounts(stage)
    stage.drop_but({*tables.values(), links, contacts, watched, retracted})
    return Reading(tables, accounts, links, contacts, watched, retracted=retracted)


def _stage_tables(stage: Stage) -> dict[str, str]:
    """Stage every table that the export has lines for; of a kind that is not in it, nothing is told."""
    has = stage.census.lines
    visits, gone_visits = stage_encounters(stage)
    booked, gone_booked = stage_appointments(stage)
    surveys, gone_surveys = stage_surveys(stage)
    states = stage_states(stage, stage_phases(stage), stage_diagnoses(stage))
    enrollment = stage_enrollment(stage) if has.get(EPISODE) else None
    tables = {"patients": stage_patients(stage, enrollment)} if has.get(PATIENT) else {}
    if has.get(EPISODE) or has.get(CONDITION):
        tables["patient_states"] = states
    if has.get(CONSENT):
        tables["consents"] = stage_consents(stage)
    if has.get(RESPONSE):
        tables["surveys"] = surveys
    if stage.feed.encounters.used_as == "visits" and has.get(ENCOUNTER):
        tables["appointments"] = visits
        if has.get(APPOINTMENT):
            both = f"SELECT * FROM {booked} UNION ALL BY NAME SELECT * FROM {visits}"
            tables["appointments"] = stage.make("appointments_and_visits", both)
    elif has.get(APPOINTMENT):
        tables["appointments"] = booked
    tables["clinics"] = _clinics(
        stage, [tables[name] for name in ("appointments", "patient_states") if name in tables]
    )
    gone = " UNION ALL ".join(
        f"SELECT table_name, value FROM {table}" for table in (gone_booked, gone_visits, gone_surveys)
    )
    return {
        **tables,
        "links": stage_links(stage),
        "contacts": stage_contacts(stage),
        "watched": stage_watched(stage),
        "retracted": stage.make("retracted", gone),
    }


def _clinics(stage: Stage, tables: list[str]) -> str:
    """Stage the clinics that other tables name: their zones by the settings, else by HL7's extension."""
    named = (
        " UNION ".join(f"SELECT clinic_id FROM {table}" for table in tables)
        or "SELECT NULL AS clinic_id LIMIT 0"
    )
    told = (
        f"SELECT clinic_id, min(time_zone) AS time_zone FROM {stage.table('places')} AS place "
        "SEMI JOIN pg_timezone_names() AS zone ON zone.name = place.time_zone GROUP BY clinic_id"
    )
    zone = f"coalesce({looked_up(stage.feed.time_zones, 'named.clinic_id')}, told.time_zone, {stage.zone})"
    return stage.make(
        "clinics",
        f"SELECT named.clinic_id, {zone} AS time_zone FROM ({named}) AS named "
        f"LEFT JOIN ({told}) AS told USING (clinic_id) WHERE named.clinic_id IS NOT NULL",
    )


def _accounts(stage: Stage) -> tuple[Account, ...]:
    lines = stage.census.lines
    read = tuple(tell(stage) for kind, tell in ACCOUNTS.items() if lines.get(kind))
    places = tuple(account(stage, stage.table(kind), kind, None) for kind in LOOKED_UP if lines.get(kind))
    return (*read, *places, *unused(stage, {*ACCOUNTS, *LOOKED_UP}))
