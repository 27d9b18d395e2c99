"""Rows read into a frame are what the engine would give itself, and leave little behind in it."""

import subprocess
import sys

import ibis
import numpy as np
import pandas as pd
import pytest

from workbench.tables.reading import read_frame


@pytest.fixture
def engine():
    engine = ibis.duckdb.connect()
    yield engine
    engine.disconnect()


def made(engine, query):
    engine.raw_sql(f"CREATE TABLE made AS {query}")
    return engine.table("made")


def test_a_frame_is_what_the_engine_gives(engine):
    rows = made(
        engine,
        "SELECT * FROM (VALUES (1, 0.5, 'a', true, DATE '2026-03-01'), (2, NULL, NULL, false, DATE '2026-03-02')) "
        "AS t(whole, real, word, truth, day)",
    )
    rows = rows.mutate(none=ibis.null("string"), no_number=ibis.null("float64"))
    pd.testing.assert_frame_equal(read_frame(rows), rows.execute())


def test_whole_numbers_not_all_recorded_are_floats(engine):
    frame = read_frame(made(engine, "SELECT * FROM (VALUES (1), (NULL)) AS t(whole)"))
    assert frame["whole"].dtype == np.float64
    assert frame["whole"].isna().tolist() == [False, True]


def test_no_rows_are_an_empty_frame(engine):
    rows = made(engine, "SELECT 1 AS whole, DATE '2026-03-01' AS day WHERE false")
    frame = read_frame(rows)
    assert frame.empty
    assert list(frame) == ["whole", "day"]


# In a process of its own: what other tests left in an allocator would tell of them.
GIVEN_BACK = """
import ibis, psutil
from workbench.tables.memory import give_back_memory
engine = ibis.duckdb.connect()
engine.raw_sql("SET threads = 3; SET enable_progress_bar = false")
engine.raw_sql("CREATE TABLE kept AS SELECT 7 AS seven")
engine.raw_sql("CREATE TABLE large AS SELECT hash(range) AS a, hash(a) AS b FROM range(8_000_000)")
engine.raw_sql("DROP TABLE large")
before = psutil.Process().memory_info().rss
give_back_memory(engine)
print((before - psutil.Process().memory_info().rss) // 2**20)
print(*engine.con.execute("SELECT seven, current_setting('threads') FROM kept").fetchall())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the engine has another allocator")
def test_an_engine_gives_back_what_it_freed_and_keeps_its_threads_and_tables():
    told = subprocess.run([sys.executable, "-c", GIVEN_BACK], capture_output=True, text=True, check=True).stdout
    mebibytes, kept = told.splitlines()
    assert int(mebibytes) > 32
    assert kept == "(7, 3)"
