"""Logistic regression of counts by Newton's method, which begins where an earlier fit ended."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

Real = NDArray[np.float64]

# Precision of a normal prior on each coefficient but the intercept: keeps them finite where a word never has an event.
RIDGE = 0.1
FREE = 1e-6
STEPS = 30
# From an earlier fit to nearly the same data.
WARM_STEPS = 2
CLOSE = 1e-8
# No step is longer, so that the first ones do not overshoot.
LONGEST = 4.0


def fit_logistic(
    x: Real,
    events: Real,
    trials: Real,
    start: Real | None = None,
    steps: int = STEPS,
    precision: Real | None = None,
) -> Real:
    """The coefficients (p,) that fit best, with a weak normal prior.

    Args:
        x: (n, p), of which the first column is the intercept where no precision is given.
        events, trials: (n,), not negative and not necessarily whole.
        start: where to begin; a fit to nearly the same data needs two steps from there.
        steps: at most so many.
        precision: (p,) of the prior of each coefficient; by default `RIDGE`, and next to none of the intercept.
    """
    if precision is None:
        precision = np.append(FREE, np.full(x.shape[1] - 1, RIDGE))
    coefficients = np.zeros(x.shape[1]) if start is None else start.copy()
    told = trials > 0
    x, events, trials = x[told], events[told], trials[told]
    for _ in range(steps):
        chance = expit(x @ coefficients)
        score = x.T @ (events - trials * chance) - precision * coefficients
        information = (x * (trials * chance * (1 - chance))[:, None]).T @ x + np.diag(precision)
        step = cho_solve(cho_factor(information), score)
        longest = np.abs(step).max()
        coefficients += step * min(1.0, LONGEST / longest) if longest > 0 else 0.0
        if longest < CLOSE:
            break
    return coefficients


def chances(x: Real, coefficients: Real) -> Real:
    """The chance of an event in each row, (n,)."""
    return np.asarray(expit(x @ coefficients))
