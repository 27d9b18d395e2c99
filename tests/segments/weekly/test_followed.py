"""What a review follows: the newest version from a week before, or the parameter set, and never a later one."""

from datetime import date, timedelta

import pytest
import yaml

from workbench.refusal import Refused
from workbench.segments.membership import membership, write_membership
from workbench.segments.weekly.followed import followed_groups, what_is_followed
from workbench.segments.weekly.lineage import what_is_followed as of_segmentation
from workbench.segments.weekly.parameters import SegmentReview
from workbench.tables.kept_segments import find_kept

AS_OF = date(2026, 11, 16)


def asked(**given):
    values = {
        "title": "Review",
        "audience": ("analysts",),
        "owner": "Analytics",
        "as_of": AS_OF,
        "source": "sample",
        "seed": 3,
        "question": "What changed?",
        "segmentation": "groups",
        "who_must_act": "The team looks at it.",
    }
    return SegmentReview(**{**values, **given})


@pytest.fixture
def kept(analysis, root):
    write_membership(membership(analysis), root)
    return find_kept("groups", root)


@pytest.fixture
def parameter_set(root):
    path = root / "params" / "segmentation" / "groups.yaml"
    path.parent.mkdir()
    told = {
        "title": "Groups",
        "audience": ["analysts"],
        "owner": "Analytics",
        "as_of": "2026-11-16",
        "source": "sample",
        "seed": 7,
        "question": "Are there groups?",
        "who_must_act": "The clinical lead reads it.",
        "save_as": "groups",
    }
    path.write_text(yaml.safe_dump(told))
    return path


def test_the_newest_version_from_a_week_before_is_followed_as_far_back_as_it_reaches(kept, root):
    followed = followed_groups(asked(weeks=6), root)
    assert followed.kept.version == kept.version
    assert followed.days == tuple(AS_OF - place * timedelta(days=7) for place in range(5))
    assert followed.definition.letters == ("A", "B")
    assert followed_groups(asked(weeks=2), root).days[-1] == date(2026, 11, 2)


def test_a_version_from_later_is_not_known_yet(kept, root, parameter_set):
    followed = followed_groups(asked(as_of=date(2026, 10, 25)), root)
    assert followed.kept is None
    with pytest.raises(Refused, match="it looks from 2026-10-19, and the review compares with 2026-10-18"):
        followed_groups(asked(as_of=date(2026, 10, 25), version=kept.version), root)
    assert followed_groups(asked(as_of=date(2026, 10, 26)), root).kept is not None


def test_without_a_version_the_parameter_set_is_looked_at_from_the_first_of_the_weeks(root, parameter_set):
    followed = followed_groups(asked(), root)
    assert followed.kept is None
    assert followed.settings.as_of == followed.days[-1] == date(2026, 10, 19)


def test_without_either_it_is_said_to_run_the_segmentation_first(root):
    with pytest.raises(Refused, match="Run the segmentation whose save_as this is first"):
        followed_groups(asked(), root)
    with pytest.raises(Refused, match="nothing is kept under that name"):
        followed_groups(asked(version="20261019-0123abcd"), root)


def test_another_source_is_refused(kept, root):
    with pytest.raises(Refused, match='found in the source "sample", and the review reads "other"'):
        followed_groups(asked(source="other"), root)


def test_what_is_followed_changes_with_the_version_and_with_the_parameters(kept, root, parameter_set):
    by_version = what_is_followed(asked(), root)
    assert kept.version in by_version[0]
    early = asked(as_of=date(2026, 10, 25))
    before = what_is_followed(early, root)
    parameter_set.write_text(parameter_set.read_text() + "lookback_days: 200\n")
    assert what_is_followed(early, root) != before


def test_rules_that_changed_change_what_is_rested_on(root, parameter_set, settings_of):
    rules = root / "params" / "rules" / "by_need.yaml"
    rules.parent.mkdir()
    rules.write_text("title: By need\n")
    parameter_set.write_text(parameter_set.read_text() + "method: rules\nrules: by_need\n")
    defined = settings_of(method="rules", rules="by_need", save_as="groups")
    before = what_is_followed(asked(), root), of_segmentation(defined, root)
    rules.write_text("title: By other needs\n")
    after = what_is_followed(asked(), root), of_segmentation(defined, root)
    assert all(then != now for then, now in zip(before, after, strict=True))
    assert of_segmentation(settings_of(save_as="groups"), root) == ()
