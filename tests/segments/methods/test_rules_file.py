"""The rules' file: every fault in one sentence, and nothing used that nobody approved as it stands."""

from datetime import date

import ibis
import pandas as pd
import pytest

from workbench.refusal import Refused
from workbench.segments.methods.conditions import OneOf
from workbench.segments.methods.rules_file import declared_rules, read_rules
from workbench.tables.cohort import Cohort
from workbench.tables.known import Tables
from workbench.tables.source import Source

MEASURES = ("appointments", "missed", "remote")
WORDS = ("diagnosis", "phase")
TODAY = date(2026, 11, 16)
RULES = """title: By attendance
groups:
  - name: Miss often
    when: {missed: {at_least: 0.2}}
  - name: Come seldom
    when: {appointments: {below: 1}, missed: {at_least: 0.05, below: 0.1}}
rest: The rest
"""
APPROVAL = """approval:
  approved_by: clinical lead
  approved_on: 2026-11-02
  reference: minutes of 2 November
  rules: RULES
"""


def in_words(condition, feature="diagnosis"):
    return RULES.replace("{missed: {at_least: 0.2}}", f"{{{feature}: {condition}}}")


@pytest.fixture
def root(tmp_path):
    (tmp_path / "params" / "rules").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def write(root):
    def written(text):
        (root / "params" / "rules" / "attendance.yaml").write_text(text)

    return written


def refusal(root, name="attendance"):
    with pytest.raises(Refused) as refused:
        read_rules(name, root, MEASURES, WORDS, TODAY)
    (fault,) = refused.value.faults
    return str(fault)


def fingerprint_asked_for(root):
    return refusal(root).rsplit("rules: ", 1)[1].rstrip(".")


def test_rules_without_an_approval_are_refused_with_what_to_write(root, write):
    write(RULES)
    assert "nobody has approved these rules" in refusal(root)
    write(RULES + APPROVAL.replace("RULES", fingerprint_asked_for(root)))
    rules = read_rules("attendance", root, MEASURES, WORDS, TODAY)
    assert rules.names == ("Miss often", "Come seldom", "The rest")
    assert rules.approval.approved_by == "clinical lead"
    assert [(each.at_least, each.below) for each in rules.rules[1].conditions] == [(None, 1), (0.05, 0.1)]


def test_changed_rules_need_a_new_approval(root, write):
    write(RULES)
    approved = APPROVAL.replace("RULES", fingerprint_asked_for(root))
    write(RULES.replace("0.2", "0.25") + approved)
    assert "the rules are no longer those that were approved" in refusal(root)
    # A comment changes nothing of what was approved.
    write(f"# As discussed.\n{RULES}{approved}")
    assert read_rules("attendance", root, MEASURES, WORDS, TODAY).title == "By attendance"
    write(RULES + approved.replace("2026-11-02", "2026-11-17"))
    assert "the rules were approved on 2026-11-17, after 2026-11-16, the day that is looked from" in refusal(
        root
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        (RULES.replace("missed: {at_least: 0.2}", "mised: {at_least: 0.2}"), 'Did you mean "missed"?'),
        (RULES.replace("{at_least: 0.2}", "{}"), "it asks nothing"),
        (
            RULES.replace("at_least: 0.05", "at_least: 0.5"),
            "nobody can be at least the one and below the other",
        ),
        (RULES.replace("at_least: 0.2", "above: 0.2"), "this key is not known here"),
        (RULES.replace("rest: The rest", "rest: Miss often"), "Miss often names more than one group"),
        (RULES.replace("rest: The rest\n", ""), "this key is missing"),
        (RULES.replace("{missed: {at_least: 0.2}}", "{}"), "when"),
        (in_words("{is: [depression]}", "missed"), "it is a number, and no word. Write at_least"),
        (in_words("{below: 3}"), "it is told in words, and has no amount. Write is or is_not"),
        (in_words("{is: []}"), "diagnosis.is"),
        (in_words("{is: depression}"), "diagnosis.is"),
        (in_words("{is: [anxiety, anxiety]}"), "anxiety stands in it more than once"),
        (in_words("{is: [anxiety], is_not: [trauma]}"), "it asks of numbers and words, or of words twice"),
        (in_words("{is: [anxiety], below: 3}"), "it asks of numbers and words, or of words twice"),
        (in_words("{is: [anxiety]}", "diagnoses"), 'Did you mean "diagnosis"?'),
        (RULES + APPROVAL.replace("  reference: minutes of 2 November\n", ""), "this key is missing"),
    ],
)
def test_every_fault_is_a_sentence_that_says_where(root, write, text, told):
    write(text)
    with pytest.raises(Refused) as refused:
        read_rules("attendance", root, MEASURES, WORDS, TODAY)
    assert told in str(refused.value)
    assert str(refused.value).startswith("params/rules/attendance.yaml")


def test_a_file_that_is_not_there_is_told_with_those_that_are(root, write):
    write(RULES)
    assert refusal(root, "attendence").endswith('Did you mean "attendance"? There are: attendance.')


def test_only_the_method_rules_asks_for_rules(root, settings_of):
    assert declared_rules(settings_of(), root) is None
    with pytest.raises(Refused, match=r"there is no file params/rules/attendance\.yaml"):
        declared_rules(settings_of(method="rules", rules="attendance"), root)


@pytest.mark.parametrize(("condition", "excluded"), [("is", False), ("is_not", True)])
def test_words_are_read_and_approved_like_amounts(root, write, condition, excluded):
    text = in_words(f'{{{condition}: [substance use, "010"]}}')
    write(text)
    approval = APPROVAL.replace("RULES", fingerprint_asked_for(root))
    write(text + approval)
    (asked,) = read_rules("attendance", root, MEASURES, WORDS, TODAY).rules[0].conditions
    assert asked == OneOf("diagnosis", ("substance use", "010"), excluded)
    write(text.replace("substance use", "trauma") + approval)
    assert "the rules are no longer those that were approved" in refusal(root)


@pytest.fixture
def known():
    """Words of 30 people, but for one that two have, and one that somebody has no longer."""
    people = [f"p{at}" for at in range(30)]
    states = pd.DataFrame({"patient_id": people, "diagnosis_group": ["anxiety"] * 28 + ["rare"] * 2})
    earlier = states.head(25).assign(diagnosis_group="depression")
    moment = pd.Timestamp("2026-01-01", tz="UTC").as_unit("us")
    rows = pd.concat([states, earlier], ignore_index=True).assign(
        treatment_phase="active", valid_from=moment, known_at=moment
    )
    source = Source(title="Some", location="somewhere")
    tables = Tables(source, {"patient_states": ibis.memtable(rows), "patients": ibis.memtable(states)})
    return tables.known(TODAY, Cohort("include", None, {}))


@pytest.mark.parametrize("word", ["rare", "depression"])
def test_a_word_that_few_have_or_nobody_has_any_more_may_be_named(root, write, known, word):
    write(in_words(f"{{is: [{word}]}}"))
    with pytest.raises(Refused) as refused:
        read_rules("attendance", root, MEASURES, WORDS, TODAY, known)
    (fault,) = refused.value.faults
    assert "nobody has approved these rules" in str(fault)


@pytest.mark.parametrize("condition", ["is", "is_not"])
def test_a_word_that_was_never_recorded_is_refused_before_anybody_approves_it(root, write, known, condition):
    write(in_words(f"{{{condition}: [anxeity]}}"))
    with pytest.raises(Refused) as refused:
        read_rules("attendance", root, MEASURES, WORDS, TODAY, known)
    unrecorded, unapproved = map(str, refused.value.faults)
    assert (
        '"anxeity" was not recorded of anybody as diagnosis by 2026-11-16. Did you mean "anxiety"?'
        in unrecorded
    )
    # Of words that few have none is told.
    assert "there are: anxiety, depression." in unrecorded
    assert "nobody has approved these rules" in unapproved
