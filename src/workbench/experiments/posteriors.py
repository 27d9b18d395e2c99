"""From a metric's cells to the joint posterior of its arms."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.experiments.counting.counts import ArmMetric, ExperimentCounts
from workbench.experiments.exact import ArmCounts, Posterior, RatePosterior, RatePrior
from workbench.experiments.exact.means import (
    STANDARD_ERRORS_ABOVE_ZERO,
    ArmMean,
    MeanPosterior,
    StandardizedMeanPosterior,
)
from workbench.experiments.exact.ramped import MOST_EPOCHS, RampedPosterior
from workbench.experiments.exact.ratios import ArmRatio, ratio_posterior
from workbench.experiments.metrics import Metric
from workbench.experiments.parameters import ABTest
from workbench.refusal import Refused

# Doubt that serves a benefit hides a harm: a text may well triple a rare event, and 95 % of this prior lies on rate
# ratios between 0.25 and 3.9. Under the outcome's prior, a rise from 1.5 to 4.5 % came out a fifth too small.
GUARDRAIL_LOG_RATIO_SD = 0.7

EventPosterior = RatePosterior | RampedPosterior


def event_posterior(
    metric: Metric, counts: ExperimentCounts, settings: ABTest, log_ratio_sd: float | None = None
) -> EventPosterior | None:
    """The joint posterior of an event's arms; None where an arm has nobody with a closed window, or it is no event.

    Verdicts rest on these. Over epochs of different allocations each is compared within itself.

    Args:
        metric: one of the counts.
        counts: from `count_experiment`.
        settings: the parameters.
        log_ratio_sd: of the prior; that of the parameters, or of harm in a guardrail, unless given.
    """
    measured = counts.measured(metric)
    if metric.kind != "event" or any(arm.people == 0 for arm in measured):
        return None
    usual = GUARDRAIL_LOG_RATIO_SD if metric.role == "guardrail" else settings.log_ratio_sd
    prior = RatePrior(log_ratio_sd=log_ratio_sd or usual, log_ratio_degrees=settings.log_ratio_degrees)
    epochs = counts.measured_by_epoch(metric)
    if 1 < len(epochs) <= MOST_EPOCHS:
        return RampedPosterior([_arm_counts(epoch) for epoch in epochs], counts.control, prior)
    return RatePosterior(_arm_counts(measured), counts.control, prior)


def _arm_counts(measured: Sequence[ArmMetric]) -> list[ArmCounts]:
    return [ArmCounts(arm.arm, arm.people, arm.told) for arm in measured]


def described_posterior(metric: Metric, counts: ExperimentCounts) -> Posterior | None:
    """The joint posterior of the arms' means of a count or a duration, or of their ratios; None where there is none.

    A count is the mean over all people, with the standard error that they show; a duration the mean of the days until
    the event, at most the window (restricted mean); a ratio that of the means of numerator and denominator. A score is
    of those who answered alone, which the arm may have changed, and is never compared.
    """
    cells = counts.closed(metric)
    by_arm = {arm: cells[cells["arm"] == arm] for arm in counts.shares}
    try:
        match metric.kind:
            case "count":
                return _of_means(
                    {arm: (of["value"], of["people"]) for arm, of in by_arm.items()}, counts.control
                )
            case "duration":
                days = {
                    arm: (of["value"].fillna(metric.window_days), of["people"]) for arm, of in by_arm.items()
                }
                return _of_means(days, counts.control)
            case "ratio":
                ratios = [
                    ArmRatio.from_histogram(
                        arm, of["value"].to_numpy(), of["of"].to_numpy(), of["people"].to_numpy()
                    )
                    for arm, of in by_arm.items()
                ]
                return ratio_posterior(ratios, counts.control)
            case _:
                return None
    except Refused:
        # Too few people, or all of them alike: the arms are described, and not compared.
        return None


def _of_means(values: dict[str, tuple[pd.Series, pd.Series]], control: str) -> Posterior:
    observed = [
        ArmMean.from_histogram(arm, np.asarray(at, dtype=float), np.asarray(people))
        for arm, (at, people) in values.items()
    ]
    well_above_zero = all(entry.mean >= STANDARD_ERRORS_ABOVE_ZERO * entry.error for entry in observed)
    return (MeanPosterior if well_above_zero else StandardizedMeanPosterior)(observed, control)
