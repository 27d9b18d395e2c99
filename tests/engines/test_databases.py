"""Tables as databases have them: types of PostgreSQL's own count as the canonical ones."""

from datetime import date
from pathlib import Path

import pytest

from workbench.tables.cohort import EVERYBODY
from workbench.tables.opening import open_tables
from workbench.tables.source import Source
from workbench.tables.validation import table_faults

TABLE = """
    CREATE SCHEMA own;
    CREATE TYPE own.instrument AS ENUM ('PHQ-9', 'GAD-7');
    CREATE TABLE own.invoices (n integer);
    CREATE TABLE own.surveys (
        response_id uuid, patient_id varchar(20), message_id char(6), instrument own.instrument,
        score numeric(5, 1), responded_at timestamptz(3)
    );
    INSERT INTO own.surveys VALUES (gen_random_uuid(), 'p', 'm', 'GAD-7', 3.5, '2026-01-01T00:00:00+01');
    CREATE VIEW own.clinics AS SELECT 'c'::text AS clinic_id, 'UTC'::text AS time_zone;
    GRANT USAGE ON SCHEMA own TO analyst;
    GRANT SELECT ON ALL TABLES IN SCHEMA own TO analyst;
"""


@pytest.fixture
def tables(server):
    with server.owner() as owner:
        owner.execute(TABLE)
        yield open_tables(Source.model_validate(server.source(schema="own")), Path("/"))
        owner.execute("DROP SCHEMA own CASCADE")


def test_types_of_its_own_are_read_as_canonical_ones(tables):
    assert tables.names == ("surveys", "clinics")
    assert table_faults(tables, dict.fromkeys(tables.names, ())) == ()
    row = tables.known(date(2026, 2, 1), EVERYBODY).table("surveys").execute().iloc[0]
    assert (row["patient_id"], row["message_id"].rstrip(), row["instrument"], row["score"]) == (
        "p",
        "m",
        "GAD-7",
        3.5,
    )
    assert row["responded_at"].isoformat() == "2025-12-31T23:00:00+00:00"


def test_a_time_without_a_zone_is_refused(tables, server):
    with server.owner() as owner:
        owner.execute("ALTER TABLE own.surveys ALTER responded_at TYPE timestamp")
    again = open_tables(tables.source, Path("/"))
    (fault,) = table_faults(again, {"surveys": ()})
    assert fault.where == "table surveys, column responded_at"
    assert "timestamp('UTC')" in fault.mend
