"""Dates and times are read as they are written, or not at all."""

import ibis
import pandas as pd
import pytest

from workbench.tables.local_time import is_doubtful
from workbench.tables.time_text import has_offset, moment_in, wall_in


@pytest.fixture(scope="module")
def engine():
    made = ibis.duckdb.connect()
    made.raw_sql("SET TimeZone = 'UTC'")
    return made


def evaluated(engine, expression):
    """The value of an expression over one literal, run by DuckDB."""
    return engine.execute(expression)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016-04-29T18:38:08-03:00", "2016-04-29T21:38:08Z"),
        ("2016-04-29 18:38:08.25+05:30", "2016-04-29T13:08:08.25Z"),
        ("2016-04-29t18:38:08z", "2016-04-29T18:38:08Z"),
        (" 2016-04-29T18:38:08Z ", "2016-04-29T18:38:08Z"),
        ("Fri, 29 Apr 2016 18:38:08 -0300", "2016-04-29T21:38:08Z"),
        ("29 Apr 2016 18:38 +0000", "2016-04-29T18:38:00Z"),
        ("Fri, 1 Apr 2016 18:38:08 GMT", "2016-04-01T18:38:08Z"),
        ("Fri, 29 Apr 2016 18:38:08 +0200 (CEST)", "2016-04-29T16:38:08Z"),
        ("2016-04-29T18:38:08", None),
        ("2016-04-29", None),
        ("29 Apr 2016 18:38:08", None),
        ("Fri, 29 Apr 2016 18:38:08 EST", None),
        ("2016-13-29T18:38:08Z", None),
        ("soon", None),
    ],
)
def test_a_moment_names_its_offset(engine, text, moment):
    found = evaluated(engine, moment_in(ibis.literal(text)))
    assert pd.isna(found) if moment is None else found == pd.Timestamp(moment)


@pytest.mark.parametrize(
    ("text", "written", "wall"),
    [
        ("2016-04-29T18:38:08Z", None, "2016-04-29T18:38:08"),
        ("2016-04-29", None, "2016-04-29"),
        ("4/9/2016 6:38 PM", "%m/%d/%Y %I:%M %p", "2016-04-09T18:38"),
        ("09.04.2016", "%d.%m.%Y", "2016-04-09"),
        ("29/04/2016", "%m/%d/%Y", None),
        ("soon", None, None),
    ],
)
def test_what_a_clock_showed(engine, text, written, wall):
    found = evaluated(engine, wall_in(ibis.literal(text), written))
    assert pd.isna(found) if wall is None else found == pd.Timestamp(wall)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("2016-04-29T18:38:08Z", True),
        ("2016-04-29 18:38:08+00", True),
        ("2016-04-29 18:38-03:00", True),
        ("2016-04-29 18:38:08 America/New_York", True),
        ("2016-04-29 18:38:08 UTC", True),
        ("2016-04-29T18:38:08", False),
        ("2016-04-29", False),
        ("2016-04-29 18:38", False),
    ],
)
def test_whether_a_time_names_its_offset(engine, text, named):
    assert evaluated(engine, has_offset(ibis.literal(text))) == named


@pytest.mark.parametrize(
    ("wall", "doubtful"),
    [
        ("2026-11-01T01:30:00", True),
        ("2026-11-01T00:59:59", False),
        ("2026-11-01T02:00:00", False),
        ("2026-03-08T02:30:00", True),
        ("2026-03-08T03:00:00", False),
        ("2026-06-01T01:30:00", False),
    ],
)
def test_hours_that_come_twice_or_never_are_doubtful(engine, wall, doubtful):
    found = is_doubtful(ibis.literal(wall).cast("timestamp"), "America/New_York")
    assert evaluated(engine, found) == doubtful
    assert not evaluated(engine, is_doubtful(ibis.literal(wall).cast("timestamp"), "America/Phoenix"))
