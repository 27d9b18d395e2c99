"""The simulated provider's health record, written as a bulk export and read back: its own tables, exactly."""

from datetime import UTC, datetime

import duckdb
import pytest

from workbench.ingest.fhir.reader import read_fhir
from workbench.ingest.fhir.settings import FhirFeed
from workbench.ingest.reading import Export
from workbench.parameters.validation import validated
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.vendors.contacts import contacts
from workbench.simulate.vendors.fhir import fhir_feed_settings, write_fhir

ENDS = datetime(2026, 11, 16, tzinfo=UTC)
# What FHIR does not carry: consents by keyword and surveys by text come from the vendors of texts and surveys.
CARRIED = {
    "patients": "true",
    "patient_states": "true",
    "appointments": "true",
    "clinics": "true",
    "consents": "source <> 'keyword'",
    "surveys": "message_id IS NULL",
}
NOT_CARRIED = {"surveys": {"message_id"}}


@pytest.fixture(scope="module")
def tables():
    return simulate_provider(ProviderSettings(patients=500, seed=5)).tables


@pytest.fixture(scope="module")
def engine():
    """One engine for all tests of this file, which read and change nothing."""
    with duckdb.connect() as made:
        made.execute("SET TimeZone = 'UTC'")
        yield made


@pytest.fixture(scope="module")
def reading(tables, engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    files = write_fhir(tables, folder, exported_at=ENDS)
    for name in CARRIED:
        engine.register(f"simulated_{name}", tables[name])
    engine.register("contacts", contacts(tables["patients"]))
    feed = validated(FhirFeed, fhir_feed_settings(ENDS), str)
    return read_fhir(Export(engine, tuple(sorted(files)), "feed_", ENDS, folder), feed)


def columns(engine, table):
    return {name for name, *_ in engine.execute(f"DESCRIBE {table}").fetchall()}


@pytest.mark.parametrize("name", CARRIED)
def test_a_table_comes_back_exactly(reading, engine, name):
    staged, simulated = reading.tables[name], f"simulated_{name}"
    named = columns(engine, simulated) & columns(engine, staged)
    lacking = columns(engine, simulated) - named - {"patient_id"}
    assert lacking == NOT_CARRIED.get(name, set())
    shown = sorted(named)
    # A text's key is the SMS platform's, in both.
    wanted = [f"'SM' || md5({column})" if column == "message_id" else column for column in shown]
    people = ""
    if "patient_id" in columns(engine, simulated):
        shown, wanted = ["patient_id", *shown], ["patient_id", *wanted]
        people = (
            f"JOIN {reading.links} AS link ON link.kind = person_kind AND link.value = person_value "
            "JOIN contacts ON record_number = link.record"
        )
    got = f"SELECT {', '.join(shown)} FROM {staged} {people}"
    given = f"SELECT {', '.join(wanted)} FROM {simulated} WHERE {CARRIED[name]}"
    assert engine.execute(f"SELECT count(*) FROM ({given})").fetchone()[0] > 0
    for one, other in ((given, got), (got, given)):
        assert engine.execute(f"SELECT count(*) FROM ({one} EXCEPT ALL {other})").fetchone() == (0,)


def test_every_line_is_used_and_nothing_odd_is_told(reading):
    assert {each.records for each in reading.accounts} == {
        "Patient",
        "Appointment",
        "EpisodeOfCare",
        "Condition",
        "Consent",
        "QuestionnaireResponse",
        "Location",
        "Organization",
        "Practitioner",
    }
    for account in reading.accounts:
        assert account.used == account.read > 0
    assert {each.reason for account in reading.accounts for each in account.told} == {"of an earlier version"}


def test_contact_points_and_tokens_come_along(reading, engine, tables):
    told = engine.execute("SELECT phone, email, given || ' ' || family, record_number FROM contacts").fetchall()
    points = engine.execute(f"SELECT value FROM {reading.contacts}").fetchall()
    assert sorted(value for (value,) in points) == sorted(value for row in told for value in row[:2])
    watched = {token for (token,) in engine.execute(f"SELECT token FROM {reading.watched}").fetchall()}
    assert {value for row in told for value in row} <= watched
