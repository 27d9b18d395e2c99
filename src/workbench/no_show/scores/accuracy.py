"""Accuracy: how far probabilities are from what happened. Means over appointments, so that replicates are products.

Brier score: the mean squared distance (Brier 1950). Scaled: one less its ratio to that of the share missed, told to
everybody (Steyerberg et al., Epidemiology 21 (2010) 128-138): 1 at best, 0 for no use. Log loss: the mean of -log
of the probability given to what happened, kept off 0 and 1 by `calibration.EDGE`.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from workbench.no_show.scores.calibration import EDGE
from workbench.no_show.scores.replicates import Sums

Real = NDArray[np.float64]


def log_losses(probability: Real, outcome: Real) -> Real:
    """The log loss of each appointment, shape (n,)."""
    kept_off = np.clip(probability, EDGE, 1 - EDGE)
    return np.asarray(-(xlogy(outcome, kept_off) + xlogy(1 - outcome, 1 - kept_off)))


class Accuracy:
    """Brier score, scaled Brier score and log loss of one model in every replicate."""

    def __init__(self, probability: Real, outcome: Real, sums: Sums) -> None:
        squared = (probability - outcome) ** 2
        self._place = sums.add(squared, log_losses(probability, outcome), outcome, np.ones_like(outcome))

    def brier(self, found: Real) -> Real:
        """The Brier score, shape (b,)."""
        squared, _, _, size = found[self._place]
        return np.asarray(squared / size)

    def scaled_brier(self, found: Real) -> Real:
        """The scaled Brier score, shape (b,)."""
        squared, _, missed, size = found[self._place]
        share = missed / size
        with np.errstate(all="ignore"):  # one kind of outcome in a replicate
            return np.asarray(1 - squared / size / (share * (1 - share)))

    def log_loss(self, found: Real) -> Real:
        """The log loss, shape (b,)."""
        _, losses, _, size = found[self._place]
        return np.asarray(losses / size)
