"""The tables looked over as of a day: everything is asked, told in the order of gravity, and counted, never read."""

from datetime import UTC, date, datetime, time

import pandas as pd
import pytest

from workbench.outreach.inspection import THEMES, check_tables, inspect_tables, needed_columns
from workbench.outreach.parameters import DataQuality
from workbench.outreach.verdict import decide
from workbench.refusal import Refused
from workbench.tables.cohort import EVERYBODY
from workbench.tables.known import Tables
from workbench.tables.opening import open_tables
from workbench.tables.quality.asking import CHECKS
from workbench.tables.schema import TABLES
from workbench.tables.source import Source

DAY = date(2026, 11, 16)
# What the simulated provider, careful in all else, has by design: two appointments at once, with two reminders at once,
# and days on which no reminder goes out.
CHANCE = {"messages_repeated", "appointments_at_the_same_start", "messages_gaps", "replies_gaps"}


def settings_of(**given):
    values = {
        "title": "Quality",
        "audience": ("compliance",),
        "owner": "Data team",
        "source": "sample",
        "seed": 1,
    }
    return DataQuality(
        **(values | {"as_of": DAY, "question": "Is it fit?", "who_must_act": "The data team acts."} | given)
    )


@pytest.fixture(scope="module")
def tables(provider_folder):
    source = Source(title="Small provider", location=provider_folder.as_posix(), simulated=True)
    return open_tables(source, provider_folder.parent)


@pytest.fixture(scope="module")
def inspection(tables):
    return inspect_tables(tables.known(DAY, EVERYBODY), settings_of())


def test_a_careful_provider_is_fit(inspection):
    found = {answer.rule.name for answer in inspection.with_status("fault", "finding")}
    assert found <= CHANCE
    assert decide(inspection) == ("fit_with_findings" if found else "fit_for_use")


def test_every_check_is_asked_of_a_source_that_has_everything(inspection):
    assert inspection.with_status("not_asked") == ()
    # Sessions do not say when they were entered, and so are no part of what was known by a day.
    asked = {check.name for check in CHECKS if check.table != "sessions"}
    assert asked <= {answer.rule.name for answer in inspection.answers}
    assert "sessions" not in {answer.rule.table for answer in inspection.answers}
    assert inspection.absent == ()


def test_answers_come_in_the_order_of_gravity(inspection):
    themes = [THEMES.index(answer.rule.theme) for answer in inspection.answers]
    assert themes == sorted(themes)


def test_texts_by_hour_add_up_to_the_texts_that_went_out(inspection, provider_folder):
    messages = pd.read_parquet(provider_folder / "messages.parquet")
    assert sum(hour.texts for hour in inspection.hours) == (messages["status"] != "canceled").sum()
    assert [hour.hour for hour in inspection.hours] == list(range(24))
    assert all(hour.texts == 0 for hour in inspection.hours if not 8 <= hour.hour < 21)


def test_nothing_of_the_day_itself_is_known(inspection):
    assert inspection.data_until < datetime.combine(DAY, time(), UTC)


def test_data_that_end_long_before_the_day_are_out_of_date(tables):
    late = inspect_tables(tables.known(date(2026, 12, 24), EVERYBODY), settings_of(as_of=date(2026, 12, 24)))
    (answer,) = [answer for answer in late.answers if answer.rule.name == "data_up_to_date"]
    assert (answer.status, answer.counts.concerned) == ("finding", 38)


def test_an_older_day_gives_the_older_answer(tables, inspection):
    day = date(2026, 3, 2)
    older = inspect_tables(tables.known(day, EVERYBODY), settings_of(as_of=day))
    rows = {table.table: table.total for table in older.days}
    now = {table.table: table.total for table in inspection.days}
    assert all(rows[name] < now[name] for name in ("messages", "appointments", "consents"))
    assert max(table.days[-1] for table in older.days if table.days) < day
    assert {answer.rule.name for answer in older.with_status("fault", "finding")} <= CHANCE


def test_a_day_before_anything_was_known_is_refused(tables):
    with pytest.raises(Refused, match="no table has a row known by then"):
        check_tables(only(tables, "messages", "consents").known(date(1999, 1, 1), EVERYBODY), settings_of())


def only(tables, *names):
    return Tables(tables.source, {name: tables.whole(name) for name in names})


def test_no_table_is_needed_since_what_is_missing_is_told(tables):
    assert needed_columns(settings_of(), {}) == {}
    alone = inspect_tables(only(tables, "messages").known(DAY, EVERYBODY), settings_of())
    assert set(alone.absent) == set(TABLES) - {"messages"}
    assert alone.hours == ()
    assert {answer.status for answer in alone.of("consent")} == {"not_asked"}


def test_minors_are_never_left_out():
    with pytest.raises(ValueError, match="minors"):
        settings_of(minors="exclude")
