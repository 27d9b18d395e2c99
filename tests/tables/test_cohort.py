"""Who may be studied: age by birth year alone, consent at a moment, the state known then."""

from datetime import date

import pandas as pd
import pytest

from workbench.tables.cohort import with_age, with_consent, with_state

DAY = date(2026, 11, 16)


def by_person(people, column):
    rows = people.execute()
    return dict(zip(rows["patient_id"], rows[column], strict=True))


@pytest.mark.parametrize(
    ("minors", "passing"),
    [("exclude", {"19"}), ("only", {"18"}), ("include", {"18", "19", "unknown", "absent"})],
)
def test_a_person_is_adult_once_the_years_differ_by_19(tables, minors, passing):
    made = tables(
        patients={"patient_id": ["18", "19", "unknown"], "birth_year": [2008, 2007, None]},
        clinics={"patient_id": ["18", "19", "unknown", "absent"]},
    )
    of_age = by_person(with_age(made.known(DAY), made.whole("clinics"), minors), "of_age")
    assert {person for person, passes in of_age.items() if passes} == passing


def consent(tables, at, changes, **source):
    names = ("patient_id", "channel", "purpose", "scope", "status", "changed_at")
    columns = dict(zip(names, map(list, zip(*changes, strict=True)), strict=True))
    columns["changed_at"] = at(*columns["changed_at"])
    made = tables(consents=columns, clinics={"patient_id": ["p"], "when": at("2026-06-02")}, **source)
    return by_person(with_consent(made.known(DAY), made.whole("clinics"), "when", "care"), "consented")["p"]


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
    assert consent(tables, at, [IN, *later]) == consented


def test_who_never_agreed_has_not_agreed(tables, at):
    assert not consent(tables, at, [("other", *IN[1:])])


def test_where_consent_is_not_recorded_everybody_passes(tables):
    made = tables(not_recorded={"consent": "It is not."}, clinics={"patient_id": ["p"], "when": ["any"]})
    assert by_person(with_consent(made.known(DAY), made.whole("clinics"), "when", "care"), "consented")["p"]


def test_the_newest_state_valid_and_known_at_the_moment_counts(tables, at):
    made = tables(
        patient_states={
            "patient_id": ["p", "p", "p", "p"],
            "treatment_phase": ["intake", "acute", "told late", "future"],
            "valid_from": at("2026-01-01", "2026-02-01", "2026-03-01", "2026-07-01"),
            "known_at": at("2026-01-01", "2026-02-05", "2026-06-10", "2026-07-01"),
        },
        clinics={"patient_id": ["p", "q"], "when": at("2026-06-02", "2026-06-02")},
    )
    states = by_person(
        with_state(made.known(DAY), made.whole("clinics"), "when", "treatment_phase"), "treatment_phase"
    )
    assert states["p"] == "acute"
    assert pd.isna(states["q"])
