"""All experiments ever run, inconclusive ones too: what a question's effects have in common, exactly.

Given the spread between experiments everything is normal, so that one integral over the spread is all there is to
compute. Nothing is sampled.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from workbench.refusal import Fault, Refused

Array = NDArray[np.float64]

# Log rate ratios: the mean of a question's effects lies within a half of nothing (0.6 to 1.6 times the rate) with
# 95 %, and effects spread about it by 0.13 in the middle of the prior, by more than 0.39 with 5 %.
MEAN_SD = 0.25
SPREAD_SCALE = 0.2

# Panels of the integral over the spread, narrow where the prior and precise experiments tell spreads apart.
_PANELS = np.r_[0.0, np.geomspace(1e-4, 9 * SPREAD_SCALE, 60)]
_NODES = 8


@dataclass(frozen=True)
class StudyEffect:
    """The effect of one arm of an experiment: its log rate ratio against the control, with its standard error.

    `control_variance` is the variance of the control's log rate, about 1 / events - 1 / people: arms of one
    experiment share it, so that their errors go together. 0 where it is not known.
    """

    experiment: str
    arm: str
    question: str
    log_ratio: float
    error: float
    control_variance: float = 0.0


@dataclass(frozen=True)
class Shrunk:
    """A posterior mean, standard deviation and equal-tailed interval of a level, on the log rate ratio."""

    mean: float
    sd: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class QuestionEffects:
    """What one question's experiments say together.

    `mean` is of the question's effects, `spread` the standard deviation of true effects about it (`low` and `high`
    bound it); `effects` each arm's own effect, drawn to the others; `next` the prediction for an experiment that was
    not run yet, whose mean and sd serve as its prior.
    """

    question: str
    experiments: int
    mean: Shrunk
    spread: Shrunk
    effects: tuple[tuple[StudyEffect, Shrunk], ...]
    next: Shrunk


def pool_experiments(
    effects: Sequence[StudyEffect],
    questions: Sequence[str] = (),
    level: float = 0.95,
    mean_sd: float = MEAN_SD,
    spread_scale: float = SPREAD_SCALE,
) -> tuple[QuestionEffects, ...]:
    """Estimate the effects of each question hierarchically, questions apart from each other.

    y_i ~ Normal(theta_i, error_i), theta_i ~ Normal(mu, tau), mu ~ Normal(0, mean_sd), tau ~ HalfNormal(spread_scale).

    Args:
        effects: every arm of every experiment, whatever its verdict was: a choice among them would bias the rest.
        questions: asked, in order; those of the effects where none are given. One without effects has its prior.
        level: of the intervals.
        mean_sd: of the prior of a question's mean.
        spread_scale: of the half-normal prior of the spread.

    Raises:
        Refused: for an effect or error that is no number, an error of 0 or less, or a control's variance that is
            not below the effect's.
    """
    faults = [fault for effect in effects if (fault := _fault(effect)) is not None]
    if faults:
        raise Refused(*faults)
    asked = tuple(questions) or tuple(dict.fromkeys(effect.question for effect in effects))
    return tuple(
        _pool(
            question,
            [effect for effect in effects if effect.question == question],
            level,
            mean_sd,
            spread_scale,
        )
        for question in asked
    )


def _fault(effect: StudyEffect) -> Fault | None:
    numbers = (effect.log_ratio, effect.error, effect.control_variance)
    if np.isfinite(numbers).all() and effect.error > 0 and 0 <= effect.control_variance < effect.error**2:
        return None
    return Fault(
        f"experiment {effect.experiment}, arm {effect.arm}",
        "its effect or its standard error is not a number, the error is not above 0, or the control's share of it "
        "is not below the whole.",
        "Bring the log rate ratio with its standard error, or leave the experiment out and say so.",
    )


def _pool(
    question: str, effects: Sequence[StudyEffect], level: float, mean_sd: float, spread_scale: float
) -> QuestionEffects:
    taus, weights = _spreads(spread_scale)
    y = np.array([effect.log_ratio for effect in effects])
    errors = _error_covariance(effects)
    between = np.eye(len(y)) * taus[:, None, None] ** 2
    # Given tau: y ~ Normal(0, errors + tau² I + mean_sd² 11'), and mu and theta are normal beside it.
    precision = np.linalg.inv(errors + between + mean_sd**2) if len(y) else np.zeros((len(taus), 0, 0))
    pulled = precision @ y
    log_weights = np.log(weights) + (np.linalg.slogdet(precision)[1] - pulled @ y) / 2
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()

    mu = mean_sd**2 * pulled.sum(axis=1)
    mu_variance = mean_sd**2 - mean_sd**4 * precision.sum(axis=(1, 2))
    prior = between + mean_sd**2
    theta = np.einsum("tij,tj->ti", prior, pulled)
    theta_variance = np.diagonal(prior - prior @ precision @ prior, axis1=1, axis2=2)
    return QuestionEffects(
        question=question,
        experiments=len({effect.experiment for effect in effects}),
        mean=_mixture(weights, mu, mu_variance, level),
        spread=_spread(weights, taus, level),
        effects=tuple(
            (effect, _mixture(weights, theta[:, i], theta_variance[:, i], level))
            for i, effect in enumerate(effects)
        ),
        next=_mixture(weights, mu, mu_variance + taus**2, level),
    )


def _spreads(scale: float) -> tuple[Array, Array]:
    """Nodes of tau, ascending, with weights that hold its prior."""
    x, w = np.polynomial.legendre.leggauss(_NODES)
    panels = _PANELS * scale / SPREAD_SCALE
    half = np.diff(panels)[:, None] / 2
    taus = (panels[:-1, None] + half + half * x).ravel()
    return taus, (half * w).ravel() * np.exp(-((taus / scale) ** 2) / 2)


def _error_covariance(effects: Sequence[StudyEffect]) -> Array:
    variances = np.array([effect.error**2 for effect in effects])
    shared = np.array(
        [
            [
                min(one.control_variance, other.control_variance) if one.experiment == other.experiment else 0.0
                for other in effects
            ]
            for one in effects
        ]
    ).reshape(len(effects), len(effects))
    np.fill_diagonal(shared, variances)
    return shared


def _mixture(weights: Array, means: Array, variances: Array, level: float) -> Shrunk:
    """A mixture of normals in numbers; its quantiles are the roots of its distribution function."""
    sds = np.sqrt(variances)
    mean = float(weights @ means)
    sd = float(np.sqrt(weights @ (variances + (means - mean) ** 2)))
    lowest, highest = float((means - 40 * sds).min()), float((means + 40 * sds).max())
    low, high = (
        brentq(lambda x, p=p: float(weights @ ndtr((x - means) / sds)) - p, lowest, highest, xtol=1e-12)
        for p in ((1 - level) / 2, (1 + level) / 2)
    )
    return Shrunk(mean, sd, low, high, level)


def _spread(weights: Array, taus: Array, level: float) -> Shrunk:
    mean = float(weights @ taus)
    sd = float(np.sqrt(weights @ (taus - mean) ** 2))
    # The middle of a node's weight lies at the node.
    below = np.cumsum(weights) - weights / 2
    low, high = np.interp([(1 - level) / 2, (1 + level) / 2], below, taus)
    return Shrunk(mean, sd, float(low), float(high), level)
