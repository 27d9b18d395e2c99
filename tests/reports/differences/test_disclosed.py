"""No pair of values is shown that gives few people between two versions."""

import pytest

from workbench.present.disclosure import CMS, NHS
from workbench.reports.differences.disclosed import few_between, stricter_profile

ARM = {"arm": "new", "outcome": "outcome"}
GROUP = {"segment": "anxiety"}


@pytest.mark.parametrize(
    ("of", "unit", "before", "after", "few"),
    [
        # people or events of a share
        (ARM, "probability", (0.1, 2000), (0.1, 2000), False),
        (ARM, "probability", (0.1, 2000), (0.1, 2010), True),
        (ARM, "probability", (0.1, 2000), (0.11, 2000), False),
        (ARM, "probability", (0.1, 2000), (0.105, 2000), True),
        (ARM, "probability", (0.1, 2000), (0.1054, 2000), True),  # 10.8 events may be 10
        (ARM, "probability", (0.1, 2000), (0.1, 2110), False),
        (ARM, "probability", (0.1, 2000), (200 / 2100, 2100), True),  # nobody of a hundred
        (ARM, "probability", (0.1, 2000), (0.147, 2100), True),  # six more without the event
        # a contrast is no share, and a whole arm's size is not shown
        ({"arm": "new", "versus": "old"}, "probability", (0.1, 2000), (0.105, 2003), False),
        (ARM, "AUROC", (0.7, 2000), (0.8, 2003), False),
        # a group described by attributes
        (GROUP, "AUROC", (0.7, 200), (0.8, 203), True),
        (GROUP, "AUROC", (0.7, 200), (0.8, 211), False),
        (GROUP, "AUROC", (0.7, None), (0.8, None), False),
        # counts
        ({}, "people", (40.0, None), (50.0, None), True),
        ({}, "rows", (40.0, None), (51.0, None), False),
        ({}, "rows", (40.0, None), (40.0, None), False),
        ({}, "checks", (40.0, None), (41.0, None), False),
        ({}, "ratio", (1.5, None), (2.5, None), False),
    ],
)
def test_values_with_few_between_them_are_not_shown(metric, of, unit, before, after, few):
    pair = [metric(value, of=of, unit=unit, n=n) for value, n in (before, after)]
    assert few_between(*pair, CMS) is few
    assert few_between(*reversed(pair), CMS) is few


def test_an_estimate_is_no_count(metric):
    assert not few_between(metric(1.0, 0.5), metric(2.0, 0.5), CMS)


def test_the_profile_says_how_many_are_few(metric):
    pair = [metric(value, of={}, unit="people") for value in (40.0, 48.0)]
    assert few_between(*pair, CMS)
    assert not few_between(*pair, NHS)


def test_of_two_profiles_the_one_that_hides_more_counts():
    assert stricter_profile({"disclosure": "nhs"}, {"disclosure": "cms"}) is CMS
    assert stricter_profile({"disclosure": "nhs"}, {"disclosure": "nhs"}) is NHS
    assert stricter_profile({}, {"disclosure": "nhs"}) is CMS
