"""From features to the columns of a regression: cubic splines of the numbers, indicators of steps and words."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, hstack
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler

from workbench.no_show.at_risk.features import WORDS
from workbench.no_show.models.interface import typed, varying

# Numbers with few values, told apart one by one.
STEPS = ("weekday", "last_missed", "past", "past_missed", "same_day_visits", "texts_allowed")
KNOTS = 5
# Values of a step or a word that fewer appointments have are taken together.
FEWEST = 50


class Design:
    """The columns made of those features that vary in training; a word never seen there says nothing."""

    def fit(self, rows: pd.DataFrame) -> Self:
        """Learn knots, and which steps and words there are.

        Raises:
            Refused: no feature varies.
        """
        self.features = list(varying(rows))
        self.transformer = _transformer(self.features).fit(typed(rows, self.features))
        return self

    def columns(self, rows: pd.DataFrame) -> csr_array:
        """The columns of each appointment, shape (n, p), each value between 0 and 1."""
        made = csr_array(self.transformer.transform(typed(rows, self.features)), dtype=np.float64)
        if "lead_days" not in self.features:
            return made
        # Same-day bookings are of another kind than those of the day after: a step that a spline would smooth.
        same_day = csr_array((rows[["lead_days"]].to_numpy() == 0).astype(float))
        return csr_array(hstack([made, same_day], format="csr"))


def _transformer(features: Sequence[str]) -> ColumnTransformer:
    curve = make_pipeline(
        SimpleImputer(strategy="median"),
        StandardScaler(),
        SplineTransformer(
            n_knots=KNOTS, knots="quantile", extrapolation="constant", include_bias=False, sparse_output=True
        ),
    )
    kinds = [name for name in features if name in STEPS or name in WORDS]
    return ColumnTransformer(
        [
            ("curves", curve, [name for name in features if name not in kinds]),
            ("kinds", OneHotEncoder(handle_unknown="ignore", min_frequency=FEWEST), kinds),
        ],
        sparse_threshold=1.0,
    )
