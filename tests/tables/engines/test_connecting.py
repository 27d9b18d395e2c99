"""Any engine that Ibis speaks to is reached by its URL; its own types count as the canonical ones."""

import duckdb
import pytest

from workbench.refusal import Refused
from workbench.tables.opening import open_tables
from workbench.tables.source import Source
from workbench.tables.validation import table_faults

# Ibis asks DuckDB for its schemas by an old name.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")


@pytest.fixture
def database(tmp_path):
    """A DuckDB file with two canonical tables in a schema of its own, in types as databases have them."""
    path = tmp_path / "clinic.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute("CREATE SCHEMA canonical")
        made.execute(
            "CREATE TABLE canonical.clinics AS SELECT 'a'::VARCHAR(20) AS clinic_id, 'UTC'::TEXT AS time_zone"
        )
        made.execute(
            "CREATE VIEW canonical.surveys AS SELECT uuid() AS response_id, uuid() AS patient_id, "
            "'PHQ-9' AS instrument, 7.5::DECIMAL(6, 2) AS score, TIMESTAMPTZ '2026-01-01 00:00:00+01' AS responded_at"
        )
        made.execute("CREATE TABLE canonical.invoices AS SELECT 1 AS n")
    return path


def opened(path, **engine):
    keys = {"title": "Clinic", "engine": {"url": f"duckdb://{path}", "schema": "canonical"} | engine}
    return open_tables(Source.model_validate(keys), path.parent)


def test_the_canonical_tables_of_a_schema_are_found_and_no_others(database):
    tables = opened(database)
    assert set(tables.names) == {"clinics", "surveys"}
    assert table_faults(tables, dict.fromkeys(tables.names, ())) == ()


def test_types_of_the_engines_own_are_read_as_canonical_ones(database):
    row = opened(database).whole("surveys").execute().iloc[0]
    assert row["score"] == 7.5
    assert isinstance(row["score"], float)
    assert isinstance(row["patient_id"], str)
    assert row["responded_at"].isoformat() == "2025-12-31T23:00:00+00:00"


def test_nothing_is_written_to_a_database_file(database):
    tables = opened(database)
    assert tables.whole("clinics").cache().count().execute() == 1
    with pytest.raises(Exception, match="did not answer a query"):
        tables.whole("clinics").get_backend().raw_sql("DROP TABLE canonical.clinics")


def test_a_schema_without_any_is_told(database):
    with pytest.raises(Refused, match='the schema "main" holds none of the canonical tables'):
        opened(database, schema="main")
