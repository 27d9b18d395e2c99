"""The scores of one block of predictions, each interval in closed form and clustered by patient."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from workbench.no_show.calibration import in_the_large, recalibration
from workbench.no_show.discrimination import aurocs
from workbench.no_show.estimates import LEVEL, Estimate
from workbench.no_show.evaluation import clustered_mean
from workbench.no_show.models.interface import refuse_one_class
from workbench.no_show.models.loss import log_losses, log_odds

Real = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class BlockScores:
    """How good the predictions of a block are. `intercept` is calibration in the large, in log odds.

    `slope` is None where all predictions are the same.
    """

    first: date
    last: date
    patients: int
    appointments: int
    missed: int
    auroc: Estimate
    log_loss: Estimate
    intercept: Estimate
    slope: Estimate | None


def score_block(rows: pd.DataFrame, probability: Real) -> BlockScores:
    """Score a block.

    Args:
        rows: appointments with day, patient and no_show.
        probability: of each, shape (n,).

    Raises:
        Refused: the block is empty, or everybody or nobody missed.
    """
    refuse_one_class("evaluated", rows)
    outcome, patient = rows["no_show"].to_numpy(float), rows["patient"].to_numpy()
    odds = log_odds(probability)
    ones = np.ones((len(rows), 1))
    large = in_the_large(odds, outcome, ones[:, 0])
    (intercept,) = _clustered(ones, np.array([large]), odds, outcome, patient)
    slope = None
    if np.ptp(odds) > 1e-9:
        line = recalibration(odds, outcome)
        design = np.column_stack([ones, odds])
        _, slope = _clustered(
            design, np.array([line.intercept, line.slope]), np.zeros_like(odds), outcome, patient
        )
    return BlockScores(
        first=rows["day"].min().date(),
        last=rows["day"].max().date(),
        patients=int(rows["patient"].nunique()),
        appointments=len(rows),
        missed=int(outcome.sum()),
        auroc=aurocs([probability], outcome, patient).estimate(0),
        log_loss=clustered_mean(log_losses(outcome, probability), patient),
        intercept=intercept,
        slope=slope,
    )


def _clustered(design: Real, found: Real, offset: Real, outcome: Real, patient: Index) -> tuple[Estimate, ...]:
    """Maximum-likelihood coefficients of a logistic regression with the sandwich variance (Liang and Zeger 1986)."""
    fitted = expit(offset + design @ found)
    bread = np.linalg.inv(design.T @ (design * (fitted * (1 - fitted))[:, None]))
    _, cluster = np.unique(patient, return_inverse=True)
    score = design * (outcome - fitted)[:, None]
    sums = np.column_stack([np.bincount(cluster, each) for each in score.T])
    groups = len(sums)
    covariance = bread @ (sums.T @ sums) @ bread * groups / max(groups - 1, 1)
    half = float(norm.ppf((1 + LEVEL) / 2)) * np.sqrt(np.diag(covariance))
    return tuple(
        Estimate(float(value), float(value - reach), float(value + reach))
        for value, reach in zip(found, half, strict=True)
    )
