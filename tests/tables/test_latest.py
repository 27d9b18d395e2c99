"""What held of a person at a moment is the newest change told by then."""

from datetime import date

import pandas as pd
import pytest

from workbench.tables.cohort import EVERYBODY

DAY = date(2026, 11, 16)


@pytest.fixture
def known(tables, at):
    made = tables(
        patient_states={
            "patient_id": ["p", "p", "p", "p"],
            "treatment_phase": ["intake", "acute", "told late", "future"],
            "valid_from": at("2026-01-01", "2026-02-01", "2026-03-01", "2026-07-01"),
            "known_at": at("2026-01-01", "2026-02-05", "2026-06-10", "2026-07-01"),
        },
        clinics={
            "row": [1, 2, 3, 4, 5, 6],
            "patient_id": ["p", "p", "p", "p", "p", "q"],
            "when": at("2026-01-15", "2026-02-03", "2026-06-02", "2026-06-02", None, "2026-06-02"),
        },
    )
    return made.known(DAY, EVERYBODY)


def test_the_newest_state_valid_and_known_at_each_row_s_moment_counts(known):
    rows = known.with_state(known.table("clinics"), "when", "treatment_phase").execute()
    states = rows.set_index("row")["treatment_phase"].sort_index()
    assert states.tolist()[:4] == ["intake", "intake", "acute", "acute"]
    assert states[5:].isna().all()


def test_of_states_of_one_moment_always_the_same_one_counts(tables, at):
    states = {
        "patient_id": ["p"] * 3,
        "treatment_phase": ["b", "c", "a"],
        "valid_from": at(*["2026-01-01"] * 3),
        "known_at": at(*["2026-01-01"] * 3),
    }
    made = tables(patient_states=states, clinics={"patient_id": ["p"], "when": at("2026-06-02")})
    known = made.known(DAY, EVERYBODY)
    found = known.with_state(known.table("clinics"), "when", "treatment_phase").execute()
    assert found["treatment_phase"].tolist() == ["c"]


def test_consent_is_told_of_everybody_and_leaves_nobody_out(tables, at):
    consents = pd.DataFrame(
        {
            "patient_id": ["p", "p"],
            "channel": "sms",
            "purpose": ["care", "survey"],
            "scope": "this_kind",
            "status": ["opt_in", "opt_out"],
            "changed_at": at("2026-01-01", "2026-02-01"),
        }
    )
    made = tables(consents=consents, clinics={"patient_id": ["p", "q"], "when": at("2026-06-02", "2026-06-02")})
    known = made.known(DAY, EVERYBODY)
    found = known.with_consent(known.table("clinics"), "when", "care").execute()
    assert dict(zip(found["patient_id"], found["consented"], strict=True)) == {"p": True, "q": False}
