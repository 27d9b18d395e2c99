"""FHIR's moments and references, as the macros read them."""

import json

import pytest

from workbench.ingest.fhir.macros import CONTAINED, REFERENCE, define_macros, first_looked_up, looked_up


@pytest.fixture
def told(engine):
    define_macros(engine)

    def value(expression, *values):
        return engine.execute(f"SELECT ({expression})::VARCHAR", list(values)).fetchone()[0]

    return value


@pytest.mark.parametrize(
    ("given", "moment", "until"),
    [
        ("2026", "2026-01-01 05:00:00+00", "2027-01-01 05:00:00+00"),
        ("2026-02", "2026-02-01 05:00:00+00", "2026-03-01 05:00:00+00"),
        ("2026-07-04", "2026-07-04 04:00:00+00", "2026-07-05 04:00:00+00"),
        ("2026-03-08", "2026-03-08 05:00:00+00", "2026-03-09 04:00:00+00"),
        ("2026-07-04T12:00:00Z", "2026-07-04 12:00:00+00", "2026-07-04 12:00:00+00"),
        ("2026-07-04T12:00:00.5606061-04:00", "2026-07-04 16:00:00.560606+00", "2026-07-04 16:00:00.560606+00"),
        ("2026-07-04T12:00+10:00", "2026-07-04 02:00:00+00", "2026-07-04 02:00:00+00"),
        ("2026-07-04T12:00:00", "2026-07-04 16:00:00+00", "2026-07-04 16:00:00+00"),
        ("2026-02-30", None, None),
        ("07/04/2026", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_moments(told, given, moment, until):
    assert told("fhir_moment(?, 'America/New_York')", given) == moment
    assert told("fhir_until(?, 'America/New_York')", given) == until


@pytest.mark.parametrize(
    ("ref", "found", "key", "names"),
    [
        ({"reference": "Patient/p-1"}, "p-1", None, True),
        ({"reference": "Patient/p-1/_history/2"}, "p-1", None, True),
        ({"reference": "https://ehr.example/fhir/Patient/p-1"}, "p-1", None, True),
        ({"reference": "urn:uuid:0c3151bd"}, None, "0c3151bd", False),
        ({"reference": "Patient?identifier=urn:records|R-1"}, None, "urn:records|R-1", True),
        ({"reference": "Patient?active=true&identifier=urn%3Arecords%7CR-1"}, None, "urn:records|R-1", True),
        ({"identifier": {"system": "urn:records", "value": "R-1"}}, None, "urn:records|R-1", False),
        ({"type": "Patient", "identifier": {"value": "R-1"}}, None, "|R-1", True),
        ({"type": "Location", "identifier": {"value": "R-1"}}, None, None, False),
        ({"reference": "#inside"}, None, "urn:records|R-7", True),
        ({"reference": "#elsewhere"}, None, None, False),
        ({"reference": "Location/p-1"}, None, None, False),
        ({"reference": "RelatedPatient/p-1"}, None, None, False),
        ({"reference": "Patient/"}, None, None, False),
        ({"display": "Ann"}, None, None, False),
    ],
)
def test_references(engine, tmp_path, ref, found, key, names):
    contained = [
        {"id": "inside", "resourceType": "Patient", "identifier": [{"system": "urn:records", "value": "R-7"}]}
    ]
    file = tmp_path / "line.ndjson"
    file.write_text(json.dumps({"ref": ref, "contained": contained}), encoding="utf-8")
    define_macros(engine)
    shown = ", ".join(
        f"{macro}(fhir_outside(ref, contained), 'Patient')" for macro in ("fhir_id", "fhir_key", "fhir_names")
    )
    shapes = f"{{ref: '{REFERENCE}', contained: '{CONTAINED}'}}"
    line = f"read_json(?, format = 'newline_delimited', columns = {shapes})"
    assert engine.execute(f"SELECT {shown} FROM {line}", [str(file)]).fetchone() == (found, key, names)


def test_a_mapping_is_looked_up(told):
    mapping = {"s|it's": "one", "s|b": "two"}
    assert told(looked_up(mapping, "'s|it''s'")) == "one"
    assert told(looked_up(mapping, "'s|c'")) is None
    assert told(looked_up({}, "'s|c'")) is None
    assert told(first_looked_up(mapping, "['s|c', 's|b', 's|it''s']")) == "two"
    assert told(first_looked_up(mapping, "([]::VARCHAR[])")) is None
