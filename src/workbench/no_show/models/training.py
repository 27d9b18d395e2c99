"""The models by name, and one trained on earlier weeks and recalibrated on later ones."""

from typing import Literal

import pandas as pd

from workbench.no_show.models.boosting import Boosting
from workbench.no_show.models.interface import Model
from workbench.no_show.models.logistic import SplineLogistic
from workbench.no_show.models.own_rate import OwnRate
from workbench.no_show.models.pooled import PooledLogistic
from workbench.no_show.models.rates import BaseRate, LeadTime
from workbench.no_show.models.recalibrated import Recalibrated, recalibrate
from workbench.refusal import Fault, Refused

Posterior = Literal["laplace", "nuts"]

BASELINES = ("base_rate", "own_rate", "lead_time")
LEARNED = ("logistic", "boosting", "pooled")
MODELS = (*BASELINES, *LEARNED)


def unfitted(name: str, seed: int, posterior: Posterior = "laplace") -> Model:
    """A model of that name, yet to be fitted.

    Args:
        name: one of `MODELS`.
        seed: of what is drawn by lot.
        posterior: how the Bayesian model's posterior is found.
    """
    match name:
        case "base_rate":
            return BaseRate()
        case "own_rate":
            return OwnRate()
        case "lead_time":
            return LeadTime()
        case "logistic":
            return SplineLogistic()
        case "boosting":
            return Boosting(seed)
        case "pooled":
            return PooledLogistic(seed, posterior)
    raise ValueError(f"there is no model {name}")


def train(model: Model, training: pd.DataFrame, calibration: pd.DataFrame) -> Recalibrated:
    """Fit on one block and recalibrate on a later one.

    Raises:
        Refused: a block is empty, or all of it came out alike; the calibration does not lie after the training.
    """
    model.fit(training)
    if len(calibration) and calibration["day"].max() < training["day"].min():
        raise Refused(
            Fault(
                "calibration",
                "all its days lie before those of the training.",
                "Calibrate on a later block than the one that trains.",
            )
        )
    return recalibrate(model, calibration)
