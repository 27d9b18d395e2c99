"""An engine that cannot be reached, or goes away, is told in a sentence: no traceback, no password, no row."""

import os
import subprocess
import sys
import threading
import time

import ibis
import pytest

from workbench.refusal import Refused
from workbench.runs.bounds import Bounds
from workbench.runs.execution import execute
from workbench.runs.failures import ExecutionFailed
from workbench.tables.engines.failures import ConnectionLost, EngineFailed
from workbench.tables.opening import open_tables
from workbench.tables.source import Source

WHERE = 'source "Clinic", engine: '


@pytest.fixture
def open_in(server, tmp_path):
    """Opens a source of the server; its connections are closed after the test."""
    opened = []

    def opening(**engine):
        opened.append(open_tables(Source.model_validate(server.source(**engine)), tmp_path))
        return opened[-1]

    yield opening
    for tables in opened:
        tables.whole("patients").get_backend().con.close()


def told_of(refused) -> str:
    """What is said, of which nothing may be the password or an engine's own words."""
    assert "battery" not in str(refused.value)
    assert "FATAL" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    return str(refused.value)


def test_a_wrong_password_is_told_and_not_repeated(open_in, monkeypatch):
    monkeypatch.setenv("CLINIC_PASSWORD", "wrong battery")
    with pytest.raises(Refused) as refused:
        open_in()
    assert told_of(refused) == (
        f"{WHERE}it did not accept the user or the password. "
        "Check the user in the url, and PGPASSWORD or the variable that password_from names."
    )


def test_the_clients_own_variable_will_do(open_in, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", os.environ["CLINIC_PASSWORD"])
    assert "messages" in open_in(password_from=None).names
    monkeypatch.delenv("PGPASSWORD")
    with pytest.raises(Refused, match="did not accept the user or the password"):
        open_in(password_from=None)


def test_a_variable_that_is_not_set_is_told(open_in):
    with pytest.raises(Refused, match="the variable OTHER_PASSWORD, which holds the password, is not set"):
        open_in(password_from="OTHER_PASSWORD")


@pytest.mark.parametrize(
    ("engine", "told"),
    [
        ({"schema": "canonicl"}, 'it has no schema "canonicl". Did you mean "canonical"?'),
        (
            {"schema": "public"},
            'the schema "public" holds none of the canonical tables, or none that its user may read.',
        ),
        ({"schema": None}, "it holds none of the canonical tables, or none that its user may read."),
        ({"url": "postgres://analyst@127.0.0.1:1/clinic"}, "it cannot be reached (OperationalError)."),
        ({"url": "postgres://analyst@host.invalid/clinic"}, "it cannot be reached (OperationalError)."),
        (
            {"url": "duckdb:///nowhere/clinic.duckdb", "password_from": None},
            "there is no database of that name.",
        ),
    ],
)
def test_what_is_not_there_is_told(engine, told, open_in):
    with pytest.raises(Refused) as refused:
        open_in(**engine)
    assert told_of(refused).startswith(f"{WHERE}{told}")


def test_an_unknown_database_is_told(open_in, server):
    with pytest.raises(Refused) as refused:
        open_in(url=server.url.replace("clinic", "hospital"))
    assert told_of(refused) == f"{WHERE}there is no database of that name. Correct the url."


@ibis.udf.scalar.builtin
def pg_sleep(seconds: float) -> str:
    """Keeps the server busy."""


def terminate_when_busy(server, process: int) -> None:
    """End a connection in the middle of its query."""
    with server.owner() as owner:
        busy = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
        while owner.execute(busy, (process,)).fetchone()[0] == 0:
            time.sleep(0.02)
        owner.execute("SELECT pg_terminate_backend(%s)", (process,))


def test_a_connection_lost_in_the_middle_of_a_query_is_told(open_in, server):
    patients = open_in().whole("patients")
    process = patients.get_backend().con.info.backend_pid
    # What is kept in the connection is gone with it, without a word.
    kept = patients.limit(1).cache()
    ending = threading.Thread(target=terminate_when_busy, args=(server, process))
    ending.start()
    with pytest.raises(ConnectionLost) as lost:
        kept.mutate(slept=pg_sleep(30.0)).execute()
    ending.join()
    expected = (
        f"{WHERE}the connection was lost in the middle of a query. Run it again once the engine is there."
    )
    assert told_of(lost) == expected
    with pytest.raises(ConnectionLost) as again:
        patients.count().execute()
    assert told_of(again) == expected
    del kept


def test_an_error_that_quotes_a_row_is_told_by_its_kind(open_in):
    patients = open_in().whole("patients")
    with pytest.raises(EngineFailed) as failed:
        patients["patient_id"].cast("int64").sum().execute()
    assert told_of(failed) == (
        f"{WHERE}it did not answer a query (InvalidTextRepresentation). "
        "Look at the tables with the engine's own tools, and check them by `workbench check`."
    )
    assert patients.count().execute() == 1_000


def test_a_query_that_cannot_be_written_is_no_fault_of_the_engine(open_in):
    with pytest.raises(AttributeError):
        open_in().whole("patients").no_such_column.sum().execute()


def test_what_a_user_may_not_do_and_what_takes_too_long_are_told(open_in, server):
    tables = open_in()
    with server.owner() as owner:
        owner.execute("REVOKE SELECT ON canonical.surveys FROM analyst")
        try:
            with pytest.raises(EngineFailed, match="its user may not do what a query needs"):
                tables.whole("surveys").count().execute()
        finally:
            owner.execute("GRANT SELECT ON canonical.surveys TO analyst")
    patients = tables.whole("patients")
    patients.get_backend().raw_sql("SET statement_timeout = 50").close()
    with pytest.raises(EngineFailed, match="it broke the query off, as it took too long"):
        patients.limit(1).mutate(slept=pg_sleep(30.0)).execute()
    patients.get_backend().raw_sql("SET default_transaction_read_only = on").close()
    with pytest.raises(EngineFailed, match="it takes no temporary tables"):
        patients.limit(1).cache()


def test_a_notebook_that_loses_its_connection_ends_in_a_sentence(project, server, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(project.root))
    project.write_source("clinic", **server.source(), location=None)
    (project.root / "params" / "sources" / "sample.yaml").unlink()
    notebook = project.write_notebook(
        "from workbench.tables.opening import open_source",
        "tables = open_source('clinic')",
        "tables.whole('patients').get_backend().raw_sql('SELECT pg_terminate_backend(pg_backend_pid())')",
        "open('data/trace', 'w')",
    )
    folder = tmp_path / "private"
    folder.mkdir()
    with pytest.raises(ExecutionFailed) as failed:
        execute(notebook, {}, folder, project.root, lambda cell, cells: None, Bounds())
    assert str(failed.value) == (
        "Cell 5 lost the connection to the source's engine. "
        "Run it again once the engine is there; nothing was published."
    )
    assert not (project.root / "data" / "trace").exists()


SPARK_ALONE = """
import os, signal, sys
from pathlib import Path
from workbench.tables.opening import open_tables
from workbench.tables.source import Source
source = {"title": "Clinic", "location": sys.argv[1], "engine": {"url": sys.argv[2]}}
tables = open_tables(Source.model_validate(source), Path("/"))
patients = tables.whole("patients")
for ask in (
    lambda: patients["patient_id"].cast("int64").sum().execute(),
    lambda: open_tables(Source.model_validate(source | {"engine": {"url": "pyspark://local[7]"}}), Path("/")),
    lambda: os.kill(patients.get_backend()._session.sparkContext._gateway.proc.pid, signal.SIGKILL),
    lambda: patients.count().execute(),
):
    try:
        ask()
    except Exception as error:
        print(type(error).__name__, error)
"""


def alone(code, *words, **more):
    """A program in a process of its own."""
    environment = {**os.environ, **more}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def test_spark_that_goes_away_is_told_and_its_log_says_nothing(spark_url, provider_folder):
    done = alone(SPARK_ALONE, provider_folder, spark_url)
    kinds = [line.partition(" ")[0] for line in done.stdout.splitlines()]
    assert kinds == ["EngineFailed", "EngineFailed", "ConnectionLost"], done.stdout + done.stderr
    assert "it did not answer a query (NumberFormatException)." in done.stdout
    assert "a Spark session of local[1] is open already in this process." in done.stdout
    a_patient = "p0"
    said = [line for line in done.stderr.splitlines() if "incubator" not in line and "JAVA_TOOL" not in line]
    assert said == []
    assert a_patient not in done.stdout


OPENED_WITHOUT = """
import sys
from pathlib import Path
for module in sys.argv[2:]:
    sys.modules[module] = None
from workbench.refusal import Refused
from workbench.tables.opening import open_tables
from workbench.tables.source import Source
try:
    open_tables(Source.model_validate({"title": "Clinic", "engine": {"url": sys.argv[1]}}), Path("/"))
except Refused as refused:
    print(refused)
"""


@pytest.mark.parametrize(
    ("url", "package", "mend"),
    [
        ("postgres://a@127.0.0.1:1/b", "psycopg", "Run `make engines`."),
        ("pyspark://local[1]", "pyspark", "Run `make engines`."),
        ("trino://a@127.0.0.1:1/b", "trino", "Install it: python -m pip install 'ibis-framework[trino]'."),
    ],
)
def test_a_package_that_is_missing_is_told(url, package, mend):
    done = alone(OPENED_WITHOUT, url, package)
    assert done.stderr == ""
    assert done.stdout == f"{WHERE}it needs the Python package {package}, which is not installed. {mend}\n"


def test_spark_without_java_is_told(spark_url):
    done = alone(OPENED_WITHOUT, spark_url, PATH="/nowhere", JAVA_HOME="/nowhere")
    assert done.stdout.startswith(f"{WHERE}Spark does not start. Install Java 17 or newer")
