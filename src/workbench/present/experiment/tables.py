"""The tables of an A/B analysis, with small cells hidden."""

import pandas as pd

from workbench.experiments.analysis import Analysis
from workbench.experiments.metrics import Metric
from workbench.experiments.verdict import ExperimentVerdict
from workbench.present import numbers
from workbench.present.disclosure import FlowStep, Profile, cohort_flow, hide_small_cells
from workbench.present.experiment.adjusted import covariate_table, shown_standardized
from workbench.present.experiment.by_factor import combinations_table, factors_table, shown_factors
from workbench.present.experiment.by_segment import shown_segments
from workbench.present.experiment.forecasts import cure_table, forecast_table, shown_cure, shown_forecast
from workbench.present.experiment.messages_by_group import messages_table
from workbench.present.experiment.sensitivity import smallest_effects_table
from workbench.present.experiment.trust_tables import (
    clusters_table,
    delay_table,
    enrollment_table,
    fading_table,
    prior_table,
)
from workbench.present.experiment.words import identifier
from workbench.present.fragments import DECISIONS
from workbench.present.result import Cell, Column, Table


def experiment_tables(analysis: Analysis, verdict: ExperimentVerdict, profile: Profile) -> list[Table]:
    """Every table of the analysis, in the order of the report."""
    counts = analysis.counts
    tables = [cohort_flow([FlowStep(step.label, step.left) for step in counts.flow], profile)]
    tables.append(arms_table(analysis))
    if analysis.effects:
        tables.append(effects_table(analysis, verdict))
        tables.append(prior_table(analysis))
        tables.append(smallest_effects_table(analysis))
    for metric in analysis.settings.guardrails:
        if metric.name in analysis.guardrail_rates:
            tables += [rates_table(analysis, metric), guardrail_table(analysis, metric)]
    if analysis.settings.secondary:
        tables.append(secondary_table(analysis))
    if shown_segments(analysis) is not None:
        tables += [segment_table(analysis, arm.arm) for arm in counts.arms[1:]]
    if counts.enrollment:
        tables.append(enrollment_table(analysis))
    if not counts.delays.empty:
        tables.append(delay_table(analysis))
    if analysis.clusters is not None and analysis.clusters.differences and analysis.clusters.diagnostics.sound:
        tables.append(clusters_table(analysis, analysis.clusters))
    if analysis.fading:
        tables.append(fading_table(analysis))
    tables += [*_of_models(analysis), *_forecasts(analysis)]
    shown = [table if table.id == "cohort_flow" else hide_small_cells(table, profile) for table in tables]
    messages = messages_table(analysis, verdict, shown)
    return [*shown, messages] if messages else shown


def _of_models(analysis: Analysis) -> list[Table]:
    """Which part of the message did it, and the difference adjusted for what was known before."""
    factors, standardized = shown_factors(analysis), shown_standardized(analysis)
    tables = [factors_table(analysis, factors), combinations_table(analysis, factors)] if factors else []
    return [*tables, covariate_table(analysis, standardized)] if standardized else tables


def _forecasts(analysis: Analysis) -> list[Table]:
    late, cure = shown_forecast(analysis), shown_cure(analysis)
    if late is None:
        return []
    return [forecast_table(analysis, late), *([cure_table(analysis, late, cure)] if cure else [])]


def arms_table(analysis: Analysis) -> Table:
    """People, outcomes and rate of every arm."""
    return rates_table(analysis, analysis.settings.primary)


def rates_table(analysis: Analysis, metric: Metric) -> Table:
    """People and events of every arm."""
    rows: list[list[Cell]] = [
        [arm.arm, arm.people, arm.told, arm.told / arm.people if arm.people else None]
        for arm in analysis.counts.measured(metric)
    ]
    return Table(
        id="arms" if metric.role == "primary" else identifier(metric.name),
        caption=f"{metric.name.capitalize()} within {metric.window_days} days, by arm",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(name="people", title=analysis.settings.people_noun.capitalize(), kind="people"),
            Column(name="events", title=f"With {metric.name}", kind="events"),
            Column(name="rate", title="Rate", kind="share", digits=2),
        ],
        rows=rows,
        groups="arm",
        note="Whole randomized arms, people whose window has closed.",
    )


def effects_table(analysis: Analysis, verdict: ExperimentVerdict) -> Table:
    """Each arm against the control."""
    settings = analysis.settings
    decisions = {entry.arm: DECISIONS[entry.decision].words for entry in verdict.arms}
    rows: list[list[Cell]] = [
        [
            effect.arm,
            1000 * effect.difference.mean,
            numbers.interval(effect.difference.low, effect.difference.high, scale=1000),
            effect.better,
            effect.matters,
            1000 * effect.loss,
            decisions[effect.arm],
        ]
        for effect in analysis.effects
    ]
    smallest = numbers.number(1000 * settings.primary.smallest_effect)
    return Table(
        id="effects",
        caption=f"Additional {settings.primary.name} per 1,000 {settings.people_noun}, against “{settings.control}”",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(name="more", title="More per 1,000", kind="estimate", digits=0),
            Column(name="interval", title="95 % credible interval", kind="interval"),
            Column(name="better", title="P(better)", kind="probability"),
            Column(name="matters", title=f"P(more than {smallest})", kind="probability"),
            Column(name="loss", title="Expected loss per 1,000", kind="estimate", digits=1),
            Column(name="decision", title=f"Against “{settings.control}”", kind="text"),
        ],
        rows=rows,
        groups="none",
        note="Expected loss: what choosing this arm would cost on average, were another one better.",
    )


def secondary_table(analysis: Analysis) -> Table:
    """Every metric that is described alone, by arm; a score is that of those who answered."""
    summaries = [summary for summary in analysis.metrics if summary.metric.role == "secondary"]
    rows: list[list[Cell]] = []
    for summary in summaries:
        compared = {comparison.arm: comparison for comparison in summary.comparisons}
        for arm in summary.arms:
            found = compared.get(arm.arm)
            digits, scale = (1, 100) if summary.metric.kind in ("event", "ratio") else (2, 1)
            interval = (
                numbers.interval(found.difference.low, found.difference.high, digits, scale=scale)
                if found
                else None
            )
            told = arm.told if summary.metric.kind in ("event", "score", "duration") else None
            rows.append(
                [
                    summary.metric.name,
                    arm.arm,
                    arm.people,
                    told,
                    arm.value,
                    interval,
                    found.better if found else None,
                ]
            )
    return Table(
        id="secondary",
        caption="What else was measured, by arm: description, on which nothing is decided",
        columns=[
            Column(name="metric", title="Metric", kind="label"),
            Column(name="arm", title="Arm", kind="label"),
            Column(name="people", title=analysis.settings.people_noun.capitalize(), kind="people"),
            Column(name="told", title="With a value", kind="events"),
            Column(name="value", title="Share, mean or ratio", kind="estimate", digits=3),
            Column(name="interval", title="Difference (95 % credible)", kind="interval"),
            Column(name="better", title="P(better)", kind="probability"),
        ],
        rows=rows,
        groups="arm",
        note="Events: share of people with one. Counts: mean over all. Scores: mean over those who answered, which the "
        "arm may have changed, so that they are not compared. Durations: mean days, at most the window. Ratios: of "
        "sums. Differences of shares and ratios are in points, others in their own unit.",
    )


def guardrail_table(analysis: Analysis, metric: Metric) -> Table:
    """Each arm's rise of a guardrail against the control."""
    settings = analysis.settings
    margin = numbers.points(metric.smallest_effect)
    harm, safe = (
        (f"P(above {margin})", f"P(below {margin})")
        if metric.sign < 0
        else (f"P(falls by more than {margin})", f"P(falls by less than {margin})")
    )
    rows: list[list[Cell]] = [
        [
            effect.arm,
            100 * effect.rise.mean,
            numbers.interval(effect.rise.low, effect.rise.high, 1, scale=100),
            effect.harm,
            effect.safe,
        ]
        for effect in analysis.guardrail
        if effect.metric == metric
    ]
    return Table(
        id=f"guardrail_{identifier(metric.name)}",
        caption=f"Rise of {metric.name} in percentage points, against “{settings.control}”",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(name="rise", title="Rise, points", kind="estimate", digits=1),
            Column(name="interval", title="95 % credible interval", kind="interval"),
            Column(name="harm", title=harm, kind="probability"),
            Column(name="safe", title=safe, kind="probability"),
        ],
        rows=rows,
        groups="none",
    )


def segment_table(analysis: Analysis, arm: str) -> Table:
    """One arm against the control, by segment, partially pooled."""
    settings, cells = analysis.settings, analysis.counts.segments
    effects = (
        {effect.segment: effect for effect in analysis.segments.effects if effect.arm == arm}
        if analysis.segments
        else {}
    )
    rows: list[list[Cell]] = []
    for segment, effect in sorted(effects.items()):
        control, treated = (_cell(cells, segment, name) for name in (settings.control, arm))
        rows.append(
            [
                segment.replace("_", " "),
                *control,
                *treated,
                1000 * effect.mean,
                numbers.interval(effect.low, effect.high, scale=1000),
            ]
        )
    people = settings.people_noun.capitalize()
    return Table(
        id=f"segments_{identifier(arm)}",
        caption=f"Additional {settings.primary.name} per 1,000 by {segment_words(analysis)}: "
        f"“{arm}” against “{settings.control}”",
        columns=[
            Column(name="segment", title=segment_words(analysis).capitalize(), kind="label"),
            Column(name="control_people", title=f"{people}, {settings.control}", kind="people"),
            Column(name="control_rate", title=f"Rate, {settings.control}", kind="share"),
            Column(name="people", title=f"{people}, {arm}", kind="people"),
            Column(name="rate", title=f"Rate, {arm}", kind="share"),
            Column(name="more", title="More per 1,000", kind="estimate", digits=0),
            Column(name="interval", title="95 % credible interval", kind="interval"),
        ],
        rows=rows,
        groups="attributes",
        note="Partially pooled: each segment borrows from the others, the more so the fewer people it has.",
    )


def segment_words(analysis: Analysis) -> str:
    """What the segments are cut by, in words."""
    if analysis.counts.groups is not None:
        return analysis.counts.groups.in_words
    return (analysis.settings.segment_by or "segment").removesuffix("_id").replace("_", " ")


def _cell(cells: pd.DataFrame, segment: str, arm: str) -> tuple[int, float | None]:
    found = cells[(cells["segment"] == segment) & (cells["arm"] == arm)]
    people, events = int(found["people"].sum()), int(found["events"].sum())
    return people, events / people if people else None
