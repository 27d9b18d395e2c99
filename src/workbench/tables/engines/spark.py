"""A Spark session: quiet, in UTC, of this machine or of a cluster."""

import logging
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.schema as sch
from ibis.backends import BaseBackend
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from workbench.refusal import Fault
from workbench.tables.engines.address import EngineAddress
from workbench.tables.engines.dialects import SparkSQL
from workbench.tables.engines.failures import EngineFailed
from workbench.tables.schema import TIME

# Spark's own log quotes the values that a query stumbles over; here it is off before the session starts.
_ALWAYS = {
    "spark.ui.showConsoleProgress": "false",
    # By way of Arrow a query that fails is told in a warning too, with the value it stumbled over.
    "spark.sql.execution.arrow.pyspark.enabled": "false",
}
_CLUSTER = {"spark.log.level": "OFF"}
_LOCAL = {
    "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # A study joins and sorts many tables in one step; each sort takes a page, by default 64 MB.
    "spark.buffer.pageSize": "1m",
}


def spark_engine(address: EngineAddress, where: str) -> BaseBackend:
    """The Spark session at an address such as pyspark://local[2] or pyspark://host:7077.

    Raises:
        EngineFailed: Spark does not start, or a session with another master is open in this process.
    """
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    logging.getLogger().addFilter(_is_not_of_the_gateway)
    master = address.place if _is_named(address.place) else f"spark://{address.place}"
    settings = (_LOCAL if master.startswith("local") else _CLUSTER) | address.settings
    builder = SparkSession.builder.master(master)
    for name, value in (_ALWAYS | settings).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except PySparkException:
        what = "Spark does not start."
        mend = "Install Java 17 or newer and set JAVA_HOME; check the master that the url names."
        raise EngineFailed(Fault(where, what, mend)) from None
    if session.sparkContext.master != master:
        what = f"a Spark session of {session.sparkContext.master} is open already in this process."
        raise EngineFailed(Fault(where, what, "Restart the kernel, or run the sources one by one."))
    engine = ibis.pyspark.connect(session)
    engine.compiler = SparkSQL()
    engine.get_schema = _timed(engine)
    return engine


def _is_not_of_the_gateway(record: logging.LogRecord) -> bool:
    """Whether a line of the log may be shown: the gateway to a session that is gone logs a traceback as nobody."""
    return not str(record.msg).startswith("Exception while sending command")


def _is_named(place: str) -> bool:
    return place == "yarn" or place.startswith(("local", "k8s", "spark:"))


def _timed(engine: BaseBackend) -> Any:
    """Reads a table's schema as Ibis does, but tells moments from times without a zone."""
    untimed = engine.get_schema

    def get_schema(name: str, **place: Any) -> sch.Schema:
        found = untimed(name, **place)
        within = [part for part in (place.get("catalog"), place.get("database"), name) if part]
        fields = engine._session.table(".".join(f"`{part}`" for part in within)).schema.fields
        moments = {field.name for field in fields if field.dataType.typeName() == "timestamp"}
        return sch.Schema({column: TIME if column in moments else kind for column, kind in found.items()})

    return get_schema
