"""The shipped rule, applied to experiments that were never run, by `arm_decision`, which decides on real ones.

Nothing of the rule is written here a second time. This is the one place that knows what an analysis is made of.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.experiments.analysis import Analysis
from workbench.experiments.counting.counts import ExperimentCounts
from workbench.experiments.counting.given import GivenArm, given_counts
from workbench.experiments.effects import ArmEffect, GuardrailEffect
from workbench.experiments.exact import Estimate
from workbench.experiments.metrics import EventMetric
from workbench.experiments.parameters import ABTest
from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.experiments.planning.surface import ArmSizes, Beliefs, Counts, beliefs
from workbench.experiments.posteriors import GUARDRAIL_LOG_RATIO_SD
from workbench.experiments.sequential import SampleRatio
from workbench.experiments.verdict import ArmDecision, arm_decision

Look = Literal["planned", "before"]
DECISIONS: tuple[ArmDecision, ...] = (
    "adopt",
    "inconclusive",
    "reject",
    "equivalent",
    "harmful",
    "keep_collecting",
)

_ENDED = date(2000, 1, 1)
_LOOK_AT = {"planned": date(2001, 1, 1), "before": _ENDED}


@dataclass(frozen=True)
class Experiments:
    """Counts of many experiments with one control and one treated arm, one entry each, the control first."""

    sizes: ArmSizes
    events: tuple[Counts, Counts]
    opt_outs: tuple[Counts, Counts]


@dataclass(frozen=True)
class Believed:
    """What the posteriors of the outcome and of the guardrail say of many experiments."""

    effect: Beliefs
    rise: Beliefs

    def part(self, which: slice) -> "Believed":
        """Some of the experiments."""
        return Believed(self.effect.part(which), self.rise.part(which))


@dataclass(frozen=True)
class Decided:
    """What the rule says of many experiments: places in `DECISIONS`, one entry each."""

    decision: NDArray[np.int64]

    def share(self, decision: ArmDecision) -> float:
        """The share of experiments in which this was decided."""
        return float(np.mean(self.decision == DECISIONS.index(decision)))


def believed(experiments: Experiments, plan: ExperimentPlan) -> Believed:
    """The posteriors with which the experiments would be analyzed."""
    smallest, margin = plan.smallest_effect, plan.guardrail_margin
    return Believed(
        beliefs(experiments.sizes, *experiments.events, (-smallest, 0.0, smallest), plan.log_ratio_sd),
        beliefs(experiments.sizes, *experiments.opt_outs, (margin,), GUARDRAIL_LOG_RATIO_SD),
    )


def decided(
    found: Believed, plan: ExperimentPlan, look: Look = "planned", log_e: NDArray[np.float64] | None = None
) -> Decided:
    """What the rule of a plan says of experiments, of each by itself.

    With several treated arms the error is split between them, as the rule does it; the others are taken to lie behind
    this one, and loss is that of choosing between it and the control.

    Args:
        found: from `believed`.
        plan: the parameters.
        look: whether the planned look has come.
        log_e: the log e-value for "better" in each experiment; at the planned look the rule does not read it.
    """
    evidence = np.zeros(len(found.effect.mean)) if log_e is None else log_e
    settings = _settings(plan, look)
    counts = _counts(plan, settings)
    others = tuple(_behind(place) for place in range(1, plan.treated_arms))
    decision = np.empty(len(evidence), dtype=np.int64)
    for at in range(len(evidence)):
        effects = (_effect(found.effect, at, float(evidence[at])), *others)
        guardrail = _guardrail(found.rise, at, settings)
        analysis = _analysis(settings, counts, effects, (guardrail,))
        decision[at] = DECISIONS.index(arm_decision(effects[0], analysis))
    return Decided(decision)


def _effect(found: Beliefs, at: int, log_e: float) -> ArmEffect:
    mean = float(found.mean[at])
    told = Estimate(mean, mean, mean, 0.95)
    worse, not_better, not_mattering = (float(found.upto[place, at]) for place in range(3))
    return ArmEffect(
        arm="1",
        difference=told,
        ratio=told,
        gain=told,
        better=1 - not_better,
        matters=1 - not_mattering,
        equivalent=max(not_mattering - worse, 0.0),
        worse=worse,
        best=1 - not_better,
        loss=float(found.loss[at]),
        log_e=log_e,
        log_e_worse=0.0,
        skeptical=told,
    )


@cache
def _behind(place: int) -> ArmEffect:
    """Another treated arm, which is surely no better."""
    told = Estimate(-1.0, -1.0, -1.0, 0.95)
    return ArmEffect(
        arm=f"{place + 1}",
        difference=told,
        ratio=told,
        gain=told,
        better=0.0,
        matters=0.0,
        equivalent=0.0,
        worse=1.0,
        best=0.0,
        loss=1.0,
        log_e=0.0,
        log_e_worse=0.0,
        skeptical=told,
    )


def _guardrail(found: Beliefs, at: int, settings: ABTest) -> GuardrailEffect:
    mean, safe = float(found.mean[at]), float(found.upto[0, at])
    rise = Estimate(mean, mean, mean, 0.95)
    return GuardrailEffect("1", settings.guardrails[0], rise, harm=1 - safe, safe=safe, log_e=0.0)


def _settings(plan: ExperimentPlan, look: Look) -> ABTest:
    """The parameters with which the experiment would be analyzed, at its planned look or before it."""
    shared = {
        name: getattr(plan, name)
        for name in (
            *("title", "audience", "owner", "source", "seed", "minors", "question", "control", "experiment"),
            *("recording_lag_days", "acceptable_loss", "consent_purpose", "log_ratio_sd", "adopt_probability"),
            *("adopt_evidence", "who_must_act"),
        )
    }
    window = plan.window_days
    metrics = (
        EventMetric(
            kind="event", of="booking", role="primary", smallest_effect=plan.smallest_effect, window_days=window
        ),
        EventMetric(
            kind="event",
            of="opt_out",
            role="guardrail",
            smallest_effect=plan.guardrail_margin,
            window_days=window,
        ),
    )
    return ABTest(**shared, metrics=metrics, segment_by=None, enrollment_ends=_ENDED, as_of=_LOOK_AT[look])


def _counts(plan: ExperimentPlan, settings: ABTest) -> ExperimentCounts:
    """An experiment in which all went as designed: every gate passes."""
    events = {metric.name: 0 for metric in settings.metrics}
    return given_counts(settings, {arm: GivenArm(1, 1, events) for arm in plan.shares}, plan.shares)


def _analysis(
    settings: ABTest,
    counts: ExperimentCounts,
    effects: tuple[ArmEffect, ...],
    guardrail: tuple[GuardrailEffect, ...],
) -> Analysis:
    return Analysis(
        counts=counts,
        settings=settings,
        posterior=None,
        rates={},
        effects=effects,
        between={},
        guardrail_rates={},
        guardrail=guardrail,
        metrics=(),
        ratio=SampleRatio(1.0, 0.0),
        triggered_ratio=None,
        prior_checks=(),
        segments=None,
        planned_look=_LOOK_AT["planned"],
        look=None,
    )
