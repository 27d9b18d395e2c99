"""Who may be studied: age by birth year alone, consent at its moment, and the flow that tells how many are left."""

from datetime import date

import pytest

from workbench.refusal import Refused
from workbench.tables.cohort import EVERYBODY, Cohort, NeededConsent, Step, emptied_by, reason_faults
from workbench.tables.source import Source

DAY = date(2026, 11, 16)
PEOPLE = ["18", "19", "unknown"]
AT_VISIT = NeededConsent("care", at="when", moment="the visit")


def patients(**more):
    return {"patient_id": PEOPLE, "birth_year": [2008, 2007, None], **more}


def studied(known, rows, *steps):
    found = known.studied(known.table("clinics") if rows is None else rows, "all", *steps)
    return sorted(found.rows.execute()["patient_id"]), found.flow


@pytest.mark.parametrize(
    ("minors", "passing", "label"),
    [
        ("exclude", ["19"], "who are adults"),
        ("only", ["18"], "who are minors"),
        ("include", ["18", "19", "absent", "unknown"], None),
    ],
)
def test_a_person_is_adult_once_the_years_differ_by_19(tables, minors, passing, label):
    made = tables(patients=patients(), clinics={"patient_id": [*PEOPLE, "absent"]})
    people, flow = studied(made.known(DAY, Cohort(minors, told_as="who are {}")), None)
    assert people == passing
    own = (Step(label, len(passing)),) if label else ()
    assert flow == (Step("all", 4), *own)


def consents(at, *changes):
    names = ("patient_id", "channel", "purpose", "scope", "status", "changed_at")
    columns = dict(zip(names, map(list, zip(*changes, strict=True)), strict=True))
    return columns | {"changed_at": at(*columns["changed_at"])}


IN = ("p", "sms", "care", "this_kind", "opt_in", "2026-06-01")


@pytest.mark.parametrize(
    ("later", "consented"),
    [
        ([], True),
        ([("p", "sms", "care", "this_kind", "opt_out", "2026-06-02")], False),
        ([("p", "sms", "care", "this_kind", "opt_out", "2026-06-03")], True),
        ([("p", "sms", "marketing", "this_kind", "opt_out", "2026-06-02")], True),
        ([("p", "sms", "marketing", "all", "opt_out", "2026-06-02")], False),
        ([("p", "email", "care", "all", "opt_out", "2026-06-02")], True),
        ([("other", "sms", "care", "all", "opt_out", "2026-06-02")], True),
        ([("p", "sms", "care", "this_kind", "opt_out", "2026-06-01")], False),
    ],
    ids=[
        "none",
        "out at the moment",
        "out later",
        "of marketing",
        "of all",
        "by e-mail",
        "another's",
        "at once",
    ],
)
def test_the_last_change_that_bears_on_the_purpose_counts(tables, at, later, consented):
    rows = {"patient_id": ["p", "q"], "when": at("2026-06-02", "2026-06-02")}
    made = tables(consents=consents(at, IN, *later), clinics=rows)
    people, flow = studied(made.known(DAY, Cohort("include", AT_VISIT)), None)
    # q never agreed.
    assert people == (["p"] if consented else [])
    assert flow == (Step("all", 2), Step("with consent at the visit", int(consented)))


def test_consent_counts_at_each_row_s_own_moment_and_never_again(tables, at):
    out = ("p", "sms", "care", "this_kind", "opt_out", "2026-06-10")
    rows = {
        "visit": [1, 2, 3],
        "patient_id": ["p"] * 3,
        "when": at("2026-05-01", "2026-06-05", "2026-06-20"),
    }
    known = tables(consents=consents(at, IN, out), clinics=rows).known(DAY, Cohort("include", AT_VISIT))
    found = known.studied(known.table("clinics"), "visits").rows.execute()
    assert found["visit"].tolist() == [2]


def test_the_cohort_s_steps_stand_between_the_study_s_own_which_leave_nobody_out(tables, at):
    rows = {
        "patient_id": ["a", "b", "c", "d", "e"],
        "when": at(*["2026-06-02"] * 5),
        "early": [True, True, True, True, False],
        "done": [True, False, True, True, True],
    }
    made = tables(
        patients={"patient_id": rows["patient_id"], "birth_year": [1980, 1980, 1980, 2015, 1980]},
        consents=consents(at, *[(person, *IN[1:]) for person in "abde"]),
        clinics=rows,
    )
    known = made.known(DAY, Cohort(consent=AT_VISIT))
    people, flow = studied(known, None, {"early enough": "early"}, {"done": "done"})
    assert flow == (
        Step("all", 5),
        Step("early enough", 4),
        Step("adults", 3),
        Step("with consent at the visit", 2),
        Step("done", 1),
    )
    assert people == ["a", "b", "e"]


def test_what_is_not_recorded_leaves_nobody_out_and_makes_no_step(tables):
    missing = {"age": "The file holds no age.", "consent": "The file holds no consent."}
    made = tables(not_recorded=missing, clinics={"patient_id": ["p"], "when": ["any"]})
    people, flow = studied(made.known(DAY, Cohort(consent=AT_VISIT, goes_on_without=missing)), None)
    assert people == ["p"]
    assert flow == (Step("all", 1),)


def test_nobody_at_all_is_counted_as_nobody(tables):
    known = tables(patients=patients(), clinics={"patient_id": ["absent"]}).known(DAY, Cohort())
    empty = known.table("clinics").filter(known.table("clinics")["patient_id"] == "no one")
    assert studied(known, empty) == ([], (Step("all", 0), Step("adults", 0)))


def test_a_source_that_lacks_the_table_that_tells_is_refused(tables):
    known = tables(clinics={"patient_id": ["p"]}).known(DAY, Cohort())
    with pytest.raises(Refused, match="it has no table patients"):
        known.studied(known.table("clinics"), "all")


def test_the_step_that_empties_a_flow_is_named():
    assert emptied_by([Step("all", 3), Step("adults", 0), Step("done", 0)]) == "adults"
    assert emptied_by([Step("all", 3), Step("adults", 1)]) is None


def test_every_reason_that_lacks_and_every_one_without_need_is_told():
    source = Source.model_validate({"title": "T", "location": "x", "not_recorded": {"age": "It is not."}})
    assert reason_faults({"age": "It needs none."}, source, "here") == ()
    told = [str(fault) for fault in reason_faults({"time": "It needs none."}, source, "here")]
    assert told == [
        "here: the source does not record age. Say under goes_on_without.age why the study goes on.",
        "here: it names time, which the source records. Remove goes_on_without.time.",
    ]
    assert Cohort("include", None, {}) == EVERYBODY
