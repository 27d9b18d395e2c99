"""The simulated provider leaves in vendors' shapes and comes back by ingest: its own tables, up to keys."""

import shutil
from pathlib import Path

import duckdb
import pytest
from cryptography.fernet import Fernet

from workbench.ingest.crosswalk import open_crosswalk
from workbench.ingest.ingesting import ingest
from workbench.protection.key import read_key
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.vendors.contacts import contacts
from workbench.simulate.vendors.writing import SHAPES, SOURCE_FILE, write_vendors
from workbench.tables.generation import current_generation
from workbench.tables.schema import TABLES

OWN = Path(__file__).resolve().parents[2]
# Keys of things are hashed by ingest: they compare by what they link.
KEYS = {"message_id", "reply_id", "appointment_id", "response_id", "clinician_id", "cluster_id"}
# Which text a reply answers is told by no log: ingest infers it, and the tests of the SMS platform hold it to its rule.
INFERRED = {("replies", "message_id")}
# All sessions of a clinician as one: each joined with each appointment would be millions of rows.
CLINICIANS = """(
    SELECT clinician_id, md5(list(starts_at ORDER BY starts_at)::VARCHAR) AS held FROM {}_sessions GROUP BY ALL
)"""
LINKS = (
    ("appointments", "{}_messages", "message_id", "l.booked_at, l.known_at, r.sent_at, r.kind"),
    ("surveys", "{}_messages", "message_id", "l.responded_at, l.instrument, r.sent_at, r.kind"),
    ("appointments", CLINICIANS, "clinician_id", "l.starts_at, l.known_at, l.clinic_id, r.held"),
)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """An engine with every simulated table as `given_…` and every ingested one as `got_…`, people named alike."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_KEY", Fernet.generate_key().decode())
        root = tmp_path_factory.mktemp("project")
        (root / "notebooks").mkdir()
        shutil.copytree(OWN / "params" / "sources", root / "params" / "sources")
        provider = simulate_provider(ProviderSettings(patients=800, seed=7))
        write_vendors(provider, root / "data" / "exports", SHAPES, "data/exports")
        shutil.copy(root / "data" / "exports" / SOURCE_FILE, root / "params" / "sources" / "exported.yaml")
        ingest("exported", root, lambda _: None)
        current = current_generation(root / "data" / "exports_ingested")
        assert current is not None
        with duckdb.connect() as engine:
            engine.execute("SET TimeZone = 'UTC'")
            engine.register("contacts", contacts(provider.tables["patients"]))
            engine.register("keys", open_crosswalk(current, read_key()).keys)
            engine.execute(
                "CREATE TABLE people AS SELECT c.patient_id, k.pseudonym FROM contacts c JOIN keys k "
                "ON k.kind = 'record' AND k.value = c.record_number"
            )
            for name in TABLES:
                engine.register("simulated", provider.tables[name])
                engine.execute(f"CREATE TABLE given_{name} AS FROM simulated")
                engine.execute(f"CREATE TABLE got_{name} AS FROM '{current / name}.parquet'")
                if "patient_id" in TABLES[name].columns:
                    engine.execute(
                        f"UPDATE got_{name} SET patient_id = people.patient_id "
                        f"FROM people WHERE people.pseudonym = got_{name}.patient_id"
                    )
            yield engine


def columns(engine, table):
    return [name for name, *_ in engine.execute(f"DESCRIBE {table}").fetchall()]


def differing(engine, given, got):
    """Rows of either query that the other lacks."""
    counts = [
        engine.execute(f"SELECT count(*) FROM ({one} EXCEPT ALL {other})").fetchone()[0]
        for one, other in ((given, got), (got, given))
    ]
    return tuple(counts)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_comes_back_row_by_row(both, name):
    named = [f'"{column}"' for column in columns(both, f"given_{name}") if column not in KEYS]
    assert both.execute(f"SELECT count(*) FROM given_{name}").fetchone()[0] > 0
    given, got = (f"SELECT {', '.join(named)} FROM {side}_{name}" for side in ("given", "got"))
    assert differing(both, given, got) == (0, 0)


@pytest.mark.parametrize("name", TABLES)
def test_keys_name_as_many_things_as_before(both, name):
    for key in KEYS & set(columns(both, f"given_{name}")):
        if (name, key) in INFERRED:
            continue
        counts = [
            both.execute(f"SELECT count({key}), count(DISTINCT {key}) FROM {side}_{name}").fetchone()
            for side in ("given", "got")
        ]
        assert counts[0] == counts[1]


@pytest.mark.parametrize(("left", "right", "key", "told"), LINKS, ids=["bookings", "surveys", "sessions"])
def test_keys_link_the_same_rows_across_vendors(both, left, right, key, told):
    given, got = (
        f"SELECT l.patient_id, {told} FROM {side}_{left} l JOIN {right.format(side)} r USING ({key})"
        for side in ("given", "got")
    )
    assert both.execute(f"SELECT count(*) FROM ({given})").fetchone()[0] > 0
    assert differing(both, given, got) == (0, 0)
