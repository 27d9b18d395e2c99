"""What is wrong with a table is told as table, column, rule and number of rows; never as what stands in them."""

import pandas as pd
import pytest
from ibis.backends.duckdb import Backend

from workbench.refusal import Refused
from workbench.tables.validation import require, table_faults

CONSENTS = {
    "patient_id": ["p1", "p2"],
    "channel": ["sms", "sms"],
    "purpose": ["care", "care"],
    "scope": ["all", "all"],
    "status": ["opt_in", "opt_in"],
}


def told(tables, **needed):
    return [str(fault) for fault in table_faults(tables, needed)]


def test_tables_as_they_should_be_have_no_fault(tables, at):
    made = tables(
        patients={"patient_id": ["p1", "p2"], "birth_year": [1980, 1990]},
        consents=CONSENTS | {"changed_at": at("2026-01-01", "2026-01-02")},
    )
    assert told(made, patients=("patient_id", "birth_year"), consents=()) == []
    require(made, {"patients": ()})


def test_a_missing_table_is_told_with_those_there_are(tables):
    made = tables(patients={"patient_id": ["p1"]})
    assert told(made, consents=()) == ["table consents: the source does not have it. It has: patients."]


def test_a_missing_column_is_told_with_a_suggestion(tables):
    made = tables(patients={"patient_id": ["p1"], "birthyear": [1980]})
    assert told(made, patients=("birth_year",)) == [
        'table patients: there is no column "birth_year". Did you mean "birthyear"? '
        "Its columns: patient_id, birthyear."
    ]


def test_a_column_that_may_not_be_empty_is_missed_whatever_a_study_reads(tables):
    assert 'there is no column "patient_id"' in told(tables(patients={"sex": ["f"]}), patients=())[0]


def test_a_timed_table_needs_the_column_that_says_when_it_was_known(tables):
    rows = {"appointment_id": ["a1"], "patient_id": ["p1"], "status": ["attended"]}
    assert 'there is no column "known_at"' in told(tables(appointments=rows), appointments=())[0]
    untimed = tables(not_recorded={"time": "The file holds no dates."}, appointments=rows)
    assert told(untimed, appointments=()) == []


def test_a_table_without_rows_has_that_one_fault(tables):
    made = tables(patients={"patient_id": pd.Series([], dtype="str")})
    assert told(made, patients=()) == ["table patients: it has no rows. Export it again."]


@pytest.mark.parametrize(
    ("column", "values", "sentence"),
    [
        ("birth_year", ["1980", "Smith"], "column birth_year: it holds string. It must hold int64."),
        (
            "enrolled_at",
            pd.to_datetime(["2026-01-01", "2026-01-02"]),
            "column enrolled_at: it holds timestamp(6). It must hold timestamp('UTC').",
        ),
        ("patient_id", ["p1", None], "column patient_id: it is empty in 1 row. Every row needs a value."),
        ("patient_id", ["p1", "p1"], "2 rows share their key (patient_id) with another."),
    ],
    ids=["type", "no time zone", "empty", "key twice"],
)
def test_a_broken_rule_is_told_in_a_sentence(tables, column, values, sentence):
    (fault,) = told(tables(patients={"patient_id": ["p1", "p2"], column: values}), patients=())
    assert sentence in fault
    assert "Smith" not in fault


def test_a_word_outside_the_vocabulary_is_counted_and_not_repeated(tables, at):
    rows = CONSENTS | {"purpose": ["care", "p4711"], "changed_at": at("2026-01-01", "2026-01-02")}
    (fault,) = told(tables(consents=rows), consents=())
    assert fault == (
        "table consents, column purpose: it breaks its rule in 1 row. Allowed: care, marketing, survey, part2."
    )


def test_what_may_be_empty_breaks_no_rule(tables, at):
    source = pd.Series([None, None], dtype="str")
    rows = CONSENTS | {"source": source, "changed_at": at("2026-01-01", "2026-01-02")}
    assert told(tables(consents=rows), consents=()) == []
    (fault,) = told(tables(consents=rows | {"status": ["lost", "lost"]}), consents=())
    assert "it breaks its rule in 2 rows." in fault


def test_no_row_that_breaks_a_rule_comes_into_memory(tables, at, monkeypatch):
    """A million wrong rows would else fill it, and stand in the traceback of whatever fails next."""
    fetched = []
    execute = Backend.execute
    monkeypatch.setattr(
        Backend, "execute", lambda *given, **more: fetched.append(execute(*given, **more)) or fetched[-1]
    )
    monkeypatch.setattr(Backend, "to_pyarrow", None)
    wrong = 500
    rows = {
        "message_id": ["m"] * wrong,
        "patient_id": pd.Series([None] * wrong, dtype="str"),
        "kind": ["p4711"] * wrong,
        "sent_at": at(*["2026-01-01"] * wrong),
        "status": ["lost"] * wrong,
        "known_at": at(*["2026-01-02"] * wrong),
    }
    faults = told(tables(messages=rows), messages=())
    assert [fault.count(f"{wrong} rows") for fault in faults] == [1, 1, 1, 1]
    assert len(fetched) == 3
    assert all(getattr(each, "size", 1) <= 10 for each in fetched)


def test_a_probability_lies_between_0_and_1(tables, at):
    rows = {
        "experiment_id": ["e", "e", "e"],
        "patient_id": ["p1", "p2", "p3"],
        "arm": ["a", "b", "b"],
        "probability": [0.5, 1.5, -0.1],
        "assigned_at": at("2026-01-01", "2026-01-01", "2026-01-01"),
    }
    (fault,) = told(tables(assignments=rows), assignments=())
    assert fault == "table assignments, column probability: it breaks its rule in 2 rows. Rule: 0 to 1."


def test_two_versions_of_an_appointment_may_share_its_key_but_not_the_moment(tables, at):
    rows = {"appointment_id": ["a1", "a1"], "patient_id": ["p1", "p1"], "status": ["scheduled", "attended"]}
    apart = rows | {"known_at": at("2026-01-01", "2026-01-02")}
    assert told(tables(appointments=apart), appointments=()) == []
    together = rows | {"known_at": at("2026-01-01", "2026-01-01")}
    (fault,) = told(tables(appointments=together), appointments=())
    assert "2 rows share their key (appointment_id and known_at) with another" in fault


def test_of_two_versions_of_a_message_one_must_be_newer(tables, at):
    rows = {
        "message_id": ["m1", "m1"],
        "patient_id": ["p1", "p1"],
        "kind": ["reminder", "reminder"],
        "sent_at": at("2026-01-01", "2026-01-01"),
        "status": ["pending", "delivered"],
    }
    apart = rows | {"known_at": at("2026-01-01", "2026-01-02")}
    assert told(tables(messages=apart), messages=()) == []
    together = rows | {"known_at": at("2026-01-02", "2026-01-02")}
    (fault,) = told(tables(messages=together), messages=())
    assert "2 rows share their key (message_id and known_at) with another" in fault


@pytest.mark.parametrize(
    ("known_at", "sharing"),
    [
        ((None, "2026-01-02"), None),
        (("2026-01-01", "2026-01-02"), None),
        (("2026-01-02", "2026-01-02"), "patient_id and known_at"),
        ((None, None), "patient_id and known_at"),
    ],
)
def test_of_two_versions_of_a_patient_one_must_be_newer(tables, at, known_at, sharing):
    faults = told(tables(patients={"patient_id": ["p1", "p1"], "known_at": at(*known_at)}), patients=())
    expected = [f"table patients: 2 rows share their key ({sharing}) with another. Every row needs its own."]
    assert faults == (expected if sharing else [])


def test_versions_that_cannot_be_told_apart_are_refused_where_there_is_no_time(tables):
    rows = {"appointment_id": ["a1", "a1"], "patient_id": ["p1", "p1"], "status": ["scheduled", "attended"]}
    (fault,) = told(
        tables(not_recorded={"time": "The file holds no dates."}, appointments=rows), appointments=()
    )
    assert "2 rows share their key (appointment_id) with another" in fault


def test_narrower_forms_of_a_type_count_as_the_type(tables, at):
    patients = {
        "patient_id": ["p1"],
        "birth_year": pd.Series([1980], dtype="int32"),
        "enrolled_at": at("2026-01-01").astype("datetime64[us, UTC]"),
    }
    surveys = {
        "response_id": ["r1"],
        "patient_id": ["p1"],
        "instrument": ["phq9"],
        "score": pd.Series([9], dtype="int16"),
        "responded_at": at("2026-01-01").astype("datetime64[ms, UTC]"),
    }
    assert told(tables(patients=patients, surveys=surveys), patients=(), surveys=()) == []


def test_all_faults_come_at_once(tables):
    made = tables(patients={"patient_id": ["p1", None], "birth_year": ["x", "y"]})
    with pytest.raises(Refused) as refused:
        require(made, {"patients": ("language",), "consents": ()})
    assert len(refused.value.faults) == 4
