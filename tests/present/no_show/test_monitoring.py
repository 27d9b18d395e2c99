"""What a reader sees of the alarm: whether it was given, how often it is false, and on whom it has to run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.oversight.rehearsal import Rehearsal, rehearse
from workbench.no_show.parameters import NoShow
from workbench.present.disclosure import CMS, hide_small_cells
from workbench.present.no_show.monitoring import (
    alarm_in_words,
    alarm_metrics,
    alarm_table,
    evidence_figure,
    holdout_in_words,
)
from workbench.present.result import StudyResult, Table, Verdict

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


@dataclass(frozen=True)
class Watched:
    """As much of an analysis as is told of here."""

    alarm: Rehearsal
    settings: NoShow = SETTINGS
    chosen: str = "logistic"


def watched(drift: float, few_in_week_two: bool = False) -> Watched:
    rng = np.random.default_rng(1)
    number = np.repeat(np.arange(56), 20)
    if few_in_week_two:
        second = (number >= 7) & (number < 14)
        number = np.concatenate([number[~second], np.full(4, 8)])
    risk = rng.uniform(0.1, 0.4, number.size)
    test = pd.DataFrame(
        {
            "day": pd.Timestamp("2026-09-07") + pd.to_timedelta(number, unit="D"),
            "patient": np.arange(number.size),
            "no_show": (rng.random(number.size) < risk + drift).astype(int),
        }
    )
    return Watched(rehearse(test, risk))


def holding(table: Table) -> StudyResult:
    verdict = Verdict(decision="not_useful", headline="h", reasons=[])
    return StudyResult(
        study="no_show", as_of="2026-11-16", verdict=verdict, metrics=[], checks=[], tables=[table]
    )


def test_no_alarm_is_told_with_its_false_alarm_rate_and_is_no_proof():
    told = alarm_in_words(watched(0))
    assert "**No alarm in 8 weeks.**" in told
    assert "at most 5 %: its false-alarm rate" in told
    assert "no proof" in told


def test_an_alarm_is_told_with_its_week_and_day():
    found = watched(0.3)
    assert found.alarm.given_in is not None
    assert f"Alarm in week {found.alarm.given_in} of 8 weeks, on " in alarm_in_words(found)
    metrics: Mapping = {metric.name: metric.value for metric in alarm_metrics(found)}
    assert metrics["alarm_week"] == found.alarm.given_in
    assert metrics["alarm_evidence"] >= metrics["alarm_threshold"] == pytest.approx(np.log10(20))
    figure = evidence_figure(found.alarm, holding(alarm_table(found)))
    assert figure is not None
    assert f"reaches the alarm in week {found.alarm.given_in}" in figure.title


def test_a_week_of_few_is_neither_in_the_table_nor_in_the_figure():
    found = watched(0, few_in_week_two=True)
    table = hide_small_cells(alarm_table(found), CMS)
    hidden = {row[0] for row in table.rows if row[4] is None}
    assert "2" in hidden
    assert len(hidden) < len(table.rows)
    figure = evidence_figure(found.alarm, holding(table))
    assert figure is not None
    assert "; 2: " not in figure.alt
    empty = table.model_copy(update={"rows": [row for row in table.rows if row[4] is None]})
    assert evidence_figure(found.alarm, holding(empty)) is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "No decision that allows it is named"),
        ({"ethics_reference": "IRB *26*"}, "allowed by the decision IRB \\*26\\*"),
        ({"holdout_share": 0.0}, "cannot be watched"),
    ],
)
def test_who_is_held_out_is_told_with_the_decision_that_allows_it(given, words):
    assert words in holdout_in_words(SETTINGS.model_copy(update=given))
