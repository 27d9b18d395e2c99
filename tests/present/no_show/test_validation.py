"""What a reader sees of the validation: every design, the warning beside the headline, and nothing of few people."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.no_show import analysis as room
from workbench.no_show.analysis import analyze
from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.at_risk.frame import Appointments
from workbench.no_show.decisions.sessions import OF_SESSIONS
from workbench.no_show.parameters import NoShow
from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.validation import development
from workbench.no_show.validation.elsewhere import Elsewhere
from workbench.no_show.verdict import decide
from workbench.present.blocks import TableBlock, unfolded
from workbench.present.no_show.result import no_show_result
from workbench.present.no_show.validation import (
    designs_in_words,
    how_it_was_validated,
    sample_size_check,
    too_late_in_words,
)
from workbench.tables.cohort import Step

QUICK = ("base_rate", "lead_time", "logistic")
SETTINGS = NoShow(
    title="t",
    question="q?",
    audience=("analysts",),
    owner="o",
    source="sample",
    seed=3,
    as_of=date(2026, 11, 16),
    decide_days_before=None,
    test_from=date(2026, 9, 7),
    calls_per_day=30,
    subgroups=("lead",),
    transport_source="elsewhere",
    fewest_no_shows=20,
    largest_miscalibration=1.0,
    slope_within=(0.3, 3.0),
    who_must_act="Nobody has to act.",
)


def rows(seed, size=6000):
    rng = np.random.default_rng(seed)
    lead = rng.choice([0, 2, 5, 20, 40], size)
    day = np.sort(rng.integers(0, 160, size))
    made = dict.fromkeys(NUMBERS, 0.0) | dict.fromkeys(WORDS)
    made |= {
        "patient": np.arange(size) // 2,
        "day": pd.Timestamp("2026-04-22") + pd.to_timedelta(day, unit="D"),
        "lead_days": lead,
        "no_show": (rng.random(size) < 0.03 + 0.012 * lead).astype(int),
        "reminded": 0.0,
        "clinic_id": "c",
        "sex": None,
    }
    made["outcome"] = np.where(made["no_show"] == 1, "no_show", "attended")
    return pd.DataFrame(made | dict.fromkeys(OF_SESSIONS, np.nan))


@pytest.fixture(scope="module")
def analysis():
    appointments = Appointments(rows(1), (Step("with an outcome", 6000),), 1.0, (), None, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(development, "MODELS", QUICK)
        patch.setattr(development, "LEARNED", QUICK[2:])
        patch.setattr(room, "BASELINES", QUICK[:2])
        return analyze(appointments, SETTINGS, Elsewhere("elsewhere", rows(2, 3000)))


@pytest.fixture(scope="module")
def result(analysis):
    return no_show_result(analysis, decide(analysis))


def test_every_design_stands_in_the_table_and_among_the_metrics(analysis, result):
    named = [row[0] for row in result.table("designs").rows]
    assert named[0] == "temporal (the test)"
    assert len(named) == 7
    told = {
        metric.of["design"] for metric in result.metrics if metric.name == "log_loss" and "design" in metric.of
    }
    assert told == {"temporal", *named[1:]}
    tested = next(row for row in result.table("designs").rows if row[0] == named[0])
    assert tested[3] == analysis.test.appointments


def test_metrics_are_each_about_something_else(result):
    keys = [(metric.name, tuple(sorted(metric.of.items()))) for metric in result.metrics]
    assert len(keys) == len(set(keys))


def test_the_warning_stands_beside_the_headline(analysis, result):
    everything = next(apart for apart in analysis.apart if apart.among == "all appointments")
    headline = result.headline_number
    assert headline.value == analysis.tested.auroc.value
    assert everything.auroc["logistic"].value > headline.value + 0.03
    words = too_late_in_words(analysis)
    assert f"{everything.auroc['logistic'].value:.2f}" in words
    assert words in result.verdict.reasons
    among = [metric for metric in result.metrics if metric.of.get("among") == "all appointments"]
    assert [metric.value for metric in among] == [everything.auroc["logistic"].value]


def test_days_ahead_there_is_nothing_to_warn_of(analysis):
    ahead = SETTINGS.model_copy(update={"decide_days_before": 3})
    assert too_late_in_words(replace(analysis, settings=ahead)) is None


@pytest.mark.parametrize(
    ("low", "words"), [(0.001, "A random split flatters**"), (-0.01, "does not flatter here, beyond noise")]
)
def test_flattery_is_told_as_it_was_measured(analysis, low, words):
    found = Estimate(0.01, low, 0.02)
    flattery = replace(analysis.development.flattery, auroc=found, log_loss=found)
    changed = replace(analysis, development=replace(analysis.development, flattery=flattery))
    assert words in designs_in_words(changed)


def test_too_few_events_are_noted_and_enough_are_a_passed_check(analysis):
    assert sample_size_check(analysis).passed
    few = replace(analysis.development.enough[0], appointments=50)
    changed = replace(analysis, development=replace(analysis.development, enough=(few,)))
    check = sample_size_check(changed)
    assert check.passed is None
    assert "are not there" in check.detail
    none = replace(analysis, development=replace(analysis.development, enough=()))
    assert sample_size_check(none).passed is None


def test_transport_is_told_before_and_after_recalibration(analysis, result):
    assert [row[0] for row in result.table("transport").rows] == [
        "as it came",
        "recalibrated in the large",
        "recalibrated logistically",
        "trained here",
    ]
    blocks = [inner for block in how_it_was_validated(analysis, result) for inner in unfolded(block)]
    shown = [block.table.id for block in blocks if isinstance(block, TableBlock)]
    assert shown == ["choice", "designs", "design_losses", "design_contrasts", "sample_size", "transport"]


def test_blocks_of_few_patients_are_not_counted(analysis):
    few = replace(analysis.development.blocks[0], patients=7, appointments=9, missed=2)
    changed = replace(analysis, development=replace(analysis.development, blocks=(few,)))
    table = no_show_result(changed, decide(changed)).table("designs")
    assert table.rows[1][2:4] == [None, None]
