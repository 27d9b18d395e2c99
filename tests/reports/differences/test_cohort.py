"""The cohort's change: told where it is of many or of none, step by step where nothing follows of few."""

import pytest

from workbench.present.disclosure import CMS, NHS
from workbench.reports.differences.cohort import cohort_change


def change_of(side, flow, before, after, profile=CMS):
    sides = [side(tables=(flow(*steps),)) for steps in (before, after)]
    return cohort_change(*(each.result for each in sides), profile)


@pytest.mark.parametrize(
    ("people", "more", "grew"),
    [
        (1000, 0, False),
        (1001, None, True),
        (1010, None, True),
        (1011, 11, True),
        (990, None, False),
        (989, -11, False),
    ],
)
def test_a_change_of_few_is_not_told(side, flow, people, more, grew):
    change = change_of(side, flow, [("studied", 1000)], [("studied", people)])
    assert (change.studied.more, change.grew, change.studied.people) == (more, grew, people)


def test_few_are_fewer_under_nhs(side, flow):
    assert change_of(side, flow, [("studied", 1000)], [("studied", 1010)], NHS).studied.more == 10
    assert change_of(side, flow, [("studied", 1000)], [("studied", 1005)], NHS).studied.more is None


def test_steps_are_told_unless_few_follow_from_two_of_them(side, flow):
    before = [("known", 2000), ("in care", 1800), ("adults", 1500), ("agreed", 1000)]
    grown = [("known", 2500), ("in care", 2205), ("adults", 1900), ("agreed", 1300)]
    change = change_of(side, flow, before, grown)
    # 405 more in care and 400 more adults: five minors came in between.
    assert [(step.label, step.more) for step in change.steps] == [("known", 500), ("adults", 400)]
    assert change.studied.more == 300


def test_a_step_that_is_few_itself_is_left_out(side, flow):
    change = change_of(side, flow, [("known", 2000), ("studied", 1000)], [("known", 2007), ("studied", 1100)])
    assert change.steps == ()


def test_where_few_more_are_studied_no_step_is_told(side, flow):
    change = change_of(side, flow, [("known", 2000), ("studied", 1000)], [("known", 2500), ("studied", 1003)])
    assert (change.studied.more, change.steps) == (None, ())


@pytest.mark.parametrize(
    "after", [[("studied", None)], [("others", 1200)], [("known", 1500), ("studied; in time", 1200)], []]
)
def test_another_flow_or_a_hidden_count_is_not_compared(side, flow, after):
    assert change_of(side, flow, [("studied", 1000)], after) is None
    assert change_of(side, flow, after, [("studied", 1000)]) is None


def test_a_study_without_a_flow_has_no_cohort_to_compare(side, flow):
    assert (
        cohort_change(
            side().result,
            side(
                tables=(
                    flow(
                        ("studied", 1),
                    ),
                )
            ).result,
            CMS,
        )
        is None
    )
