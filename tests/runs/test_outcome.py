"""The end of a run in one line, and the exit code of many."""

import pytest

from workbench.refusal import Fault
from workbench.runs.outcome import Outcome, exit_code, refused

WHERE = "params/ab_test/wording.yaml"


def test_a_line_names_the_state_the_set_and_what_is_told():
    assert Outcome(WHERE, "published", "20261123T060000Z-3f9a2c1d").line == (
        "published    params/ab_test/wording.yaml: 20261123T060000Z-3f9a2c1d"
    )
    assert Outcome(WHERE, "unchanged").line == "unchanged    params/ab_test/wording.yaml"


def test_a_record_s_reason_holds_all_that_is_told():
    assert Outcome(WHERE, "failed", "Cell 3 failed.", ("Kept here.",)).reason == "Cell 3 failed.\nKept here."


@pytest.mark.parametrize("place", [f"{WHERE} line 3, key seed", f"{WHERE}, key seed", f"{WHERE}: key seed"])
def test_a_single_fault_stands_on_the_line_without_naming_its_file_twice(place):
    outcome = refused(WHERE, (Fault(place, "it is no number.", "Give one."),))
    assert outcome.line.count(WHERE) == 1
    assert outcome.line.endswith("key seed: it is no number. Give one.")
    assert outcome.detail == ()


def test_several_faults_are_counted_and_told_below():
    faults = (Fault(WHERE, "One.", "Mend it."), Fault(WHERE, "Two.", "Mend it."))
    outcome = refused(WHERE, faults)
    assert outcome.line == f"refused      {WHERE}: 2 faults"
    assert outcome.detail == (f"{WHERE}: One. Mend it.", f"{WHERE}: Two. Mend it.")


@pytest.mark.parametrize(
    ("states", "started", "code"),
    [
        (["published", "unchanged", "skipped", "awaiting_approval"], True, 0),
        (["skipped"], False, 0),
        ([], False, 0),
        (["published", "refused"], True, 1),
        (["unchanged", "refused"], True, 1),
        (["failed"], True, 1),
        (["withheld"], True, 1),
        (["refused"], False, 2),
        (["refused", "skipped"], False, 2),
    ],
)
def test_the_exit_code(states, started, code):
    assert exit_code([Outcome(WHERE, state) for state in states], started) == code
