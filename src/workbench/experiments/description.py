"""Every metric in every arm, described; what may be compared is, and nothing is decided on it."""

from dataclasses import dataclass

from workbench.experiments.counting.counts import ArmMetric, ExperimentCounts
from workbench.experiments.effects import gains_more_than
from workbench.experiments.exact import Estimate, Posterior
from workbench.experiments.metrics import Metric


@dataclass(frozen=True)
class ArmDescription:
    """A metric in one arm: `people` whose window has closed, `told` those with a value, and the value of the arm.

    The value is the share of people with the event; the mean over all people of a count; the mean over those who
    answered of a score; the mean of the days until the event, at most the window, of a duration; the ratio of the sums.
    None where it is of nobody.
    """

    arm: str
    people: int
    told: int
    value: float | None


@dataclass(frozen=True)
class Comparison:
    """An arm against the control, in the metric's own unit; `better` is P(it is better), in the metric's direction."""

    arm: str
    difference: Estimate
    better: float


@dataclass(frozen=True)
class MetricSummary:
    """A metric in every arm, and, where they may be compared, each arm against the control."""

    metric: Metric
    arms: tuple[ArmDescription, ...]
    comparisons: tuple[Comparison, ...]


def describe(metric: Metric, counts: ExperimentCounts, posterior: Posterior | None) -> MetricSummary:
    """A metric in every arm, and each arm against the control where there is a posterior to tell."""
    measured = counts.measured(metric)
    compared = [arm for arm in posterior.arms if arm != counts.control] if posterior else []
    return MetricSummary(
        metric=metric,
        arms=tuple(ArmDescription(arm.arm, arm.people, arm.told, _value(metric, arm)) for arm in measured),
        comparisons=tuple(
            Comparison(
                arm,
                posterior.difference(arm),
                gains_more_than(0.0, posterior, arm, metric),
            )
            for arm in compared
            if posterior
        ),
    )


def _value(metric: Metric, arm: ArmMetric) -> float | None:
    if metric.kind == "duration":
        waited = (arm.people - arm.told) * metric.window_days
        return (arm.total + waited) / arm.people if arm.people else None
    whole = {"event": arm.people, "count": arm.people, "ratio": arm.of}.get(metric.kind, arm.told)
    part = arm.told if metric.kind == "event" else arm.total
    return part / whole if whole else None
