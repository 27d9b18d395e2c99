"""A real experiment: 64,000 customers sent one of two e-mails or none; report, metrics and a hand computation agree."""

import os
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.experiments.analysis import analyze
from workbench.experiments.counting.counts import count_experiment
from workbench.experiments.counting.people import declared_cohort
from workbench.experiments.parameters import ABTest
from workbench.experiments.verdict import decide
from workbench.parameters.sets import read_parameter_set
from workbench.present.experiment.result import experiment_result
from workbench.tables.opening import open_source

ROOT = Path(__file__).resolve().parents[3]
ARMS = {"none": "No E-Mail", "mens": "Mens E-Mail", "womens": "Womens E-Mail"}


@pytest.fixture(scope="module")
def file() -> Path:
    """The file; its absence is a failure where everything must be tested, else a reason to skip."""
    folder = os.environ.get("WORKBENCH_DATA")
    path = Path(folder or "") / "experiments" / "hillstrom.csv"
    if folder and path.is_file():
        return path
    reason = "WORKBENCH_DATA names no folder with experiments/hillstrom.csv"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def by_hand(file) -> pd.DataFrame:
    """People and visits by arm, counted by nothing but pandas."""
    rows = pd.read_csv(file)
    assert len(rows) == 64_000
    # Rows that repeat others are people like any.
    assert rows.duplicated().sum() > 6_000
    return rows.groupby("segment")["visit"].agg(["size", "sum", "mean"])


@pytest.fixture(scope="module")
def analysis(file):
    chosen = read_parameter_set(
        ROOT / "params/ab_test/hillstrom.yaml", ROOT, {"ab_test": ABTest}, date(2026, 11, 16)
    )
    # The model by segment adds nothing to the numbers held here.
    settings = chosen.parameters.model_copy(update={"segment_by": None})
    known = open_source("hillstrom", ROOT).known(settings.as_of, declared_cohort(settings))
    return analyze(count_experiment(known, settings), settings)


@pytest.fixture(scope="module")
def result(analysis):
    return experiment_result(analysis, decide(analysis))


def test_counts_and_rates_are_those_counted_by_hand(by_hand, analysis, result):
    rows = {row[0]: row[1:] for row in result.table("arms").rows}
    for arm, told in ARMS.items():
        hand = by_hand.loc[told]
        assert rows[arm] == [hand["size"], hand["sum"], pytest.approx(hand["mean"], abs=1e-12)]
    assert [f"{100 * rows[arm][2]:.2f}" for arm in ("mens", "womens", "none")] == ["18.28", "15.14", "10.62"]
    assert sum(arm.enrolled for arm in analysis.counts.arms) == 64_000


def test_metrics_agree_with_the_hand_computation(by_hand, result):
    rates = {m.of["arm"]: m for m in result.metrics if m.name == "rate"}
    differences = {(m.of["arm"], m.of["versus"]): m for m in result.metrics if m.name == "difference"}
    assert set(differences) == {("mens", "none"), ("womens", "none"), ("mens", "womens")}
    hand = {arm: by_hand.loc[told] for arm, told in ARMS.items()}
    variance = {arm: h["mean"] * (1 - h["mean"]) / h["size"] for arm, h in hand.items()}
    for arm, metric in rates.items():
        # Beside 21,000 people the prior, which draws arms to each other, weighs less than a quarter of an error.
        assert metric.value == pytest.approx(hand[arm]["mean"], abs=0.25 * variance[arm] ** 0.5)
        assert metric.n == hand[arm]["size"]
    for (arm, versus), metric in differences.items():
        error = np.sqrt(variance[arm] + variance[versus])
        difference = hand[arm]["mean"] - hand[versus]["mean"]
        ends = (metric.low, metric.value, metric.high)
        textbook = (difference - 1.96 * error, difference, difference + 1.96 * error)
        assert ends == pytest.approx(textbook, abs=0.2 * error)


def test_both_e_mails_are_better_than_none_and_mens_better_than_womens(analysis):
    assert all(effect.better > 0.9999 for effect in analysis.effects)
    assert all(effect.difference.low > 0.035 for effect in analysis.effects)
    assert analysis.between["mens", "womens"].low > 0.02
    assert analysis.leader.arm == "mens"
    assert analysis.leader.best > 0.9999


def test_the_sizes_fit_the_design_and_the_verdict_is_given(analysis, result):
    assert analysis.ratio.p_value > 0.05
    assert (result.verdict.decision, decide(analysis).arm) == ("adopt", "mens")
    assert {check.name for check in result.checks if check.passed is False} == set()
    told = {check.name for check in result.checks if check.passed is None}
    assert {"Consent not recorded", "Age not recorded", "Time not recorded", "No guardrail"} <= told
    assert "visits" in result.verdict.headline
    assert not result.has_table("enrollment")
