"""What the experiments on a question say together: every arm of every experiment, inconclusive ones too.

From released results alone. A published ratio was drawn toward none by the prior of its study; here that prior is taken
off again, so that the experiments are drawn toward each other instead, and once only.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from workbench.experiments.models.meta import QuestionEffects, StudyEffect, pool_experiments
from workbench.present.result import Decision
from workbench.reports.evidence import Finding
from workbench.reports.summaries import ArmRatio

# Of these it is not known yet, or no longer, what the arm did.
_UNKNOWN: frozenset[Decision] = frozenset({"invalid", "keep_collecting"})
# A standard error of a log ratio beyond which an arm says nothing.
_LARGEST_ERROR = 2.0


def pooled(findings: Sequence[Finding]) -> QuestionEffects | None:
    """The experiments on one question, pooled; None where none tells a ratio of rates.

    Withdrawn versions, invalid experiments and those still under way are left out, whatever they say; of several
    analyses of the same people the first counts. Simulated people are left out where there are real ones.

    Args:
        findings: on one question, the newest first.
    """
    known = [
        found for found in findings if not found.version.withdrawn and found.version.decision not in _UNKNOWN
    ]
    known = [found for found in known if found.version.ratios]
    real = [found for found in known if not found.version.simulated]
    chosen = {found.asked.origin: found for found in reversed(real or known)}.values()
    effects = [_effect(found, ratio) for found in chosen for ratio in found.version.ratios if _tells(ratio)]
    return pool_experiments(effects)[0] if effects else None


def _tells(ratio: ArmRatio) -> bool:
    return _error(ratio) < _LARGEST_ERROR


def _effect(found: Finding, ratio: ArmRatio) -> StudyEffect:
    error = _error(ratio)
    gain = ratio.sign * float(np.log(ratio.ratio)) * (error / _posterior_sd(ratio)) ** 2
    return StudyEffect(
        experiment=found.asked.origin,
        arm=ratio.arm,
        question=found.asked.question,
        log_ratio=gain,
        error=error,
        control_variance=min(ratio.control_variance, 0.99 * error**2),
    )


def _posterior_sd(ratio: ArmRatio) -> float:
    """The standard deviation of the log ratio, from its equal-tailed interval."""
    return float(np.log(ratio.high / ratio.low) / (2 * ndtri((1 + ratio.level) / 2)))


def _error(ratio: ArmRatio) -> float:
    """The standard error of the log ratio, the study's normal prior taken off."""
    precision = _posterior_sd(ratio) ** -2
    if ratio.prior_sd is not None:
        precision -= ratio.prior_sd**-2
    return float(precision**-0.5) if precision > _LARGEST_ERROR**-2 else _LARGEST_ERROR
