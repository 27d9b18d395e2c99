"""A FHIR R4 bulk export becomes staged tables.

Kinds of resources are told by their lines, not by the files' names. Narrative, comments, descriptions, notes and
answers in words are not declared to the engine's JSON reader, and so are never read.
"""

from collections.abc import Mapping

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
from workbench.ingest.fhir.states import COLUMNS as STATE_COLUMNS
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
    booked, visits, surveys = stage_appointments(stage), stage_encounters(stage), stage_surveys(stage)
    tables = {
        "patients": stage_patients(stage, stage_enrollment(stage) if stage.has(EPISODE) else None),
        "patient_states": stage_states(
            stage, stage_phases(stage), stage_diagnoses(stage), _told_of_states(stage)
        ),
        "consents": stage_consents(stage),
        "appointments": _appointments(stage, booked[0], visits[0]),
        "surveys": surveys[0],
    }
    told = {name: table for name, table in tables.items() if _is_told(stage, name)}
    told["clinics"] = _clinics(stage, told)
    reading = Reading(
        tables=told,
        accounts=_accounts(stage),
        links=stage_links(stage),
        contacts=stage_contacts(stage),
        watched=stage_watched(stage),
        retracted=stage.make(
            "retracted", " UNION ALL ".join(f"FROM {gone}" for _, gone in (booked, visits, surveys))
        ),
    )
    stage.drop_but({*told.values(), reading.links, reading.contacts, reading.watched, reading.retracted})
    return reading


def _appointments(stage: Stage, booked: str, visits: str) -> str:
    """Appointments, visits, or both in one table."""
    if not _reads_visits(stage):
        return booked
    if not stage.has(APPOINTMENT):
        return visits
    return stage.make("all_appointments", f"FROM {booked} UNION ALL BY NAME FROM {visits}")


def _reads_visits(stage: Stage) -> bool:
    return stage.feed.encounters.used_as == "visits" and stage.has(ENCOUNTER)


def _is_told(stage: Stage, table: str) -> bool:
    """Whether the export and the settings tell of a table at all; an empty one would say that there is nothing."""
    told = {
        "patients": stage.has(PATIENT),
        "patient_states": bool(_told_of_states(stage)),
        "consents": stage.has(CONSENT) and bool(stage.feed.consents.rules),
        "appointments": stage.has(APPOINTMENT) or _reads_visits(stage),
        "surveys": stage.has(RESPONSE),
    }
    return told[table]


def _told_of_states(stage: Stage) -> list[str]:
    """The columns of states that the export and the settings tell."""
    episodes, settings = stage.has(EPISODE), stage.feed.states
    told = {
        "clinic_id": episodes,
        "diagnosis_group": stage.has(CONDITION) and settings.diagnosis_groups,
        "treatment_phase": episodes and (settings.phases_by_type or settings.phases_by_status),
        "therapy_type": episodes and settings.therapies_by_type,
    }
    return [column for column in STATE_COLUMNS if told[column]]


def _clinics(stage: Stage, tables: Mapping[str, str]) -> str:
    """Stage the clinics that other tables name: their zones by the settings, else by HL7's extension."""
    naming = [tables["appointments"]] if "appointments" in tables else []
    if "clinic_id" in _told_of_states(stage):
        naming.append(tables["patient_states"])
    nothing = "SELECT NULL::VARCHAR AS clinic_id LIMIT 0"
    named = " UNION ".join(f"SELECT clinic_id FROM {table}" for table in naming) or nothing
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
    read = tuple(tell(stage) for kind, tell in ACCOUNTS.items() if stage.has(kind))
    places = tuple(account(stage, stage.table(kind), kind, None) for kind in LOOKED_UP if stage.has(kind))
    return (*read, *places, *unused(stage, {*ACCOUNTS, *LOOKED_UP}))
