"""The lists that the simulated provider keeps itself, written as flat files and read back, exactly."""

from datetime import UTC, datetime

import pytest

from workbench.ingest.mapped.reader import read_mapped
from workbench.ingest.mapped.settings import MappedFeed
from workbench.parameters.validation import validated
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.vendors.contacts import contacts
from workbench.simulate.vendors.csv import csv_feed_settings, write_csv

ENDS = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def tables():
    return simulate_provider(ProviderSettings(patients=600, seed=11)).tables


@pytest.mark.parametrize("name", ["assignments", "sessions", "clinics"])
def test_what_is_read_back_is_what_was_written(tables, make_export, engine, tmp_path, name):
    feed = validated(MappedFeed, csv_feed_settings(ENDS), str)
    reading = read_mapped(make_export({}, *write_csv(tables, tmp_path)), feed)
    engine.register("given", tables[name])
    engine.register("contacts", contacts(tables["patients"]))
    columns = ", ".join(f"given.{column}" for column in tables[name].column_names if column != "patient_id")
    simulated = f"SELECT {columns} FROM given"
    if name == "assignments":
        simulated = (
            f"SELECT 'record' AS person_kind, record_number AS person_value, {columns} "
            "FROM given JOIN contacts USING (patient_id)"
        )
    staged = f"SELECT {_names(simulated, engine)} FROM {reading.tables[name]}"
    for one, other in ((simulated, staged), (staged, simulated)):
        assert engine.execute(f"SELECT count(*) FROM ({one} EXCEPT ALL {other})").fetchone() == (0,)
    account = next(each for each in reading.accounts if each.table == name)
    assert account.read == account.used == tables[name].num_rows > 0
    assert account.dropped == account.told == ()


def _names(query, engine):
    return ", ".join(name for name, *_ in engine.execute(f"DESCRIBE {query}").fetchall())
