"""Gradient boosting: scikit-learn's histogram trees, small and many."""

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from workbench.no_show.at_risk.features import WORDS
from workbench.no_show.models.interface import refuse_one_class, typed, varying

Real = NDArray[np.float64]


class Boosting:
    """150 trees of 7 leaves; how many parameters that makes cannot be counted."""

    parameters = None

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def fit(self, rows: pd.DataFrame) -> Self:
        """Learn the trees."""
        refuse_one_class("training", rows)
        self.features = list(varying(rows))
        self.trees = HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_iter=150,
            max_leaf_nodes=7,
            min_samples_leaf=200,
            l2_regularization=1.0,
            # Stopping early would hold out random rows, whose patients are in training too.
            early_stopping=False,
            categorical_features=[name for name in self.features if name in WORDS] or None,
            random_state=self.seed,
        )
        with threadpool_limits(limits=1):
            self.trees.fit(typed(rows, self.features), rows["no_show"])
        return self

    def probability(self, rows: pd.DataFrame) -> Real:
        """The probability of each, shape (n,)."""
        with threadpool_limits(limits=1):
            return np.asarray(self.trees.predict_proba(typed(rows, self.features))[:, 1], dtype=float)
