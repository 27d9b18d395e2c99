"""The figures of an A/B analysis, drawn from the tables of its result alone."""

from collections.abc import Callable

import numpy as np

from workbench.experiments.analysis import Analysis
from workbench.experiments.exact import Estimate
from workbench.experiments.metrics import Metric
from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.experiment.tables import segment_words
from workbench.present.experiment.words import identifier
from workbench.present.figures import (
    Curve,
    Density,
    IntervalRow,
    accrual_figure,
    delay_figure,
    interval_figure,
    posterior_figure,
)
from workbench.present.result import StudyResult, Table

# The inner interval of a forest plot.
INNER_LEVEL = 0.66


def difference_intervals(analysis: Analysis, result: StudyResult) -> FigureBlock:
    """The difference of each arm to the control."""
    settings = analysis.settings
    leader = analysis.leader
    if leader is None or analysis.posterior is None:
        raise ValueError("there is nothing to draw before somebody's window has closed")
    rows = [
        _row(
            arm.arm, effect.difference, analysis.posterior.difference, 1000, series, _arm_note(result, arm.arm)
        )
        for series, (arm, effect) in enumerate(zip(analysis.counts.arms[1:], analysis.effects, strict=True), 1)
    ]
    smallest = 1000 * settings.primary.smallest_effect
    return interval_figure(
        id="difference",
        title=_difference_title(analysis),
        caption=f"Additional {settings.primary.name} per 1,000 {settings.people_noun} within "
        f"{settings.primary.window_days} days, against “{settings.control}” ({_arm_note(result, settings.control)}). "
        f"Thin line: 95 % credible interval; thick: {numbers.percent(INNER_LEVEL, 0)}. "
        "Shaded: differences too small to matter, set before the start.",
        source=["effects", "arms"],
        rows=rows,
        axis=f"additional {settings.primary.name} per 1,000 {settings.people_noun}",
        rope=(-smallest, smallest),
    )


def difference_posteriors(analysis: Analysis) -> FigureBlock:
    """The posterior density of each arm's difference to the control."""
    settings = analysis.settings
    posterior = analysis.posterior
    if posterior is None:
        raise ValueError("there is nothing to draw before somebody's window has closed")
    curves = []
    for series, effect in enumerate(analysis.effects, 1):
        reach = 1.6 * (effect.difference.high - effect.difference.low) / 2
        at = np.linspace(effect.difference.mean - reach, effect.difference.mean + reach, 61)
        curves.append(
            Density(
                label=effect.arm,
                x=list(1000 * at),
                density=list(posterior.difference_density(at, effect.arm) / 1000),
                median=1000 * effect.difference.mean,
                low=1000 * effect.difference.low,
                high=1000 * effect.difference.high,
                note=f"P(better) {numbers.probability(effect.better)}",
                series=series,
            )
        )
    smallest = 1000 * settings.primary.smallest_effect
    return posterior_figure(
        id="posterior",
        title="How plausible each size of the difference is, given the data",
        caption=f"Exact posterior density of additional {settings.primary.name} per 1,000 {settings.people_noun}. "
        "Filled strongly: the 95 % credible interval.",
        source=["effects"],
        curves=curves,
        axis=f"additional {settings.primary.name} per 1,000 {settings.people_noun}",
        rope=(-smallest, smallest),
    )


def guardrail_intervals(analysis: Analysis, metric: Metric, result: StudyResult) -> FigureBlock:
    """The rise of a guardrail under each arm, against the control."""
    settings = analysis.settings
    margin = 100 * metric.smallest_effect
    table = result.table(identifier(metric.name))
    effects = [effect for effect in analysis.guardrail if effect.metric == metric]
    harmed = [effect.arm for effect in effects if effect.harm > 0.5]
    changed, change = ("rose", "rise") if metric.sign < 0 else ("fell", "fall")
    what = metric.name.capitalize()
    title = (
        f"{what} {changed} by more than the margin under {_listed(harmed)}"
        if harmed
        else f"{what} did not {change} by more than the margin, as far as can be told"
    )
    rows = [
        IntervalRow(
            label=effect.arm,
            value=100 * effect.rise.mean,
            low=100 * effect.rise.low,
            high=100 * effect.rise.high,
            note=_note(table, effect.arm),
            series=series,
        )
        for series, effect in enumerate(effects, 1)
    ]
    return interval_figure(
        id=f"{identifier(metric.name)}_rise",
        title=title,
        caption=f"Rise of the share with {metric.name} within {metric.window_days} days, in percentage points, against "
        f"“{settings.control}” ({_note(table, settings.control)}). Line: 95 % credible interval. Shaded: within the "
        f"margin of {numbers.points(metric.smallest_effect)}.",
        source=[f"guardrail_{identifier(metric.name)}", identifier(metric.name)],
        rows=rows,
        axis=f"rise of {metric.name} in percentage points",
        rope_label="within the margin",
        rope=(-margin, margin),
        digits=1,
    )


def segment_intervals(analysis: Analysis, result: StudyResult) -> list[FigureBlock]:
    """For each arm, the difference by segment; a hidden segment stays hidden."""
    settings = analysis.settings
    figures = []
    for series, effect in enumerate(analysis.effects, 1):
        table = next(
            t for t in result.tables if t.id.startswith("segments_") and f"“{effect.arm}”" in t.caption
        )
        found = (
            {e.segment.replace("_", " "): e for e in analysis.segments.effects if e.arm == effect.arm}
            if analysis.segments
            else {}
        )
        more = [column.name for column in table.columns].index("more")
        rows = [
            IntervalRow(label=str(row[0]), value=None, series=series)
            if row[more] is None
            else IntervalRow(
                label=str(row[0]),
                value=1000 * found[str(row[0])].mean,
                low=1000 * found[str(row[0])].low,
                high=1000 * found[str(row[0])].high,
                note=f"n {numbers.count(int(row[1] or 0) + int(row[3] or 0))}",
                series=series,
            )
            for row in table.rows
        ]
        smallest = 1000 * settings.primary.smallest_effect
        figures.append(
            interval_figure(
                id=f"by_{table.id}",
                title=f"What “{effect.arm}” did, by {segment_words(analysis)}: the intervals overlap"
                if _overlap(rows)
                else f"What “{effect.arm}” did differs by {segment_words(analysis)}",
                caption=f"Additional {settings.primary.name} per 1,000 {settings.people_noun} against "
                f"“{settings.control}”, partially pooled. Line: 95 % credible interval.",
                source=[table.id],
                rows=rows,
                axis=f"additional {settings.primary.name} per 1,000 {settings.people_noun}",
                rope=(-smallest, smallest),
            )
        )
    return figures


def enrollment_progress(analysis: Analysis, result: StudyResult) -> FigureBlock:
    """People enrolled, and windows closed, by week."""
    counts = analysis.counts
    table = result.table("enrollment")
    shown = {str(row[0]): row for row in table.rows if None not in row}
    weeks = [week.week for week in counts.enrollment if week.week.isoformat() in shown]
    assigned = [int(shown[week.isoformat()][1] or 0) for week in weeks]
    complete = [int(shown[week.isoformat()][2] or 0) for week in weeks]
    return accrual_figure(
        id="enrollment_progress",
        title=f"{numbers.percent(counts.maturity, 0)} of the people enrolled have completed their window",
        caption="People enrolled, summed up over the weeks in which they were assigned, and those of them whose "
        f"{analysis.settings.primary.window_days} days are over and recorded.",
        source=["enrollment"],
        weeks=weeks,
        assigned=assigned,
        complete=complete,
        planned_end=analysis.planned_look,
    )


def delay_curves(analysis: Analysis, result: StudyResult) -> FigureBlock:
    """The cumulative share with the outcome by day since assignment."""
    settings = analysis.settings
    table = result.table("delays")
    names = [column.name for column in table.columns]
    curves = []
    for series, arm in enumerate(analysis.counts.arms):
        column = 2 + 2 * series
        assert names[column].startswith("share_")  # noqa: S101
        shares = [float(row[column] or 0.0) for row in table.rows]
        curves.append(Curve(label=arm.arm, days=list(range(len(shares))), share=shares, series=series))
    return delay_figure(
        id="delay",
        title=f"{settings.primary.name.capitalize()} come days after the message, so that only closed windows count",
        caption=f"Share of {settings.people_noun} with {settings.primary.name} by day since assignment, of those whose "
        "window has closed.",
        source=["delays"],
        curves=curves,
        window=settings.primary.window_days,
        outcome=f"with {settings.primary.name}",
    )


def _row(
    label: str,
    estimate: Estimate,
    at_level: Callable[..., Estimate],
    scale: float,
    series: int,
    note: str,
) -> IntervalRow:
    inner = at_level(label, level=INNER_LEVEL)
    return IntervalRow(
        label=label,
        value=scale * estimate.mean,
        low=scale * estimate.low,
        high=scale * estimate.high,
        inner_low=scale * inner.low,
        inner_high=scale * inner.high,
        note=note,
        series=series,
    )


def _difference_title(analysis: Analysis) -> str:
    """What the forest plot shows: which arms lie beyond the smallest effect that matters."""
    smallest = analysis.settings.primary.smallest_effect
    beyond = [effect.arm for effect in analysis.effects if effect.gain.low > smallest]
    above = [effect.arm for effect in analysis.effects if effect.gain.low > 0 and effect.arm not in beyond]
    control = analysis.settings.control
    if beyond:
        return f"{_listed(beyond).capitalize()} beat “{control}” by more than the smallest effect that matters"
    if above:
        return f"{_listed(above).capitalize()} beat “{control}”, though perhaps by less than matters"
    below = [effect.arm for effect in analysis.effects if effect.gain.high < 0]
    if below:
        return f"{_listed(below).capitalize()} did worse than “{control}”"
    return f"No arm can be told apart from “{control}” yet"


def _listed(arms: list[str]) -> str:
    return " and ".join(f"“{arm}”" for arm in arms)


def _overlap(rows: list[IntervalRow]) -> bool:
    lows = [row.low for row in rows if row.low is not None]
    highs = [row.high for row in rows if row.high is not None]
    return not lows or max(lows) <= min(highs)


def _arm_note(result: StudyResult, arm: str) -> str:
    return _note(result.table("arms"), arm)


def _note(table: Table, arm: str) -> str:
    """An arm's people and rate as its table shows them."""
    row = next(row for row in table.rows if row[0] == arm)
    people, rate = row[1], row[3]
    if people is None or rate is None:
        return "few"
    return f"n {numbers.count(int(people))} · {numbers.percent(float(rate))}"
