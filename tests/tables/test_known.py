"""A study sees what was known before the day it looks from, and nothing of later."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from workbench.refusal import Refused
from workbench.tables.known import KNOWN_FROM

DAY = date(2026, 6, 2)


def column(known, table, name):
    return sorted(known.table(table)[name].name("x").as_table().execute()["x"])


@pytest.mark.parametrize("name", sorted(set(KNOWN_FROM) - {"appointments"}))
def test_a_row_counts_from_the_day_after_it_was_known(tables, at, name):
    rows = {
        "patient_id": ["before", "on", "after"],
        KNOWN_FROM[name]: at("2026-06-01", "2026-06-02", "2026-06-03"),
    }
    made = tables(**{name: rows})
    assert column(made.known(DAY), name, "patient_id") == ["before"]
    assert column(made.known(date(2026, 6, 3)), name, "patient_id") == ["before", "on"]


@pytest.mark.parametrize(
    ("day", "status"), [("2026-06-02", "scheduled"), ("2026-06-03", "rescheduled"), ("2026-06-09", "attended")]
)
def test_of_an_appointment_the_newest_version_known_counts(tables, at, day, status):
    rows = {
        "appointment_id": ["a", "a", "a", "later"],
        "status": ["rescheduled", "attended", "scheduled", "scheduled"],
        "known_at": at("2026-06-02", "2026-06-08", "2026-06-01", "2026-07-01"),
    }
    known = tables(appointments=rows).known(date.fromisoformat(day))
    assert known.table("appointments").execute()[["appointment_id", "status"]].values.tolist() == [
        ["a", status]
    ]


@pytest.mark.parametrize("day", ["2026-06-03", "2026-06-04", "2026-06-05"])
@pytest.mark.parametrize("patient", ["p1", "p2"])
def test_what_matches_is_looked_for_in_the_newest_versions_alone(tables, at, day, patient):
    """Rows whose newest version matches, or no longer does, or has gone over to another patient, or is not known."""
    rows = {
        "appointment_id": ["a", "a", "b", "b", "c", "c", "d", "d", "e"],
        "patient_id": ["p1", "p1", "p1", "p1", "p1", "p2", "p2", "p1", "p2"],
        "booked_at": at(
            "2026-05-01", "2026-05-20", "2026-05-20", "2026-05-01", *["2026-05-20"] * 4, "2026-05-01"
        ),
        "known_at": at(*["2026-06-02", "2026-06-03"] * 2, *["2026-06-02", "2026-06-04"] * 2, "2026-06-02"),
    }
    known = tables(appointments=rows, clinics={"clinic_id": ["c"]}).known(date.fromisoformat(day))

    def match(appointments):
        return appointments.filter(
            appointments["patient_id"] == patient,
            appointments["booked_at"] >= datetime(2026, 5, 10, tzinfo=UTC),
        )

    whole = match(known.table("appointments")).order_by("appointment_id").execute()
    found = known.matching("appointments", match).order_by("appointment_id").execute()
    assert len(whole) > 0 or patient == "p2"
    pd.testing.assert_frame_equal(found, whole)
    assert known.versions("appointments").count().execute() == {3: 5, 4: 7, 5: 9}[int(day[-1])]
    clinics = known.matching("clinics", lambda rows: rows.filter(rows["clinic_id"] == "c"))
    assert clinics.count().execute() == 1


def test_deaths_and_ends_of_later_are_blanked(tables, at):
    rows = {
        "patient_id": ["a", "b"],
        "enrolled_at": at("2026-01-01", None),
        "ended_at": at("2026-06-01", "2026-06-02"),
        "deceased_at": at("2026-06-02", "2026-06-01"),
    }
    seen = tables(patients=rows).known(DAY).table("patients").order_by("patient_id").execute()
    assert seen["ended_at"].notna().tolist() == [True, False]
    assert seen["deceased_at"].notna().tolist() == [False, True]


def test_a_patient_without_a_day_of_enrollment_is_known(tables, at):
    rows = {"patient_id": ["a", "b"], "enrolled_at": at(None, "2026-06-02")}
    assert column(tables(patients=rows).known(DAY), "patients", "patient_id") == ["a"]


def test_patients_need_no_times_at_all(tables):
    assert column(tables(patients={"patient_id": ["a"]}).known(DAY), "patients", "patient_id") == ["a"]


def test_a_row_without_a_time_is_read_only_where_none_is_recorded(tables, at):
    rows = {"patient_id": ["a", "b"], "changed_at": at("2026-06-01", None)}
    assert column(tables(consents=rows).known(DAY), "consents", "patient_id") == ["a"]
    untimed = tables(not_recorded={"time": "The file holds no dates."}, consents=rows)
    assert column(untimed.known(DAY), "consents", "patient_id") == ["a", "b"]


def test_a_table_that_cannot_say_when_it_was_known_is_refused(tables):
    rows = {"patient_id": ["a"]}
    with pytest.raises(Refused, match='no column "known_at", so nobody can tell what was known by 2026-06-02'):
        tables(appointments=rows).known(DAY).table("appointments")
    untimed = tables(not_recorded={"time": "The file holds no dates."}, appointments=rows)
    assert column(untimed.known(DAY), "appointments", "patient_id") == ["a"]


def test_tables_that_do_not_change_are_whole(tables):
    rows = {"clinic_id": ["c"], "time_zone": ["America/Chicago"]}
    assert column(tables(clinics=rows).known(date(1990, 1, 1)), "clinics", "clinic_id") == ["c"]


def test_a_table_the_source_lacks_is_refused_with_those_it_has(tables):
    known = tables(clinics={"clinic_id": ["c"], "time_zone": ["UTC"]}).known(DAY)
    assert known.names == ("clinics",)
    assert known.has("clinics", "time_zone")
    assert not known.has("clinics", "name")
    assert not known.has("patients", "patient_id")
    with pytest.raises(Refused, match=r"it has no table patients\. It has: clinics"):
        known.table("patients")
