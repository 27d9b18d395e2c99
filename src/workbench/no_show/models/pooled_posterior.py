"""The Bayesian logistic regression with clinics pooled: its priors, what it is fed, and what is known after.

    logit P(missed) = intercept + columns @ weights + clinic's offset
    intercept ~ Normal(-1.5, 1.5), weights ~ Normal(0, 1), offsets ~ Normal(0, spread), spread ~ HalfNormal(0.5)

A clinic with few appointments is drawn to the others, the more so the more alike the clinics are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Real = NDArray[np.float64]
Index = NDArray[np.int64]

INTERCEPT = (-1.5, 1.5)
WEIGHT_SD = 1.0
SPREAD_SD = 0.5


@dataclass(frozen=True)
class PooledRows:
    """What the regression is fed: columns, shape (n, p); clinic of each, 0 to clinics - 1; outcome, 0 or 1."""

    columns: Real
    clinic: Index
    clinics: int
    outcome: Real


@dataclass(frozen=True)
class PooledPosterior:
    """Mean and covariance of intercept, weights and offsets, in this order.

    Their shapes are (k,) and (k, k), k being 1 + p + clinics.
    `spread` and `spread_sd` are the posterior mean and standard deviation of the clinics' spread.
    """

    mean: Real
    covariance: Real
    spread: float
    spread_sd: float

    def probability(self, columns: Real, clinic: Index) -> Real:
        """The posterior mean of each probability, the log odds being taken as normal; clinic is -1 where unknown.

        E expit(N(m, v)) is expit(m / sqrt(1 + pi v / 8)) to within .02 (MacKay 1992).
        """
        fixed = 1 + columns.shape[1]
        design = np.column_stack([np.ones(len(columns)), columns])
        known = clinic >= 0
        at = fixed + np.where(known, clinic, 0)
        middle = design @ self.mean[:fixed] + np.where(known, self.mean[at], 0.0)
        inner = self.covariance[:fixed, :fixed]
        shared = np.einsum("ij,ij->i", design, self.covariance[:fixed].T[at])
        variance = np.einsum("ij,ij->i", design @ inner, design)
        variance = variance + np.where(
            known, 2 * shared + self.covariance[at, at], self.spread**2 + self.spread_sd**2
        )
        return np.asarray(expit(middle / np.sqrt(1 + np.pi * variance / 8)), dtype=float)
