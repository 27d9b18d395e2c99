"""A failure leaves its mark until a run goes well."""

import pytest

from workbench.reports.catalogue import RUN_STATES
from workbench.reports.last_run import WENT_WELL, WENT_WRONG, failed_in_a_row, last_run
from workbench.reports.records import open_run


def records(project, *states):
    for number, state in enumerate(states):
        run = open_run(project.store.records_folder, "ab_test", "wording", "params/ab_test/wording.yaml", None)
        run.end(state, f"Reason {number}.")
    return project.store.records()


@pytest.mark.parametrize(
    ("states", "told", "in_a_row"),
    [
        (("published",), "Reason 0.", 0),
        (("failed",), "Reason 0.", 1),
        (("published", "failed", "withheld", "lost"), "Reason 3.", 3),
        (("failed", "unchanged", "refused"), "Reason 2.", 1),
        (("failed", "failed", "published"), "Reason 2.", 0),
        (("failed", "interrupted"), "Reason 0.", 1),
        (("failed", "skipped", "failed", "skipped"), "Reason 2.", 2),
        (("published", "interrupted"), "Reason 1.", 0),
        (("skipped",), "Reason 0.", 0),
    ],
)
def test_a_failure_leaves_its_mark_until_a_run_goes_well(project, states, told, in_a_row):
    runs = records(project, *states)
    assert last_run(runs).reason == told
    assert len(failed_in_a_row(runs)) == in_a_row


def test_nothing_is_told_of_a_set_that_never_ran():
    assert (last_run([]), failed_in_a_row([])) == (None, [])


def test_what_went_wrong_is_what_the_catalogue_tells_so():
    assert {state for state, look in RUN_STATES.items() if look.tone == "bad"} == WENT_WRONG
    assert not WENT_WRONG & WENT_WELL
