"""An engine's failure told in a sentence by its kind, never by its own text, which may quote rows or a password."""

from collections.abc import Callable
from functools import wraps
from subprocess import TimeoutExpired
from typing import Any

from ibis.backends import BaseBackend

from workbench.refusal import Fault, Refused

# What may reach the engine when a study asks for something.
_ASKING = (
    "execute",
    "to_pyarrow",
    "to_pyarrow_batches",
    "table",
    "get_schema",
    "list_tables",
    "list_databases",
    "read_parquet",
    "create_table",
    "raw_sql",
    "_cached_table",
)
# Classes that the drivers' errors are of: those of PEP 249, of Spark and of its gateway.
_OF_DRIVERS = {"Error", "PySparkException", "Py4JError"}
_OF_CONNECTIONS = {"ConnectionError", "OperationalError", "InterfaceError", "Py4JNetworkError", "EOFError"}
# SQLSTATE codes, of ISO 9075 and of PostgreSQL, beside those that say that the connection broke.
_CANCELED = "57014"
_NOT_ALLOWED = "42501"
_READ_ONLY = "25006"
_FULL = "53"
_ABOUT_CREDENTIALS = ("password", "authenticat", "credential", "role", "access denied", "login", "permission")


class EngineFailed(Refused):
    """An engine did not answer a query, told by kind."""


class ConnectionLost(EngineFailed):
    """The connection to an engine broke off."""


def guarded(engine: BaseBackend, where: str) -> BaseBackend:
    """The engine, whose failures are told in sentences from now on.

    Args:
        engine: a connection.
        where: words for its place, such as 'source "Clinic", engine'.
    """
    for name in _ASKING:
        if hasattr(engine, name):
            setattr(engine, name, _telling(getattr(engine, name), engine, where))
    if hasattr(engine, "_drop_cached_table"):
        engine._drop_cached_table = _unless_gone(engine._drop_cached_table, engine)
    return engine


def unreachable(error: Exception, where: str) -> EngineFailed:
    """What is told where no connection came about: the error's text is read, and never repeated."""
    text = str(error).lower()
    if "database" in text and "does not exist" in text:
        return EngineFailed(Fault(where, "there is no database of that name.", "Correct the url."))
    if any(word in text for word in _ABOUT_CREDENTIALS):
        what = "it did not accept the user or the password."
        mend = "Check the user in the url, and PGPASSWORD or the variable that password_from names."
        return EngineFailed(Fault(where, what, mend))
    what = f"it cannot be reached ({type(error).__name__})."
    return EngineFailed(Fault(where, what, "Check the url, the network, and that the server runs."))


def _telling(ask: Callable[..., Any], engine: BaseBackend, where: str) -> Callable[..., Any]:
    @wraps(ask)
    def asked(*given: Any, **named: Any) -> Any:
        try:
            return ask(*given, **named)
        except Refused:
            raise
        except Exception as error:
            failed = _failure(error, engine, where)
            if failed is None:
                raise
            raise failed from None

    return asked


def _unless_gone(drop: Callable[[str], None], engine: BaseBackend) -> Callable[[str], None]:
    """What a connection kept for itself is gone with it."""

    @wraps(drop)
    def dropped(name: str) -> None:
        try:
            drop(name)
        except Exception as error:
            if _failure(error, engine, "") is None:
                raise

    return dropped


def _failure(error: Exception, engine: BaseBackend, where: str) -> EngineFailed | None:
    """What is told of an error; None where it is not the engine's, such as a query that cannot be written."""
    kinds = _kinds(error)
    state = getattr(error, "sqlstate", None) or ""
    if state == _CANCELED:
        what, mend = (
            "it broke the query off, as it took too long.",
            "Allow the user a longer statement_timeout.",
        )
    elif state == _NOT_ALLOWED:
        what = "its user may not do what a query needs."
        mend = "Grant SELECT on every canonical table, USAGE on their schema, and TEMPORARY on the database."
    elif state == _READ_ONLY:
        what = "it takes no temporary tables, which studies keep counts in."
        mend = "Take a server that is no read-only replica, and a user whose transactions may write."
    elif state.startswith(_FULL):
        what, mend = (
            f"it ran out of room ({type(error).__name__}).",
            "Free room on the server, and run it again.",
        )
    elif kinds & _OF_CONNECTIONS or _is_gone(engine):
        what, mend = (
            "the connection was lost in the middle of a query.",
            "Run it again once the engine is there.",
        )
        return ConnectionLost(Fault(where, what, mend))
    elif kinds & _OF_DRIVERS:
        what = f"it did not answer a query ({type(error).__name__})."
        mend = "Look at the tables with the engine's own tools, and check them by `workbench check`."
    else:
        return None
    return EngineFailed(Fault(where, what, mend))


def _kinds(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _is_gone(engine: BaseBackend) -> bool:
    """Whether a connection says of itself that it is closed."""
    if engine.name == "pyspark":
        context = engine._session.sparkContext
        return context._jsc is None or _has_ended(context._gateway)
    return bool(getattr(getattr(engine, "con", None), "closed", False))


def _has_ended(gateway: Any) -> bool:
    """Whether the Java process of a Spark session has ended; it may be about to when its answers stay out."""
    process = getattr(gateway, "proc", None)
    try:
        return process is not None and process.wait(timeout=0.5) is not None
    except TimeoutExpired:
        return False
