"""What a prediction costs: log loss, and log odds that stay finite."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, xlogy

Real = NDArray[np.float64]

# Probabilities are kept off 0 and 1, where log odds end.
EDGE = 1e-6


def log_odds(probability: Real) -> Real:
    """Log odds, finite also where a probability is 0 or 1."""
    return np.asarray(logit(np.clip(probability, EDGE, 1 - EDGE)), dtype=float)


def log_losses(outcome: Real, probability: Real) -> Real:
    """-log of the probability given to what happened, of each; shape (n,)."""
    kept = np.clip(probability, EDGE, 1 - EDGE)
    return np.asarray(-xlogy(outcome, kept) - xlogy(1 - outcome, 1 - kept), dtype=float)


def log_loss(outcome: Real, probability: Real) -> float:
    """The mean of `log_losses`."""
    return float(log_losses(outcome, probability).mean())
