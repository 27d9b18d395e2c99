"""What a model is: fitted on a feature frame, it gives each appointment a probability of being missed."""

from collections.abc import Sequence
from typing import Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.refusal import Fault, Refused

Real = NDArray[np.float64]

NOT_RECORDED = "not recorded"


class Model(Protocol):
    """A model of who will miss. All appointments weigh the same: no class weights, no resampling."""

    def fit(self, rows: pd.DataFrame) -> Self:
        """Learn from appointments: features and no_show (0 or 1), as in `Appointments.rows`.

        Raises:
            Refused: everybody, or nobody, missed; or there is nothing to learn from.
        """

    def probability(self, rows: pd.DataFrame) -> Real:
        """The probability that each is missed, shape (n,)."""

    @property
    def parameters(self) -> int | None:
        """Parameters that were estimated, the intercept not counted; None where they cannot be counted."""


def varying(rows: pd.DataFrame) -> tuple[str, ...]:
    """The features that tell the appointments apart.

    Raises:
        Refused: there is none.
    """
    found = tuple(name for name in (*NUMBERS, *WORDS) if rows[name].nunique(dropna=False) > 1)
    if not found:
        raise Refused(
            Fault("features", "none of them varies in training.", "Bring data that tell appointments apart.")
        )
    return found


def typed(rows: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
    """The features, numbers as floats and words as words; what is not recorded is a word of its own."""
    made = {
        name: rows[name].fillna(NOT_RECORDED).astype(str) if name in WORDS else rows[name].astype(float)
        for name in features
    }
    return pd.DataFrame(made)


def refuse_one_class(name: str, rows: pd.DataFrame) -> None:
    """Raises `Refused` where a block of appointments is empty, or all of them came out alike."""
    if rows.empty:
        raise Refused(Fault("appointments", f"the {name} block is empty.", "Choose a longer block."))
    if rows["no_show"].nunique() < 2:
        what = f"in the {name} block {'everybody missed' if rows['no_show'].mean() > 0 else 'nobody missed'}."
        raise Refused(Fault("appointments", what, "Choose a longer block, or check the outcomes."))
