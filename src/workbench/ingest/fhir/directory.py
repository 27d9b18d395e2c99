"""Whom and what references lead to: ids of resources, looked up by identifier where a reference has no id.

A relative or absolute reference names its resource by itself, also where the export does not hold it (a later export
may hold only what changed). Any other is looked up in the directory; what is not there cannot be told.
"""

from workbench.ingest.fhir.macros import CONTAINED, IDENTIFIER, REFERENCE, looked_up, quoted
from workbench.ingest.fhir.ndjson import Stage

PATIENT, PRACTITIONER, LOCATION, ORGANIZATION = "Patient", "Practitioner", "Location", "Organization"
TIME_ZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
_PLACE = {
    "identifier": f"{IDENTIFIER}[]",
    "managingOrganization": REFERENCE,
    "extension": "STRUCT(url VARCHAR, valueCode VARCHAR)[]",
    "contained": CONTAINED,
}


def reference(role: str, kind: str, element: str) -> str:
    """SQL of a SELECT's list: a reference to one kind of resource, as the columns that `found` resolves."""
    ref = f"fhir_outside({element}, contained)"
    return (
        f"fhir_id({ref}, '{kind}') AS {role}_id, fhir_key({ref}, '{kind}') AS {role}_key, "
        f"fhir_names({ref}, '{kind}') AS {role}_named"
    )


def found(stage: Stage, role: str, kind: str) -> str:
    """SQL of a join that looks a reference up; `line` has the columns of `reference`."""
    directory = stage.table("directory")
    return f"LEFT JOIN {directory} AS {role} ON {role}.kind = '{kind}' AND {role}.key = line.{role}_key"


def resolved(role: str) -> str:
    """SQL of the id that a reference leads to, after `found`; null where nobody can tell."""
    return f"coalesce(line.{role}_id, {role}.id)"


def person(stage: Stage) -> str:
    """SQL of a SELECT's list: `person_kind` and `person_value` of the role "patient", after `found`."""
    record = "NULL::VARCHAR"
    if stage.feed.record_system:
        system = quoted(f"{stage.feed.record_system}|")
        number = f"substr(line.patient_key, length({system}) + 1)"
        record = f"CASE WHEN starts_with(line.patient_key, {system}) THEN {number} END"
    return (
        f"CASE WHEN {resolved('patient')} IS NOT NULL THEN 'fhir' WHEN {record} IS NOT NULL THEN 'record' END "
        f"AS person_kind, coalesce({resolved('patient')}, {record}) AS person_value"
    )


def clinic(stage: Stage, role: str, kind: str) -> str:
    """SQL of the clinic that a reference to a Location or Organization leads to, after `found`."""
    named = f"'{kind}/' || {resolved(role)}"
    places = stage.table("places")
    known = f"(SELECT clinic_id FROM {places} AS place WHERE place.reference = {named})"
    return f"coalesce({known}, {looked_up(stage.feed.clinics, named)}, {resolved(role)})"


def stage_directory(stage: Stage) -> None:
    """Stage the directory of ids and identifiers, and the places with their clinics; Patients stand already."""
    for kind in (LOCATION, ORGANIZATION, PRACTITIONER):
        shown = f"NULL AS dropped, [fhir_token(i) FOR i IN identifier] AS tokens, {_zone()} AS time_zone"
        stage.lines(kind, _PLACE, f"{shown}, {reference('organization', ORGANIZATION, 'managingOrganization')}")
    kinds = (PATIENT, LOCATION, ORGANIZATION, PRACTITIONER)
    entries = " UNION ALL ".join(
        f"SELECT '{kind}' AS kind, id, unnest(list_append(coalesce(tokens, []), id)) AS key FROM {stage.table(kind)}"
        for kind in kinds
    )
    stage.make(
        "directory",
        f"SELECT kind, key, min(id) AS id FROM ({entries}) WHERE key IS NOT NULL AND id IS NOT NULL "
        "GROUP BY kind, key HAVING count(DISTINCT id) = 1",
    )
    stage.make("places", f"{_places(stage, LOCATION)} UNION ALL {_places(stage, ORGANIZATION)}")


def _zone() -> str:
    """SQL of the time zone that HL7's extension tells, where it is one."""
    return f"[e.valueCode FOR e IN extension IF e.url = '{TIME_ZONE}'][1]"


def _places(stage: Stage, kind: str) -> str:
    """SQL of places: the clinic that the settings call them by, or their organization, else their id."""
    named = looked_up(stage.feed.clinics, f"'{kind}/' || line.id")
    above = looked_up(stage.feed.clinics, f"'{ORGANIZATION}/' || {resolved('organization')}")
    return (
        f"SELECT '{kind}/' || line.id AS reference, min(coalesce({named}, {above}, line.id)) AS clinic_id, "
        f"min(line.time_zone) AS time_zone FROM {stage.table(kind)} AS line "
        f"{found(stage, 'organization', ORGANIZATION)} WHERE line.id IS NOT NULL GROUP BY line.id"
    )
