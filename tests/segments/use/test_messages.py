"""Which message suits which group: no more than the experiment supports."""

import pytest

from workbench.segments.use.messages import GroupEffect, messages_for_groups


def effect(group="A", arm="warm", low=0.01, high=0.05, *, named=False):
    return GroupEffect(group, arm, (low + high) / 2, low, high, named)


def said(effects, standing, groups=("A",)):
    return [(each.group, each.said, each.arm) for each in messages_for_groups(groups, effects, standing)]


@pytest.mark.parametrize(
    ("low", "named", "standing", "expected"),
    [
        (0.01, False, "adopted", "supported"),
        (-0.01, False, "adopted", "no_difference"),
        (0.01, True, "allowed", "supported"),
        (0.01, False, "allowed", "no_difference"),
        (0.01, True, "set_aside", "no_difference"),
        (0.01, True, "harmful", "keep_control"),
        (0.01, True, "open", "not_answered"),
    ],
)
def test_a_message_needs_the_verdict_and_the_groups_own_interval(low, named, standing, expected):
    found = said([effect(low=low, named=named)], {"warm": standing})
    assert found == [("A", expected, "warm" if expected == "supported" else None)]


def test_of_several_the_best_is_supported_and_never_one_that_does_harm():
    effects = [
        effect(arm="warm"),
        effect(arm="short", low=0.02, high=0.08),
        effect(arm="loud", low=0.1, high=0.2),
    ]
    standing = {"warm": "adopted", "short": "adopted", "loud": "harmful"}
    assert said(effects, standing) == [("A", "supported", "short")]


def test_where_every_other_message_does_worse_the_control_stays():
    effects = [effect(arm="warm", low=-0.05, high=-0.01), effect(arm="loud", low=0.1, high=0.2)]
    assert said(effects, {"warm": "allowed", "loud": "harmful"}) == [("A", "keep_control", None)]


def test_an_arm_without_an_answer_says_nothing_against_one_that_has():
    effects = [effect(arm="warm", low=-0.05, high=-0.01), effect(arm="short", low=-0.01, high=0.02)]
    assert said(effects, {"warm": "allowed", "short": "open"}) == [("A", "keep_control", None)]


def test_a_group_without_people_in_the_experiment_was_not_studied():
    found = said([effect()], {"warm": "adopted"}, groups=("A", "B"))
    assert found == [("A", "supported", "warm"), ("B", "not_studied", None)]
