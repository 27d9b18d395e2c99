"""Clinic days, as metrics of `results.json`."""

from typing import Literal

from workbench.no_show.analysis import Analysis
from workbench.no_show.scores.estimates import Estimate
from workbench.present.no_show.decisions_sentences import recommendation
from workbench.present.result import Metric


def clinic_day_metrics(analysis: Analysis) -> list[Metric]:
    """Calibration of empty slots, how totals vary and are held, minutes of sessions, and extra bookings."""
    found = analysis.clinic_days
    model = {"model": analysis.chosen}
    metrics = []
    for event, scores in (("empty slot", found.empty), ("absent", found.away)):
        for name, estimate, unit in (
            ("intercept", scores.intercept, "log odds"),
            ("slope", scores.slope, "slope"),
            ("auroc", scores.auroc, "probability"),
        ):
            if estimate is not None:
                metrics.append(
                    _estimated(f"event_{name}", model | {"event": event}, estimate, unit, "confidence")
                )
    for each in found.attendance:
        of = {"level": each.level}
        metrics.append(_estimated("group_effect", of, each.effect.spread, "log odds", "credible"))
        metrics += [
            Metric(name="attendance_variance", of=of | {"rule": rule}, value=value, unit="ratio")
            for rule, value in (("found", each.ratio), ("with effect", each.expected_ratio))
        ]
        metrics += [
            Metric(name="attendance_coverage", of=of | {"rule": rule}, value=value.covered, unit="proportion")
            for rule, value in (("independent", each.independent), ("with effect", each.with_effect))
        ]
    if found.times is not None:
        for place, name in enumerate(("idle_minutes", "overtime_minutes")):
            for rule, minutes in (("expected", found.times.expected), ("found", found.times.found)):
                metrics.append(
                    Metric(name=name, of={"rule": rule}, value=minutes[place], unit="minutes per session")
                )
    best = recommendation(analysis)
    if best is not None:
        metrics.append(
            Metric(name="extra_bookings", of={"rule": "recommended"}, value=best.extra, unit="per full session")
        )
    return metrics


def _estimated(
    name: str, of: dict[str, str], found: Estimate, unit: str, interval: Literal["confidence", "credible"]
) -> Metric:
    return Metric(
        name=name,
        of=of,
        value=found.value,
        low=found.low,
        high=found.high,
        level=found.level,
        interval=interval,
        direction="neither",
        unit=unit,
    )
