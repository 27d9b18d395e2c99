"""A review is refused before anything long starts where what it follows cannot be made."""

import re

import pytest
import yaml

from workbench.refusal import Refused
from workbench.segments.weekly.parameters import SegmentReview
from workbench.segments.weekly.people import check_review, declared_cohort

RULES = """title: By attendance
groups:
  - name: Miss often
    when: {missed: {at_least: 0.2}}
rest: The rest
"""
APPROVAL = """approval:
  approved_by: clinical lead
  approved_on: 2026-11-02
  reference: minutes of 2 November
  rules: RULES
"""
COMMON = {"audience": ["analysts"], "owner": "Analytics", "as_of": "2026-11-16", "source": "sample", "seed": 7}


@pytest.fixture
def checked(root, monkeypatch, open_folder, provider_folder):
    """Check a review of groups that no version is kept of, and that rules define."""
    monkeypatch.setenv("WORKBENCH_HOME", str(root))
    segmentation = {
        "title": "Groups",
        "question": "Which groups?",
        "who_must_act": "The clinical lead reads it.",
    }
    for name, told in {
        "segmentation/groups": COMMON | segmentation | {"method": "rules", "rules": "attendance"},
        "rules/attendance": yaml.safe_load(RULES),
    }.items():
        path = root / "params" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(told))

    def check(weeks):
        values = COMMON | segmentation | {"segmentation": "groups", "weeks": weeks}
        settings = SegmentReview.from_cell(values)
        known = open_folder(provider_folder(1.0)).known(settings.as_of, declared_cohort(settings))
        check_review(known, settings)

    return check


def test_a_look_back_to_before_the_rules_approval_is_refused(checked, root):
    with pytest.raises(Refused, match="nobody has approved these rules") as refused:
        checked(weeks=2)
    asked_for = re.search(r"rules: ([0-9a-f]{16})", str(refused.value)).group(1)
    path = root / "params" / "rules" / "attendance.yaml"
    path.write_text(RULES + APPROVAL.replace("RULES", asked_for))
    with pytest.raises(Refused) as refused:
        checked(weeks=3)
    (fault,) = refused.value.faults
    assert "the rules were approved on 2026-11-02, after 2026-10-26, the day that is looked from" in str(fault)
    checked(weeks=2)
