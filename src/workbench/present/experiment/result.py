"""The typed result of an A/B analysis."""

from workbench.experiments.analysis import Analysis
from workbench.experiments.exact import Estimate
from workbench.experiments.metrics import Metric as Declared
from workbench.experiments.verdict import ExperimentVerdict
from workbench.present.disclosure import PROFILES, hide_metrics
from workbench.present.experiment.checks import checks_in_words
from workbench.present.experiment.model_metrics import model_metrics
from workbench.present.experiment.sentences import verdict_in_words
from workbench.present.experiment.tables import experiment_tables
from workbench.present.result import HeadlineMetric, Metric, StudyResult


def experiment_result(analysis: Analysis, verdict: ExperimentVerdict) -> StudyResult:
    """Everything the report shows and `results.json` holds, with small cells hidden.

    Args:
        analysis: from `analyze`.
        verdict: from `decide`.
    """
    profile = PROFILES[analysis.settings.disclosure]
    tables = experiment_tables(analysis, verdict, profile)
    until = analysis.counts.data_until
    return StudyResult(
        study="ab_test",
        as_of=analysis.settings.as_of.isoformat(),
        data_until=until.isoformat(timespec="minutes") if until else None,
        verdict=verdict_in_words(analysis, verdict),
        metrics=hide_metrics(_metrics(analysis), tables, profile),
        checks=checks_in_words(analysis, verdict),
        tables=tables,
        headline_metric=_headline_metric(analysis, verdict),
    )


def _headline_metric(analysis: Analysis, verdict: ExperimentVerdict) -> HeadlineMetric | None:
    """The effect of the arm that the verdict speaks of."""
    if verdict.arm is None:
        return None
    settings = analysis.settings
    return HeadlineMetric(
        name="difference",
        of={"arm": verdict.arm, "versus": settings.control, "outcome": "outcome"},
        label=f"Difference in {settings.primary.name} per 1,000 {settings.people_noun}, "
        f"“{verdict.arm}” against “{settings.control}”",
        scale=1000,
        no_effect=0.0,
    )


def _metrics(analysis: Analysis) -> list[Metric]:
    return [
        *_rates(analysis),
        *_effects(analysis),
        *_guardrail(analysis),
        *model_metrics(analysis),
        _maturity(analysis),
    ]


def _rates(analysis: Analysis) -> list[Metric]:
    counts, settings = analysis.counts, analysis.settings
    found = [(settings.primary, analysis.rates)]
    found += [(metric, analysis.guardrail_rates.get(metric.name, {})) for metric in settings.guardrails]
    metrics = []
    for metric, rates in found:
        people = {arm.arm: arm.people for arm in counts.measured(metric)}
        for arm, estimate in rates.items():
            of = {"arm": arm, "outcome": _outcome(metric)}
            metrics.append(_metric("rate", of, estimate, _direction(metric), "probability", people[arm]))
    return metrics


def _outcome(metric: Declared) -> str:
    """What a metric is of: the outcome, or another metric by its name."""
    return "outcome" if metric.role == "primary" else metric.name


def _direction(metric: Declared) -> str:
    return "higher_is_better" if metric.sign > 0 else "lower_is_better"


def _effects(analysis: Analysis) -> list[Metric]:
    control, direction = analysis.settings.control, _direction(analysis.settings.primary)
    metrics = []
    for effect in analysis.effects:
        of = {"arm": effect.arm, "versus": control, "outcome": "outcome"}
        metrics += [
            _metric("difference", of, effect.difference, direction, "proportion"),
            _metric("ratio", of, effect.ratio, direction, "ratio"),
            _number("probability_better", of, effect.better, "probability"),
            _number("probability_matters", of, effect.matters, "probability"),
            _number("probability_equivalent", of, effect.equivalent, "probability"),
            _number(
                "probability_best", {"arm": effect.arm, "outcome": "outcome"}, effect.best, "share of posterior"
            ),
            _number("expected_loss", {"arm": effect.arm, "outcome": "outcome"}, effect.loss, "proportion"),
            _number("log_e_value", of, effect.log_e, "natural log"),
        ]
    for (arm, versus), estimate in analysis.between.items():
        of = {"arm": arm, "versus": versus, "outcome": "outcome"}
        metrics.append(_metric("difference", of, estimate, direction, "proportion"))
    return metrics


def _guardrail(analysis: Analysis) -> list[Metric]:
    metrics = []
    for effect in analysis.guardrail:
        of = {"arm": effect.arm, "versus": analysis.settings.control, "outcome": effect.metric.name}
        metrics += [
            _metric("difference", of, effect.rise, _direction(effect.metric), "proportion"),
            _number("probability_harm", of, effect.harm, "probability"),
            _number("log_e_value", of, effect.log_e, "natural log"),
        ]
    return metrics


def _maturity(analysis: Analysis) -> Metric:
    return _number("maturity", {"outcome": "outcome"}, analysis.counts.maturity, "share of enrolled")


def _metric(
    name: str, of: dict[str, str], estimate: Estimate, direction: str, unit: str, n: int | None = None
) -> Metric:
    return Metric(
        name=name,
        of=of,
        value=estimate.mean,
        low=estimate.low,
        high=estimate.high,
        level=estimate.level,
        interval="credible",
        direction=direction,  # type: ignore[arg-type]
        unit=unit,
        n=n,
    )


def _number(name: str, of: dict[str, str], value: float, unit: str) -> Metric:
    return Metric(name=name, of=of, value=value, unit=unit)
