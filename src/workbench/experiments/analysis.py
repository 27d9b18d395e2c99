"""The analysis of an experiment: from counts to exact posteriors and evidence. Counts in, a frozen result out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from workbench.experiments.counting.counts import ArmMetric, ExperimentCounts
from workbench.experiments.exact import Estimate, Posterior, RatePosterior
from workbench.experiments.fading import Fading, WeeklyCounts, fading
from workbench.experiments.late.delays import delays_of_arms
from workbench.experiments.late.forecast import LateOutcomes, forecast
from workbench.experiments.looks import PlannedLook, planned_look_today
from workbench.experiments.metrics import Metric
from workbench.experiments.models.clusters import ClusterCells, ClusterPosterior, fit_clusters
from workbench.experiments.models.segments import SegmentCells, SegmentPosterior, fit_segments
from workbench.experiments.parameters import ABTest
from workbench.experiments.posteriors import EventPosterior, described_posterior, event_posterior
from workbench.experiments.sequential import SampleRatio, log_e_value, sample_ratio_by_epoch

# Prior widths under which the answer is given beside the study's own.
SKEPTICAL_SD, WIDE_SD = 0.15, 1.0


@dataclass(frozen=True)
class ArmEffect:
    """An arm against the control, in the primary outcome: differences are proportions, not percentages.

    `gain` is the difference in the direction that is good: where fewer events are better, less the difference. In
    terms of the gain, `better` is P(gain > 0), `matters` P(gain > smallest effect), `equivalent` P(-smallest effect <
    gain < smallest effect), `worse` P(gain < -smallest effect); `loss` the expected loss of choosing this arm among
    all; `log_e` the log e-value for "better", `log_e_worse` that for "worse". `skeptical` is the gain under a prior
    that expects little of any text: what to count on where an arm is adopted because its effect looked large.
    `prior_conflict` is how surprising the arm's events are under the prior, a p value; None over several epochs.
    """

    arm: str
    difference: Estimate
    ratio: Estimate
    gain: Estimate
    better: float
    matters: float
    equivalent: float
    worse: float
    best: float
    loss: float
    log_e: float
    log_e_worse: float
    skeptical: Estimate
    prior_conflict: float | None = None


@dataclass(frozen=True)
class GuardrailEffect:
    """An arm against the control, in a guardrail.

    `rise` is the difference to the control; it is unwanted unless the metric's increase is good, and then a fall is.
    `harm` is P(it got worse by more than the margin), `safe` the rest, `log_e` the log e-value for any worsening.
    """

    arm: str
    metric: Metric
    rise: Estimate
    harm: float
    safe: float
    log_e: float


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


@dataclass(frozen=True)
class PriorCheck:
    """P(better) of the leading arm under another prior width of the log rate ratio."""

    log_ratio_sd: float
    better: float
    difference: Estimate


@dataclass(frozen=True)
class Analysis:
    """What the data say about an experiment. `effects` is empty where an arm has nobody with a closed window.

    `rates` holds each arm's rate in the primary, `guardrail_rates` the same by the guardrail's name; `metrics` every
    metric in the order of the parameters. `fading` compares early with late, by arm; `late` forecasts the outcome
    while windows are open; `clusters` compares the arms where people share clusters. `planned_look` is the day on
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
    effects = tuple(_effects(posterior, counts, settings)) if posterior else ()
    return Analysis(
        counts=counts,
        settings=settings,
        posterior=posterior,
        rates={arm: posterior.rate(arm) for arm in posterior.arms} if posterior else {},
        effects=effects,
        between=_between(posterior) if posterior else {},
        guardrail_rates={
            metric.name: {arm: found.rate(arm) for arm in found.arms} for metric, found in watched
        },
        guardrail=tuple(effect for metric, found in watched for effect in _guardrail(found, metric, counts)),
        metrics=tuple(
            _summary(metric, counts, posteriors[metric.name] or described_posterior(metric, counts))
            for metric in settings.metrics
        ),
        ratio=_assigned_ratio(counts),
        triggered_ratio=_triggered_ratio(counts),
        prior_checks=tuple(_prior_checks(effects, counts, settings)) if effects else (),
        segments=_segments(counts, settings, report) if analyzable else None,
        planned_look=planned_look,
        look=planned_look_today(counts, settings, at_the_end=at_the_end),
        fading=_fading(counts) if analyzable else (),
        late=_late(counts, settings),
        clusters=_clusters(counts, settings, report) if analyzable else None,
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
        matters, equivalent, worse = _beyond(posterior, effect.arm, changed.primary)
        effects.append(replace(effect, matters=matters, equivalent=equivalent, worse=worse))
    return replace(analysis, settings=changed, effects=tuple(effects))


def with_smallest_effect(settings: ABTest, smallest_effect: float) -> list[dict[str, Any]]:
    """The parameters' metrics as plain values, the primary's smallest effect replaced."""
    metrics: list[dict[str, Any]] = settings.as_values()["metrics"]
    return [
        metric | {"smallest_effect": smallest_effect} if metric["role"] == "primary" else metric
        for metric in metrics
    ]


def _assigned_ratio(counts: ExperimentCounts) -> SampleRatio:
    """Everybody enrolled against the design, each epoch by its own shares."""
    allocation = counts.allocation
    return sample_ratio_by_epoch(*_by_epoch(allocation, "people"))


def _triggered_ratio(counts: ExperimentCounts) -> SampleRatio | None:
    """Those whom the campaign sent a text against the design; None where the source does not tell, or an arm got none.

    Whoever is not sent a text for a reason that the arm gave is missing from one arm alone.
    """
    allocation = counts.allocation
    triggered = allocation.groupby("arm")["triggered"].sum(min_count=1)
    if triggered.isna().any() or (triggered == 0).any():
        return None
    return sample_ratio_by_epoch(*_by_epoch(allocation, "triggered"))


def _by_epoch(allocation: pd.DataFrame, what: str) -> tuple[list[list[int]], list[list[float]]]:
    """People and shares, a list for each epoch with one number for each arm."""
    people = allocation.pivot_table(index="epoch", columns="arm", values=what, aggfunc="sum", fill_value=0)
    shares = allocation.pivot_table(index="epoch", columns="arm", values="share", aggfunc="sum", fill_value=0)
    return people.astype("int64").to_numpy().tolist(), shares.to_numpy().tolist()


def _planned_look(settings: ABTest) -> date | None:
    if settings.enrollment_ends is None:
        return None
    return settings.enrollment_ends + timedelta(days=settings.decided_after_days + settings.recording_lag_days)


def _effects(posterior: EventPosterior, counts: ExperimentCounts, settings: ABTest) -> list[ArmEffect]:
    metric = settings.primary
    best = posterior.probability_best(highest=metric.sign > 0)
    # Heavy tails, which let an effect stand that is surely large. What is analyzable under one prior is under another.
    skeptic = settings.model_copy(update={"prior_tails": "heavy"})
    skeptical = event_posterior(metric, counts, skeptic, SKEPTICAL_SD) or posterior
    effects = []
    for arm in counts.arms[1:]:
        matters, equivalent, worse = _beyond(posterior, arm.arm, metric)
        difference = posterior.difference(arm.arm)
        effects.append(
            ArmEffect(
                arm=arm.arm,
                difference=difference,
                ratio=posterior.ratio(arm.arm),
                gain=_in_direction(difference, metric),
                better=gains_more_than(0.0, posterior, arm.arm, metric),
                matters=matters,
                equivalent=equivalent,
                worse=worse,
                best=best[arm.arm],
                loss=posterior.expected_loss(arm.arm, highest=metric.sign > 0),
                log_e=_log_e(counts, metric, arm.arm, metric.sign),
                log_e_worse=_log_e(counts, metric, arm.arm, -metric.sign),
                skeptical=_in_direction(skeptical.difference(arm.arm), metric),
                prior_conflict=posterior.prior_conflict(arm.arm)
                if isinstance(posterior, RatePosterior)
                else None,
            )
        )
    return effects


def _in_direction(difference: Estimate, metric: Metric) -> Estimate:
    low, high = sorted(metric.sign * end for end in (difference.low, difference.high))
    return Estimate(metric.sign * difference.mean, low, high, difference.level)


def gains_more_than(x: float, posterior: Posterior, arm: str, metric: Metric) -> float:
    """P(the arm's gain over the control > x), in the metric's direction."""
    above = (
        posterior.probability_better(arm, by_more_than=x)
        if metric.sign > 0
        else posterior.difference_cdf(-x, arm)
    )
    # A sum of quadrature weights may pass certainty by the last digit of a float.
    return min(1.0, max(0.0, above))


def _beyond(posterior: EventPosterior, arm: str, metric: Metric) -> tuple[float, float, float]:
    """P(gain > smallest), P(-smallest < gain <= smallest), P(gain <= -smallest)."""
    smallest = metric.smallest_effect
    # A sum of quadrature weights may pass certainty by the last digit of a float.
    low, below = np.clip([posterior.difference_cdf(x, arm) for x in (-smallest, smallest)], 0.0, 1.0)
    above, between = float(1 - below), float(max(below - low, 0.0))
    return (above, between, float(low)) if metric.sign > 0 else (float(low), between, above)


def _log_e(counts: ExperimentCounts, metric: Metric, arm: str, sign: int) -> float:
    """Log e-value for "the arm has more events than the control", or fewer, where sign is -1; each epoch by its shares.

    Epochs in which one of the two was not assigned say nothing.
    """
    designed = {(row.epoch, row.arm): float(row.share) for row in counts.allocation.itertuples()}
    closed = counts.closed(metric)
    epochs = [
        (epoch, designed.get((epoch, arm), 0.0), designed.get((epoch, counts.control), 0.0))
        for epoch in sorted(closed["epoch"].unique())
    ]
    told = closed.dropna(subset="value").groupby(["epoch", "arm"])["people"].sum()
    events, control, shares = [], [], []
    for epoch, own, others in epochs:
        if own > 0 and others > 0:
            events.append(int(told.get((epoch, arm), 0)))
            control.append(int(told.get((epoch, counts.control), 0)))
            shares.append(own / (own + others))
    if not shares:
        return 0.0
    if sign > 0:
        return log_e_value(events, control, shares)
    return log_e_value(control, events, [1 - share for share in shares])


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
    return forecast(delays_of_arms(cells, list(counts.shares), counts.primary.window_days), settings.seed)


def _between(posterior: EventPosterior) -> dict[tuple[str, str], Estimate]:
    """Differences between the arms that are not the control."""
    treated = [arm for arm in posterior.arms if arm != posterior.control]
    pairs = [(first, second) for i, first in enumerate(treated) for second in treated[i + 1 :]]
    return {(first, second): posterior.difference(first, second) for first, second in pairs}


def _guardrail(posterior: EventPosterior, metric: Metric, counts: ExperimentCounts) -> list[GuardrailEffect]:
    margin, unwanted = metric.smallest_effect, -metric.sign
    effects = []
    for arm in counts.arms[1:]:
        # A guardrail of which more is good is harmed where it falls by more than the margin.
        below = posterior.difference_cdf(unwanted * margin, arm.arm)
        harm, safe = (1.0 - below, below) if unwanted > 0 else (below, 1.0 - below)
        log_e = _log_e(counts, metric, arm.arm, unwanted)
        effects.append(GuardrailEffect(arm.arm, metric, posterior.difference(arm.arm), harm, safe, log_e))
    return effects


def _summary(metric: Metric, counts: ExperimentCounts, posterior: Posterior | None) -> MetricSummary:
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


def _prior_checks(
    effects: tuple[ArmEffect, ...], counts: ExperimentCounts, settings: ABTest
) -> list[PriorCheck]:
    leader = max(effects, key=lambda effect: effect.gain.mean)
    checks = []
    for width in (SKEPTICAL_SD, WIDE_SD):
        posterior = event_posterior(counts.primary, counts, settings, width)
        if posterior is not None:
            better = gains_more_than(0.0, posterior, leader.arm, counts.primary)
            checks.append(PriorCheck(width, better, posterior.difference(leader.arm)))
    return checks


def _clusters(
    counts: ExperimentCounts, settings: ABTest, report: Callable[[str], None] | None
) -> ClusterPosterior | None:
    """The arms compared with members of a cluster taken for alike; None where hardly anybody shares one."""
    cells = counts.clusters
    if not (cells["size"] > 1).any():
        return None
    arms = list(counts.shares)
    columns = (cells[name].to_numpy(dtype=np.int64) for name in ("size", "events", "clusters"))
    arm = np.array([arms.index(name) for name in cells["arm"]], dtype=np.int64)
    return fit_clusters(ClusterCells(tuple(arms), arm, *columns), seed=settings.seed, report=report)


def _segments(
    counts: ExperimentCounts, settings: ABTest, report: Callable[[str], None] | None
) -> SegmentPosterior | None:
    arms = tuple(arm.arm for arm in counts.arms)
    people = _pivot(counts.segments, "people", arms)
    if len(people) < 2:
        return None
    cells = SegmentCells(
        segments=tuple(people.index),
        arms=arms,
        people=people.to_numpy(),
        events=_pivot(counts.segments, "events", arms).to_numpy(),
    )
    return fit_segments(cells, seed=settings.seed, report=report)


def _pivot(cells: pd.DataFrame, values: str, arms: tuple[str, ...]) -> pd.DataFrame:
    """Segments in rows, arms in columns in the given order; a cell without people counts 0."""
    if cells.empty:
        return pd.DataFrame(columns=list(arms))
    table = cells.pivot_table(index="segment", columns="arm", values=values, fill_value=0, aggfunc="sum")
    return table.reindex(columns=list(arms), fill_value=0).astype(np.int64)
