"""Kept tables go between queries, never during one."""

import gc

import ibis
from ibis.backends.duckdb import Backend

from workbench.tables.engine import Engine


def kept_in_a_cycle(engine: Backend) -> str:
    """Keep a table that only the garbage collector can let go of; its name inside the engine."""
    kept = engine.create_table("numbers", ibis.range(5).unnest().name("x").as_table(), overwrite=True).cache()
    cycle: list[object] = [kept]
    cycle.append(cycle)
    return kept.op().name


def tables(engine: Backend) -> list[str]:
    return [name for (name,) in engine.con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]


def test_what_nobody_needs_is_dropped_before_the_next_query():
    engine = Engine().connect()
    name = kept_in_a_cycle(engine)
    gc.collect()
    assert name in tables(engine)
    assert engine.table("numbers").count().execute() == 5
    assert name not in tables(engine)


def test_what_is_needed_stays():
    engine = Engine().connect()
    kept = engine.create_table("numbers", ibis.range(5).unnest().name("x").as_table()).cache()
    gc.collect()
    assert engine.table("numbers").count().execute() == 5
    assert kept.count().execute() == 5
