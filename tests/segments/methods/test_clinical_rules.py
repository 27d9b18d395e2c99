"""Clinicians' rules: the first that holds decides, in the measures' own units."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.refusal import Refused
from workbench.segments.grouping import find_groups
from workbench.segments.methods.clinical_rules import Approval, Bounds, ClinicalRules, NamedRule
from workbench.segments.methods.fitting import model_from_json

APPROVAL = Approval("clinical lead", date(2026, 11, 2), "minutes of 2 November")
RULES = ClinicalRules(
    "By attendance",
    (
        NamedRule("Miss often", (Bounds("missed", 0.2, None),)),
        NamedRule("Come seldom", (Bounds("appointments", None, 1.0), Bounds("missed", None, 0.1))),
    ),
    "The rest",
    APPROVAL,
    (0, 1, 2),
)
MISSED = np.array([0.2, 0.3, 0.19, 0.05, 0.05, np.nan, 0.0, 0.1])
APPOINTMENTS = np.array([0.5, 3.0, 0.5, 0.99, 1.0, 0.5, np.nan, 0.5])


@pytest.fixture
def frame(frame_of):
    made = frame_of(np.column_stack([APPOINTMENTS, MISSED]))
    assert list(made.values.columns) == ["appointments", "missed"]
    return made


def test_the_first_rule_that_holds_decides_and_what_is_not_known_meets_none(frame):
    assert RULES.labels(frame).tolist() == [0, 0, 2, 1, 2, 2, 2, 2]
    assert RULES.probabilities(frame).sum(axis=1).tolist() == [1] * 8


def test_groups_are_numbered_from_the_largest_and_keep_their_names(frame, settings_of):
    grouping = find_groups(frame, settings_of(method="rules", rules="attendance"), rules=RULES)
    assert grouping.kind == "definitions"
    assert grouping.labels.tolist() == [1, 1, 0, 2, 0, 0, 0, 0]
    assert grouping.model.names == ("The rest", "Miss often", "Come seldom")
    np.testing.assert_array_equal(grouping.model.labels(frame), grouping.labels)
    again = model_from_json(grouping.model.to_json())
    assert again == grouping.model
    assert again.fingerprint == RULES.fingerprint


def test_a_measure_that_was_left_out_is_refused(frame_of, settings_of):
    frame = frame_of(APPOINTMENTS[:, None])
    with pytest.raises(Refused, match="the rules ask of missed, in which people differ here by hardly more"):
        find_groups(frame, settings_of(method="rules", rules="attendance"), rules=RULES)


@pytest.mark.parametrize(
    "changed",
    [
        NamedRule("Miss often", (Bounds("missed", 0.25, None),)),
        NamedRule("Miss often", (Bounds("missed", None, 0.2),)),
        NamedRule("Miss a lot", (Bounds("missed", 0.2, None),)),
    ],
)
def test_changed_rules_have_another_fingerprint(changed):
    others = ClinicalRules(RULES.title, (changed, RULES.rules[1]), RULES.rest, APPROVAL, RULES.numbers)
    turned = ClinicalRules(RULES.title, RULES.rules[::-1], RULES.rest, APPROVAL, RULES.numbers)
    assert len({RULES.fingerprint, others.fingerprint, turned.fingerprint}) == 3


def test_nobody_in_a_group_is_no_fault(settings_of, frame_of):
    frame = frame_of(np.column_stack([APPOINTMENTS[:2], MISSED[:2]]))
    grouping = find_groups(frame, settings_of(method="rules", rules="attendance"), rules=RULES)
    assert grouping.labels.tolist() == [0, 0]
    assert grouping.model.names[0] == "Miss often"
    assert pd.Series(grouping.model.labels(frame)).eq(0).all()
