"""What reminders do, as metrics of `results.json`."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.scores.estimates import Estimate
from workbench.present.no_show.effect_tables import answers
from workbench.present.result import Metric


def effect_metrics(analysis: Analysis) -> list[Metric]:
    """The difference a reminder makes by every answer, its E-value, and what the rules of reminding avoid."""
    study, settings = analysis.effect, analysis.settings
    if study is None:
        return []
    outcome = {"outcome": settings.reminder_outcome}
    metrics = [_metric("reminder_effect", outcome | {"rule": name}, found) for name, found, _ in answers(study)]
    if study.sent is not None and study.sent.sensitivity is not None:
        sensitivity = study.sent.sensitivity
        for end, value in (("estimate", sensitivity.estimate), ("nearest end", sensitivity.nearest)):
            metrics.append(
                Metric(name="confounder_e_value", of=outcome | {"rule": end}, value=value, unit="risk ratio")
            )
    if study.whom is not None:
        asked = study.whom.at_asked
        for name, found in (
            ("by lot", asked.by_lot),
            ("by risk", asked.by_risk),
            ("by benefit", asked.by_benefit),
            ("by benefit less by risk", asked.benefit_less_risk),
            ("everybody", study.whom.everybody),
        ):
            metrics.append(_metric("avoided", outcome | {"rule": name}, found, "higher_is_better"))
    return metrics


def _metric(name: str, of: dict[str, str], found: Estimate, direction: str = "lower_is_better") -> Metric:
    return Metric(
        name=name,
        of=of,
        value=found.value,
        low=found.low,
        high=found.high,
        level=found.level,
        interval="confidence",
        direction="higher_is_better" if direction == "higher_is_better" else "lower_is_better",
        unit="proportion",
    )
