"""Appointment resources become versions of appointments, a row per patient."""

import pytest

HL7 = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("booked", "scheduled"),
        ("arrived", "scheduled"),
        ("checked-in", "scheduled"),
        ("fulfilled", "attended"),
        ("noshow", "no_show"),
        ("cancelled", "canceled"),
    ],
)
def test_statuses_that_make_a_row(read, fhir, status, expected):
    told = read(fhir.appointment(status=status))
    assert told.rows("appointments", "status") == [expected]
    assert told.account("Appointment").used == 1


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("proposed", "not booked yet"),
        ("pending", "not booked yet"),
        ("waitlist", "not booked yet"),
        ("entered-in-error", "entered in error"),
        ("rescheduled", "with a status that FHIR R4 does not know"),
        (None, "with a status that FHIR R4 does not know"),
    ],
)
def test_statuses_that_make_none(read, fhir, status, reason):
    told = read(fhir.appointment(status=status))
    assert told.rows("appointments") == []
    assert told.dropped("Appointment") == {reason: 1}


def test_who_arrived_may_count_as_attended(read, fhir):
    told = read(fhir.appointment(status="arrived"), appointments={"arrived_is_attended": True})
    assert told.rows("appointments", "status") == ["attended"]


def test_all_of_an_appointment(read, fhir):
    told = read(
        fhir.patient(),
        fhir.appointment(
            "a1",
            "booked",
            "Patient/ann",
            "Practitioner/dr",
            "Location/12",
            updated="2026-10-01T15:00:01Z",
            created="2026-10-01",
            minutesDuration=None,
            end="2026-10-20T14:50:00Z",
            appointmentType=fhir.concept("urn:kinds", "FOLLOWUP"),
            serviceType=[fhir.concept("urn:ways", "V")],
            supportingInformation=[{"reference": "DiagnosticReport/7"}, {"reference": "Communication/SM7"}],
        ),
        clinics={"Location/12": "harbor"},
        time_zones={"harbor": "America/Chicago"},
        appointments={"types": {"urn:kinds|FOLLOWUP": "therapy"}, "modalities": {"urn:ways|V": "video"}},
    )
    assert told.rows("appointments") == [
        {
            "person_kind": "fhir",
            "person_value": "ann",
            "appointment_id": "a1",
            "clinic_id": "harbor",
            "clinician_id": "dr",
            "type": "therapy",
            "modality": "video",
            "booked_at": "2026-10-01T04:00:00Z",
            "starts_at": "2026-10-20T14:00:00Z",
            "duration_minutes": 50,
            "status": "scheduled",
            "canceled_by": None,
            "known_at": "2026-10-01T15:00:01Z",
            "message_id": "SM7",
        }
    ]
    assert told.rows("clinics") == [{"clinic_id": "harbor", "time_zone": "America/Chicago"}]
    assert told.told("Appointment") == {}


def test_a_type_is_its_code_where_no_names_are_given_and_nothing_where_they_lack_it(read, fhir):
    walk_in = fhir.appointment(appointmentType=fhir.concept("urn:kinds", "WALKIN"))
    assert read(walk_in).rows("appointments", "type") == ["WALKIN"]
    told = read(walk_in, appointments={"types": {"urn:kinds|FOLLOWUP": "therapy"}})
    assert told.rows("appointments", "type") == [None]
    assert told.told("Appointment")["without a type that the settings name"] == 1


def test_a_booked_appointment_may_lack_its_start(read, fhir):
    told = read(fhir.patient(), fhir.appointment(start=None), fhir.appointment("a2", start="soon"))
    assert told.rows("appointments", "starts_at") == [None, None]
    assert told.told("Appointment") == {"without a start": 1, "with a start that is no moment": 1}


def reason(code, system=HL7):
    return {"coding": [{"system": system, "code": code}]}


@pytest.mark.parametrize(
    ("code", "updated", "status", "by"),
    [
        ("pat", "2026-10-01T15:00:00Z", "canceled", "patient"),
        ("pat-crs", "2026-10-19T14:00:00Z", "canceled", "patient"),
        ("pat-cpp", "2026-10-19T14:00:01Z", "late_canceled", "patient"),
        ("pat", "2026-10-20T14:00:00Z", "late_canceled", "patient"),
        ("other", "2026-10-20T13:00:00Z", "late_canceled", None),
        ("prov-pers", "2026-10-20T13:00:00Z", "canceled", "clinic"),
        ("pat", "2026-10-20T14:00:01Z", "canceled", "patient"),
        ("pat", None, "canceled", "patient"),
    ],
)
def test_cancelations(read, fhir, code, updated, status, by):
    told = read(
        fhir.patient(), fhir.appointment(status="cancelled", updated=updated, cancelationReason=reason(code))
    )
    assert told.rows("appointments", "status", "canceled_by") == [(status, by)]
    assert told.told("Appointment") == ({} if updated else {"canceled, and when is not told": 1})


def test_a_cancelation_is_as_late_as_its_first_telling(read, fhir):
    told = read(
        fhir.appointment(status="cancelled", updated="2026-10-10T00:00:00Z", cancelationReason=reason("pat")),
        fhir.appointment(status="cancelled", updated="2026-10-20T12:00:00Z", cancelationReason=reason("pat")),
    )
    assert told.rows("appointments", "status") == ["canceled", "canceled"]


def test_codes_of_the_providers_own_tell_who_and_whether_it_was_moved(read, fhir):
    told = read(
        fhir.appointment("a1", "cancelled", cancelationReason=reason("M", "urn:own")),
        fhir.appointment("a2", "cancelled", cancelationReason=reason("C", "urn:own")),
        fhir.appointment("a3", "cancelled", cancelationReason=reason("pat-lt")),
        appointments={
            "cancelations": {
                "urn:own|M": {"by": "patient", "rescheduled": True},
                "urn:own|C": {"by": "clinic"},
            }
        },
    )
    assert told.rows("appointments", "appointment_id", "status", "canceled_by") == [
        ("a1", "rescheduled", "patient"),
        ("a2", "canceled", "clinic"),
        ("a3", "canceled", "patient"),
    ]


def test_several_lines_of_one_id_are_versions(read, fhir):
    told = read(
        fhir.appointment(updated="2026-10-20T15:00:00Z", status="fulfilled"),
        fhir.appointment(updated="2026-10-01T15:00:00Z"),
        fhir.appointment(updated="2026-10-01T15:00:00Z", minutesDuration=30),
        fhir.appointment("a2"),
    )
    assert told.rows("appointments", "appointment_id", "known_at", "status", "duration_minutes") == [
        ("a1", "2026-10-01T15:00:00Z", "scheduled", 30),
        ("a1", "2026-10-20T15:00:00Z", "attended", 50),
        ("a2", "2026-11-01T00:00:00Z", "scheduled", 50),
    ]
    assert told.dropped("Appointment") == {"repeating another line": 1}


def test_what_was_entered_in_error_is_taken_back_with_its_versions(read, fhir):
    told = read(
        fhir.appointment(updated="2026-10-01T15:00:00Z"),
        fhir.appointment(updated="2026-10-02T15:00:00Z", status="entered-in-error"),
        fhir.appointment("a2"),
    )
    assert told.rows("appointments", "appointment_id") == ["a2"]
    assert told.dropped("Appointment") == {"entered in error": 2}
    assert ("appointments", "a1") in told.rows("retracted", "table_name", "value")
    assert "a2" not in told.rows("retracted", "value")


def test_an_error_that_was_mended_takes_nothing_back(read, fhir):
    told = read(
        fhir.appointment(updated="2026-10-01T15:00:00Z", status="entered-in-error"),
        fhir.appointment(updated="2026-10-02T15:00:00Z"),
    )
    assert told.rows("appointments", "known_at") == ["2026-10-02T15:00:00Z"]
    assert told.rows("retracted") == []


def test_a_group_session_has_a_row_for_each_patient_under_keys_of_their_own(read, fhir):
    told = read(
        fhir.patient(),
        fhir.patient("bo", "R-2"),
        fhir.appointment("g", "booked", "Patient/ann", updated="2026-10-01T15:00:00Z"),
        fhir.appointment(
            "g", "fulfilled", "Patient/ann", "Patient/bo", "Patient/bo", updated="2026-10-20T15:00:00Z"
        ),
    )
    assert told.rows("appointments", "appointment_id", "person_value", "status") == [
        ("g#ann", "ann", "attended"),
        ("g#ann", "ann", "scheduled"),
        ("g#bo", "bo", "attended"),
    ]
    assert told.account("Appointment").used == 2
    assert told.told("Appointment") == {"of several patients": 1}
    # When it was one patient's, an earlier export knew it by the plain key.
    assert told.rows("retracted", "table_name", "value") == [("appointments", "g")]


@pytest.mark.parametrize(
    "actor",
    [
        {"reference": "Patient/ann"},
        {"reference": "https://ehr.example/fhir/Patient/ann"},
        {"reference": "urn:uuid:ann"},
        {"reference": "Patient?identifier=urn:records|R-1001"},
        {"type": "Patient", "identifier": {"system": "urn:records", "value": "R-1001"}},
        {"identifier": {"system": "urn:records", "value": "R-1001"}},
        {"reference": "#inside"},
    ],
    ids=str,
)
def test_every_way_of_naming_a_patient(read, fhir, actor):
    inside = {
        "resourceType": "Patient",
        "id": "inside",
        "identifier": [{"system": "urn:records", "value": "R-1001"}],
    }
    told = read(fhir.patient(), fhir.appointment(participant=[{"actor": actor}], contained=[inside]))
    assert told.rows("appointments", "person_kind", "person_value") == [("fhir", "ann")]
    assert told.told("Appointment") == {}


@pytest.mark.parametrize(
    ("participant", "reason"),
    [
        ({"actor": {"reference": "Patient?identifier=urn:records|R-7"}}, "whose patient cannot be told"),
        ({"actor": {"reference": "#nobody"}}, "without a patient"),
        ({"actor": {"reference": "urn:uuid:nobody"}}, "without a patient"),
        ({"actor": {"display": "Phone Call"}}, "without a patient"),
        ({"actor": {"reference": "Practitioner/dr"}}, "without a patient"),
        (
            {"actor": {"reference": "Patient/ann"}, "required": "information-only"},
            "with a patient for information only",
        ),
    ],
)
def test_appointments_that_nobody_can_be_given(read, fhir, participant, reason):
    told = read(fhir.patient(), fhir.appointment(participant=[participant]))
    assert told.dropped("Appointment") == {reason: 1}
    assert told.rows("appointments") == []


def test_a_record_number_names_a_patient_who_is_not_in_the_export(read, fhir):
    told = read(
        fhir.appointment("a1", "booked", "Patient?identifier=urn:records|R-7"),
        fhir.appointment("a2", "booked", "Patient/absent"),
        record_system="urn:records",
    )
    assert told.rows("appointments", "person_kind", "person_value") == [("fhir", "absent"), ("record", "R-7")]
    assert told.told("Appointment")["of a patient who is not in this export"] == 1


def test_an_identifier_of_two_patients_is_nobodys(read, fhir):
    told = read(
        fhir.patient("ann", "R-1"),
        fhir.patient("bo", "R-1"),
        fhir.appointment("a1", "booked", "Patient?identifier=urn:records|R-1"),
    )
    assert told.dropped("Appointment") == {"whose patient cannot be told": 1}


def test_places_and_clinicians_are_looked_up(read, fhir):
    told = read(
        fhir.of("Location", "12", managingOrganization={"identifier": {"system": "urn:o", "value": "N"}}),
        fhir.of("Organization", "3", identifier=[{"system": "urn:o", "value": "N"}]),
        fhir.of("Practitioner", "dr", identifier=[{"system": "urn:npi", "value": "99"}]),
        fhir.patient(),
        fhir.appointment("a1", "booked", "Patient/ann", "Location/12", "Practitioner?identifier=urn:npi|99"),
        fhir.appointment("a2", "booked", "Patient/ann", "Location/13", "Practitioner/dx", "Practitioner/dy"),
        fhir.appointment("a3", "booked", "Patient/ann", "Location?identifier=urn:o|Z"),
        clinics={"Organization/3": "harbor"},
    )
    assert told.rows("appointments", "appointment_id", "clinic_id", "clinician_id") == [
        ("a1", "harbor", "dr"),
        ("a2", "13", "dx"),
        ("a3", None, None),
    ]
    assert told.told("Appointment") == {"whose clinic cannot be told": 1}
    assert told.account("Location").used == 1
