"""What a reader of a no-show study sees: nothing of few people, every decision in words, no reminder as an effect."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.analysis import analyze
from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.at_risk.frame import Appointments, WholeFile
from workbench.no_show.decisions.sessions import OF_SESSIONS
from workbench.no_show.parameters import NoShow
from workbench.no_show.verdict import decide
from workbench.present.blocks import FigureBlock, TableBlock, unfolded
from workbench.present.no_show import sections
from workbench.present.no_show.card import model_card
from workbench.present.no_show.estimand import estimand
from workbench.present.no_show.monitoring import how_it_is_watched
from workbench.present.no_show.result import no_show_result
from workbench.present.no_show.sentences import file_in_words, paradox_in_words
from workbench.present.no_show.validation import how_it_was_validated
from workbench.tables.cohort import Step
from workbench.tables.conditions import CountedRows

SETTINGS = NoShow(
    title="t",
    question="q?",
    audience=("analysts",),
    owner="o",
    source="sample",
    seed=3,
    as_of=date(2026, 11, 16),
    test_from=date(2026, 9, 7),
    calls_per_day=30,
    subgroups=("lead", "sex", "diagnosis_group"),
    who_must_act="Nobody has to act.",
)


def rows(size=6000, few=7):
    rng = np.random.default_rng(4)
    lead = rng.choice([0, 2, 5, 20], size)
    day = np.sort(rng.integers(0, 100, size))
    made = {name: np.zeros(size) for name in NUMBERS} | dict.fromkeys(WORDS)
    group = np.array(["anxiety", "depression", "trauma"], dtype=object)[rng.integers(0, 3, size)]
    group[np.flatnonzero(day > 80)[:few]] = "psychosis"
    made |= {
        "patient": np.arange(size) // 2,
        "day": pd.Timestamp("2026-06-22") + pd.to_timedelta(day, unit="D"),
        "period": np.select([day > 76, day > 50], ["test", "calibration"], "training"),
        "lead_days": lead,
        "no_show": (rng.random(size) < 0.05 + 0.015 * lead).astype(int),
        "reminded": ((lead >= 3) & (rng.random(size) < 0.6)).astype(float),
        "diagnosis_group": group,
        "sex": np.where(rng.random(size) < 0.5, "female", "male"),
        "language": None,
        "clinic_id": "c",
    }
    made["outcome"] = np.where(made["no_show"] == 1, "no_show", "attended")
    return pd.DataFrame(made | dict.fromkeys(OF_SESSIONS, np.nan))


@pytest.fixture(scope="module")
def analysis():
    frame = rows()
    constant = tuple(name for name in (*NUMBERS, *WORDS) if frame[name].nunique(dropna=False) < 2)
    reminded = pd.DataFrame(
        {
            "leads": ["all"] * 2 + ["long"] * 2,
            "reminded": [True, False] * 2,
            "appointments": [1000, 2000, 1000, 500],
            "missed": [276, 334, 276, 164],
        }
    )
    file = WholeFile(
        3100,
        6000,
        900,
        1500,
        70,
        reminded,
        (CountedRows("of no age", 5),),
        (CountedRows("with odd numbers", 5),),
    )
    flow = (
        Step("rows of the file", 6005),
        Step("without those of no age", 6000),
        Step("with an outcome", 5800),
    )
    return analyze(Appointments(frame, flow, 1.0, constant, None, file), SETTINGS)


@pytest.fixture(scope="module")
def result(analysis):
    return no_show_result(analysis, decide(analysis))


def test_groups_of_few_are_hidden_with_one_that_would_give_them_back(result):
    table = result.table("subgroups")
    shown = {row[1]: row[2] for row in table.rows if row[0] == "diagnosis group"}
    assert shown["psychosis"] is None
    assert list(shown.values()).count(None) == 2
    assert "few" in table.note


def test_no_metric_tells_of_a_hidden_group(result):
    hidden = [metric for metric in result.metrics if metric.of.get("group") == "psychosis"]
    assert hidden
    assert all((metric.value, metric.low, metric.n) == (None, None, None) for metric in hidden)


def test_flow_counts_appointments_and_merges_steps_that_leave_out_few(result):
    table = result.table("cohort_flow")
    assert table.columns[1].title == "Appointments"
    assert [row[1] for row in table.rows] == [6005, 5800]


def test_few_odd_rows_are_told_as_few(analysis):
    told = file_in_words(analysis)
    assert told is not None
    assert "fewer than 11 rows with odd numbers" in told
    assert (
        "Of the reminded 27.6 % missed, of the others 16.7 %; among leads of 3 days and more 27.6 % and 32.8 %"
        in told
    )


def test_paradox_is_called_no_effect(analysis):
    assert "Neither is an effect" in paradox_in_words(analysis)


def test_estimand_names_moment_care_and_what_is_not_used(analysis):
    told = estimand(analysis)
    assert "3 days before" in told["Moment of prediction"]
    assert "reminder" in told["Under which care"]
    assert "reminder" in told["Not used"]
    assert "sex" in told["Not used"]


def test_every_section_shows_tables_and_figures_of_the_result(analysis, result):
    found = [
        inner
        for section in (
            sections.whom_to_call,
            sections.clinic_days,
            sections.what_it_can_tell,
            sections.can_it_be_trusted,
            how_it_was_validated,
            sections.for_whom,
            sections.what_reminders_do,
            sections.who_was_studied,
            how_it_is_watched,
            model_card,
        )
        for block in section(analysis, result)
        for inner in unfolded(block)
    ]
    shown = {block.table.id for block in found if isinstance(block, TableBlock)}
    assert shown == {table.id for table in result.tables}
    for figure in found:
        if isinstance(figure, FigureBlock):
            assert set(figure.source) <= shown
    (must_not,) = sections.must_not(analysis, result)
    for word in ("Denying", "Punishing", "Overbooking"):
        assert word in must_not.text


@pytest.mark.parametrize(
    ("change", "decision", "words"),
    [
        ({"fewest_no_shows": 10**6}, "keep_collecting", "Too early"),
        ({"slope_within": (0.99, 1.0001)}, None, ""),
        ({}, None, ""),
    ],
)
def test_headline_follows_the_decision(analysis, change, decision, words):
    changed = replace(analysis, settings=SETTINGS.model_copy(update=change))
    verdict = decide(changed)
    told = no_show_result(changed, verdict).verdict
    assert told.decision == (decision or verdict.decision)
    assert words in told.headline
    assert told.reasons
    assert told.facts[-2].text == "Nobody has to act."


def test_the_headline_number_is_the_auroc_of_the_chosen_model(analysis, result):
    number = result.headline_number
    assert (number.name, number.of) == ("auroc", {"model": analysis.chosen})
    assert number.low < number.value < number.high
    assert result.headline_metric.no_effect == 0.5
