"""What the analysis takes from counts, and that it takes it from the right ones."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from workbench.experiments.analysis import analyze
from workbench.experiments.counting.given import GivenArm, given_counts
from workbench.experiments.exact import ArmCounts, RatePosterior, RatePrior
from workbench.experiments.metrics import (
    USUAL_METRICS,
    CountMetric,
    DurationMetric,
    EventMetric,
    RatioMetric,
    ScoreMetric,
)
from workbench.experiments.sequential import log_e_value, sample_ratio
from workbench.experiments.verdict import decide

ARMS = {"plain": (1_000, 900, 60, 12), "warm": (1_050, 950, 90, 15), "cold": (980, 870, 55, 40)}


@pytest.fixture
def analysis(experiment, parameters):
    return analyze(experiment(ARMS), parameters())


def test_numbers_are_those_of_people_whose_window_has_closed(analysis):
    outcome = RatePosterior([ArmCounts(arm, n[1], n[2]) for arm, n in ARMS.items()], "plain", RatePrior(0.35))
    # Harm is not doubted as a benefit is.
    guardrail = RatePosterior([ArmCounts(arm, n[1], n[3]) for arm, n in ARMS.items()], "plain", RatePrior(0.7))
    assert [effect.arm for effect in analysis.effects] == ["warm", "cold"]
    for effect in analysis.effects:
        assert effect.difference == outcome.difference(effect.arm)
        assert effect.better == pytest.approx(outcome.probability_better(effect.arm), abs=1e-12)
        assert effect.matters == pytest.approx(
            outcome.probability_better(effect.arm, by_more_than=0.01), abs=1e-12
        )
        assert effect.worse == pytest.approx(outcome.difference_cdf(-0.01, effect.arm))
        assert effect.loss == outcome.expected_loss(effect.arm)
        assert effect.equivalent + effect.worse + effect.matters == pytest.approx(1, abs=1e-12)
        assert effect.log_e == log_e_value(ARMS[effect.arm][2], 60, 0.5)
    for effect in analysis.guardrail:
        assert effect.rise == guardrail.difference(effect.arm)
        assert effect.harm + effect.safe == pytest.approx(1, abs=1e-12)
        assert effect.log_e == log_e_value(ARMS[effect.arm][3], 12, 0.5)
    assert analysis.rates["cold"] == outcome.rate("cold")
    assert analysis.guardrail_rates["opt-outs"]["cold"] == guardrail.rate("cold")
    assert analysis.between == {("warm", "cold"): outcome.difference("warm", "cold")}


def test_sizes_are_tested_of_everybody_enrolled(analysis):
    assert analysis.ratio.log_e == pytest.approx(sample_ratio([1_000, 1_050, 980], [1 / 3] * 3).log_e)


def test_the_leader_is_the_arm_with_the_highest_mean(analysis):
    assert analysis.leader.arm == "warm"
    assert [check.log_ratio_sd for check in analysis.prior_checks] == [0.15, 1.0]
    narrow, wide = analysis.prior_checks
    assert narrow.difference.mean < analysis.leader.difference.mean < wide.difference.mean


def test_the_planned_look_comes_when_the_last_window_has_been_recorded(experiment, parameters):
    planned = date(2026, 4, 16)
    for as_of, come in ((date(2026, 4, 15), False), (planned, True)):
        analysis = analyze(experiment(ARMS), parameters(as_of=as_of))
        assert analysis.planned_look == planned
        assert analysis.at_planned_look is come
    untimed = parameters(enrollment_ends=None, goes_on_without={"time": "It is over."})
    assert analyze(experiment(ARMS), untimed).at_planned_look


def test_an_arm_without_a_closed_window_leaves_nothing_to_compare(experiment, parameters):
    analysis = analyze(experiment({"plain": (50, 10, 1, 0), "warm": (50, 0, 0, 0)}), parameters())
    assert analysis.effects == ()
    assert analysis.leader is None
    assert analysis.posterior is None
    assert analysis.guardrail == ()
    assert analysis.ratio.p_value == 1


def test_without_a_guardrail_none_is_judged(experiment, parameters):
    arms = {arm: (*n[:3], None) for arm, n in ARMS.items()}
    analysis = analyze(experiment(arms), parameters(metrics=USUAL_METRICS[:1]))
    assert analysis.guardrail == ()
    assert analysis.guardrail_of("warm") is None


def test_unequal_shares_enter_the_evidence(experiment, parameters):
    counts = experiment({"plain": (900, 900, 60, 9), "warm": (100, 100, 9, 1)}, shares=(0.9, 0.1))
    effect = analyze(counts, parameters()).effects[0]
    assert effect.log_e == log_e_value(9, 60, 0.1)


def test_one_segment_alone_is_not_told_apart(experiment, parameters):
    segments = {"plain": {"all": (50, 5)}, "warm": {"all": (50, 6)}}
    counts = experiment({"plain": (50, 50, 5, 0), "warm": (50, 50, 6, 0)}, segments=segments)
    assert analyze(counts, parameters(segment_by="stratum")).segments is None


def turned(*changes):
    """The usual metrics with some changes to each."""
    return tuple(
        metric.model_copy(update=change) for metric, change in zip(USUAL_METRICS, changes, strict=True)
    )


def test_where_fewer_events_are_better_everything_is_mirrored(experiment, parameters):
    fewer = parameters(metrics=turned({"direction": "decrease"}, {}))
    up, down = (analyze(experiment(ARMS), settings) for settings in (parameters(), fewer))
    for more, less in zip(up.effects, down.effects, strict=True):
        assert less.difference == more.difference
        assert less.gain.mean == -more.gain.mean
        assert less.better == pytest.approx(1 - more.better)
        assert (less.matters, less.worse) == pytest.approx((more.worse, more.matters))
    assert down.leader.arm == "cold"
    outcome = RatePosterior([ArmCounts(arm, n[1], n[2]) for arm, n in ARMS.items()], "plain", RatePrior(0.35))
    assert down.leader.loss == outcome.expected_loss("cold", highest=False)
    assert down.leader.best == outcome.probability_best(highest=False)["cold"]
    assert down.leader.log_e == log_e_value(60, 55, 0.5)


def test_a_guardrail_of_which_more_is_good_is_harmed_by_a_fall(experiment, parameters):
    settings = parameters(metrics=turned({}, {"direction": "increase"}))
    harmed = analyze(experiment({**ARMS, "plain": (1_000, 900, 60, 60)}), settings)
    guardrail = RatePosterior(
        [ArmCounts("plain", 900, 60), ArmCounts("warm", 950, 15), ArmCounts("cold", 870, 40)],
        "plain",
        RatePrior(0.7),
    )
    for effect in harmed.guardrail:
        assert effect.harm == guardrail.difference_cdf(-0.01, effect.arm)
        assert effect.harm + effect.safe == pytest.approx(1, abs=1e-12)
    assert harmed.guardrail_of("warm").log_e == log_e_value(60, 15, 0.5)


def test_every_guardrail_guards_and_the_worst_is_told(parameters):
    discharge = EventMetric(kind="event", of="discharge", role="guardrail")
    settings = parameters(metrics=(*USUAL_METRICS, discharge))
    arms = {
        "plain": GivenArm(1_000, 900, {"bookings": 60, "opt-outs": 12, "ended treatments": 9}),
        "warm": GivenArm(1_000, 900, {"bookings": 90, "opt-outs": 12, "ended treatments": 50}),
    }
    analysis = analyze(given_counts(settings, arms), settings)
    assert [effect.metric.of for effect in analysis.guardrails_of("warm")] == ["opt_out", "discharge"]
    assert analysis.guardrail_of("warm").metric == discharge
    assert set(analysis.guardrail_rates) == {"opt-outs", "ended treatments"}
    assert decide(analysis).decision == "harmful"


def test_every_metric_is_described_and_events_are_compared(parameters):
    seen = EventMetric(kind="event", of="attendance")
    settings = parameters(metrics=(*USUAL_METRICS, seen))
    arms = {
        "plain": GivenArm(1_000, 900, {"bookings": 60, "opt-outs": 12, "people who attend": 90}),
        "warm": GivenArm(1_000, 800, {"bookings": 90, "opt-outs": 12, "people who attend": 120}),
    }
    analysis = analyze(given_counts(settings, arms), settings)
    assert [summary.metric for summary in analysis.metrics] == list(settings.metrics)
    described = analysis.metrics[-1]
    assert [(arm.arm, arm.people, arm.told, arm.value) for arm in described.arms] == [
        ("plain", 900, 90, 0.1),
        ("warm", 800, 120, 0.15),
    ]
    posterior = RatePosterior(
        [ArmCounts("plain", 900, 90), ArmCounts("warm", 800, 120)], "plain", RatePrior(0.35)
    )
    (compared,) = described.comparisons
    assert compared.difference == posterior.difference("warm")
    assert compared.better == posterior.probability_better("warm")


def test_counts_scores_and_ratios_are_described_alone(experiment, parameters):
    metrics = (
        CountMetric(kind="count", of="replies"),
        ScoreMetric(kind="score", of="PHQ-9"),
        RatioMetric(kind="ratio", of="replies_per_text"),
    )
    settings = parameters(metrics=(*USUAL_METRICS, *metrics))
    counts = experiment({"plain": (100, 100, 9, 1), "warm": (100, 100, 12, 1)})
    nothing = float("nan")
    rows = [
        ("replies per person", "plain", None, 0, 14, 0.0, nothing, 60),
        ("replies per person", "plain", None, 0, 14, 2.0, nothing, 40),
        ("replies per person", "plain", None, 0, 7, 9.0, nothing, 5),
        ("PHQ-9 scores", "plain", None, 0, 14, 10.0, nothing, 30),
        ("PHQ-9 scores", "plain", None, 0, 14, 20.0, nothing, 10),
        ("PHQ-9 scores", "plain", None, 0, 14, nothing, nothing, 60),
        ("replies per text", "plain", None, 0, 14, 1.0, 4.0, 50),
        ("replies per text", "plain", None, 0, 14, 0.0, 1.0, 50),
    ]
    cells = pd.concat([counts.cells, pd.DataFrame(rows, columns=counts.cells.columns)], ignore_index=True)
    analysis = analyze(replace(counts, cells=cells), settings)
    plain = {summary.metric.kind: summary.arms[0] for summary in analysis.metrics[2:]}
    assert {kind: (arm.told, arm.value) for kind, arm in plain.items()} == {
        "count": (100, 0.8),
        "score": (40, 12.5),
        "ratio": (100, 0.2),
    }
    assert all(summary.arms[1].value is None for summary in analysis.metrics[2:])
    assert all(summary.comparisons == () for summary in analysis.metrics[2:])


def test_counts_durations_and_ratios_are_compared_and_scores_never(experiment, parameters):
    metrics = (
        CountMetric(kind="count", of="replies", direction="increase"),
        DurationMetric(kind="duration", of="days_to_booking"),
        RatioMetric(kind="ratio", of="replies_per_text", direction="increase"),
        ScoreMetric(kind="score", of="PHQ-9"),
    )
    settings = parameters(metrics=(*USUAL_METRICS, *metrics))
    counts = experiment({"plain": (400, 400, 40, 4), "warm": (400, 400, 52, 4)})
    nothing = float("nan")
    # For each arm: people without a reply, with two; booked on day 3, never; replies and texts; PHQ-9.
    rows = []
    for arm, shift in (("plain", 0), ("warm", 60)):
        rows += [
            ("replies per person", arm, None, 0, 14, 0.0, nothing, 300 - shift),
            ("replies per person", arm, None, 0, 14, 2.0, nothing, 100 + shift),
            ("days to a booking", arm, None, 0, 14, 3.0, nothing, 40 + shift),
            ("days to a booking", arm, None, 0, 14, nothing, nothing, 360 - shift),
            ("replies per text", arm, None, 0, 14, 1.0, 4.0, 200 + shift),
            ("replies per text", arm, None, 0, 14, 0.0, 3.0, 200 - shift),
            ("PHQ-9 scores", arm, None, 0, 14, 10.0, nothing, 200),
            ("PHQ-9 scores", arm, None, 0, 14, 20.0, nothing, 200),
        ]
    named = {metric.name for metric in metrics}
    assert {row[0] for row in rows} == named
    cells = pd.concat([counts.cells, pd.DataFrame(rows, columns=counts.cells.columns)], ignore_index=True)
    found = {
        summary.metric.kind: summary for summary in analyze(replace(counts, cells=cells), settings).metrics
    }
    (count,), (duration,), (ratio,) = (found[kind].comparisons for kind in ("count", "duration", "ratio"))
    # 0.5 and 0.8 replies; 12.9 and 11.25 days; 200 of 1,400 and 260 of 1,460.
    assert count.difference.low < 0.3 < count.difference.high
    assert count.better > 0.99
    assert [arm.value for arm in found["duration"].arms] == pytest.approx([12.9, 11.25])
    assert duration.difference.low < -1.65 < duration.difference.high
    assert duration.better > 0.99
    assert ratio.difference.mean == pytest.approx(260 / 1_460 - 200 / 1_400, abs=1e-3)
    assert found["score"].comparisons == ()


def test_a_large_effect_stands_where_tails_are_heavy(experiment, parameters):
    """Of 2 % in the control and 11 % in the arm a normal prior believes two thirds."""
    counts = experiment({"plain": (700, 700, 14, 5), "warm": (700, 700, 77, 5)})
    normal, heavy = (analyze(counts, parameters(prior_tails=tails)).effects[0] for tails in ("normal", "heavy"))
    assert normal.prior_conflict < 0.01
    assert normal.difference.mean < 0.075
    assert heavy.difference.mean > 0.08
    assert heavy.difference.low < 0.09 < heavy.difference.high
    usual = experiment({"plain": (700, 700, 50, 5), "warm": (700, 700, 60, 5)})
    assert analyze(usual, parameters()).effects[0].prior_conflict > 0.2
