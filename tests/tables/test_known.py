"""A study sees what was known before the day it looks from, and nothing of later."""

from datetime import UTC, date, datetime

import ibis
import pandas as pd
import pytest

from workbench.refusal import Refused
from workbench.tables.cohort import EVERYBODY, Cohort
from workbench.tables.known import KNOWN_FROM
from workbench.tables.versions import VERSIONED

DAY = date(2026, 6, 2)
UNTIMED = {"time": "The file holds no dates."}
GOES_ON = Cohort("include", goes_on_without={"time": "It needs none."})


def column(known, table, name):
    return sorted(known.table(table)[name].name("x").as_table().execute()["x"])


@pytest.mark.parametrize("name", sorted(set(KNOWN_FROM) - {"appointments", "messages"}))
def test_a_row_counts_from_the_day_after_it_was_known(tables, at, name):
    rows = {
        "patient_id": ["before", "on", "after"],
        KNOWN_FROM[name]: at("2026-06-01", "2026-06-02", "2026-06-03"),
    }
    made = tables(**{name: rows})
    assert column(made.known(DAY, EVERYBODY), name, "patient_id") == ["before"]
    assert column(made.known(date(2026, 6, 3), EVERYBODY), name, "patient_id") == ["before", "on"]


@pytest.mark.parametrize("name", sorted(set(VERSIONED) - {"patients"}))
@pytest.mark.parametrize(
    ("day", "status"), [("2026-06-02", "first"), ("2026-06-03", "second"), ("2026-06-09", "third")]
)
def test_of_a_changed_row_the_newest_version_known_counts(tables, at, name, day, status):
    rows = {
        VERSIONED[name]: ["a", "a", "a", "later"],
        "status": ["second", "third", "first", "first"],
        "known_at": at("2026-06-02", "2026-06-08", "2026-06-01", "2026-07-01"),
    }
    known = tables(**{name: rows}).known(date.fromisoformat(day), EVERYBODY)
    assert known.table(name).execute()[[VERSIONED[name], "status"]].values.tolist() == [["a", status]]


VERSIONS_OF_A_PATIENT = {
    "patient_id": ["a", "a", "a", "b"],
    "sex": ["as enrolled", "as told in May", "as told in July", "as enrolled"],
    "known_at": [None, "2026-05-01", "2026-07-01", None],
}


@pytest.mark.parametrize(
    ("day", "sex"),
    [("2026-04-01", "as enrolled"), ("2026-06-02", "as told in May"), ("2026-08-01", "as told in July")],
)
def test_of_a_patient_the_first_row_counts_until_a_later_version_was_known(tables, at, day, sex):
    rows = VERSIONS_OF_A_PATIENT | {"known_at": at(*VERSIONS_OF_A_PATIENT["known_at"])}
    known = tables(patients=rows).known(date.fromisoformat(day), EVERYBODY)
    seen = known.table("patients").execute().set_index("patient_id")["sex"]
    assert dict(seen) == {"a": sex, "b": "as enrolled"}


def test_of_a_patient_the_newest_version_says_when_she_enrolled_and_left(tables, at):
    rows = {
        "patient_id": ["a", "a", "b", "b"],
        "enrolled_at": at("2026-01-01", "2026-07-01", "2026-01-01", "2026-01-01"),
        "ended_at": at(None, None, None, "2026-05-20"),
        "known_at": at(None, "2026-05-01", None, "2026-06-02"),
    }
    made = tables(patients=rows)
    known = made.known(DAY, EVERYBODY).table("patients").execute()
    assert known["patient_id"].tolist() == ["b"]
    assert known["ended_at"].isna().all()
    later = made.known(date(2026, 6, 3), EVERYBODY).table("patients").execute()
    assert later["ended_at"].notna().all()


def test_a_row_without_versions_is_read_without_asking_for_any(tables):
    sql = str(ibis.to_sql(tables(patients={"patient_id": ["a"]}).known(DAY, EVERYBODY).table("patients")))
    assert "JOIN" not in sql.upper()


def test_who_reads_says_why_it_goes_on_without_what_is_not_recorded(tables):
    made = tables(not_recorded=UNTIMED, clinics={"clinic_id": ["c"]})
    with pytest.raises(Refused, match=r"does not record time\. Say under goes_on_without\.time why"):
        made.known(DAY, EVERYBODY)
    assert column(made.known(DAY, GOES_ON), "clinics", "clinic_id") == ["c"]
    recorded = tables(clinics={"clinic_id": ["c"]})
    with pytest.raises(Refused, match="it names time, which the source records"):
        recorded.known(DAY, GOES_ON)


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
    known = tables(appointments=rows, clinics={"clinic_id": ["c"]}).known(date.fromisoformat(day), EVERYBODY)

    def match(appointments):
        return appointments.filter(
            appointments["patient_id"] == patient,
            appointments["booked_at"] >= datetime(2026, 5, 10, tzinfo=UTC),
        )

    columns = ["patient_id", "booked_at"]
    whole = match(known.table("appointments")).order_by("appointment_id").execute()
    many = known.for_many_queries().table("appointments")
    pd.testing.assert_frame_equal(match(many).order_by("appointment_id").execute(), whole)
    found = known.matching("appointments", columns, match).order_by("appointment_id").execute()
    assert len(whole) > 0 or patient == "p2"
    pd.testing.assert_frame_equal(found[columns], whole[columns])
    assert known.versions("appointments").count().execute() == {3: 5, 4: 7, 5: 9}[int(day[-1])]
    clinics = known.matching("clinics", ["clinic_id"], lambda rows: rows.filter(rows["clinic_id"] == "c"))
    assert clinics.count().execute() == 1


def test_deaths_and_ends_of_later_are_blanked(tables, at):
    rows = {
        "patient_id": ["a", "b"],
        "enrolled_at": at("2026-01-01", None),
        "ended_at": at("2026-06-01", "2026-06-02"),
        "deceased_at": at("2026-06-02", "2026-06-01"),
    }
    seen = tables(patients=rows).known(DAY, EVERYBODY).table("patients").order_by("patient_id").execute()
    assert seen["ended_at"].notna().tolist() == [True, False]
    assert seen["deceased_at"].notna().tolist() == [False, True]


def test_a_patient_without_a_day_of_enrollment_is_known(tables, at):
    rows = {"patient_id": ["a", "b"], "enrolled_at": at(None, "2026-06-02")}
    assert column(tables(patients=rows).known(DAY, EVERYBODY), "patients", "patient_id") == ["a"]


def test_patients_need_no_times_at_all(tables):
    assert column(tables(patients={"patient_id": ["a"]}).known(DAY, EVERYBODY), "patients", "patient_id") == [
        "a"
    ]


def test_a_row_without_a_time_is_read_only_where_none_is_recorded(tables, at):
    rows = {"patient_id": ["a", "b"], "changed_at": at("2026-06-01", None)}
    assert column(tables(consents=rows).known(DAY, EVERYBODY), "consents", "patient_id") == ["a"]
    untimed = tables(not_recorded=UNTIMED, consents=rows)
    assert column(untimed.known(DAY, GOES_ON), "consents", "patient_id") == ["a", "b"]


def test_a_table_that_cannot_say_when_it_was_known_is_refused(tables):
    rows = {"patient_id": ["a"]}
    with pytest.raises(Refused, match='no column "known_at", so nobody can tell what was known by 2026-06-02'):
        tables(appointments=rows).known(DAY, EVERYBODY).table("appointments")
    untimed = tables(not_recorded=UNTIMED, appointments=rows)
    assert column(untimed.known(DAY, GOES_ON), "appointments", "patient_id") == ["a"]


def test_tables_that_do_not_change_are_whole(tables):
    rows = {"clinic_id": ["c"], "time_zone": ["America/Chicago"]}
    assert column(tables(clinics=rows).known(date(1990, 1, 1), EVERYBODY), "clinics", "clinic_id") == ["c"]


def test_a_table_the_source_lacks_is_refused_with_those_it_has(tables):
    known = tables(clinics={"clinic_id": ["c"], "time_zone": ["UTC"]}).known(DAY, EVERYBODY)
    assert known.names == ("clinics",)
    assert known.has("clinics", "time_zone")
    assert not known.has("clinics", "name")
    assert not known.has("patients", "patient_id")
    with pytest.raises(Refused, match=r"it has no table patients\. It has: clinics"):
        known.table("patients")
