"""The pooled regression's posterior without sampling: Laplace given the clinics' spread, quadrature over the spread.

Given the spread, the log posterior is concave, and the posterior is taken to be normal at its mode (Tierney and
Kadane 1986). The spread's own posterior is that of the Laplace evidence on a grid of its log, as in INLA (Rue, Martino
and Chopin 2009): the joint mode of spread and offsets would be at zero, where the density has no bound.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array
from scipy.special import expit, logsumexp

from workbench.no_show.models.pooled_posterior import (
    INTERCEPT,
    SPREAD_SD,
    WEIGHT_SD,
    PooledPosterior,
    PooledRows,
)

Real = NDArray[np.float64]

SPREADS = (0.01, 2.0)
POINTS = 7
# Points of the grid with less than this of the best one's weight, in logs, are not looked at again.
NEGLIGIBLE = 8.0
STEPS = 50
# A Newton step of this size leaves an error of about its square.
CLOSE = 1e-5


def laplace(rows: PooledRows) -> PooledPosterior:
    """The posterior's moments.

    Args:
        rows: what the regression is fed; at least one appointment.
    """
    given = _Given(rows)
    coarse = [given.at(spread) for spread in np.geomspace(*SPREADS, POINTS)]
    weights = np.array([point.log_weight for point in coarse])
    kept = np.flatnonzero(weights > weights.max() - NEGLIGIBLE)
    ends = coarse[max(kept[0] - 1, 0)].spread, coarse[min(kept[-1] + 1, POINTS - 1)].spread
    return _mixed([given.at(spread) for spread in np.geomspace(*ends, POINTS)])


class _Point(NamedTuple):
    spread: float
    log_weight: float
    mean: Real
    covariance: Real


class _Given:
    """The rows, to be conditioned on one spread after the other; each begins where the last one ended."""

    def __init__(self, rows: PooledRows) -> None:
        self.rows = rows
        self.fixed = np.column_stack([np.ones(len(rows.columns)), rows.columns])
        ones = np.ones(len(rows.clinic))
        self.offsets = csr_array((ones, (rows.clinic, np.arange(len(ones)))), shape=(rows.clinics, len(ones)))
        self.first = np.zeros(self.fixed.shape[1] + rows.clinics)
        self.first[0] = INTERCEPT[0]
        self.last = self.first

    def at(self, spread: float) -> _Point:
        width = self.fixed.shape[1]
        sd = np.concatenate([[INTERCEPT[1]], np.full(width - 1, WEIGHT_SD), np.full(self.rows.clinics, spread)])
        at, value, gradient, curvature = self._moved(self.last, sd)
        for _ in range(STEPS):
            step = cho_solve(cho_factor(curvature), gradient)
            # Newton's step may overshoot far from the mode: halved until the log posterior does not fall.
            length = 1.0
            moved = self._moved(at + step, sd)
            while moved[1] < value - 1e-8 and length > 1e-4:
                length /= 2
                moved = self._moved(at + length * step, sd)
            at, value, gradient, curvature = moved
            if np.abs(length * step).max() < CLOSE:
                break
        self.last = at
        factor = cho_factor(curvature)
        evidence = value - np.log(sd).sum() - np.log(np.diag(factor[0])).sum()
        # Points are spaced evenly in the log of the spread: its density there has the spread as a factor.
        prior = -0.5 * (spread / SPREAD_SD) ** 2 + np.log(spread)
        return _Point(spread, float(evidence + prior), at, cho_solve(factor, np.eye(len(at))))

    def _moved(self, at: Real, sd: Real) -> tuple[Real, float, Real, Real]:
        """The log posterior, but for what does not depend on the parameters, with gradient and curvature."""
        width, outcome = self.fixed.shape[1], self.rows.outcome
        log_odds = self.fixed @ at[:width] + at[width:][self.rows.clinic]
        off = (at - self.first) / sd
        value = float(outcome @ log_odds - np.logaddexp(0, log_odds).sum() - 0.5 * off @ off)
        fitted = expit(log_odds)
        rest = outcome - fitted
        gradient = np.concatenate([self.fixed.T @ rest, self.offsets @ rest]) - off / sd
        weight = fitted * (1 - fitted)
        weighted = self.fixed * weight[:, None]
        across = self.offsets @ weighted
        curvature = np.block(
            [[self.fixed.T @ weighted, across.T], [across, np.diag(self.offsets @ weight)]]
        ) + np.diag(sd**-2)
        return at, value, gradient, curvature


def _mixed(points: list[_Point]) -> PooledPosterior:
    """Mean and covariance over the spreads, each weighing as its posterior says."""
    logs = np.array([point.log_weight for point in points])
    weights = np.exp(logs - logsumexp(logs))
    means = np.array([point.mean for point in points])
    mean = weights @ means
    covariance = sum(
        weight * (point.covariance + np.outer(point.mean - mean, point.mean - mean))
        for weight, point in zip(weights, points, strict=True)
    )
    spreads = np.array([point.spread for point in points])
    spread = float(weights @ spreads)
    return PooledPosterior(
        mean=mean,
        covariance=np.asarray(covariance),
        spread=spread,
        spread_sd=float(np.sqrt(weights @ (spreads - spread) ** 2)),
    )
