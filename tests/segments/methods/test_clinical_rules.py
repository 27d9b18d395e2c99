"""Clinicians' rules: the first that holds decides, in the measures' own units."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.refusal import Refused
from workbench.segments.grouping import find_groups
from workbench.segments.methods.clinical_rules import Approval, ClinicalRules, NamedRule
from workbench.segments.methods.conditions import Bounds, OneOf
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


IN_WORDS = ClinicalRules(
    "By need",
    (
        NamedRule("Called", (OneOf("diagnosis", ("psychosis", "eating disorder"), excluded=False),)),
        NamedRule(
            "Texted", (OneOf("phase", ("lapsed", "intake"), excluded=True), Bounds("missed", None, 0.25))
        ),
    ),
    "The rest",
    APPROVAL,
    (0, 1, 2),
)
DIAGNOSES = ["psychosis", "anxiety", "anxiety", "anxiety", "eating disorder", None, None, "anxiety"]
PHASES = ["active", "lapsed", "active", None, "lapsed", "active", None, "of another name"]


@pytest.fixture
def told(frame):
    return replace(frame, recorded=pd.DataFrame({"diagnosis": DIAGNOSES, "phase": PHASES}))


def test_a_word_is_one_of_some_or_none_and_one_that_is_not_known_is_neither(told):
    assert IN_WORDS.labels(told).tolist() == [0, 2, 1, 2, 0, 2, 2, 1]


def test_rules_in_words_are_the_same_after_they_were_written(told):
    again = model_from_json(json.loads(json.dumps(IN_WORDS.to_json())))
    assert again == IN_WORDS
    assert again.labels(told).tolist() == IN_WORDS.labels(told).tolist()
    assert again.fingerprint == IN_WORDS.fingerprint


@pytest.mark.parametrize(
    "changed",
    [
        OneOf("diagnosis", ("psychosis",), excluded=False),
        OneOf("diagnosis", ("psychosis", "eating disorder"), excluded=True),
        OneOf("phase", ("psychosis", "eating disorder"), excluded=False),
    ],
)
def test_changed_words_have_another_fingerprint(changed):
    others = replace(IN_WORDS, rules=(NamedRule("Called", (changed,)), IN_WORDS.rules[1]))
    assert others.fingerprint != IN_WORDS.fingerprint


def test_rules_of_measures_keep_the_fingerprint_under_which_they_were_approved():
    assert RULES.fingerprint == "b3f24258c31f79d5"


def test_words_of_nobody_are_told(told):
    assert IN_WORDS.words_of_nobody(told) == {"phase": ("intake",)}
    assert IN_WORDS.features == ("diagnosis", "phase", "missed")
