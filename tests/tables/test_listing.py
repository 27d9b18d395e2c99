"""A source as a notebook lists it: names, columns and counts, and never what a row holds."""

from datetime import UTC, date, datetime

import ibis
import pytest

from workbench.tables.cohort import EVERYBODY
from workbench.tables.known import Tables
from workbench.tables.listing import ListedTable
from workbench.tables.source import Source

SECRET = "p-marialopez"


def at(day):
    return datetime(2026, 11, day, tzinfo=UTC)


@pytest.fixture
def tables():
    appointments = {
        "appointment_id": ["a", "a", "b"],
        "patient_id": [SECRET] * 3,
        "known_at": [at(1), at(5), at(9)],
    }
    return Tables(
        Source(title="A <clinic>", location="x"),
        {
            "appointments": ibis.memtable(appointments),
            "replies": ibis.memtable({"reply_id": ["r"], "patient_id": [SECRET]}),
        },
    )


def test_all_versions_of_a_source_are_counted(tables):
    appointments, replies = tables.listed()
    assert appointments == ListedTable("appointments", ("appointment_id", "patient_id", "known_at"), 3)
    assert replies == ListedTable("replies", ("reply_id", "patient_id"), 1)


@pytest.mark.parametrize(("day", "rows"), [(1, 0), (2, 1), (6, 1), (10, 2)])
def test_what_was_known_is_counted_as_it_was_known(tables, day, rows):
    assert tables.known(date(2026, 11, day), EVERYBODY).listed()[0].rows == rows


def test_a_table_that_cannot_be_read_says_why_and_hides_no_other(tables):
    listed = tables.known(date(2026, 11, 6), EVERYBODY).listed()
    assert listed[1].rows is None
    assert "received_at" in listed[1].unread
    assert "received_at" in tables.known(date(2026, 11, 6), EVERYBODY)._repr_html_()


def test_html_names_tables_columns_and_counts_and_holds_no_row(tables):
    for html in (tables._repr_html_(), tables.known(date(2026, 11, 10), EVERYBODY)._repr_html_()):
        assert "<th>appointments</th>" in html
        assert "appointment_id, patient_id, known_at" in html
        assert "A &lt;clinic&gt;" in html
        assert SECRET not in html
