"""The scores of one block of predictions, each interval in closed form and clustered by patient."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.models.interface import refuse_one_class
from workbench.no_show.models.loss import log_losses
from workbench.no_show.scores.calibration import clustered_in_the_large, clustered_slope, log_odds, vary
from workbench.no_show.scores.discrimination import aurocs
from workbench.no_show.scores.estimates import Estimate, clustered_mean

Real = NDArray[np.float64]


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
    return BlockScores(
        first=rows["day"].min().date(),
        last=rows["day"].max().date(),
        patients=int(rows["patient"].nunique()),
        appointments=len(rows),
        missed=int(outcome.sum()),
        auroc=aurocs([probability], outcome, patient).estimate(0),
        log_loss=clustered_mean(log_losses(outcome, probability), patient),
        intercept=clustered_in_the_large(odds, outcome, patient),
        slope=clustered_slope(odds, outcome, patient) if vary(odds) else None,
    )
