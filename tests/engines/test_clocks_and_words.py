"""Where engines differ by themselves, and must not: clocks on walls, decimals, the order of words."""

from datetime import datetime

import ibis
import pandas as pd
import pytest

from workbench.tables.engines.dialects import PostgresSQL
from workbench.tables.local_time import moment_of, wall_of

# Zone, what the clock shows, and the moment in UTC.
CLOCKS = (
    ("America/New_York", "2026-07-01T12:00", "2026-07-01T16:00"),
    ("America/New_York", "2026-11-01T00:30", "2026-11-01T04:30"),
    # Shown twice: the later one counts.
    ("America/New_York", "2026-11-01T01:30", "2026-11-01T06:30"),
    ("America/New_York", "2026-11-01T02:30", "2026-11-01T07:30"),
    # Leapt over: counted from before the leap.
    ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30"),
    ("America/New_York", "2026-03-08T01:30", "2026-03-08T06:30"),
    # Where midnight itself is leapt over, or shown twice.
    ("America/Sao_Paulo", "2016-10-16T00:00", "2016-10-16T03:00"),
    ("America/Sao_Paulo", "2016-02-20T23:30", "2016-02-21T02:30"),
    ("America/Havana", "2025-11-02T00:00", "2025-11-02T05:00"),
    # Changes by half an hour.
    ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T15:15"),
    ("Asia/Kathmandu", "2026-01-01T00:00", "2025-12-31T18:15"),
)


def values(engine, **columns):
    """One row of values made in an engine."""
    return engine.whole("clinics").limit(1).select(**columns)


@pytest.mark.parametrize(("zone", "shown", "moment"), CLOCKS)
def test_a_clock_tells_the_same_moment(zone, shown, moment, engine):
    wall = ibis.literal(datetime.fromisoformat(shown))
    rows = values(engine, zone=ibis.literal(zone), wall=wall)
    found = rows.select(there=moment_of(rows["wall"], rows["zone"])).execute()["there"][0]
    assert pd.Timestamp(found) == pd.Timestamp(moment, tz="UTC")


@pytest.mark.parametrize(("zone", "shown", "moment"), CLOCKS)
def test_a_moment_shows_the_same_on_a_clock(zone, shown, moment, engine):
    rows = values(
        engine, zone=ibis.literal(zone), at=ibis.literal(pd.Timestamp(moment, tz="UTC").to_pydatetime())
    )
    shows = wall_of(rows["at"], rows["zone"])
    found = rows.select(day=shows.date(), hour=shows.hour(), minute=shows.minute()).execute().iloc[0]
    expected = pd.Timestamp(moment, tz="UTC").tz_convert(zone)
    assert (str(found["day"])[:10], found["hour"], found["minute"]) == (
        f"{expected:%Y-%m-%d}",
        expected.hour,
        expected.minute,
    )


def test_numbers_with_a_point_are_floats(engine):
    rows = values(engine, whole=ibis.literal(7).cast("int64"), truth=ibis.literal(True))
    found = rows.select(
        third=rows["whole"] / 3.0, faded=ibis.literal(0.7) ** rows["whole"], one=rows["truth"].cast("int64")
    ).execute()
    assert found.dtypes.astype(str).to_dict() == {"third": "float64", "faded": "float64", "one": "int64"}
    assert found["third"][0] == pytest.approx(7 / 3, abs=1e-15)
    assert found["faded"][0] == pytest.approx(0.7**7, abs=1e-15)
    assert found["one"][0] == 1


def test_weeks_begin_on_monday_and_days_are_counted_from_it(engine):
    rows = values(engine, at=ibis.literal(datetime(2026, 11, 15, 23, 30)))
    found = rows.select(
        week=rows["at"].truncate("W").date().cast("string"),
        weekday=rows["at"].day_of_week.index().cast("int64"),
        days=rows["at"]
        .date()
        .delta(ibis.literal(datetime(2026, 10, 31, 0, 0)).date(), unit="day")
        .cast("int64"),
    ).execute()
    assert found.iloc[0].to_dict() == {"week": "2026-11-09", "weekday": 6, "days": 15}


WORDS = ["Zebra", "apple", "Apple", "_x", "a-b", "ab", "ä", "10", "9"]


def test_words_are_ordered_by_their_letters_codes(engine):
    first, *others = (values(engine, word=ibis.literal(word)) for word in WORDS)
    assert list(first.union(*others).order_by("word").execute()["word"]) == sorted(WORDS)


def test_postgres_is_told_the_order_whatever_its_language(server):
    """The server that the tests start knows no language whose order differs."""
    rows = ibis.table({"word": "string", "n": "int64"}, name="words")
    assert (
        PostgresSQL()
        .to_sqlglot(rows.order_by("word", "n"))
        .sql("postgres")
        .endswith('ORDER BY ("t0"."word") COLLATE "C" ASC, "t0"."n" ASC')
    )
