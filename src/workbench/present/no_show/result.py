"""The typed result of a no-show study."""

from typing import Literal

from workbench.no_show.analysis import MODEL_LIST, Analysis
from workbench.no_show.estimates import Estimate
from workbench.no_show.verdict import NoShowVerdict
from workbench.present.disclosure import PROFILES, hide_metrics
from workbench.present.no_show.sentences import checks_in_words, verdict_in_words
from workbench.present.no_show.tables import no_show_tables
from workbench.present.no_show.validation import validation_metrics
from workbench.present.no_show.words import BY_WORDS, MODEL_WORDS
from workbench.present.result import HeadlineMetric, Metric, StudyResult

Direction = Literal["higher_is_better", "lower_is_better", "neither"]


def no_show_result(analysis: Analysis, verdict: NoShowVerdict) -> StudyResult:
    """Everything the report shows and `results.json` holds, with small cells hidden.

    Args:
        analysis: from `analyze`.
        verdict: from `decide`.
    """
    profile = PROFILES[analysis.settings.disclosure]
    tables = no_show_tables(analysis, profile)
    until = analysis.appointments.data_until
    return StudyResult(
        study="no_show",
        as_of=analysis.settings.as_of.isoformat(),
        data_until=until.isoformat(timespec="minutes") if until else None,
        verdict=verdict_in_words(analysis, verdict),
        metrics=hide_metrics(_metrics(analysis, verdict), tables, profile),
        checks=checks_in_words(analysis, verdict),
        tables=tables,
        headline_metric=HeadlineMetric(
            name="auroc",
            of={"model": analysis.chosen},
            label=f"AUROC of {MODEL_WORDS[analysis.chosen]} on later appointments",
            digits=2,
            no_effect=0.5,
        ),
    )


def _metrics(analysis: Analysis, verdict: NoShowVerdict) -> list[Metric]:
    return [
        *_scores(analysis),
        *_gains(analysis),
        *_groups(analysis),
        *_benefits(analysis, verdict),
        *_reminders(analysis),
        *validation_metrics(analysis),
    ]


def _scores(analysis: Analysis) -> list[Metric]:
    patients = analysis.test.patients
    metrics = []
    for scores in analysis.evaluation.scores:
        of = {"model": scores.model}
        metrics += [
            _metric("auroc", of, scores.auroc, "higher_is_better", "AUROC", "confidence", patients),
            _metric("average_precision", of, scores.average_precision, "higher_is_better", "precision"),
            _metric("brier", of, scores.brier, "lower_is_better", "squared error"),
            _metric("calibration_intercept", of, scores.intercept, "neither", "log odds"),
        ]
        if scores.slope is not None:
            metrics.append(_metric("calibration_slope", of, scores.slope, "neither", "slope"))
    return metrics


def _gains(analysis: Analysis) -> list[Metric]:
    metrics = []
    for gain in analysis.evaluation.gains:
        of = {"model": analysis.chosen, "versus": gain.baseline}
        metrics += [
            _metric("auroc_difference", of, gain.auroc, "higher_is_better", "AUROC", "confidence"),
            _metric("brier_reduction", of, gain.brier, "higher_is_better", "squared error"),
        ]
    return metrics


def _groups(analysis: Analysis) -> list[Metric]:
    metrics = []
    for group in analysis.groups:
        of = {"model": analysis.chosen, "by": BY_WORDS[group.by], "group": group.group}
        metrics.append(
            _metric("excess", of, group.excess, "neither", "proportion", "confidence", group.patients)
        )
        if group.auroc is not None:
            metrics.append(
                _metric("auroc", of, group.auroc, "higher_is_better", "AUROC", "confidence", group.patients)
            )
    return metrics


def _benefits(analysis: Analysis, verdict: NoShowVerdict) -> list[Metric]:
    of = {"model": analysis.chosen, "threshold": f"{analysis.settings.threshold:g}"}
    benefit = verdict.benefit
    return [
        _metric("net_benefit", of, benefit.model, "higher_is_better", "no-shows per appointment"),
        _metric("net_benefit_gain", of, benefit.gain, "higher_is_better", "no-shows per appointment"),
    ]


def _reminders(analysis: Analysis) -> list[Metric]:
    asked = analysis.reminders.at(MODEL_LIST, analysis.settings.calls_per_day)
    of = {"model": analysis.chosen, "rule": f"{asked.calls_per_day} calls per day"}
    return [
        Metric(name="caught_share", of=of, value=asked.share_caught, unit="share of no-shows"),
        Metric(name="list_precision", of=of, value=asked.precision, unit="share of calls"),
    ]


def _metric(
    name: str,
    of: dict[str, str],
    estimate: Estimate,
    direction: Direction,
    unit: str,
    interval: Literal["bootstrap", "confidence"] = "bootstrap",
    n: int | None = None,
) -> Metric:
    return Metric(
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
