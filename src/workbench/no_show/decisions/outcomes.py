"""What became of appointments still booked at the moment of prediction, and models of more than the no-show.

A reminder is for who would not come: P(no-show | still booked). A slot stays empty where the patient does not come or
calls off too late for anybody else; who will be there in the end is neither of these, nor one who called off in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.at_risk.risk_set import ATTENDED, EARLY, LATE, NO_SHOW
from workbench.no_show.models.recalibrated import Recalibrated
from workbench.no_show.models.training import train, unfitted
from workbench.no_show.parameters import NoShow
from workbench.no_show.scores.calibration import clustered_in_the_large, clustered_slope, log_odds, vary
from workbench.no_show.scores.discrimination import aurocs
from workbench.no_show.scores.estimates import Estimate

Real = NDArray[np.float64]

# In the order told.
OUTCOMES = (ATTENDED, NO_SHOW, LATE, EARLY)
# Labels: a slot that stays empty, and a patient who is not there.
EMPTY, AWAY = (NO_SHOW, LATE), (NO_SHOW, LATE, EARLY)


@dataclass(frozen=True)
class Outcomes:
    """How the appointments of a period came out; `counts` in the order of `OUTCOMES`."""

    period: str
    patients: int
    counts: tuple[int, ...]


@dataclass(frozen=True)
class LabelScores:
    """How a label is predicted on the test; None where all of it came out alike, or all predictions are the same."""

    expected: float
    observed: int
    intercept: Estimate | None
    slope: Estimate | None
    auroc: Estimate | None


def outcomes_of(rows: pd.DataFrame, period: str) -> Outcomes:
    """Count a period's appointments by what became of them."""
    found = rows["outcome"].value_counts()
    return Outcomes(period, int(rows["patient"].nunique()), tuple(int(found.get(name, 0)) for name in OUTCOMES))


def labeled(rows: pd.DataFrame, label: Sequence[str]) -> pd.DataFrame:
    """The same rows with the label in the place of the no-show, which is how models learn it."""
    return rows.assign(no_show=rows["outcome"].isin(label).astype("int64"))


def model_of(
    rows: pd.DataFrame, label: Sequence[str], chosen: str, no_show: Recalibrated, settings: NoShow
) -> Recalibrated:
    """The chosen kind of model, trained and recalibrated on a label by the same periods.

    Args:
        rows: appointments with their periods.
        label: the outcomes that count.
        chosen: the kind of model.
        no_show: that kind as fitted on no-shows, which serves where the label is nothing else.
        settings: the seed.
    """
    if not rows["outcome"].isin(set(label) - {NO_SHOW}).any():
        return no_show
    training, calibration = (
        labeled(rows[rows["period"] == name], label) for name in ("training", "calibration")
    )
    return train(unfitted(chosen, settings.seed), training, calibration)


def score_label(test: pd.DataFrame, probability: Real) -> LabelScores:
    """Calibration in the large, slope and AUROC of a label on the test.

    Args:
        test: rows from `labeled`.
        probability: of each, shape (n,).
    """
    outcome, patient = test["no_show"].to_numpy(float), test["patient"].to_numpy()
    odds = log_odds(probability)
    both = np.unique(outcome).size == 2
    return LabelScores(
        expected=float(probability.sum()),
        observed=int(outcome.sum()),
        intercept=clustered_in_the_large(odds, outcome, patient) if both else None,
        slope=clustered_slope(odds, outcome, patient) if both and vary(odds) else None,
        auroc=aurocs([probability], outcome, patient).estimate(0) if both else None,
    )


def within_bounds(scores: LabelScores, settings: NoShow) -> bool:
    """Whether calibration lies within the bounds declared of the model, so that it may be used for decisions."""
    if scores.intercept is None or scores.slope is None:
        return False
    low, high = settings.slope_within
    return abs(scores.intercept.value) <= settings.largest_miscalibration and low <= scores.slope.value <= high
