"""Baselines that see little: the rate of all, and the rate by lead."""

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from workbench.no_show.models.interface import refuse_one_class
from workbench.no_show.models.loss import EDGE

Real = NDArray[np.float64]


class BaseRate:
    """The rate of all, whoever it is."""

    parameters = 0

    def fit(self, rows: pd.DataFrame) -> Self:
        """Learn the share that missed."""
        refuse_one_class("training", rows)
        self.rate = float(rows["no_show"].mean())
        return self

    def probability(self, rows: pd.DataFrame) -> Real:
        """The same for all, shape (n,)."""
        return np.full(len(rows), self.rate)


class LeadTime:
    """The rate by lead, never falling with it: isotonic regression."""

    parameters = None

    def fit(self, rows: pd.DataFrame) -> Self:
        """Learn the rate by lead in days."""
        refuse_one_class("training", rows)
        self.rate = IsotonicRegression(y_min=EDGE, y_max=1 - EDGE, out_of_bounds="clip")
        self.rate.fit(rows["lead_days"].to_numpy(float), rows["no_show"].to_numpy(float))
        return self

    def probability(self, rows: pd.DataFrame) -> Real:
        """The rate at each lead, shape (n,)."""
        return np.asarray(self.rate.predict(rows["lead_days"].to_numpy(float)), dtype=float)
