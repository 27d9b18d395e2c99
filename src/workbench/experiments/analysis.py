"""The analysis of an experiment: from counts to exact posteriors and evidence. Counts in, a frozen result out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from workbench.experiments.allocation import assigned_ratio, triggered_ratio
from workbench.experiments.counting.counts import ExperimentCounts
from workbench.experiments.description import MetricSummary, describe
from workbench.experiments.effects import (
    ArmEffect,
    GuardrailEffect,
    PriorCheck,
    arm_effects,
    between_treated,
    beyond,
    guardrail_effects,
    prior_checks,
)
from workbench.experiments.exact import Estimate
from workbench.experiments.fading import Fading, WeeklyCounts, fading
from workbench.experiments.late.cure import CureFit
from workbench.experiments.late.forecast import LateOutcomes, forecast
from workbench.experiments.looks import PlannedLook, planned_look_today
from workbench.experiments.modelled import by_cluster, by_covariate, by_cure, by_factor, by_segment, delays_of
from workbench.experiments.models.clusters import ClusterPosterior
from workbench.experiments.models.covariate import StandardizedPosterior
from workbench.experiments.models.factors import FactorPosterior
from workbench.experiments.models.segments import SegmentPosterior
from workbench.experiments.parameters import ABTest
from workbench.experiments.posteriors import EventPosterior, described_posterior, event_posterior
from workbench.experiments.sequential import SampleRatio


@dataclass(frozen=True)
class Analysis:
    """What the data say about an experiment. `effects` is empty where an arm has nobody with a closed window.

    `rates` holds each arm's rate in the primary, `guardrail_rates` the same by the guardrail's name; `metrics` every
    metric in the order of the parameters. `fading` compares early with late, by arm; `late` forecasts the outcome
    while windows are open, `cure` by another model; `clusters` compares the arms where people share clusters;
    `factors` tells which part of the message did it, `standardized` the difference adjusted for what was known before.
    `planned_look` is the day on
    which all windows that the verdict rests on have closed, None where the source records no time; `look` the look of
    the rule `planned` that falls on the study's day.
    """

    counts: ExperimentCounts
    settings: ABTest
    posterior: EventPosterior | None
    rates: dict[str, Estimate]
    effects: tuple[ArmEffect, ...]
    between: dict[tuple[str, str], Estimate]
    guardrail_rates: dict[str, dict[str, Estimate]]
    guardrail: tuple[GuardrailEffect, ...]
    metrics: tuple[MetricSummary, ...]
    ratio: SampleRatio
    triggered_ratio: SampleRatio | None
    prior_checks: tuple[PriorCheck, ...]
    segments: SegmentPosterior | None
    planned_look: date | None
    look: PlannedLook | None
    fading: tuple[Fading, ...] = ()
    late: LateOutcomes | None = None
    clusters: ClusterPosterior | None = None
    factors: FactorPosterior | None = None
    standardized: StandardizedPosterior | None = None
    cure: CureFit | None = None

    @property
    def at_planned_look(self) -> bool:
        """Whether the planned look has come."""
        return self.planned_look is None or self.settings.as_of >= self.planned_look

    @property
    def leader(self) -> ArmEffect | None:
        """The arm with the greatest mean gain among those compared with the control."""
        return max(self.effects, key=lambda effect: effect.gain.mean, default=None)

    def guardrails_of(self, arm: str) -> tuple[GuardrailEffect, ...]:
        """An arm in every guardrail, in the order of the parameters."""
        return tuple(effect for effect in self.guardrail if effect.arm == arm)

    def guardrail_of(self, arm: str) -> GuardrailEffect | None:
        """The guardrail in which an arm is most probably harmful; None where there is none."""
        return max(self.guardrails_of(arm), key=lambda effect: effect.harm, default=None)


def analyze(
    counts: ExperimentCounts, settings: ABTest, report: Callable[[str], None] | None = None
) -> Analysis:
    """Analyze an experiment's counts.

    Args:
        counts: from `count_experiment`.
        settings: the parameters.
        report: told what is being done, for the model by segment takes a while.
    """
    planned_look = _planned_look(settings)
    at_the_end = planned_look is None or settings.as_of >= planned_look
    analyzable = all(arm.closed > 0 for arm in counts.arms)
    posteriors = {metric.name: event_posterior(metric, counts, settings) for metric in settings.metrics}
    posterior = posteriors[counts.primary.name]
    watched = [
        (metric, found) for metric in settings.guardrails if analyzable and (found := posteriors[metric.name])
    ]
    effects = tuple(arm_effects(posterior, counts, settings)) if posterior else ()
    late = _late(counts, settings)
    return Analysis(
        counts=counts,
        settings=settings,
        posterior=posterior,
        rates={arm: posterior.rate(arm) for arm in posterior.arms} if posterior else {},
        effects=effects,
        between=between_treated(posterior) if posterior else {},
        guardrail_rates={
            metric.name: {arm: found.rate(arm) for arm in found.arms} for metric, found in watched
        },
        guardrail=tuple(
            effect for metric, found in watched for effect in guardrail_effects(found, metric, counts)
        ),
        metrics=tuple(
            describe(metric, counts, posteriors[metric.name] or described_posterior(metric, counts))
            for metric in settings.metrics
        ),
        ratio=assigned_ratio(counts),
        triggered_ratio=triggered_ratio(counts),
        prior_checks=tuple(prior_checks(effects, counts, settings)) if effects else (),
        segments=by_segment(counts, settings, report) if analyzable else None,
        planned_look=planned_look,
        look=planned_look_today(counts, settings, at_the_end=at_the_end),
        fading=_fading(counts) if analyzable else (),
        late=late,
        clusters=by_cluster(counts, settings, report) if analyzable else None,
        factors=by_factor(counts, settings, report) if analyzable else None,
        standardized=by_covariate(counts, settings, report) if analyzable else None,
        cure=by_cure(counts, late, settings, report),
    )


def reconsidered(analysis: Analysis, smallest_effect: float, acceptable_loss: float) -> Analysis:
    """The same data and posterior under another smallest effect that matters and another acceptable loss.

    Only what depends on the two is computed again (a millisecond an arm); nothing is fitted anew.

    Args:
        analysis: from `analyze`.
        smallest_effect: half the width of the region of practical equivalence, as a proportion.
        acceptable_loss: largest expected loss at which an arm may be adopted, as a proportion.

    Raises:
        Refused: for values the parameters do not allow.
    """
    settings, posterior = analysis.settings, analysis.posterior
    values = {"metrics": with_smallest_effect(settings, smallest_effect), "acceptable_loss": acceptable_loss}
    changed = ABTest.from_cell(settings.as_values() | values, today=settings.as_of)
    if posterior is None:
        return replace(analysis, settings=changed)
    effects = []
    for effect in analysis.effects:
        matters, equivalent, worse = beyond(posterior, effect.arm, changed.primary)
        effects.append(replace(effect, matters=matters, equivalent=equivalent, worse=worse))
    return replace(analysis, settings=changed, effects=tuple(effects))


def with_smallest_effect(settings: ABTest, smallest_effect: float) -> list[dict[str, Any]]:
    """The parameters' metrics as plain values, the primary's smallest effect replaced."""
    metrics: list[dict[str, Any]] = settings.as_values()["metrics"]
    return [
        metric | {"smallest_effect": smallest_effect} if metric["role"] == "primary" else metric
        for metric in metrics
    ]


def _planned_look(settings: ABTest) -> date | None:
    if settings.enrollment_ends is None:
        return None
    return settings.enrollment_ends + timedelta(days=settings.decided_after_days + settings.recording_lag_days)


def _fading(counts: ExperimentCounts) -> tuple[Fading, ...]:
    """How each arm's effect changed with the week of enrollment, where there are weeks enough."""
    weekly = counts.weekly.pivot_table(
        index="week", columns="arm", values=["closed", "events"], aggfunc="sum", fill_value=0
    )
    if weekly.empty:
        return ()
    by_arm = {
        arm: WeeklyCounts(arm, *(weekly[what][arm].to_numpy(dtype=np.int64) for what in ("closed", "events")))
        for arm in counts.shares
    }
    primary, control = counts.primary, by_arm[counts.control]
    compared = (
        fading(weeks, control, primary.smallest_effect, highest=primary.sign > 0)
        for arm, weeks in by_arm.items()
        if arm != counts.control
    )
    return tuple(found for found in compared if found is not None)


def _late(counts: ExperimentCounts, settings: ABTest) -> LateOutcomes | None:
    """What the outcome will be once all windows have closed; None where they have, or nobody was followed for a day."""
    if counts.data_until is None or counts.maturity == 1.0 or any(arm.enrolled == 0 for arm in counts.arms):
        return None
    cells = counts.cells[counts.cells["metric"] == counts.primary.name]
    if not (cells["followed"] > 0).any():
        return None
    return forecast(delays_of(counts), settings.seed)
