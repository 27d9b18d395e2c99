"""The figures of scores: calibration, for all and within groups, net benefit, and AUROC by model."""

from collections import Counter

from workbench.no_show.analysis import Analysis
from workbench.no_show.models.training import LEARNED
from workbench.no_show.scores.curve import Distance
from workbench.no_show.verdict import smallest_gain
from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.no_show.words import BASELINE_PHRASES, BY_WORDS, MODEL_WORDS, group_words
from workbench.present.prediction_figures import (
    Line,
    Observed,
    ScoreRow,
    calibration_figure,
    lines_figure,
    score_figure,
)
from workbench.present.result import StudyResult

# Ways of grouping that tell of a visit and not of a person stand in the table alone.
OF_VISITS = frozenset({"lead", "history"})


def calibration_curve(analysis: Analysis) -> FigureBlock:
    """Predicted against observed: the smooth curve with its band, and the tenths as marks."""
    evaluation = analysis.evaluation
    tenths = [
        Observed(tenth.predicted, tenth.observed.value, tenth.observed.low, tenth.observed.high)
        for tenth in evaluation.tenths
    ]
    curve = [
        Observed(point.predicted, point.observed.value, point.observed.low, point.observed.high)
        for point in evaluation.curve
    ]
    return calibration_figure(
        id="calibration_curve_figure",
        title=_told(evaluation.eavg) if evaluation.eavg else "All predictions are the same",
        caption="Line: the share that was missed at every predicted risk, smoothed (loess), with a pointwise "
        "95 % bootstrap band clustered by patient. Marks: tenths of the appointments by predicted risk. "
        "Dashed: perfect calibration.",
        source=["calibration_curve", "distances"] if evaluation.eavg else ["calibration_curve"],
        points=tenths,
        curve=curve,
    )


def _told(eavg: Distance) -> str:
    found, expected = (numbers.points(value) for value in (eavg.value, eavg.expected))
    if eavg.beyond:
        return f"Risks are off by {found} on average; chance alone would make it {expected}"
    return f"Risks mean what they say: off by {found} on average, as chance alone would make it"


def calibration_curve_is_shown(result: StudyResult) -> bool:
    """Whether no tenth of the curve had to be hidden."""
    return all(None not in row for row in result.table("calibration_curve").rows)


def calibration_of_groups(analysis: Analysis, result: StudyResult) -> FigureBlock | None:
    """Calibration in the large within each group of persons that is shown; None where there is none."""
    shown = {(row[0], row[1]) for row in result.table("subgroups").rows if row[2] is not None}
    groups = [
        (group, group.intercept)
        for group in analysis.groups
        if group.by not in OF_VISITS
        and (BY_WORDS[group.by], group_words(group.by, group.group)) in shown
        and group.intercept
    ]
    if not groups:
        return None
    bound = analysis.settings.largest_miscalibration
    named = Counter(group.group for group, _ in groups)
    off = [group.group for group, intercept in groups if abs(intercept.value) > bound]
    return score_figure(
        id="subgroup_calibration_figure",
        title="Within every group of persons, risks are right on the whole, within the declared bound"
        if not off
        else f"For {len(off)} of {len(groups)} groups risks are off by more than the declared bound",
        caption="Calibration in the large within each group, in log odds: right of the line more miss than "
        "predicted. Line: 95 % confidence interval, clustered by patient. Declared for all: "
        f"±{numbers.number(bound, 2)}.",
        source=["subgroups"],
        rows=[
            ScoreRow(
                label=group.group if named[group.group] == 1 else f"{group.group} ({BY_WORDS[group.by]})",
                value=intercept.value,
                low=intercept.low,
                high=intercept.high,
                note=BY_WORDS[group.by],
                series=1 if abs(intercept.value) > bound else 0,
            )
            for group, intercept in groups
        ],
        axis="calibration in the large (log odds)",
        reference=(0.0, "as many as predicted"),
        digits=2,
    )


def net_benefit(analysis: Analysis) -> FigureBlock:
    """Net benefit by threshold: the model, everybody, nobody."""
    settings = analysis.settings
    benefits = analysis.evaluation.benefits
    asked = analysis.evaluation.benefit_at(settings.threshold)
    best = (
        "better than calling everybody or nobody"
        if asked.gain.low > 0
        else "no better than everybody or nobody"
    )
    x = [benefit.threshold for benefit in benefits]
    # Far below zero nothing is worth telling: the axis ends just under it.
    lowest = -0.15 * max(0.0, *(benefit.model.high for benefit in benefits))
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
        "the threshold. Band: 95 % bootstrap interval, clustered by patient. The threshold marked is the risk at "
        "which a call pays for itself under the study's assumptions; gray, the range in which it may plausibly lie.",
        source=["net_benefit"],
        lines=lines,
        axis="risk from which a call is made",
        measure="net benefit per 1,000 appointments",
        x_words=lambda value: numbers.percent(value, 0),
        y_words=numbers.number,
        asked=(settings.threshold, f"a call pays from {numbers.percent(settings.threshold, 0)}"),
        within=settings.plausible_thresholds,
        lowest=1000 * lowest,
    )


def auroc_by_model(analysis: Analysis) -> FigureBlock:
    """AUROC of every model; both outcomes must be there."""
    gain = smallest_gain(analysis.evaluation)
    ahead = gain.auroc is not None and gain.auroc.low > 0
    rows = [
        ScoreRow(
            label=MODEL_WORDS[scores.model],
            value=scores.auroc.value if scores.auroc else None,
            low=scores.auroc.low if scores.auroc else None,
            high=scores.auroc.high if scores.auroc else None,
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
