"""A bulk export of Synthea's and HL7's own examples, where they are on the machine."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workbench.ingest.fhir.reader import read_fhir
from workbench.ingest.settings import read_ingest_settings
from workbench.refusal import Refused

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "params" / "sources" / "fhir_bulk.yaml"


@pytest.fixture
def formats() -> Path:
    folder = os.environ.get("WORKBENCH_DATA")
    if not folder or not (Path(folder) / "formats").is_dir():
        pytest.skip("WORKBENCH_DATA is not set to a folder with the exports in formats/")
    return Path(folder) / "formats"


def reasons(told):
    return {each.reason: each.rows for each in told}


def test_the_bulk_export_of_the_source_file(formats, make_export, engine):
    settings = read_ingest_settings(SOURCE, ROOT)
    (feed,) = settings.feeds
    files = sorted((formats.parent / settings.exports).glob(feed.files))
    reading = read_fhir(make_export({}, *files, exported_at=feed.exported_at), feed)
    told = {each.records: each for each in reading.accounts}
    counts = {name: (each.read, each.used) for name, each in told.items()}
    assert counts == {
        "Patient": (133, 120),
        "Encounter": (1215, 1134),
        "Condition": (555, 109),
        "Location": (44, 44),
        "Organization": (43, 43),
        "Practitioner": (43, 43),
        "other lines": (4, 0),
    }
    assert reasons(told["Patient"].dropped) == {"repeating another line": 13}
    assert reasons(told["Patient"].told) == {}
    # Every visit's patient, clinic and clinician is found, each by a conditional reference or an id.
    assert reasons(told["Encounter"].told) == {}
    visits = engine.execute(
        f"SELECT count(*), count(clinic_id), count(clinician_id), count(DISTINCT person_value) "
        f"FROM {reading.tables['appointments']}"
    ).fetchone()
    assert visits == (1134, 1134, 1134, 13)


@pytest.fixture
def examples(formats, make_export, make_feed):
    def read(**settings):
        files = sorted(formats.glob("fhir_r4_examples.*.ndjson"))
        return read_fhir(
            make_export({}, *files, exported_at=datetime(2026, 1, 1, tzinfo=UTC)), make_feed(**settings)
        )

    return read


def test_record_numbers_of_hl7s_examples_are_of_many_systems(examples):
    with pytest.raises(Refused, match="come from 6 systems"):
        examples()


def test_hl7s_examples(examples, engine):
    reading = examples(record_system="urn:oid:0.1.2.3.4.5.6.7", phone_country="61")
    told = {each.records: each for each in reading.accounts}
    assert reasons(told["Appointment"].dropped) == {
        "not booked yet": 1,
        "with a patient for information only": 1,
    }
    assert engine.execute(
        "SELECT person_value, clinic_id, clinician_id, status, strftime(booked_at, '%x'), duration_minutes "
        f"FROM {reading.tables['appointments']}"
    ).fetchall() == [("example", "1", "example", "scheduled", "2013-10-10", 120)]
    assert reasons(told["Consent"].dropped) == {"of a category and scope that the settings do not name": 12}
    assert told["Patient"].used == 22
    assert reasons(told["Patient"].told)["without a record number"] == 18
    assert reasons(told["Patient"].told)["deceased without a date, which counts as the last update"] == 1
    phones = {value for (value,) in engine.execute(f"SELECT value FROM {reading.contacts}").fetchall()}
    assert {"+61355556473", "+31612345678"} <= phones
