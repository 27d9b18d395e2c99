"""What a reader is told of reminders: what is missing, what is not identified, and what weighs most."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from workbench.no_show.effect.days_without import DaysWithout
from workbench.no_show.effect.doubly_robust import Effect
from workbench.no_show.effect.emulation import Emulation, Overlap
from workbench.no_show.effect.sensitivity import e_values
from workbench.no_show.effect.study import ReminderStudy
from workbench.no_show.effect.trial import Arm, Trial
from workbench.no_show.effect.whom import Policy, Whom
from workbench.no_show.parameters import NoShow
from workbench.no_show.scores.estimates import Estimate
from workbench.present.no_show.effect_metrics import effect_metrics
from workbench.present.no_show.effect_sentences import (
    USUAL_CARE,
    effect_in_words,
    overlap_in_words,
    whom_in_words,
)
from workbench.present.no_show.effect_tables import answers, effect_tables, weightiest

SETTINGS = NoShow(
    title="t",
    question="q?",
    audience=("analysts",),
    owner="o",
    source="sample",
    seed=3,
    as_of=date(2026, 11, 16),
    test_from=date(2026, 9, 7),
    who_must_act="Nobody has to act.",
)
MINUS_FIVE, ABOUT_ZERO = Estimate(-0.05, -0.06, -0.04), Estimate(0.001, -0.01, 0.012)
RATIO = Estimate(0.7, 0.6, 0.8)
SENT = Emulation(
    patients=500,
    appointments=1000,
    reminded=600,
    raw=MINUS_FIVE,
    by_lead=MINUS_FIVE,
    overlap=Overlap((), (0.01, 0.99), 0.1, 500.0, 300.0),
    effect=Effect(0.1, 0.15, MINUS_FIVE, RATIO),
    sensitivity=e_values(RATIO),
    why=None,
)
STUDY = ReminderStudy((), ("trial",), True, 1.0, SENT, None, None, None, None)
DAYS = DaysWithout(
    pd.Timestamp("2026-05-02"), pd.Timestamp("2026-05-25"), 11, 7, 900, 500, 0.8, -0.05, MINUS_FIVE, ABOUT_ZERO
)
ARMS = (Arm(False, 300, 300, 900, 0.0, 180), Arm(True, 300, 300, 890, 0.9, 120))
TRIAL = Trial(ARMS, MINUS_FIVE, Estimate(-0.07, -0.09, -0.05), SENT, MINUS_FIVE, ABOUT_ZERO)


def told(study):
    return SimpleNamespace(effect=study, settings=SETTINGS)


@pytest.mark.parametrize("study", [None, replace(STUDY, sent=None, missing=("reminders", "time", "trial"))])
def test_a_source_without_reminders_is_told_nothing_of_them_but_the_care(study):
    words = effect_in_words(told(study))
    assert "neither messages nor" in words
    assert USUAL_CARE in words
    assert effect_tables(told(study)) == []
    assert effect_metrics(told(study)) == []


@pytest.mark.parametrize(
    ("missing", "word"),
    [("trial", "rests on a lot"), ("consent", "not recorded"), ("time", "time zero is the booking")],
)
def test_what_is_missing_is_said_once(missing, word):
    assert word in effect_in_words(told(replace(STUDY, missing=(missing,))))
    assert word not in effect_in_words(told(replace(STUDY, missing=())))


def test_what_is_not_identified_has_no_number():
    sent = replace(SENT, effect=None, sensitivity=None, why="trimmed")
    study = replace(STUDY, sent=sent)
    words = effect_in_words(told(study))
    assert "not identified" in words
    assert "points" not in words
    assert "sent, doubly robust" not in [name for name, _, _ in answers(study)]
    assert "E-value" not in overlap_in_words(sent)
    assert "not told" in whom_in_words(None, SETTINGS)


def test_a_lot_weighs_more_than_days_and_days_more_than_likeness():
    assert weightiest(STUDY) == MINUS_FIVE
    assert weightiest(replace(STUDY, days=DAYS)) is DAYS.difference
    study = replace(STUDY, days=DAYS, trial=TRIAL)
    assert weightiest(study) is TRIAL.in_stratum
    words = effect_in_words(told(study))
    assert words.index("By lot") < words.index("Days without") < words.index("emulated trial")


def test_a_control_that_shows_something_is_said_aloud():
    off = replace(DAYS, control=MINUS_FIVE)
    assert "differ in more than reminders" in effect_in_words(told(replace(STUDY, days=off)))
    assert "differ in more than reminders" not in effect_in_words(told(replace(STUDY, days=DAYS)))


def test_an_emulation_that_fails_its_check_is_said_to():
    failed = replace(TRIAL, apart=MINUS_FIVE)
    assert "does not agree with it" in effect_in_words(told(replace(STUDY, trial=failed)))
    assert "agrees with it" in effect_in_words(told(replace(STUDY, trial=TRIAL)))


def whom(less):
    policy = Policy(0.25, MINUS_FIVE, MINUS_FIVE, MINUS_FIVE, less)
    return Whom((policy,), 0.25, MINUS_FIVE)


def test_benefit_is_recommended_only_where_its_interval_is_ahead():
    assert "is not shown" in whom_in_words(whom(ABOUT_ZERO), SETTINGS)
    ahead = whom_in_words(whom(Estimate(0.01, 0.001, 0.02)), SETTINGS)
    assert "avoids more than ordering by risk**" in ahead


def test_tables_and_metrics_hold_what_is_said():
    study = replace(STUDY, days=DAYS, trial=TRIAL, whom=whom(ABOUT_ZERO))
    tables = {table.id: table for table in effect_tables(told(study))}
    assert [*tables] == [
        "reminder_effects",
        "reminder_protocol",
        "reminder_overlap",
        "reminder_trial",
        "whom_to_remind",
    ]
    assert len(tables["reminder_effects"].rows) == len(answers(study))
    for table in tables.values():
        assert all(len(row) == len(table.columns) for row in table.rows)
    assert {metric.name for metric in effect_metrics(told(study))} == {
        "reminder_effect",
        "confounder_e_value",
        "avoided",
    }
