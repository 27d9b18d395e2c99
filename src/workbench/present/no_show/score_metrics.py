"""What predictions are worth as metrics of `results.json`, in the order that matters, for all and by group."""

from typing import Literal

from workbench.no_show.analysis import Analysis
from workbench.no_show.scores.benefit import Benefit
from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.verdict import NoShowVerdict
from workbench.present.no_show.words import BY_WORDS, MODEL_WORDS, group_words
from workbench.present.result import HeadlineMetric, Metric

Direction = Literal["higher_is_better", "lower_is_better", "neither"]
Interval = Literal["bootstrap", "confidence"]
PER_APPOINTMENT = "no-shows per appointment"


def headline_score(analysis: Analysis) -> HeadlineMetric:
    """The AUROC of the chosen model; where everybody or nobody missed, its log loss."""
    of, model = {"model": analysis.chosen}, MODEL_WORDS[analysis.chosen]
    if analysis.evaluation.one_class:
        return HeadlineMetric(
            name="log_loss", of=of, label=f"log loss of {model} on later appointments", digits=3
        )
    return HeadlineMetric(
        name="auroc", of=of, label=f"AUROC of {model} on later appointments", digits=2, no_effect=0.5
    )


def score_metrics(analysis: Analysis, verdict: NoShowVerdict) -> list[Metric]:
    """Calibration and net benefit of the chosen model, then every model's ranks and accuracy, and the gains."""
    return [
        *_calibration(analysis),
        *_benefits(analysis, verdict.benefit),
        *_ranks(analysis),
        *_gains(analysis),
    ]


def group_metrics(analysis: Analysis) -> list[Metric]:
    """Calibration within each group, ranks, and access to reminders."""
    metrics: list[Metric] = []
    for group in analysis.groups:
        of = {"model": analysis.chosen, "by": BY_WORDS[group.by], "group": group_words(group.by, group.group)}
        n = group.patients
        metrics += [
            *_made("excess", of, group.excess, "neither", "proportion", "confidence", n),
            *_made("calibration_intercept", of, group.intercept, "neither", "log odds", "confidence", n),
            *_made("calibration_slope", of, group.slope, "neither", "slope", "confidence", n),
            *_made("auroc", of, group.auroc, "higher_is_better", "AUROC", "confidence", n),
        ]
    for access in analysis.access:
        of = {
            "model": analysis.chosen,
            "by": BY_WORDS[access.by],
            "group": group_words(access.by, access.group),
        }
        # Of no-shows, whose number is that of the people a share is of.
        metrics += _made(
            "share_reached", of, access.reached, "higher_is_better", "probability", "confidence", access.missed
        )
    return metrics


def _calibration(analysis: Analysis) -> list[Metric]:
    metrics: list[Metric] = []
    for scores in analysis.evaluation.scores:
        of = {"model": scores.model}
        metrics += _made("calibration_intercept", of, scores.intercept, "neither", "log odds")
        metrics += _made("calibration_slope", of, scores.slope, "neither", "slope")
    of = {"model": analysis.chosen}
    for name, distance in (("eavg", analysis.evaluation.eavg), ("e90", analysis.evaluation.e90)):
        if distance is not None:
            # No interval: those of the bootstrap do not cover.
            metrics += [
                Metric(name=name, of=of, value=distance.value, direction="lower_is_better", unit="proportion"),
                Metric(name=f"{name}_if_calibrated", of=of, value=distance.expected, unit="proportion"),
            ]
    return metrics


def _benefits(analysis: Analysis, asked: Benefit) -> list[Metric]:
    of = {"model": analysis.chosen, "threshold": f"{asked.threshold:g}"}
    metrics = [
        *_made("net_benefit", of, asked.model, "higher_is_better", PER_APPOINTMENT),
        *_made("net_benefit_gain", of, asked.gain, "higher_is_better", PER_APPOINTMENT),
        *_made("standardized_net_benefit", of, asked.standardized, "higher_is_better", "share of no-shows"),
    ]
    capacity = analysis.evaluation.capacity
    if capacity is not None:
        rule = of | {"rule": f"{analysis.settings.calls_per_day} calls per day"}
        metrics += _made("net_benefit", rule, capacity.model, "higher_is_better", PER_APPOINTMENT)
    return metrics


def _ranks(analysis: Analysis) -> list[Metric]:
    patients = analysis.test.patients
    metrics: list[Metric] = []
    for scores in analysis.evaluation.scores:
        of = {"model": scores.model}
        metrics += [
            *_made("auroc", of, scores.auroc, "higher_is_better", "AUROC", "confidence", patients),
            *_made("average_precision", of, scores.average_precision, "higher_is_better", "precision"),
            *_made("brier", of, scores.brier, "lower_is_better", "squared error"),
            *_made("scaled_brier", of, scores.scaled_brier, "higher_is_better", "share of the Brier score"),
            *_made("log_loss", of, scores.log_loss, "lower_is_better", "log loss"),
        ]
    return metrics


def _gains(analysis: Analysis) -> list[Metric]:
    metrics: list[Metric] = []
    for gain in analysis.evaluation.gains:
        of = {"model": analysis.chosen, "versus": gain.baseline}
        metrics += [
            *_made("auroc_difference", of, gain.auroc, "higher_is_better", "AUROC", "confidence"),
            *_made("brier_reduction", of, gain.brier, "higher_is_better", "squared error"),
            *_made("log_loss_reduction", of, gain.log_loss, "higher_is_better", "log loss"),
        ]
    return metrics


def _made(
    name: str,
    of: dict[str, str],
    estimate: Estimate | None,
    direction: Direction,
    unit: str,
    interval: Interval = "bootstrap",
    n: int | None = None,
) -> list[Metric]:
    """The metric; none where it is undefined."""
    if estimate is None:
        return []
    return [
        Metric(
            name=name,
            of=of,
            value=estimate.value,
            low=estimate.low,
            high=estimate.high,
            level=estimate.level,
            interval=interval,
            direction=direction,
            unit=unit,
            n=n,
        )
    ]
