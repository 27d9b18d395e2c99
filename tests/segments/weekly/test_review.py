"""A review: nothing where nothing happened, and the right alarm where something did."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from workbench.segments.membership import membership
from workbench.segments.weekly.alarms import Alarm
from workbench.segments.weekly.definition import Lineage
from workbench.segments.weekly.followed import FollowedGroups
from workbench.segments.weekly.parameters import SegmentReview
from workbench.segments.weekly.people import ReviewedPeople
from workbench.segments.weekly.review import at_the_refit, refit_due, review_groups
from workbench.segments.weekly.verdict import decide

AS_OF = date(2026, 11, 16)
DAYS = tuple(AS_OF - place * timedelta(days=7) for place in range(5))


@pytest.fixture(scope="module")
def asked():
    return SegmentReview(
        title="Review",
        audience=("analysts",),
        owner="Analytics",
        as_of=AS_OF,
        source="sample",
        seed=3,
        question="What changed?",
        segmentation="groups",
        movement_draws=39,
        who_must_act="The team looks at it.",
    )


@pytest.fixture(scope="module")
def definition(analysis):
    return membership(analysis).definition


@pytest.fixture
def reviewed(asked, definition, settings, monkeypatch):
    """The review of rows by day, the newest first, by a definition that was kept, or changed by a test."""

    def made(rows, until=datetime(2026, 11, 15, tzinfo=UTC), definition=definition):
        people = ReviewedPeople(DAYS[: len(rows)], tuple(rows), (), until)
        followed = FollowedGroups(settings, None, people.days)
        monkeypatch.setattr(FollowedGroups, "definition", definition)
        return review_groups(people, followed, asked)

    return made


def test_where_nobody_did_anything_nobody_moves(reviewed, rows):
    same = rows(400, 5)
    review = reviewed([same, same.iloc[::-1].reset_index(drop=True).sort_values("patient_id")])
    assert review.migration.moved == review.migration.entered == review.migration.left == 0
    assert review.movement.observed == 0
    assert review.movement_over is None
    assert review.alarms == ()
    assert decide(review).decision == "fit_for_use"


def test_weeks_stand_in_the_order_of_time_and_flows_are_over_all_of_them(reviewed, rows):
    everyone = rows(420, 5)
    review = reviewed([everyone, everyone.head(410), everyone.head(400)])
    assert [week.day for week in review.weeks] == list(DAYS[:3])[::-1]
    assert [week.people.sum() for week in review.weeks] == [400, 410, 420]
    assert review.migration.entered == 20


def test_people_whose_habits_change_are_told_from_noise(reviewed, rows):
    before = rows(400, 5)
    after = before.copy()
    after.loc[:39, ["remote", "missed"]] = np.column_stack([after["due"][:40], after["kept"][:40] // 2])
    after.loc[:39, "log_days_ahead"] = 1.4 * after["due"][:40]
    review = reviewed([after, before])
    assert review.movement.is_real()
    assert review.movement.excess > 10
    assert "movement" in {alarm.kind for alarm in review.alarms}
    assert decide(review).decision == "fit_with_findings"


def test_a_yardstick_that_fits_no_more_puts_the_groups_out_of_use(reviewed, rows):
    before = rows(400, 5)
    after = before.assign(remote=before["due"])
    review = reviewed([after, before])
    kinds = {alarm.kind for alarm in review.alarms}
    assert "yardstick" in kinds
    assert decide(review).decision == "not_fit"


def test_a_group_that_everybody_left_is_dissolving(reviewed, rows):
    review = reviewed([rows(400, 6, shares=(1.0, 0.0)), rows(400, 5)])
    assert (review.alarms[0].kind, review.alarms[0].about) == ("dissolving", 1)


def test_old_data_and_no_groups_are_told(reviewed, rows, monkeypatch):
    same = rows(300, 5)
    assert decide(reviewed([same, same], until=datetime(2026, 10, 1, tzinfo=UTC))).decision == "invalid"
    few = rows(150, 5)
    review = reviewed([few, few], definition=None)
    assert review.definition is None
    assert decide(review).decision == "no_groups"


def test_a_seed_gives_the_same_review(reviewed, rows):
    before, after = rows(300, 5), rows(300, 6)
    one, other = reviewed([after, before]), reviewed([after, before])
    assert one.movement.expected == other.movement.expected
    assert one.alarms == other.alarms


def test_a_refit_is_due_by_the_segmentation_s_own_schedule(definition):
    assert refit_due(definition, definition.as_of + timedelta(days=90)) is None
    assert refit_due(definition, definition.as_of + timedelta(days=91)) == Alarm("refit_due", None, 91, 91)


def test_what_came_and_went_at_a_refit_is_told_for_some_weeks(definition):
    lineage = Lineage(version="20260701-0123abcd", as_of=date(2026, 7, 1), born=["C"], dissolved=["D"])
    refitted = definition.model_copy(update={"lineage": lineage})
    told = list(at_the_refit(refitted, definition.as_of + timedelta(days=28), 4))
    assert [(alarm.kind, alarm.letter) for alarm in told] == [("dissolved", "D"), ("born", "C")]
    assert list(at_the_refit(refitted, definition.as_of + timedelta(days=29), 4)) == []
    assert list(at_the_refit(definition, definition.as_of, 4)) == []
