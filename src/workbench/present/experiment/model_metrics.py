"""What the models beside the verdict tell, as metrics of the result."""

from collections.abc import Iterator

from workbench.experiments.analysis import Analysis
from workbench.experiments.exact import Estimate
from workbench.experiments.models.segments import SegmentEffect
from workbench.experiments.models.summary import Summary
from workbench.present.experiment.adjusted import shown_standardized
from workbench.present.experiment.by_factor import shown_factors
from workbench.present.experiment.by_segment import shown_segments
from workbench.present.experiment.forecasts import shown_cure, shown_forecast
from workbench.present.result import Metric


def model_metrics(analysis: Analysis) -> Iterator[Metric]:
    """Differences by segment, by factor and adjusted, and the rate within the window by the cure model."""
    control = analysis.settings.control
    segments = shown_segments(analysis)
    for effect in segments.effects if segments else ():
        segment = effect.segment.replace("_", " ")
        of = {"arm": effect.arm, "versus": control, "outcome": "outcome", "segment": segment}
        yield _credible(analysis, "difference", of, effect, "proportion")
    factors = shown_factors(analysis)
    for main in factors.effects if factors else ():
        of = {"factor": main.factor, "level": main.level, "versus": main.versus, "outcome": "outcome"}
        yield _credible(analysis, "difference", of, main.difference, "proportion")
    standardized = shown_standardized(analysis)
    for arm, difference in standardized.differences.items() if standardized else ():
        of = {"arm": arm, "versus": control, "outcome": "outcome", "model": "covariate"}
        yield _credible(analysis, "difference", of, difference, "proportion")
        if standardized is not None:
            yield Metric(name="variance_saved", of=of, value=standardized.saved[arm], unit="share of variance")
    yield from _cure(analysis)


def _cure(analysis: Analysis) -> Iterator[Metric]:
    late, cure = shown_forecast(analysis), shown_cure(analysis)
    if late is None or cure is None:
        return
    for arm in late.arms:
        for model, rate in (("hazards", arm.rate), ("cure", cure.rates[arm.arm])):
            of = {"arm": arm.arm, "outcome": "outcome", "model": model}
            yield _credible(analysis, "rate_within_window", of, rate, "probability", arm.people)


def _credible(
    analysis: Analysis,
    name: str,
    of: dict[str, str],
    found: Summary | Estimate | SegmentEffect,
    unit: str,
    n: int | None = None,
) -> Metric:
    return Metric(
        name=name,
        of=of,
        value=found.mean,
        low=found.low,
        high=found.high,
        level=found.level,
        interval="credible",
        direction="higher_is_better" if analysis.settings.primary.sign > 0 else "lower_is_better",
        unit=unit,
        n=n,
    )
