"""The verdict: a rule set before the data are seen, and the gates it respects.

Before the planned look an arm is adopted only on evidence that stays valid however often one looks (e-value);
at it, once, on the posterior probability of being better. Gates come first: what broke the experiment makes it
`invalid`, what is not yet there makes it `keep_collecting`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import norm

from workbench.experiments.analysis import Analysis
from workbench.experiments.effects import ArmEffect, GuardrailEffect
from workbench.experiments.exact.ramped import MOST_EPOCHS

ArmDecision = Literal["adopt", "reject", "equivalent", "harmful", "inconclusive", "keep_collecting", "invalid"]
GateName = Literal[
    "sample_ratio", "triggered_ratio", "one_arm_each", "texted_after", "allocation", "maturity", "sampler"
]

# Probability that a harm, an equivalence, or an effect too small to matter must have before it is called so.
SHOWN = 0.95
# The sample ratio test may falsely alarm in one experiment of a thousand, over all its looks.
SAMPLE_RATIO_ALPHA = 0.001
# Share of people in two arms above which "as first assigned" is no longer a fair description, and of people texted
# before they were assigned above which the assignment is no longer time zero.
TWO_ARMS_SHARE = TEXTED_BEFORE_SHARE = 0.01


@dataclass(frozen=True)
class Gate:
    """A condition the verdict rests on, and the decision where it does not hold."""

    name: GateName
    passed: bool
    otherwise: Literal["invalid", "keep_collecting"]


@dataclass(frozen=True)
class ArmVerdict:
    """What the rule says of one arm."""

    arm: str
    decision: ArmDecision


@dataclass(frozen=True)
class ExperimentVerdict:
    """The verdict of the experiment: that of the arm it speaks of, with the gates and every arm's own.

    `monitored` says that non-inferiority of the guardrail is not shown yet, so that an adoption is for a stage
    under monitoring.
    """

    decision: ArmDecision
    arm: str | None
    gates: tuple[Gate, ...]
    arms: tuple[ArmVerdict, ...]
    monitored: bool


def decide(analysis: Analysis) -> ExperimentVerdict:
    """Apply the rule to an analysis.

    The chance of a false adoption is split between the arms (Bonferroni); see `needed_probability` and
    `needed_log_e`.
    """
    found = gates(analysis)
    failed = [gate for gate in found if not gate.passed]
    leader = analysis.leader
    if failed or leader is None:
        decision: ArmDecision = (
            "invalid" if any(gate.otherwise == "invalid" for gate in failed) else "keep_collecting"
        )
        arms = tuple(ArmVerdict(effect.arm, decision) for effect in analysis.effects)
        return ExperimentVerdict(decision, leader.arm if leader else None, found, arms, monitored=False)
    arms = tuple(ArmVerdict(effect.arm, arm_decision(effect, analysis)) for effect in analysis.effects)
    chosen = _spoken_of(arms, analysis)
    guardrail = analysis.guardrail_of(chosen.arm)
    monitored = chosen.decision == "adopt" and guardrail is not None and guardrail.safe <= SHOWN
    return ExperimentVerdict(chosen.decision, chosen.arm, found, arms, monitored)


def gates(analysis: Analysis) -> tuple[Gate, ...]:
    """Every gate, whether it holds or not."""
    counts = analysis.counts
    enrolled = sum(arm.enrolled for arm in counts.arms)
    found = [
        Gate("sample_ratio", analysis.ratio.p_value > SAMPLE_RATIO_ALPHA, "invalid"),
        Gate("one_arm_each", counts.in_two_arms <= TWO_ARMS_SHARE * enrolled, "invalid"),
        Gate("allocation", _allocation_is_known(analysis), "invalid"),
        Gate("maturity", _mature(analysis), "keep_collecting"),
    ]
    if analysis.triggered_ratio is not None:
        found.append(Gate("triggered_ratio", analysis.triggered_ratio.p_value > SAMPLE_RATIO_ALPHA, "invalid"))
    texted_before = counts.disturbances.texted_before
    if texted_before is not None:
        found.append(Gate("texted_after", texted_before <= TEXTED_BEFORE_SHARE * enrolled, "invalid"))
    if analysis.segments is not None:
        found.append(Gate("sampler", analysis.segments.diagnostics.sound, "invalid"))
    return tuple(found)


def needed_probability(analysis: Analysis) -> float:
    """P(better) that adoption takes at the planned look: with K arms, 1 - (1 - adopt_probability) / K.

    By the rule `planned` that of the look, as long as the looks are those that were planned.
    """
    if analysis.look is not None and analysis.look.as_planned:
        return analysis.look.needed
    return 1 - (1 - analysis.settings.adopt_probability) / len(analysis.effects)


def needed_log_e(analysis: Analysis) -> float:
    """Log e-value that adoption takes before the planned look: with K arms, log(K adopt_evidence)."""
    return float(np.log(analysis.settings.needed_evidence * len(analysis.effects)))


def harm_log_e(analysis: Analysis) -> float:
    """Log e-value at which an arm is stopped for harm before the planned look: with K arms, log(K harm_evidence)."""
    return float(np.log(analysis.settings.harm_evidence * len(analysis.effects)))


def _allocation_is_known(analysis: Analysis) -> bool:
    """Whether every epoch has one allocation, and there are few enough of them to tell apart."""
    counts = analysis.counts
    return not counts.shares_vary and len(counts.measured_by_epoch(counts.primary)) <= MOST_EPOCHS


def _mature(analysis: Analysis) -> bool:
    """Before the planned look somebody in each arm is enough; at it, nearly everybody's outcome is needed."""
    if not analysis.effects:
        return False
    return not analysis.at_planned_look or analysis.counts.maturity >= analysis.settings.required_maturity


def _spoken_of(arms: tuple[ArmVerdict, ...], analysis: Analysis) -> ArmVerdict:
    """The arm the report speaks of: the best of those to adopt if there is one, else the best of all.

    A runner-up is not adopted past a leader that may well be better, unless that one does harm.
    """
    verdicts = {verdict.arm: verdict for verdict in arms}
    leader = max(analysis.effects, key=lambda effect: effect.gain.mean)
    adopted = [effect for effect in analysis.effects if verdicts[effect.arm].decision == "adopt"]
    if not adopted:
        return verdicts[leader.arm]
    best = max(adopted, key=lambda effect: effect.gain.mean)
    harmed = verdicts[leader.arm].decision == "harmful"
    cheap = best.loss <= analysis.settings.acceptable_loss
    return verdicts[best.arm if best is leader or harmed or cheap else leader.arm]


def arm_decision(effect: ArmEffect, analysis: Analysis) -> ArmDecision:
    """What the rule says of one arm, where every gate is passed."""
    if analysis.at_planned_look:
        return at_planned_look(effect, analysis.guardrail_of(effect.arm), analysis)
    return _before_planned_look(effect, analysis)


def _before_planned_look(effect: ArmEffect, analysis: Analysis) -> ArmDecision:
    needed = harm_log_e(analysis)
    guardrails = analysis.guardrails_of(effect.arm)
    if any(guardrail.log_e >= needed and guardrail.harm > 0.5 for guardrail in guardrails):
        return "harmful"
    if effect.log_e_worse >= needed and effect.worse > 0.5:
        return "harmful"
    return "adopt" if _is_enough(effect, analysis) else "keep_collecting"


def at_planned_look(effect: ArmEffect, guardrail: GuardrailEffect | None, analysis: Analysis) -> ArmDecision:
    """The one planned decision on an arm; see the rule in docs/methods."""
    if (guardrail is not None and guardrail.harm > SHOWN) or effect.worse > SHOWN:
        return "harmful"
    if _is_enough(effect, analysis):
        # Which of several good arms is chosen matters by what the choice may cost.
        leads = effect is analysis.leader
        return "adopt" if not leads or effect.loss <= analysis.settings.acceptable_loss else "inconclusive"
    smallest = analysis.settings.primary.smallest_effect
    if min(effect.equivalent, _by_cluster(effect, analysis, -smallest, smallest)) > SHOWN:
        return "equivalent"
    if min(1 - effect.matters, _by_cluster(effect, analysis, -np.inf, smallest)) > SHOWN:
        return "reject"
    return "inconclusive"


def adopts_on_probability(analysis: Analysis) -> bool:
    """Whether P(better) decides on this day; where it does not, only evidence that is valid at every look counts.

    Looks that are not those planned void the rule `planned`: its thresholds were made for others.
    """
    match analysis.settings.rule:
        case "hybrid":
            return analysis.at_planned_look
        case "anytime":
            return False
        case "planned":
            return analysis.look is not None and analysis.look.as_planned


def sure_by_cluster(effect: ArmEffect, analysis: Analysis) -> bool:
    """Whether a gain stands where whole clusters were randomized, whose members are no independent people.

    The probability that adoption takes is asked of the cluster-robust difference too. Nothing tells how evidence at
    every look would have to be corrected, so that before the planned look such an experiment adopts nothing.
    """
    if analysis.counts.units.empty:
        return True
    needed = needed_probability(analysis)
    return analysis.at_planned_look and _by_cluster(effect, analysis, 0.0, np.inf) > needed


def _by_cluster(effect: ArmEffect, analysis: Analysis, low: float, high: float) -> float:
    """P(low < gain <= high) by the cluster-robust normal; 1 where people were randomized, 0 of too few clusters."""
    if analysis.counts.units.empty:
        return 1.0
    found = analysis.clusters
    if found is None or found.withheld is not None or not found.plain[effect.arm].error > 0:
        return 0.0
    plain = found.plain[effect.arm]
    below = norm.cdf([low, high], analysis.settings.primary.sign * plain.mean, plain.error)
    return float(below[1] - below[0])


def _is_enough(effect: ArmEffect, analysis: Analysis) -> bool:
    """Whether adoption may rest on what is known of an arm."""
    if effect.matters <= 0.5 or not sure_by_cluster(effect, analysis):
        return False
    if adopts_on_probability(analysis):
        return effect.better > needed_probability(analysis)
    # On any other day the rule `planned` adopts nothing, unless its looks were changed.
    waits = analysis.settings.rule == "planned" and (analysis.look is None or analysis.look.as_planned)
    return not waits and effect.log_e >= needed_log_e(analysis)
