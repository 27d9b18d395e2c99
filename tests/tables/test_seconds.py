"""Moments in seconds, as DuckDB tells them; other engines are held against it where studies run on them."""

import ibis
import pandas as pd
import pytest

from workbench.tables.seconds import seconds_of

MOMENTS = ["1969-12-31 23:59:58.5", "1970-01-01", "2026-03-29 01:30:00", "2026-10-25 01:30:00.25"]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_seconds_are_those_of_the_moment_whatever_the_session_s_clock_shows(zone):
    moments = pd.Series(pd.to_datetime(MOMENTS, format="ISO8601", utc=True).astype("datetime64[us, UTC]"))
    engine = ibis.duckdb.connect()
    engine.raw_sql(f"SET TimeZone = '{zone}'")
    rows = engine.create_table("rows", pd.DataFrame({"at": moments}))
    told = rows.select(seconds=seconds_of(rows["at"])).execute()["seconds"]
    assert list(told) == [moment.timestamp() for moment in moments]


def test_a_time_without_zone_is_told_as_before():
    engine = ibis.duckdb.connect()
    rows = engine.create_table("rows", pd.DataFrame({"at": pd.to_datetime(["1970-01-02"])}))
    assert rows.select(seconds=seconds_of(rows["at"])).execute()["seconds"].tolist() == [86_400]
