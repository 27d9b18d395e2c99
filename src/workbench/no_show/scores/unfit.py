"""What cannot be scored, one sentence each: a probability that is none, an outcome that is none, one class only."""

import numpy as np
from numpy.typing import NDArray

from workbench.refusal import Fault, Refused

Real = NDArray[np.float64]
Index = NDArray[np.int64]


def refuse_outcomes(outcome: Real) -> None:
    """Raises `Refused` where there is no appointment, or an outcome is neither 0 nor 1."""
    if outcome.size == 0:
        raise Refused(
            Fault("test", "it holds no appointment, so that nothing can be scored.", "Choose a longer test.")
        )
    if not np.isin(outcome, (0.0, 1.0)).all():
        what = "an outcome is neither 0 (came) nor 1 (missed), or is not there."
        raise Refused(Fault("test", what, "Leave out appointments without a recorded outcome."))


def told_unfit(probability: Real, size: int) -> str:
    """Why a model's probabilities cannot be scored, in one sentence; empty where they can."""
    if probability.shape != (size,):
        return "it does not give one probability for each appointment."
    if np.isnan(probability).any():
        return "it gives no probability (NaN) for an appointment."
    if probability.min() < 0 or probability.max() > 1:
        return "it gives a probability outside 0 to 1."
    return ""


def told_of_one_class(outcome: Real, patient: Index) -> str | None:
    """Why ranks and calibration lines are undefined, in one sentence; None where they are not."""
    if np.unique(outcome).size == 2:
        return None
    who = "Everybody" if outcome[0] == 1 else "Nobody"
    return (
        f"{who} missed in the test, so that AUROC, average precision and calibration are undefined; Brier score, log "
        "loss and net benefit are told."
    )
