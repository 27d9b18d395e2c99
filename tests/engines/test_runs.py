"""A parameter set on a source in a database: checked, run, left alone while nothing changed, and told when it broke."""

import pytest

# A booking that became known after the study's day.
LATER = """
    INSERT INTO canonical.appointments (appointment_id, patient_id, booked_at, status, known_at)
    SELECT 'later', patient_id, TIMESTAMPTZ '2027-01-01', 'scheduled', TIMESTAMPTZ '2027-01-01'
    FROM canonical.patients LIMIT 1
"""


@pytest.fixture
def clinic(project, server):
    """A project whose source stands in the server."""
    project.write_source("sample", **server.source(), location=None)
    for file in project.data.iterdir():
        file.unlink()
    return project


@pytest.fixture
def owner(server):
    with server.owner() as connection:
        yield connection


@pytest.fixture
def first(owner):
    """Moves the booking that was made first; it is put back after the test."""
    earliest = "(SELECT appointment_id FROM canonical.appointments ORDER BY known_at, appointment_id LIMIT 1)"
    moved = f"UPDATE canonical.appointments SET booked_at = booked_at {{}} WHERE appointment_id = {earliest}"
    yield lambda: owner.execute(moved.format("- INTERVAL '1 second'"))
    owner.execute(moved.format("+ INTERVAL '1 second'"))


def test_it_is_checked_and_published_and_run_again_only_when_a_row_changed(clinic, workbench, owner, first):
    assert workbench("check", "params/sources", "params").code == 0
    assert workbench("run", "params").out.startswith("published ")
    assert workbench("run", "params").out.startswith("unchanged ")
    owner.execute(LATER)
    assert workbench("run", "params").out.startswith("unchanged ")
    owner.execute("DELETE FROM canonical.appointments WHERE appointment_id = 'later'")
    first()
    done = workbench("run", "params")
    assert done.out.startswith("published ")
    assert "changed: data" in done.out


def test_a_run_that_loses_its_connection_fails_with_a_sentence_and_leaves_no_report(clinic, workbench):
    clinic.write_notebook(
        "from workbench.tables.opening import open_source",
        "engine = open_source('sample').whole('patients').get_backend()",
        "engine.raw_sql('SELECT pg_terminate_backend(pg_backend_pid())')",
    )
    done = workbench("run", "params")
    assert done.code == 1
    assert done.out.startswith("failed ")
    assert (
        "Cell 6 lost the connection to the source's engine. Run it again once the engine is there" in done.out
    )
    assert "Traceback" not in done.told
    assert clinic.store.latest("ab_test", "wording") is None
    assert clinic.states() == ["failed"]


def test_a_server_that_is_not_there_is_told_before_anything_runs(clinic, workbench, server):
    clinic.write_source("sample", **server.source(url="postgres://analyst@127.0.0.1:1/clinic"), location=None)
    done = workbench("run", "params")
    assert done.code == 2
    assert done.out.startswith("refused ")
    assert "it cannot be reached (OperationalError)" in done.out
    assert clinic.nothing_ran()
