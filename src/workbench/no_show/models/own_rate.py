"""The patient's own rate, drawn to the rate of all: empirical Bayes.

Patients' rates are taken to be Beta(w p, w (1 - p)): a patient who missed m of n visits has the mean
(m + w p) / (n + w). p is the rate of all; w, the visits that it counts for, maximizes the likelihood of what each
visit's past predicted of it (Robbins 1956; Efron and Morris 1977; sequentially, Dawid 1984).
"""

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from workbench.no_show.models.interface import refuse_one_class
from workbench.no_show.models.loss import log_loss

Real = NDArray[np.float64]

# Between a quarter of a visit and so many that nobody's past counts.
PRIOR_VISITS = (0.25, 1000.0)


class OwnRate:
    """The patient's shrunken rate. `rate` is p, `prior_visits` is w."""

    parameters = 1

    def fit(self, rows: pd.DataFrame) -> Self:
        """Learn the rate of all, and how many visits it counts for."""
        refuse_one_class("training", rows)
        self.rate = float(rows["no_show"].mean())
        outcome = rows["no_show"].to_numpy(float)

        def loss(log_visits: float) -> float:
            return log_loss(outcome, own_rate(rows, self.rate, float(np.exp(log_visits))))

        found = minimize_scalar(loss, bounds=tuple(np.log(PRIOR_VISITS)), method="bounded")
        self.prior_visits = float(np.exp(found.x))
        return self

    def probability(self, rows: pd.DataFrame) -> Real:
        """The shrunken rate of each appointment's patient by then, shape (n,)."""
        return own_rate(rows, self.rate, self.prior_visits)


def own_rate(rows: pd.DataFrame, base: float, prior_visits: float) -> Real:
    """The patient's own share of missed visits, drawn to the rate of all: (missed + w base) / (visits + w)."""
    missed, past = rows["past_missed"].to_numpy(float), rows["past"].to_numpy(float)
    return np.asarray((missed + prior_visits * base) / (past + prior_visits), dtype=float)
