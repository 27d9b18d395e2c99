"""Patient resources become people with record numbers, contact points with dates, and tokens to watch for."""

import pytest

from workbench.refusal import Refused

MR = {"coding": [{"code": "MR"}]}


def number(value, use=None, system="urn:records", **more):
    return {"type": MR, "system": system, "value": value, **({"use": use} if use else {}), **more}


def test_a_patient_with_everything(read, fhir):
    zone = {"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": "America/Denver"}
    told = read(
        fhir.patient(
            "ann",
            updated="2026-10-05T10:00:00Z",
            communication=[
                {"language": fhir.concept("urn:ietf:bcp:47", "en")},
                {"language": fhir.concept("urn:ietf:bcp:47", "es-MX"), "preferred": True},
            ],
            extension=[{"url": "urn:quiet", "valueBoolean": True}],
            address=[{"line": ["1 Elm St"], "extension": [zone]}],
        ),
        do_not_text="urn:quiet",
    )
    assert told.rows("patients") == [
        {
            "person_kind": "fhir",
            "person_value": "ann",
            "birth_year": 1980,
            "sex": "female",
            "language": "es",
            "time_zone": "America/Denver",
            "deceased_at": None,
            "do_not_text": True,
            "known_at": "2026-10-05T10:00:00Z",
        }
    ]
    assert told.rows("links") == [{"kind": "fhir", "value": "ann", "record": "R-1001"}]


def test_what_is_not_told_is_null(read, fhir):
    told = read(fhir.of("Patient", "dog"), do_not_text="urn:quiet")
    (row,) = told.rows("patients")
    assert row["time_zone"] == "America/New_York"
    assert row["known_at"] == "2026-11-01T00:00:00Z"
    assert {name for name, value in row.items() if value is None} == {
        "birth_year",
        "sex",
        "language",
        "deceased_at",
        "do_not_text",
    }
    assert told.told("Patient") == {"without a record number": 1, "without a date of birth": 1}


@pytest.mark.parametrize(
    ("born", "year"),
    [
        ("1936-12-31", 1936),
        ("1936", 1936),
        ("1935-01-01", 1936),
        ("1890-02", 1936),
        ("2030-01-01", None),
        ("80", None),
    ],
)
def test_ages_over_89_are_pooled_as_of_the_year_of_the_export(read, fhir, born, year):
    assert read(fhir.patient(birthDate=born)).rows("patients", "birth_year") == [year]


@pytest.mark.parametrize(
    ("elements", "at", "told"),
    [
        ({"deceasedDateTime": "2026-09-30"}, "2026-09-30T04:00:00Z", {}),
        ({"deceasedBoolean": False}, None, {}),
        (
            {"deceasedBoolean": True},
            "2026-10-05T10:00:00Z",
            {"deceased without a date, which counts as the last update": 1},
        ),
    ],
)
def test_who_has_died(read, fhir, elements, at, told):
    found = read(fhir.patient(updated="2026-10-05T10:00:00Z", **elements))
    assert found.rows("patients", "deceased_at") == [at]
    assert found.told("Patient") == told


def test_the_record_number_in_use_counts(read, fhir):
    numbers = [
        number("R-OLD", "old"),
        number("R-ENDED", period={"end": "2020"}),
        number("R-2", "usual"),
        number("R-1"),
        {"system": "urn:ssn", "value": "999-94-5397"},
    ]
    told = read(
        fhir.patient(identifier=numbers), fhir.patient("bo", identifier=[number(" R-3 "), number("R-3")])
    )
    assert told.rows("links", "record") == ["R-2", "R-3"]
    assert told.told("Patient") == {"with several record numbers, of which the one in use counts": 1}


def test_record_numbers_of_several_systems_are_refused_unless_one_is_named(read, fhir):
    people = [
        fhir.patient("ann", identifier=[number("12345", system="urn:north")]),
        fhir.patient("bo", identifier=[number("12345", system="urn:south")]),
    ]
    with pytest.raises(Refused, match="come from 2 systems") as refused:
        read(*people)
    assert "12345" not in str(refused.value)
    assert read(*people, record_system="urn:south").rows("links", "value", "record") == [("bo", "12345")]


def test_rounded_record_numbers_are_refused(read, fhir):
    with pytest.raises(Refused, match="rounded by a spreadsheet") as refused:
        read(fhir.patient(record="2.98725E+13"))
    assert "2.98" not in str(refused.value)


def test_of_several_lines_of_a_patient_the_newest_counts(read, fhir):
    told = read(
        fhir.patient(updated="2026-10-02T00:00:00Z", gender="other"),
        fhir.patient(updated="2026-10-03T00:00:00Z", gender="male"),
        fhir.patient(updated="2026-10-03T00:00:00Z", gender="female"),
        fhir.of("Patient", None),
    )
    assert told.rows("patients", "sex") == ["female"]
    assert told.dropped("Patient") == {
        "an older version of the same resource": 1,
        "repeating another line": 1,
        "without an id": 1,
    }


@pytest.mark.parametrize(
    "other", [{"reference": "Patient/new"}, {"reference": "Patient?identifier=urn:records|R-9"}], ids=str
)
def test_who_was_replaced_has_the_others_record_number(read, fhir, other):
    told = read(
        fhir.patient("old", "R-1", link=[{"other": other, "type": "replaced-by"}]),
        fhir.patient("new", "R-9", link=[{"other": {"reference": "Patient/old"}, "type": "replaces"}]),
        fhir.patient("kin", "R-5", link=[{"other": {"reference": "Patient/new"}, "type": "seealso"}]),
    )
    assert told.rows("links", "value", "record") == [("kin", "R-5"), ("new", "R-9"), ("old", "R-9")]
    assert told.told("Patient") == {"replaced by another record": 1}


def test_contact_points_have_one_form_and_dates(read, fhir):
    phone = {"system": "phone", "use": "home"}
    told = read(
        fhir.patient(
            updated="2026-10-05T10:00:00Z",
            telecom=[
                {**phone, "value": "(555) 555-0123", "period": {"start": "2020-02"}},
                {**phone, "value": "555-555-0124", "period": {"end": "2019"}},
                {**phone, "value": "555-555-0125", "use": "old"},
                {"system": "sms", "value": "+44 (0)20 7946 0958"},
                {"system": "email", "value": "Ann@Example.org"},
                {"system": "fax", "value": "555-555-0126"},
                {"system": "phone", "value": "ask the front desk"},
                {"use": "home"},
            ],
            contact=[{"telecom": [{"system": "phone", "value": "555-555-0127"}]}],
        )
    )
    assert told.rows("contacts", "kind", "value", "valid_from", "valid_to") == [
        ("email", "ann@example.org", None, None),
        ("phone", "+15555550123", "2020-02-01T05:00:00Z", None),
        ("phone", "+15555550124", None, "2020-01-01T05:00:00Z"),
        ("phone", "+15555550125", None, "2026-10-05T10:00:00Z"),
        ("phone", "+442079460958", None, None),
    ]


def test_a_phone_of_another_country(read, fhir):
    told = read(fhir.patient(telecom=[{"system": "phone", "value": "020 7946 0958"}]), phone_country="44")
    assert told.rows("contacts", "value") == ["+442079460958"]


def test_what_identifies_a_person_is_watched(read, fhir):
    told = read(
        fhir.patient(
            "0c3151bd-f4d2",
            "R-1001",
            name=[
                {"family": "Quillfeather", "given": ["Zorba", "May"]},
                {"text": "Dr Zorba Quillfeather"},
                {"text": "Zorba"},
                {"given": ["May"]},
            ],
            identifier=[
                number("R-1001"),
                {"system": "urn:ssn", "value": "999-94-5397"},
                {"value": "UNKNOWN"},
                {"value": "12"},
            ],
            telecom=[
                {"system": "phone", "value": "(555) 555-0123"},
                {"system": "email", "value": "z@example.org"},
            ],
            address=[{"line": ["Van Egmondkade 23", "Apt 5"], "city": "Springfield"}],
            contact=[
                {
                    "name": {"family": "Pike", "given": ["Juno"]},
                    "telecom": [{"system": "phone", "value": "555-555-0199"}],
                }
            ],
        ),
        fhir.patient("example", None),
    )
    assert set(told.rows("watched", "token")) == {
        "0c3151bd-f4d2",
        "R-1001",
        "999-94-5397",
        "Zorba Quillfeather",
        "Zorba May Quillfeather",
        "Dr Zorba Quillfeather",
        "Juno Pike",
        "+15555550123",
        "+15555550199",
        "z@example.org",
        "Van Egmondkade 23",
    }


@pytest.mark.parametrize(
    ("settings", "zone"),
    [
        ({}, "America/New_York"),
        ({"time_zones": {"3": "America/Chicago"}}, "America/Chicago"),
        (
            {"clinics": {"Organization/3": "harbor"}, "time_zones": {"harbor": "America/Denver"}},
            "America/Denver",
        ),
    ],
)
def test_a_patient_lives_in_the_zone_of_the_organization(read, fhir, settings, zone):
    told = read(fhir.patient(managingOrganization={"reference": "Organization/3"}), **settings)
    assert told.rows("patients", "time_zone") == [zone]


def test_a_zone_that_is_none_is_not_believed(read, fhir):
    odd = {"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": "Mars/Olympus"}
    assert read(fhir.patient(extension=[odd])).rows("patients", "time_zone") == ["America/New_York"]
