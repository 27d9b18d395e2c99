"""Each arm against the control, in what the verdict rests on: the primary outcome and the guardrails."""

from dataclasses import dataclass

import numpy as np

from workbench.experiments.counting.counts import ExperimentCounts
from workbench.experiments.exact import Estimate, Posterior, RatePosterior
from workbench.experiments.metrics import Metric
from workbench.experiments.parameters import ABTest
from workbench.experiments.posteriors import EventPosterior, event_posterior
from workbench.experiments.sequential import log_e_value

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
class PriorCheck:
    """P(better) of the leading arm under another prior width of the log rate ratio."""

    log_ratio_sd: float
    better: float
    difference: Estimate


def arm_effects(posterior: EventPosterior, counts: ExperimentCounts, settings: ABTest) -> list[ArmEffect]:
    """Every arm but the control, in the primary outcome."""
    metric = settings.primary
    best = posterior.probability_best(highest=metric.sign > 0)
    # Heavy tails, which let an effect stand that is surely large. What is analyzable under one prior is under another.
    skeptic = settings.model_copy(update={"prior_tails": "heavy"})
    skeptical = event_posterior(metric, counts, skeptic, SKEPTICAL_SD) or posterior
    effects = []
    for arm in counts.arms[1:]:
        matters, equivalent, worse = beyond(posterior, arm.arm, metric)
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


def beyond(posterior: EventPosterior, arm: str, metric: Metric) -> tuple[float, float, float]:
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


def between_treated(posterior: EventPosterior) -> dict[tuple[str, str], Estimate]:
    """Differences between the arms that are not the control."""
    treated = [arm for arm in posterior.arms if arm != posterior.control]
    pairs = [(first, second) for i, first in enumerate(treated) for second in treated[i + 1 :]]
    return {(first, second): posterior.difference(first, second) for first, second in pairs}


def guardrail_effects(
    posterior: EventPosterior, metric: Metric, counts: ExperimentCounts
) -> list[GuardrailEffect]:
    """Every arm but the control, in one guardrail."""
    margin, unwanted = metric.smallest_effect, -metric.sign
    effects = []
    for arm in counts.arms[1:]:
        # A guardrail of which more is good is harmed where it falls by more than the margin.
        below = posterior.difference_cdf(unwanted * margin, arm.arm)
        harm, safe = (1.0 - below, below) if unwanted > 0 else (below, 1.0 - below)
        log_e = _log_e(counts, metric, arm.arm, unwanted)
        effects.append(GuardrailEffect(arm.arm, metric, posterior.difference(arm.arm), harm, safe, log_e))
    return effects


def prior_checks(
    effects: tuple[ArmEffect, ...], counts: ExperimentCounts, settings: ABTest
) -> list[PriorCheck]:
    """The leading arm under a skeptical and a wide prior."""
    leader = max(effects, key=lambda effect: effect.gain.mean)
    checks = []
    for width in (SKEPTICAL_SD, WIDE_SD):
        posterior = event_posterior(counts.primary, counts, settings, width)
        if posterior is not None:
            better = gains_more_than(0.0, posterior, leader.arm, counts.primary)
            checks.append(PriorCheck(width, better, posterior.difference(leader.arm)))
    return checks
