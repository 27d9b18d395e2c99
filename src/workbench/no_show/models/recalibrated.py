"""A model and the line that makes its risks right on a later block than the one it learned from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from workbench.no_show.models.interface import Model, refuse_one_class
from workbench.no_show.scores.calibration import Line, in_the_large, log_odds, recalibration

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Recalibrated:
    """A fitted model whose log odds are put on a line (Cox 1958; Platt 1999)."""

    model: Model
    line: Line

    def probability(self, rows: pd.DataFrame) -> Real:
        """The recalibrated probability of each, shape (n,)."""
        return np.asarray(
            expit(self.line.intercept + self.line.slope * log_odds(self.model.probability(rows))), dtype=float
        )


def recalibrate(model: Model, rows: pd.DataFrame) -> Recalibrated:
    """Learn intercept and slope, logistic recalibration, from a block that trained nothing."""
    refuse_one_class("calibration", rows)
    return Recalibrated(
        model, recalibration(log_odds(model.probability(rows)), rows["no_show"].to_numpy(float))
    )


def recalibrate_in_the_large(model: Model, rows: pd.DataFrame) -> Recalibrated:
    """Learn the intercept alone, so that as many are predicted as missed."""
    refuse_one_class("calibration", rows)
    outcome = rows["no_show"].to_numpy(float)
    found = in_the_large(log_odds(model.probability(rows)), outcome, np.ones_like(outcome))
    return Recalibrated(model, Line(found, 1.0))
