"""The figures of a no-show study, drawn from the tables of its result alone."""

from workbench.no_show.analysis import CHANCE_LIST, LEAD_LIST, MODEL_LIST, Analysis
from workbench.no_show.models.training import LEARNED
from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.no_show.words import BASELINE_PHRASES, MODEL_WORDS
from workbench.present.prediction_figures import (
    Line,
    Observed,
    ScoreRow,
    calibration_figure,
    lines_figure,
    score_figure,
)
from workbench.present.result import StudyResult


def auroc_by_model(analysis: Analysis) -> FigureBlock:
    """AUROC of every model."""
    gain = min(analysis.evaluation.gains, key=lambda gain: gain.auroc.value)
    ahead = gain.auroc.low > 0
    rows = [
        ScoreRow(
            label=MODEL_WORDS[scores.model],
            value=scores.auroc.value,
            low=scores.auroc.low,
            high=scores.auroc.high,
            note="baseline" if scores.model not in LEARNED else "learned",
            series=0 if scores.model in LEARNED else 5,
        )
        for scores in analysis.evaluation.scores
    ]
    return score_figure(
        id="auroc_by_model",
        title=f"{MODEL_WORDS[analysis.chosen].capitalize()} "
        + ("is ahead of" if ahead else "cannot be told apart from")
        + f" {BASELINE_PHRASES[gain.baseline]}, its best baseline",
        caption="AUROC on the later weeks: of a missed and a kept appointment, how often the missed one had the higher "
        "risk. Line: 95 % confidence interval, clustered by patient.",
        source=["scores"],
        rows=rows,
        axis="AUROC",
        reference=(0.5, "no better than chance"),
    )


def calibration_curve(analysis: Analysis) -> FigureBlock:
    """Predicted against observed."""
    points = [
        Observed(point.predicted, point.observed.value, point.observed.low, point.observed.high)
        for point in analysis.evaluation.curve
    ]
    off = sum(not point.low <= point.predicted <= point.high for point in points)
    return calibration_figure(
        id="calibration_curve_figure",
        title="Risks mean what they say: as many miss as were predicted"
        if off <= 1
        else f"In {off} of {len(points)} groups by risk, more or fewer miss than were predicted",
        caption="Each mark a tenth of the appointments by predicted risk. Shaded: 95 % bootstrap interval, clustered "
        "by patient. Dashed: perfect calibration.",
        source=["calibration_curve"],
        points=points,
    )


def calibration_curve_is_shown(result: StudyResult) -> bool:
    """Whether no tenth of the curve had to be hidden."""
    return all(None not in row for row in result.table("calibration_curve").rows)


def caught_by_capacity(analysis: Analysis) -> FigureBlock:
    """Share of no-shows on the list, by calls per day."""
    settings, reminders = analysis.settings, analysis.reminders
    asked = reminders.at(MODEL_LIST, settings.calls_per_day)
    chance = reminders.at(CHANCE_LIST, settings.calls_per_day)
    names = {MODEL_LIST: "by the model", LEAD_LIST: "by longest lead", CHANCE_LIST: "by chance"}
    lines = [
        Line(
            label=names[rule],
            x=[0.0, *(float(found.calls_per_day) for found in by_capacity)],
            y=[0.0, *(found.share_caught for found in by_capacity)],
            series=series,
        )
        for series, (rule, by_capacity) in enumerate(reminders.by_rule.items())
    ]
    return lines_figure(
        id="caught_by_capacity",
        title=f"{numbers.count(settings.calls_per_day)} calls a day would have reached "
        f"{numbers.percent(asked.share_caught, 0)} of the no-shows; by chance, "
        f"{numbers.percent(chance.share_caught, 0)}",
        caption="No-shows on the list of each day, by how many can be called. On the list is not kept: what a call "
        "does was not studied.",
        source=["reminders"],
        lines=lines,
        axis="calls per day of appointments",
        measure="share of no-shows on the list",
        x_words=numbers.number,
        y_words=lambda value: numbers.percent(value, 0),
        asked=(float(settings.calls_per_day), f"{numbers.count(settings.calls_per_day)} calls"),
    )


def net_benefit(analysis: Analysis) -> FigureBlock:
    """Net benefit by threshold: the model, everybody, nobody."""
    settings = analysis.settings
    benefits = analysis.evaluation.benefits
    asked = next(benefit for benefit in benefits if benefit.threshold == settings.threshold)
    best = (
        "better than calling everybody or nobody"
        if asked.gain.low > 0
        else "no better than everybody or nobody"
    )
    x = [benefit.threshold for benefit in benefits]
    # Far below zero nothing is worth telling: the axis ends just under it.
    lowest = -0.15 * max(benefit.model.high for benefit in benefits)
    lines = [
        Line(
            label="by the model",
            x=x,
            y=[1000 * benefit.model.value for benefit in benefits],
            low=[1000 * benefit.model.low for benefit in benefits],
            high=[1000 * benefit.model.high for benefit in benefits],
            series=0,
        ),
        Line(label="everybody", x=x, y=[1000 * benefit.everybody for benefit in benefits], series=1),
        Line(label="nobody", x=x, y=[0.0 for _ in benefits], series=2),
    ]
    return lines_figure(
        id="net_benefit_figure",
        title=f"Calling from a risk of {numbers.percent(settings.threshold, 0)} by the model is {best}",
        caption="Net benefit per 1,000 appointments: no-shows called, less needless calls, each charged at the odds of "
        "the threshold. Shaded: 95 % bootstrap interval, clustered by patient. The threshold marked is the risk at "
        "which a call pays for itself under the study's assumptions.",
        source=["net_benefit"],
        lines=lines,
        axis="risk from which a call is made",
        measure="net benefit per 1,000 appointments",
        x_words=lambda value: numbers.percent(value, 0),
        y_words=numbers.number,
        asked=(settings.threshold, f"a call pays from {numbers.percent(settings.threshold, 0)}"),
        lowest=1000 * lowest,
    )
