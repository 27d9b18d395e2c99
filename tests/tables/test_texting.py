"""Who may be texted: nobody who died, left, said no or was blocked is on a list that leads to a message."""

from datetime import date

import pandas as pd
import pytest

from workbench.refusal import Refused
from workbench.tables.cohort import EVERYBODY, Cohort

DAY = date(2026, 6, 2)
AGREED = {"channel": "sms", "purpose": "care", "scope": "this_kind", "status": "opt_in", "source": "web"}


@pytest.fixture
def texted(tables, at):
    """Who of two people may be texted, where the second differs: `texted({"do_not_text": True})`."""

    def find(person=None, changes=(), cohort=None, purpose="care"):
        usual = {"birth_year": 1980, "ended_at": None, "deceased_at": None, "do_not_text": False}
        patients = pd.DataFrame([{"patient_id": "a", **usual}, {"patient_id": "b", **usual, **(person or {})}])
        for column in ("ended_at", "deceased_at", "known_at"):
            if column in patients:
                patients[column] = at(*patients[column])
        patients["do_not_text"] = patients["do_not_text"].astype("boolean")
        rows = [{"patient_id": who, **AGREED, "changed_at": "2026-01-01"} for who in "ab"]
        rows += [{"patient_id": "b", **AGREED, **change} for change in changes]
        consents = pd.DataFrame(rows)
        consents["changed_at"] = at(*consents["changed_at"])
        known = tables(patients=patients, consents=consents).known(DAY, cohort or Cohort())
        return sorted(known.may_be_texted(purpose).execute()["patient_id"])

    return find


def test_who_is_in_care_and_agreed_may_be_texted(texted):
    assert texted() == ["a", "b"]


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ({"deceased_at": "2026-06-01"}, False),
        ({"deceased_at": "2026-06-02"}, True),
        ({"ended_at": "2026-06-01"}, False),
        ({"ended_at": "2026-06-02"}, True),
        ({"do_not_text": True}, False),
        ({"do_not_text": None}, True),
        ({"birth_year": 2007}, True),
        ({"birth_year": 2008}, False),
        ({"birth_year": None}, False),
    ],
)
def test_who_died_left_said_no_or_is_a_minor_may_not(texted, person, may):
    assert texted(person) == (["a", "b"] if may else ["a"])


@pytest.mark.parametrize(
    ("cohort", "people"), [(EVERYBODY, ["a", "b"]), (Cohort("only"), ["b"]), (Cohort(), ["a"])]
)
def test_minors_may_where_the_cohort_takes_them(texted, cohort, people):
    assert texted({"birth_year": 2015}, cohort=cohort) == people


def change(status, at, **more):
    return {"status": status, "changed_at": at, **more}


BLOCK = change("opt_out", "2026-03-01", source="platform_block", purpose="marketing")


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ([change("opt_out", "2026-06-01")], False),
        ([change("opt_out", "2026-06-02")], True),
        ([change("opt_out", "2026-02-01"), change("opt_in", "2026-03-01")], True),
        ([change("opt_out", "2026-02-01", purpose="survey")], True),
        ([change("opt_out", "2026-02-01", purpose="survey", scope="all")], False),
        ([BLOCK], False),
        ([BLOCK, change("opt_in", "2026-04-01", source="staff")], False),
        ([BLOCK, change("opt_in", "2026-04-01", source="keyword")], True),
        ([BLOCK, change("opt_in", "2026-06-02", source="keyword")], False),
        ([change("opt_in", "2026-02-01", source="keyword"), BLOCK], False),
        ([BLOCK | {"channel": "email"}], True),
    ],
    ids=[
        "out",
        "out later",
        "in again",
        "out of surveys",
        "out of all",
        "blocked",
        "blocked, and agreed elsewhere",
        "blocked, and lifted by word",
        "lifted later",
        "blocked after the word",
        "blocked by e-mail",
    ],
)
def test_consent_now_and_no_block_at_the_platform(texted, changes, may):
    assert texted(changes=changes) == (["a", "b"] if may else ["a"])


def test_consent_is_for_a_purpose(texted):
    assert texted(purpose="survey") == []


def test_what_was_told_of_a_person_later_does_not_count_yet(tables, at, texted):
    patients = {
        "patient_id": ["a", "a", "b", "b"],
        "birth_year": [1980] * 4,
        "ended_at": at(*[None] * 4),
        "deceased_at": at(*[None] * 4),
        "do_not_text": [False, True, False, True],
        "known_at": at(None, "2026-06-01", None, "2026-06-02"),
    }
    agreed = pd.DataFrame([{"patient_id": who, **AGREED} for who in "ab"])
    agreed["changed_at"] = at("2026-01-01", "2026-01-01")
    known = tables(patients=patients, consents=agreed).known(DAY, Cohort())
    assert known.may_be_texted("care").execute()["patient_id"].tolist() == ["b"]


def test_no_list_is_made_on_doubt_and_all_that_is_missing_is_told(tables, at):
    missing = {"age": "It is not.", "consent": "It is not."}
    made = tables(not_recorded=missing, patients={"patient_id": ["a"], "ended_at": at("2026-01-01")})
    with pytest.raises(Refused) as refused:
        made.known(DAY, Cohort(goes_on_without=missing)).may_be_texted("care")
    told = str(refused.value)
    for what in ("record consent", "record age", 'no column "do_not_text"', 'no column "deceased_at"'):
        assert what in told
    assert 'table consents has no column "source"' in told
    with pytest.raises(Refused) as refused:
        made.known(DAY, Cohort("include", goes_on_without=missing)).may_be_texted("care")
    assert "record age" not in str(refused.value)
    assert "birth_year" not in str(refused.value)
