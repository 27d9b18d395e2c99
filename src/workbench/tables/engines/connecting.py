"""Reaching the canonical tables that stand in an engine."""

import weakref
from importlib import import_module
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from workbench.refusal import Fault, Refused, nearest
from workbench.tables.engines.address import EngineAddress
from workbench.tables.engines.dialects import PostgresSQL
from workbench.tables.engines.failures import guarded, unreachable
from workbench.tables.schema import NUMBER, TABLES, TEXT

# Packages that come with the project's own groups; any other engine's come with Ibis's group of its name.
_OWN_GROUPS = ("postgres", "pyspark")
# A server that is not there is told of soon, one that goes away is noticed, and no database file is made or changed.
_CONNECTIONS: dict[str, dict[str, Any]] = {
    "postgres": {"connect_timeout": 15, "keepalives_idle": 60, "application_name": "workbench"},
    "duckdb": {"read_only": True},
}


def engine_tables(address: EngineAddress, title: str, folder: Path | None) -> dict[str, ir.Table]:
    """The canonical tables that stand in an engine, by name.

    Args:
        address: of the engine.
        title: of the source, for messages.
        folder: the folder of Parquet files that the engine reads; None where it holds the tables itself.

    Raises:
        Refused: a package or a password is missing, the engine cannot be reached or does not accept the user, or
            has none of the tables.
    """
    where = f'source "{title}", engine'
    engine = guarded(connect(address, where), where)
    try:
        found = _files(engine, folder, where) if folder is not None else _tables(engine, address, where)
    except Refused:
        # A Spark session is the process's own, and other sources may be using it.
        if address.kind != "pyspark":
            engine.disconnect()
        raise
    return {name: _as_declared(name, rows) for name, rows in found.items()}


def connect(address: EngineAddress, where: str) -> BaseBackend:
    """An open connection, whose session keeps time in UTC.

    Raises:
        Refused: see `engine_tables`.
    """
    password = address.password(where)
    secret = {} if password is None else {"password": password}
    try:
        if address.kind == "pyspark":
            # pyspark is there only where somebody asked for it.
            return import_module("workbench.tables.engines.spark").spark_engine(address, where)
        given = _CONNECTIONS.get(address.kind, {})
        more = {name: value for name, value in given.items() if name not in address.settings}
        return _prepared(ibis.connect(address.url, **more, **secret))
    except ImportError as error:
        raise Refused(_not_installed(address, error, where)) from None
    except Refused:
        raise
    except Exception as error:  # noqa: BLE001 - every driver has errors of its own, which may quote the password
        raise unreachable(error, where) from None


def _prepared(engine: BaseBackend) -> BaseBackend:
    if engine.name == "duckdb":
        engine.raw_sql("SET TimeZone = 'UTC'")
    elif engine.name == "postgres":
        engine.compiler = PostgresSQL()
        # Of a table cut down to each person's newest row PostgreSQL expects one row, and reads others once for each
        # row it then finds: minutes instead of a second.
        engine.raw_sql("SET enable_nestloop = off").close()
        # The server is not kept waiting by tables that nobody reads any more.
        weakref.finalize(engine, engine.con.close)
    return engine


def _not_installed(address: EngineAddress, error: ImportError, where: str) -> Fault:
    package = _missing_package(error) or address.kind
    what = f"it needs the Python package {package}, which is not installed."
    own = "Run `make engines`."
    mend = (
        own
        if address.kind in _OWN_GROUPS
        else f"Install it: python -m pip install 'ibis-framework[{address.kind}]'."
    )
    return Fault(where, what, mend)


def _missing_package(error: BaseException | None) -> str | None:
    """The package that was looked for, from the innermost error that names one."""
    if error is None:
        return None
    named = error.name.partition(".")[0] if isinstance(error, ModuleNotFoundError) and error.name else None
    return _missing_package(error.__cause__ or error.__context__) or named


def _files(engine: BaseBackend, folder: Path, where: str) -> dict[str, ir.Table]:
    paths = {name: folder / f"{name}.parquet" for name in TABLES}
    found = {name: engine.read_parquet(str(path)) for name, path in paths.items() if path.exists()}
    if not found:
        what = "the folder holds none of the canonical tables."
        mend = "Each is a Parquet file, or a folder of them, named for its table, such as patients.parquet."
        raise Refused(Fault(where, what, mend))
    return found


def _tables(engine: BaseBackend, address: EngineAddress, where: str) -> dict[str, ir.Table]:
    schema = address.schema_name
    if schema is not None and hasattr(engine, "list_databases"):
        catalog, _, name = schema.rpartition(".")
        schemas = engine.list_databases(catalog=catalog or None)
        if name not in schemas:
            what = f'it has no schema "{schema}".{nearest(name, schemas)}'
            raise Refused(Fault(where, what, "Correct schema, or grant its user USAGE on it."))
    names = set(engine.list_tables(database=schema))
    if names.isdisjoint(TABLES):
        place = "it" if schema is None else f'the schema "{schema}"'
        what = f"{place} holds none of the canonical tables, or none that its user may read."
        raise Refused(Fault(where, what, f"They are: {', '.join(TABLES)}."))
    return {name: engine.table(name, database=schema) for name in TABLES if name in names}


def _as_declared(name: str, rows: ir.Table) -> ir.Table:
    """Columns in types of the engine's own, such as decimals and enumerations, as those that studies count with."""
    cast: dict[str, dt.DataType] = {}
    for column, kind in rows.schema().items():
        declared = TABLES[name].columns[column].dtype.type if column in TABLES[name].columns else None
        of_words = kind.is_uuid() or kind.is_unknown() or getattr(kind, "length", None) is not None
        if (declared == NUMBER and kind.is_decimal()) or (declared == TEXT and of_words):
            cast[column] = declared
    return rows.cast(cast) if cast else rows
