"""What a prediction costs: log loss."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from workbench.no_show.scores.calibration import EDGE

Real = NDArray[np.float64]


def log_losses(outcome: Real, probability: Real) -> Real:
    """-log of the probability given to what happened, of each; shape (n,)."""
    kept = np.clip(probability, EDGE, 1 - EDGE)
    return np.asarray(-xlogy(outcome, kept) - xlogy(1 - outcome, 1 - kept), dtype=float)


def log_loss(outcome: Real, probability: Real) -> float:
    """The mean of `log_losses`."""
    return float(log_losses(outcome, probability).mean())
