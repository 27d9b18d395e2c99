"""Moments and what clocks on walls show are made of each other."""

from datetime import datetime

import ibis

from workbench.tables.local_time import moment_of, wall_of


def test_day_that_changes_the_clock_keeps_its_date():
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    zone = "America/New_York"
    wall = ibis.literal(datetime(2026, 11, 1, 12, 0))
    there = moment_of(wall, zone)
    assert engine.execute(there).isoformat() == "2026-11-01T17:00:00+00:00"
    assert engine.execute(wall_of(there, zone)) == datetime(2026, 11, 1, 12, 0)
