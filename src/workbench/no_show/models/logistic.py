"""Logistic regression on splines of the numbers and on the words, weakly drawn to zero."""

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from workbench.no_show.models.design import Design
from workbench.no_show.models.interface import refuse_one_class

Real = NDArray[np.float64]

# The ridge penalty: as a prior, each weight is Normal(0, 1).
PENALTY = 1.0


class SplineLogistic:
    """Penalized maximum likelihood on `Design`."""

    def fit(self, rows: pd.DataFrame) -> Self:
        """Learn the weights."""
        refuse_one_class("training", rows)
        self.design = Design().fit(rows)
        # Processes that each take all cores for one pool stand in each other's way; one thread is fast enough.
        with threadpool_limits(limits=1):
            self.regression = LogisticRegression(C=1 / PENALTY, max_iter=1000)
            self.regression.fit(self.design.columns(rows), rows["no_show"])
        return self

    def probability(self, rows: pd.DataFrame) -> Real:
        """The probability of each, shape (n,)."""
        return np.asarray(self.regression.predict_proba(self.design.columns(rows))[:, 1], dtype=float)

    @property
    def parameters(self) -> int:
        """Weights, without the intercept."""
        return int(self.regression.coef_.size)
