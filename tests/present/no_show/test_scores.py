"""What a reader sees of scores: numbers in the order that matters, what they cover, and nothing of few people."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.analysis import Analysis, analyze
from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.at_risk.frame import Appointments
from workbench.no_show.decisions.sessions import OF_SESSIONS
from workbench.no_show.parameters import NoShow
from workbench.no_show.scores.curve import Distance
from workbench.no_show.scores.labels import LabelCounts
from workbench.no_show.verdict import decide
from workbench.present.blocks import FigureBlock, ProseBlock, TableBlock, unfolded
from workbench.present.disclosure import CMS
from workbench.present.no_show import sections
from workbench.present.no_show.group_tables import labels_table
from workbench.present.no_show.result import no_show_result
from workbench.present.no_show.score_figures import calibration_curve, calibration_of_groups
from workbench.present.no_show.score_sentences import (
    conflicts_in_words,
    intervals_in_words,
    range_in_words,
    score_checks,
)
from workbench.tables.cohort import Step

SETTINGS = NoShow(
    title="t",
    question="q?",
    audience=("analysts",),
    owner="o",
    source="sample",
    seed=3,
    as_of=date(2026, 11, 16),
    test_from=date(2026, 9, 7),
    calls_per_day=15,
    subgroups=("sex", "diagnosis_group"),
    who_must_act="Nobody has to act.",
)


def rows(missed_in_test=None, size=6000):
    """Patients of one sex miss by their lead, those of the other by chance alone; of one diagnosis there are few."""
    rng = np.random.default_rng(4)
    lead = rng.choice([0, 2, 5, 40], size)
    female = rng.random(size) < 0.5
    day = np.sort(rng.integers(0, 100, size))
    group = np.array(["anxiety", "depression", "trauma"], dtype=object)[rng.integers(0, 3, size)]
    group[np.flatnonzero(day > 80)[:7]] = "psychosis"
    lead = np.where(female, lead, 2)
    made = {name: np.zeros(size) for name in NUMBERS} | dict.fromkeys(WORDS)
    made |= {
        "patient": np.arange(size) // 2,
        "day": pd.Timestamp("2026-06-22") + pd.to_timedelta(day, unit="D"),
        "period": np.select([day > 76, day > 50], ["test", "calibration"], "training"),
        "lead_days": lead,
        "past": female.astype(float),
        "no_show": (rng.random(size) < np.where(female, 0.04 + 0.009 * lead, 0.15)).astype(int),
        "diagnosis_group": group,
        "sex": np.where(female, "female", "male"),
        "reminded": np.nan,
        **dict.fromkeys(("language", "ethnicity", "disability", "payer", "clinic_id")),
    }
    frame = pd.DataFrame(made)
    if missed_in_test is not None:
        frame.loc[frame["period"] == "test", "no_show"] = missed_in_test
    outcome = np.where(frame["no_show"] == 1, "no_show", "attended")
    return frame.assign(outcome=outcome, **dict.fromkeys(OF_SESSIONS, np.nan))


def analysis_of(frame) -> Analysis:
    constant = tuple(name for name in (*NUMBERS, *WORDS) if frame[name].nunique(dropna=False) < 2)
    labels = (LabelCounts("sex", "female", 400, 3000, 0, 12, 300, 4),)
    flow = (Step("known", 6000), Step("with an outcome", 6000))
    return analyze(Appointments(frame, flow, 1.0, constant, None, None, labels), SETTINGS)


@pytest.fixture(scope="module")
def analysis():
    return analysis_of(rows())


@pytest.fixture(scope="module")
def result(analysis):
    return no_show_result(analysis, decide(analysis))


def tables_in(blocks):
    open_blocks = [inner for block in blocks for inner in unfolded(block)]
    return [block.table.id for block in open_blocks if isinstance(block, TableBlock)]


def test_calibration_comes_first_then_net_benefit_then_ranks(analysis, result):
    names = list(dict.fromkeys(metric.name for metric in result.metrics))
    order = [names.index(name) for name in ("calibration_intercept", "net_benefit", "auroc", "brier")]
    assert order == sorted(order)
    assert tables_in(sections.can_it_be_trusted(analysis, result))[0] == "calibration"
    told = tables_in(sections.what_it_can_tell(analysis, result))
    assert told[:3] == ["net_benefit", "capacity_benefit", "scores"]
    assert tables_in(sections.for_whom(analysis, result))[:2] == ["subgroups", "access"]


def test_intervals_are_said_to_be_conditional_and_clustered(analysis):
    told = intervals_in_words(analysis)
    assert "conditional on the fitted model" in told
    assert "clustered by patient" in told


def test_net_benefit_stands_over_the_range_that_is_plausible(analysis, result):
    thresholds = [row[0] for row in result.table("net_benefit").rows]
    assert (thresholds[0], thresholds[-1]) == ("8.0 %", "32.0 %")
    assert "16.0 % (the clinic's)" in thresholds
    assert "8.0 % to 32.0 %" in range_in_words(analysis)


def test_eavg_has_no_interval_and_stands_beside_perfect_calibration(result):
    (found,) = [metric for metric in result.metrics if metric.name == "eavg"]
    assert (found.low, found.high, found.interval) == (None, None, None)
    (expected,) = [metric for metric in result.metrics if metric.name == "eavg_if_calibrated"]
    assert expected.value > 0
    assert len(result.table("distances").rows) == 2


@pytest.mark.parametrize(
    ("value", "words"), [(0.05, "chance alone would make it"), (0.01, "as chance alone would")]
)
def test_figure_of_calibration_says_how_far_it_is_off(analysis, value, words):
    eavg = Distance(value, 0.008, 0.015)
    figure = calibration_curve(replace(analysis, evaluation=replace(analysis.evaluation, eavg=eavg)))
    assert words in figure.title
    assert f"{100 * value:.1f} points" in figure.title


def test_conflict_is_told_with_its_numbers(analysis, result):
    told = conflicts_in_words(analysis, result)
    assert "Two measures of fairness conflict" in told
    assert "By sex: the list leaves out" in told
    assert "of *male*" in told


def test_conflict_with_a_hidden_group_is_not_told(analysis, result):
    hidden = [
        table.model_copy(update={"rows": [[*row[:2], *[None] * (len(row) - 2)] for row in table.rows]})
        if table.id == "access"
        else table
        for table in result.tables
    ]
    told = conflicts_in_words(analysis, result.model_copy(update={"tables": hidden}))
    assert "By sex" not in told
    assert "none is reached less than another" in told


def test_group_of_few_is_in_no_figure_and_no_metric(analysis, result):
    figure = calibration_of_groups(analysis, result)
    assert isinstance(figure, FigureBlock)
    assert "female" in figure.alt
    assert "psychosis" not in figure.alt
    of_few = [metric for metric in result.metrics if metric.of.get("group") == "psychosis"]
    assert of_few
    assert all((metric.value, metric.n) == (None, None) for metric in of_few)


def test_label_is_told_in_words_from_which_no_few_can_be_worked_out():
    counts = (
        LabelCounts("sex", "female", 400, 3000, 0, 12, 300, 4),
        LabelCounts("sex", "male", 300, 2000, 1995, 15, 200, None),
        LabelCounts("sex", "other", 6, 40, 20, 12, 20, 15),
    )
    female, male, other = (row[3:] for row in labels_table(counts, CMS).rows)
    assert female == ["none", "under 1 %", "10 %", "few"]
    assert male == ["nearly all", "under 1 %", "10 %", "not recorded"]
    assert other == ["few"] * 4


def test_model_left_out_is_named(analysis):
    evaluation = replace(analysis.evaluation, left_out={"lead_time": "it gives a probability outside 0 to 1."})
    checks = {check.name: check for check in score_checks(replace(analysis, evaluation=evaluation))}
    assert checks["Not scored: lead time alone"].detail == "It gives a probability outside 0 to 1."


@pytest.mark.parametrize(("missed", "words"), [(0, "Nobody missed"), (1, "Everybody missed")])
def test_of_one_class_a_report_is_made_all_the_same(missed, words):
    analysis = analysis_of(rows(missed_in_test=missed))
    verdict = decide(analysis)
    assert verdict.decision == "keep_collecting"
    result = no_show_result(analysis, verdict)
    assert result.headline_metric.name == "log_loss"
    assert result.headline_number.value > 0
    (check,) = [check for check in result.checks if check.name == "One class only"]
    assert check.detail.startswith(words)
    blocks = [
        block
        for section in (
            sections.whom_to_call,
            sections.can_it_be_trusted,
            sections.what_it_can_tell,
            sections.for_whom,
        )
        for block in section(analysis, result)
    ]
    assert "scores" not in tables_in(blocks)
    assert {"accuracy", "net_benefit"} <= set(tables_in(blocks))
    assert any(words in block.text for block in blocks if isinstance(block, ProseBlock))
