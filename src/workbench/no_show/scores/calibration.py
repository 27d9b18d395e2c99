"""Calibration: whether of those told a risk of 30 % about 30 % miss.

The line logit P(missed) = intercept + slope * log odds of the prediction. A slope under 1 says that predictions are
too extreme (Cox 1958; Van Calster et al. 2016). Calibration in the large is the intercept with the slope held at 1.
Errors are clustered by patient (Liang and Zeger, Biometrika 73 (1986) 13-22).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from workbench.no_show.scores.estimates import Estimate

Real = NDArray[np.float64]
Index = NDArray[np.int64]

STEPS = 30
CLOSE = 1e-8
# Log odds that vary by less are all the same.
ALIKE = 1e-9
# Probabilities are kept off 0 and 1, where log odds end.
EDGE = 1e-6


@dataclass(frozen=True)
class Line:
    """Intercept and slope of a calibration line, in log odds."""

    intercept: float
    slope: float


def log_odds(probability: Real) -> Real:
    """Log odds, finite also where a probability is 0 or 1."""
    return np.asarray(logit(np.clip(probability, EDGE, 1 - EDGE)), dtype=float)


def vary(log_odds: Real) -> bool:
    """Whether predictions differ at all, so that there is a slope to learn."""
    return bool(np.ptp(log_odds) > ALIKE)


def recalibration(log_odds: Real, outcome: Real) -> Line:
    """The maximum-likelihood line; with predictions that are all the same, only the intercept can be learned.

    Args:
        log_odds: of the predictions, shape (n,).
        outcome: 0 or 1, shape (n,), both present.
    """
    if not vary(log_odds):
        return Line(in_the_large(log_odds, outcome, np.ones_like(outcome)), 1.0)
    return weighted_line(log_odds, outcome, np.ones_like(outcome))


def weighted_line(log_odds: Real, outcome: Real, weight: Real, start: Line | None = None) -> Line:
    """The line fitted by Newton's method, each row counting `weight` times."""
    at = np.array([start.intercept, start.slope]) if start else np.array([0.0, 1.0])
    for _ in range(STEPS):
        fitted = expit(at[0] + at[1] * log_odds)
        rest = weight * (outcome - fitted)
        spread = weight * fitted * (1 - fitted)
        cross = float(spread @ log_odds)
        curvature = np.array([[spread.sum(), cross], [cross, float(spread @ log_odds**2)]])
        step = np.linalg.solve(curvature, np.array([rest.sum(), float(rest @ log_odds)]))
        at = at + step
        if np.abs(step).max() < CLOSE:
            break
    return Line(float(at[0]), float(at[1]))


def in_the_large(log_odds: Real, outcome: Real, weight: Real, start: float = 0.0) -> float:
    """The intercept with the slope held at 1: above 0 where more miss than predicted."""
    at = start
    for _ in range(STEPS):
        fitted = expit(at + log_odds)
        step = float(weight @ (outcome - fitted)) / float(weight @ (fitted * (1 - fitted)))
        at += step
        if abs(step) < CLOSE:
            break
    return at


def clustered_in_the_large(log_odds: Real, outcome: Real, patient: Index) -> Estimate:
    """Calibration in the large with an interval in closed form; both outcomes must be there."""
    value = in_the_large(log_odds, outcome, np.ones_like(outcome))
    fitted = expit(value + log_odds)
    return _sandwiched(np.array([value]), np.ones((outcome.size, 1)), fitted, outcome, patient)[0]


def clustered_slope(log_odds: Real, outcome: Real, patient: Index) -> Estimate:
    """The slope with an interval in closed form; both outcomes must be there, and predictions must vary."""
    line = weighted_line(log_odds, outcome, np.ones_like(outcome))
    fitted = expit(line.intercept + line.slope * log_odds)
    design = np.column_stack([np.ones_like(log_odds), log_odds])
    return _sandwiched(np.array([line.intercept, line.slope]), design, fitted, outcome, patient)[1]


def _sandwiched(at: Real, design: Real, fitted: Real, outcome: Real, patient: Index) -> tuple[Estimate, ...]:
    """Each coefficient with the sandwich of its curvature and the scores summed by patient."""
    _, cluster = np.unique(patient, return_inverse=True)
    groups = int(cluster.max()) + 1
    scores = (outcome - fitted)[:, None] * design
    summed = np.column_stack([np.bincount(cluster, column, groups) for column in scores.T])
    bread = np.linalg.inv((design * (fitted * (1 - fitted))[:, None]).T @ design)
    variance = np.diag(bread @ (summed.T @ summed) @ bread) * groups / max(groups - 1, 1)
    return tuple(
        Estimate.normal(value, float(np.sqrt(found))) for value, found in zip(at, variance, strict=True)
    )
