"""The analysis of an experiment: from counts to exact posteriors and evidence. Counts in, a frozen result out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from workbench.experiments.counts import ExperimentCounts
from workbench.experiments.exact import ArmCounts, Estimate, RatePosterior, RatePrior
from workbench.experiments.models.segments import SegmentCells, SegmentPosterior, fit_segments
from workbench.experiments.parameters import ABTest
from workbench.experiments.sequential import SampleRatio, log_e_value, sample_ratio

# Doubt that serves a benefit hides a harm: a text may well triple a rare event, and 95 % of this prior lies on rate
# ratios between 0.25 and 3.9. Under the outcome's prior, a rise from 1.5 to 4.5 % came out a fifth too small.
GUARDRAIL_LOG_RATIO_SD = 0.7


@dataclass(frozen=True)
class ArmEffect:
    """An arm against the control, in the primary outcome: differences are proportions, not percentages.

    `better` is P(difference > 0), `matters` P(difference > smallest effect), `equivalent`
    P(-smallest effect < difference < smallest effect), `worse` P(difference < -smallest effect);
    `loss` the expected loss of choosing this arm among all; `log_e` the log e-value for "better".
    """

    arm: str
    difference: Estimate
    ratio: Estimate
    better: float
    matters: float
    equivalent: float
    worse: float
    best: float
    loss: float
    log_e: float


@dataclass(frozen=True)
class GuardrailEffect:
    """An arm against the control, in the guardrail: a rise is unwanted.

    `harm` is P(rise > margin), `safe` P(rise < margin), `log_e` the log e-value for any rise.
    """

    arm: str
    rise: Estimate
    harm: float
    safe: float
    log_e: float


@dataclass(frozen=True)
class PriorCheck:
    """P(better) of the leading arm under another prior width of the log rate ratio."""

    log_ratio_sd: float
    better: float
    difference: Estimate


@dataclass(frozen=True)
class Analysis:
    """What the data say about an experiment. `effects` is empty where an arm has nobody with a closed window.

    `planned_look` is the day on which all windows have closed, None where the source records no time.
    """

    counts: ExperimentCounts
    settings: ABTest
    posterior: RatePosterior | None
    rates: dict[str, Estimate]
    effects: tuple[ArmEffect, ...]
    between: dict[tuple[str, str], Estimate]
    guardrail_rates: dict[str, Estimate]
    guardrail: tuple[GuardrailEffect, ...]
    ratio: SampleRatio
    prior_checks: tuple[PriorCheck, ...]
    segments: SegmentPosterior | None
    planned_look: date | None

    @property
    def at_planned_look(self) -> bool:
        """Whether the planned look has come."""
        return self.planned_look is None or self.settings.as_of >= self.planned_look

    @property
    def leader(self) -> ArmEffect | None:
        """The arm with the highest posterior mean among those compared with the control."""
        return max(self.effects, key=lambda effect: effect.difference.mean, default=None)

    def guardrail_of(self, arm: str) -> GuardrailEffect | None:
        """The guardrail of an arm, where there is one."""
        return next((effect for effect in self.guardrail if effect.arm == arm), None)


def analyze(
    counts: ExperimentCounts, settings: ABTest, report: Callable[[str], None] | None = None
) -> Analysis:
    """Analyze an experiment's counts.

    Args:
        counts: from `count_experiment`.
        settings: the parameters.
        report: told what is being done, for the model by segment takes a while.
    """
    ratio = sample_ratio([arm.enrolled for arm in counts.arms], [arm.share for arm in counts.arms])
    analyzable = all(arm.closed > 0 for arm in counts.arms)
    posterior = _posterior(counts, settings.log_ratio_sd) if analyzable else None
    guardrail = _guardrail_posterior(counts, settings) if analyzable else None
    effects = tuple(_effects(posterior, counts, settings)) if posterior else ()
    return Analysis(
        counts=counts,
        settings=settings,
        posterior=posterior,
        rates={arm: posterior.rate(arm) for arm in posterior.arms} if posterior else {},
        effects=effects,
        between=_between(posterior) if posterior else {},
        guardrail_rates={arm: guardrail.rate(arm) for arm in guardrail.arms} if guardrail else {},
        guardrail=tuple(_guardrail(guardrail, counts, settings)) if guardrail else (),
        ratio=ratio,
        prior_checks=tuple(_prior_checks(effects, counts)) if effects else (),
        segments=_segments(counts, settings, report) if analyzable else None,
        planned_look=_planned_look(settings),
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
    values = {"smallest_effect": smallest_effect, "acceptable_loss": acceptable_loss}
    changed = ABTest.from_cell(settings.as_values() | values, today=settings.as_of)
    if posterior is None:
        return replace(analysis, settings=changed)
    effects = []
    for effect in analysis.effects:
        matters, equivalent, worse = _beyond(posterior, effect.arm, smallest_effect)
        effects.append(replace(effect, matters=matters, equivalent=equivalent, worse=worse))
    return replace(analysis, settings=changed, effects=tuple(effects))


def _planned_look(settings: ABTest) -> date | None:
    if settings.enrollment_ends is None:
        return None
    return settings.enrollment_ends + timedelta(days=settings.window_days + settings.recording_lag_days)


def _posterior(counts: ExperimentCounts, log_ratio_sd: float) -> RatePosterior:
    arms = [ArmCounts(arm.arm, arm.closed, arm.events) for arm in counts.arms]
    return RatePosterior(arms, counts.control, RatePrior(log_ratio_sd=log_ratio_sd))


def _guardrail_posterior(counts: ExperimentCounts, settings: ABTest) -> RatePosterior | None:
    if settings.guardrail is None:
        return None
    arms = [ArmCounts(arm.arm, arm.closed, arm.guardrail_events or 0) for arm in counts.arms]
    return RatePosterior(arms, counts.control, RatePrior(log_ratio_sd=GUARDRAIL_LOG_RATIO_SD))


def _effects(posterior: RatePosterior, counts: ExperimentCounts, settings: ABTest) -> list[ArmEffect]:
    best = posterior.probability_best()
    control, *treated = counts.arms
    return [
        ArmEffect(
            arm=arm.arm,
            difference=posterior.difference(arm.arm),
            ratio=posterior.ratio(arm.arm),
            better=posterior.probability_better(arm.arm),
            matters=matters,
            equivalent=equivalent,
            worse=worse,
            best=best[arm.arm],
            loss=posterior.expected_loss(arm.arm),
            log_e=log_e_value(arm.events, control.events, arm.share / (arm.share + control.share)),
        )
        for arm in treated
        for matters, equivalent, worse in [_beyond(posterior, arm.arm, settings.smallest_effect)]
    ]


def _beyond(posterior: RatePosterior, arm: str, smallest: float) -> tuple[float, float, float]:
    """P(difference > smallest), P(-smallest < difference <= smallest), P(difference <= -smallest)."""
    # A sum of quadrature weights may pass certainty by the last digit of a float.
    worse, below = np.clip([posterior.difference_cdf(x, arm) for x in (-smallest, smallest)], 0.0, 1.0)
    return float(1 - below), float(max(below - worse, 0.0)), float(worse)


def _between(posterior: RatePosterior) -> dict[tuple[str, str], Estimate]:
    """Differences between the arms that are not the control."""
    treated = [arm for arm in posterior.arms if arm != posterior.control]
    pairs = [(first, second) for i, first in enumerate(treated) for second in treated[i + 1 :]]
    return {(first, second): posterior.difference(first, second) for first, second in pairs}


def _guardrail(posterior: RatePosterior, counts: ExperimentCounts, settings: ABTest) -> list[GuardrailEffect]:
    control, *treated = counts.arms
    margin = settings.guardrail_margin
    return [
        GuardrailEffect(
            arm=arm.arm,
            rise=posterior.difference(arm.arm),
            harm=posterior.probability_better(arm.arm, by_more_than=margin),
            safe=posterior.difference_cdf(margin, arm.arm),
            log_e=log_e_value(
                arm.guardrail_events or 0,
                control.guardrail_events or 0,
                arm.share / (arm.share + control.share),
            ),
        )
        for arm in treated
    ]


def _prior_checks(effects: tuple[ArmEffect, ...], counts: ExperimentCounts) -> list[PriorCheck]:
    leader = max(effects, key=lambda effect: effect.difference.mean)
    checks = []
    for width in (0.15, 1.0):
        posterior = _posterior(counts, width)
        better = posterior.probability_better(leader.arm)
        checks.append(PriorCheck(width, better, posterior.difference(leader.arm)))
    return checks


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
