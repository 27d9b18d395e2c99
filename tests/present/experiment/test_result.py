"""What a report says and holds: the analysis's own numbers, small cells hidden, the right headline."""

import json
import math
from datetime import UTC, date, datetime, timedelta

import pytest

from workbench.experiments.counting.counts import Disturbances
from workbench.experiments.estimand import IntercurrentEvents
from workbench.experiments.metrics import USUAL_METRICS, EventMetric
from workbench.experiments.verdict import decide
from workbench.present.experiment import sections
from workbench.present.experiment.estimand import estimand
from workbench.present.experiment.result import experiment_result
from workbench.present.result import StudyResult

ADOPT = {"plain": (2_000, 1_940, 147, 31), "warm": (2_000, 1_941, 225, 30)}
EARLY = date(2026, 4, 10)


def result_of(analysis) -> StudyResult:
    return experiment_result(analysis, decide(analysis))


def value(result, name, **of):
    """The one metric of that name that is of exactly this."""
    (found,) = [metric for metric in result.metrics if metric.name == name and metric.of == of]
    return found


def test_the_result_is_whole_and_travels_as_json(analyzed):
    result = result_of(analyzed(ADOPT))
    text = json.dumps(result.as_json(), allow_nan=False)
    assert StudyResult.model_validate_json(text) == result
    assert (result.study, result.as_of) == ("ab_test", "2026-06-01")
    assert result.data_until == "2026-05-31T22:05+00:00"
    told = [table.id for table in result.tables]
    assert told[:3] == ["cohort_flow", "arms", "effects"]
    assert {"priors", "opt_outs", "guardrail_opt_outs", "enrollment", "delays"} <= set(told)
    assert len(set(told)) == len(told)


def test_numbers_in_tables_are_the_analysis_s_own(analyzed):
    analysis = analyzed(ADOPT)
    result, effect, guardrail = result_of(analysis), analysis.effects[0], analysis.guardrail[0]
    assert result.table("arms").rows == [["plain", 1_940, 147, 147 / 1_940], ["warm", 1_941, 225, 225 / 1_941]]
    assert result.table("opt_outs").rows == [["plain", 1_940, 31, 31 / 1_940], ["warm", 1_941, 30, 30 / 1_941]]
    name, more, interval, better, matters, loss, _ = result.table("effects").rows[0]
    assert (name, more, better) == ("warm", 1000 * effect.difference.mean, effect.better)
    assert (matters, loss) == (effect.matters, 1000 * effect.loss)
    assert interval == f"{1000 * effect.difference.low:.0f} to {1000 * effect.difference.high:.0f}"
    assert result.table("guardrail_opt_outs").rows[0][1] == 100 * guardrail.rise.mean
    assert result.table("guardrail_opt_outs").rows[0][3:] == [guardrail.harm, guardrail.safe]
    means = [1000 * check.difference.mean for check in analysis.prior_checks]
    assert [row[1] for row in result.table("priors").rows] == [
        means[0],
        1000 * effect.difference.mean,
        means[1],
    ]
    assert result.table("priors").rows[1][0] == "0.50 to 1.99"


def test_metrics_are_the_analysis_s_own(analyzed):
    analysis = analyzed(ADOPT)
    result, effect, guardrail = result_of(analysis), analysis.effects[0], analysis.guardrail[0]
    contrast = {"arm": "warm", "versus": "plain", "outcome": "outcome"}
    difference = value(result, "difference", **contrast)
    assert (difference.value, difference.low, difference.high, difference.level) == (
        effect.difference.mean,
        effect.difference.low,
        effect.difference.high,
        0.95,
    )
    assert value(result, "ratio", **contrast).value == effect.ratio.mean
    assert value(result, "probability_better", **contrast).value == effect.better
    assert value(result, "log_e_value", **contrast).value == effect.log_e
    assert value(result, "expected_loss", arm="warm", outcome="outcome").value == effect.loss
    rise = value(result, "difference", arm="warm", versus="plain", outcome="opt-outs")
    assert (rise.value, rise.direction) == (guardrail.rise.mean, "lower_is_better")
    rate = value(result, "rate", arm="plain", outcome="outcome")
    assert (rate.value, rate.n) == (analysis.rates["plain"].mean, 1_940)
    assert value(result, "maturity", outcome="outcome").value == analysis.counts.maturity


def test_curves_and_sums_in_tables_add_up(analyzed):
    analysis = analyzed(ADOPT)
    result = result_of(analysis)
    delays = result.table("delays")
    assert len(delays.rows) == 15
    # A day's row is the share by its beginning; the last holds the window's last moment too.
    assert delays.rows[0][1:] == [1_940, 0, 1_941, 0]
    assert delays.rows[1][2] == pytest.approx(49 / 1_940)
    assert delays.rows[-1][2] == pytest.approx(147 / 1_940)
    assert delays.rows[-1][4] == pytest.approx(225 / 1_941)
    assert [row[1:] for row in result.table("enrollment").rows] == [[2_000, 1_940], [4_000, 3_880]]
    assert [row[1] for row in result.table("cohort_flow").rows] == [4_300, 4_000, 3_881]


FEW = {
    "anxiety": {"plain": (700, 52), "warm": (700, 80)},
    "depression": {"plain": (800, 60), "warm": (800, 90)},
    "psychosis": {"plain": (240, 20), "warm": (241, 30)},
    "rare_condition": {"plain": (120, 6), "warm": (120, 15)},
    "unheard_of": {"plain": (80, 9), "warm": (80, 10)},
}


def test_small_cells_by_segment_are_hidden_in_tables_and_metrics(analyzed, with_segments):
    analysis = with_segments(analyzed(ADOPT), FEW)
    result = result_of(analysis)
    rows = {row[0]: row[1:] for row in result.table("segments_warm").rows}
    assert rows["anxiety"] == [700, 52 / 700, 700, 80 / 700, pytest.approx(31), "11 to 52"]
    for segment in ("rare condition", "unheard of"):
        assert rows[segment] == [None] * 6
        metric = value(result, "difference", arm="warm", versus="plain", outcome="outcome", segment=segment)
        assert (metric.value, metric.low, metric.high, metric.n) == (None, None, None, None)
    text = json.dumps(result.as_json())
    # Neither the hidden shares nor what would give them back.
    assert str(6 / 120) not in [str(cell) for row in rows.values() for cell in row]
    assert "rare_condition" not in text


def test_the_message_for_each_segment_is_told_and_of_hidden_segments_nothing(analyzed, with_segments):
    analysis = with_segments(analyzed(ADOPT), FEW)
    rows = dict(result_of(analysis).table("messages_by_segment").rows)
    assert rows["anxiety"] == "“warm”: +31 per 1,000 better than “plain” (95 % credible 11 to 52)"
    assert rows["rare condition"] is rows["unheard of"] is None


def test_no_segment_gets_a_message_that_does_harm(analyzed, with_segments):
    harmful = {"plain": (20_000, 20_000, 1_000, 200), "warm": (20_000, 20_000, 1_400, 1_600)}
    cells = {name: FEW[name] for name in ("anxiety", "depression", "psychosis")}
    rows = dict(result_of(with_segments(analyzed(harmful), cells)).table("messages_by_segment").rows)
    assert set(rows.values()) == {"“plain”: every other message did worse or harm"}


def test_one_small_segment_takes_a_second_one_with_it(analyzed, with_segments):
    cells = {name: arms for name, arms in FEW.items() if name != "unheard_of"}
    result = result_of(with_segments(analyzed(ADOPT), cells))
    hidden = [row[0] for row in result.table("segments_warm").rows if row[1] is None]
    assert "rare condition" in hidden
    assert len(hidden) == 2


def test_an_arm_of_few_people_shows_no_few_events(analyzed):
    result = result_of(analyzed({"plain": (90, 90, 7, 2), "warm": (95, 95, 12, 3)}))
    assert all(row[1:] == [None, None, None] for row in result.table("opt_outs").rows)
    assert result.table("arms").rows[0][1:] == [None, None, None]
    assert value(result, "rate", arm="plain", outcome="outcome").value is None


def test_the_rounding_profile_rounds_segments(analyzed, with_segments):
    cells = {name: FEW[name] for name in ("anxiety", "depression")}
    cells = {name: {arm: (n[0] + 2, n[1] + 1) for arm, n in arms.items()} for name, arms in cells.items()}
    result = result_of(with_segments(analyzed(ADOPT, disclosure="nhs"), cells))
    people = [(row[1], row[3]) for row in result.table("segments_warm").rows]
    assert people == [(700, 700), (800, 800)]


def per_thousand(estimate, sign=1) -> list[str]:
    """Mean, and interval in words, as a headline gives them."""
    low, high = sorted((sign * estimate.low, sign * estimate.high))
    return [f"{1000 * sign * estimate.mean:.0f}", f"({1000 * low:.0f} to {1000 * high:.0f})"]


def test_adoption_is_told_with_its_gain(analyzed):
    analysis = analyzed({"plain": (20_000, 20_000, 1_000, 200), "warm": (20_000, 20_000, 1_400, 200)})
    verdict = result_of(analysis).verdict
    mean, interval = per_thousand(analysis.effects[0].difference)
    assert verdict.decision == "adopt"
    assert (
        f"“warm”: it brought {mean} more bookings per 1,000 patients within 14 days {interval}"
        in verdict.headline
    )
    assert "no more opt-outs than the margin allows" in verdict.headline
    assert "> 99.9 %" in verdict.reasons[0] or "more than 99.9 %" in verdict.reasons[0]
    facts = {fact.label: fact.text for fact in verdict.facts}
    assert facts["Who must act"] == "The campaign lead switches the template."
    assert f"+{mean} bookings per 1,000 patients" in facts["People"]


def test_monitored_adoption_says_what_is_not_shown(analyzed):
    analysis = analyzed({"plain": (20_000, 20_000, 1_000, 200), "warm": (20_000, 20_000, 1_400, 380)})
    verdict = result_of(analysis).verdict
    assert verdict.decision == "adopt"
    assert "is not shown yet" in verdict.headline
    assert "next stage" in verdict.facts[0].text


def test_harm_by_opt_outs_is_told_in_points(analyzed):
    analysis = analyzed({"plain": (20_000, 20_000, 1_000, 200), "warm": (20_000, 20_000, 1_400, 600)})
    verdict, rise = result_of(analysis).verdict, analysis.guardrail[0].rise
    assert verdict.decision == "harmful"
    assert f"opt-outs rose by {100 * rise.mean:.1f} points" in verdict.headline
    assert "opt-outs" in verdict.reasons[0]
    assert verdict.facts[0].text == "Stop “warm” and go on with “plain”."


def test_harm_by_the_outcome_is_not_blamed_on_opt_outs(analyzed):
    # Opt-outs may well have risen beyond the margin too, but it is bookings that surely fell.
    analysis = analyzed({"plain": (3_000, 3_000, 300, 40), "warm": (3_000, 3_000, 190, 80)})
    guardrail = analysis.guardrail[0]
    assert 0.5 < guardrail.harm < analysis.effects[0].worse
    verdict = result_of(analysis).verdict
    mean, interval = per_thousand(analysis.effects[0].difference, sign=-1)
    assert verdict.decision == "harmful"
    assert f"bookings fell by {mean} per 1,000 {interval}" in verdict.headline


WORDS = {
    "equivalent": (
        {"plain": (20_000, 20_000, 1_000, 200), "warm": (20_000, 20_000, 1_010, 200)},
        "do the same",
    ),
    "reject": ({"plain": (3_000, 3_000, 240, 30), "warm": (3_000, 3_000, 214, 30)}, "Keep “plain”"),
    "inconclusive": ({"plain": (1_000, 1_000, 60, 10), "warm": (1_000, 1_000, 75, 10)}, "No answer"),
}


@pytest.mark.parametrize("decision", WORDS)
def test_other_decisions_are_told_in_their_words(analyzed, decision):
    given, words = WORDS[decision]
    verdict = result_of(analyzed(given)).verdict
    assert verdict.decision == decision
    assert words in verdict.headline


def test_two_good_arms_none_surely_the_best(analyzed):
    given = {name: (1_000, 1_000, n, 10) for name, n in (("plain", 50), ("warm", 84), ("cold", 82))}
    verdict = result_of(analyzed(given)).verdict
    assert verdict.decision == "inconclusive"
    assert "probably better than “plain”, but not surely the best choice" in verdict.headline
    # The bar is told as finely as the probability held against it.
    assert "adoption takes more than 98.0 %" in verdict.reasons[0]


def test_before_the_look_the_headline_says_when_it_comes(analyzed):
    given = {"plain": (1_000, 600, 40, 6), "warm": (1_000, 600, 47, 6)}
    verdict = result_of(analyzed(given, as_of=EARLY)).verdict
    assert verdict.decision == "keep_collecting"
    assert verdict.headline.startswith(
        "Too early to say: 60 % of the people enrolled have completed their 14 days"
    )
    assert "16 Apr 2026" in verdict.headline
    assert "e-value" in verdict.reasons[0]


def test_a_broken_experiment_says_what_broke_and_nothing_of_the_effect(analyzed):
    analysis = analyzed({"plain": (10_000, 10_000, 500, 50), "warm": (11_000, 11_000, 900, 50)})
    result = result_of(analysis)
    assert result.verdict.decision == "invalid"
    assert "cannot be read" in result.verdict.headline
    assert result.verdict.reasons == [
        "The sizes of the arms do not fit the design (p below 0.001, valid at every look; alarm at 0.001)."
    ]
    assert [check.passed for check in result.checks if check.name == "Arms as large as they should be"] == [
        False
    ]


def test_nothing_is_shown_while_nobody_s_window_has_closed(analyzed):
    analysis = analyzed({"plain": (500, 0, 0, 0), "warm": (500, 0, 0, 0)}, as_of=EARLY)
    result = result_of(analysis)
    assert result.verdict.decision == "keep_collecting"
    assert [metric.name for metric in result.metrics] == ["maturity"]
    assert not any(result.has_table(name) for name in ("effects", "priors", "opt_outs", "guardrail_opt_outs"))
    assert all(row[1:] == [0, 0, None] for row in result.table("arms").rows)
    for section in (sections.what_it_did, sections.what_it_cost):
        assert section(analysis, result) == (sections.TOO_EARLY,)
    assert sections.can_it_be_trusted(analysis, result)


def test_every_check_is_told_and_every_section_shows_something(analyzed, with_segments):
    cells = {name: FEW[name] for name in ("anxiety", "depression", "psychosis")}
    analysis = with_segments(analyzed(ADOPT), cells)
    result = result_of(analysis)
    assert [check.passed for check in result.checks] == [True] * 5 + [None]
    shown = [
        section(analysis, result)
        for section in (
            sections.what_it_did,
            sections.what_it_cost,
            sections.for_whom,
            sections.can_it_be_trusted,
            sections.who_was_studied,
        )
    ]
    blocks = [block for section in shown for block in section]
    assert {"figure", "table", "prose", "checks", "terms"} == {block.kind for block in blocks}
    for block in blocks:
        if block.kind == "figure":
            # A figure draws what the result's tables hold.
            assert all(result.has_table(name) for name in block.source)


def test_no_number_is_unfinite(analyzed):
    analysis = analyzed({"plain": (400, 400, 0, 0), "warm": (400, 400, 0, 0)})
    result = result_of(analysis)
    numbers = [n for metric in result.metrics for n in (metric.value, metric.low, metric.high) if n is not None]
    assert numbers
    assert all(math.isfinite(n) for n in numbers)


def test_what_the_source_does_not_record_is_told_with_why_the_study_goes_on(analyzed):
    arms = {name: (*n[:3], None) for name, n in ADOPT.items()}
    analysis = analyzed(
        arms,
        {"not_recorded": {"age": "The file holds no age."}},
        metrics=USUAL_METRICS[:1],
        goes_on_without={"age": "All are adult."},
    )
    checks = {check.name: check.detail for check in result_of(analysis).checks}
    assert checks["Age not recorded"] == "The file holds no age. The study goes on: all are adult."
    assert "No guardrail" in checks


def test_the_headline_number_is_the_effect_of_the_arm_the_verdict_speaks_of(analyzed):
    analysis = analyzed(ADOPT)
    result = result_of(analysis)
    assert result.headline_number == value(result, "difference", arm="warm", versus="plain", outcome="outcome")
    assert result.headline_metric.label == "Difference in bookings per 1,000 patients, “warm” against “plain”"
    assert result.headline_metric.no_effect == 0


def test_data_that_end_before_the_windows_do_are_told(analyzed):
    until = datetime(2026, 3, 17, 12, tzinfo=UTC)
    name = "Data up to the end of the windows"

    def told(analysis):
        return {check.name: (check.passed, check.detail) for check in result_of(analysis).checks}

    assert name not in told(analyzed(ADOPT))
    passed, detail = told(analyzed(ADOPT, {"data_until": until}))[name]
    assert passed is None
    assert detail.startswith("The newest row is of 17 Mar 2026, and 50 % of the windows of 14 days")
    passed, _ = told(analyzed(ADOPT, {"data_until": until - timedelta(days=10)}))[name]
    assert passed is False


def test_what_else_was_measured_is_described_by_arm(analyzed):
    other = EventMetric(kind="event", of="booking", name="bookings again")
    analysis = analyzed(ADOPT, metrics=(*USUAL_METRICS, other))
    rows = result_of(analysis).table("secondary").rows
    assert [row[:3] for row in rows] == [["bookings again", "plain", 1_940], ["bookings again", "warm", 1_941]]
    assert rows[0][5:] == [None, None]
    assert rows[1][6] == analysis.metrics[-1].comparisons[0].better


def test_the_estimand_names_every_intercurrent_event_and_what_would_break_it(analyzed):
    ending = IntercurrentEvents(discharge="composite")
    told = estimand(analyzed(ADOPT, {"disturbances": Disturbances(30, None, None)}, intercurrent_events=ending))
    assert told["In between: death"].startswith("treatment policy")
    assert told["In between: the end of treatment"].startswith("composite")
    assert "30 of the patients were assigned in another experiment" in told["Would break it: other experiments"]
    assert "not recorded" in told["Would break it: shared phones and households"]
    few = estimand(analyzed(ADOPT, {"disturbances": Disturbances(3, 5, None)}))
    assert "10 or fewer of the patients" in few["Would break it: other experiments"]
    assert "10 or fewer of the patients" in few["Would break it: shared phones and households"]
