"""Encounter resources are left unless the settings say that they are visits."""

import pytest

from workbench.ingest.settings import read_ingest_settings
from workbench.refusal import Refused


@pytest.fixture
def visit(fhir):
    def made(key="e1", **elements):
        always = {
            "status": "finished",
            "class_": {"code": "AMB"},
            "subject": {"reference": "Patient/ann"},
            "period": {"start": "2026-10-20T14:00:00Z", "end": "2026-10-20T14:50:00Z"},
            "participant": [{"individual": {"reference": "Practitioner/dr"}}],
            "location": [{"location": {"reference": "Location/12"}}],
        }
        return fhir.of("Encounter", key, **{**always, **elements})

    return made


VISITS = {"encounters": {"used_as": "visits"}}


def test_by_default_they_are_counted_and_left(read, visit):
    told = read(visit())
    assert told.dropped("Encounter") == {"left, since an Encounter knows no no-show": 1}
    assert told.account("Encounter").table is None
    assert "appointments" not in told.reading.tables


def test_visits_are_attended_appointments(read, visit):
    told = read(visit(), **VISITS)
    assert told.rows("appointments") == [
        {
            "person_kind": "fhir",
            "person_value": "ann",
            "appointment_id": "Encounter/e1",
            "clinic_id": "12",
            "clinician_id": "dr",
            "starts_at": "2026-10-20T14:00:00Z",
            "duration_minutes": 50,
            "status": "attended",
            "known_at": "2026-11-01T00:00:00Z",
        }
    ]


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"status": "planned"}, "not finished"),
        ({"status": "entered-in-error"}, "entered in error"),
        ({"class_": {"code": "IMP"}}, "of a class that is no visit"),
        ({"class_": None}, "of a class that is no visit"),
        ({"appointment": [{"reference": "Appointment/a"}]}, "of an Appointment, which tells of it"),
        ({"subject": None}, "whose patient cannot be told"),
        ({"period": {}}, "without a start"),
    ],
)
def test_what_is_no_visit(read, visit, elements, reason):
    assert read(visit(**elements), **VISITS).dropped("Encounter") == {reason: 1}


def test_visits_stand_beside_appointments(read, visit, fhir):
    told = read(visit(), fhir.appointment(), **VISITS)
    assert told.rows("appointments", "appointment_id", "status", "booked_at") == [
        ("Encounter/e1", "attended", None),
        ("a1", "scheduled", "2026-10-01T15:00:00Z"),
    ]


def test_a_visit_entered_in_error_is_taken_back(read, visit):
    told = read(
        visit(updated="2026-10-21T00:00:00Z"),
        visit(updated="2026-10-22T00:00:00Z", status="entered-in-error"),
        **VISITS,
    )
    assert told.rows("appointments") == []
    assert told.rows("retracted", "table_name", "value") == [("appointments", "Encounter/e1")]


SOURCE = """
title: North
location: data/north
ingest:
  exports: exports
  feeds:
    - {name: ehr, reads: fhir, files: "*.ndjson", time_zone: America/New_York, encounters: {used_as: visits}}
"""


def test_a_source_of_visits_must_say_that_it_knows_no_no_show(tmp_path):
    path = tmp_path / "north.yaml"
    path.write_text(SOURCE, encoding="utf-8")
    with pytest.raises(Refused, match="feed ehr tells of visits that took place, and knows no no-show"):
        read_ingest_settings(path, tmp_path)
    path.write_text(f"{SOURCE}not_recorded: {{no_show: Visits are all there is.}}\n", encoding="utf-8")
    assert not read_ingest_settings(path, tmp_path).feeds[0].knows_no_show
