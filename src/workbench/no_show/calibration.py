"""Calibration: whether of those told a risk of 30 % about 30 % miss.

The line logit P(missed) = intercept + slope * log odds of the prediction. A slope under 1 says that predictions are
too extreme (Cox 1958; Van Calster et al. 2016). Calibration in the large is the intercept with the slope held at 1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Real = NDArray[np.float64]

STEPS = 30
CLOSE = 1e-8


@dataclass(frozen=True)
class Line:
    """Intercept and slope of a calibration line, in log odds."""

    intercept: float
    slope: float


def recalibration(log_odds: Real, outcome: Real) -> Line:
    """The maximum-likelihood line; with predictions that are all the same, only the intercept can be learned.

    Args:
        log_odds: of the predictions, shape (n,).
        outcome: 0 or 1, shape (n,), both present.
    """
    if np.ptp(log_odds) < 1e-9:
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
