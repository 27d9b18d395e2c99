"""The typed result of a study of message load."""

from workbench.message_load.analysis import Analysis, Risk
from workbench.message_load.causal.analysis import CausalAnalysis
from workbench.message_load.estimate import Estimate
from workbench.message_load.verdict import LoadVerdict, at_high_load
from workbench.present.disclosure import PROFILES, hide_metrics
from workbench.present.message_load.kept_up import kept_up_metrics
from workbench.present.message_load.sentences import checks_in_words, texts_in_words, verdict_in_words
from workbench.present.message_load.tables import causal_tables, may_tell, message_load_tables, tells_high_load
from workbench.present.result import HeadlineMetric, Metric, StudyResult


def message_load_result(analysis: Analysis, causal: CausalAnalysis, verdict: LoadVerdict) -> StudyResult:
    """Everything the report shows and `results.json` holds, with small cells hidden.

    Args:
        analysis: from `analyze`.
        causal: from `analyze_causal`.
        verdict: from `decide`.
    """
    profile = PROFILES[analysis.settings.disclosure]
    tables = [*message_load_tables(analysis, profile), *causal_tables(causal, profile)]
    metrics = [*_metrics(analysis), *kept_up_metrics(causal.effects, causal.saturation, profile)]
    return StudyResult(
        study="message_load",
        as_of=analysis.settings.as_of.isoformat(),
        data_until=analysis.counts.data_until.isoformat(timespec="minutes"),
        verdict=verdict_in_words(analysis, causal, verdict),
        metrics=hide_metrics(metrics, tables, profile),
        checks=checks_in_words(analysis, verdict),
        tables=tables,
        headline_metric=_headline_metric(analysis),
    )


def _headline_metric(analysis: Analysis) -> HeadlineMetric | None:
    """The risk at the high load, to that of a single text."""
    if analysis.risk is None or not tells_high_load(analysis):
        return None
    point = at_high_load(analysis)
    label = f"Risk of an opt-out at {texts_in_words(point)}, times that of a single text"
    return HeadlineMetric(name="load_ratio", of=_of(point.band), label=label, digits=2, no_effect=1.0)


def _metrics(analysis: Analysis) -> list[Metric]:
    return [] if analysis.risk is None else _of_risk(analysis, analysis.risk)


def _of_risk(analysis: Analysis, risk: Risk) -> list[Metric]:
    level = analysis.settings.level
    metrics = [
        _metric("load_ratio", _of(point.band), point.ratio, level, "ratio")
        for place, point in enumerate(risk.curve)
        if place and may_tell(analysis, "load", str(place))
    ]
    if tells_high_load(analysis):
        metrics.append(_metric("kept_up_ratio", {"model": "load"}, risk.kept_up, level, "ratio"))
    metrics.append(_metric("frailty", {"model": "load"}, risk.frailty, level, "variance"))
    metrics.append(_metric("wear", {"model": "load"}, risk.wear, level, "power"))
    return metrics


def _metric(name: str, of: dict[str, str], estimate: Estimate, level: float, unit: str) -> Metric:
    return Metric(
        name=name,
        of=of,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        level=level,
        interval="credible",
        direction="lower_is_better" if name.endswith("ratio") else "neither",
        unit=unit,
    )


def _of(band: str) -> dict[str, str]:
    return {"model": f"{band} texts in seven days", "versus": "a single text"}
