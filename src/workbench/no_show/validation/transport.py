"""Transport: a model trained on one source, taken to another, and recalibrated there in two ways.

As it comes, its rate is that of where it was trained. Recalibration in the large mends the rate, logistic recalibration
the strength of its predictions too; neither changes whom it ranks before whom (Steyerberg et al. 2004).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.models.interface import Model, varying
from workbench.no_show.models.recalibrated import recalibrate, recalibrate_in_the_large
from workbench.no_show.validation.block_scores import BlockScores, score_block
from workbench.refusal import Fault, Refused


@dataclass(frozen=True)
class Transport:
    """A model from elsewhere on this study's test: as it came, and recalibrated on this study's calibration block.

    `features` are those that tell appointments apart in both places; `appointments` and `missed` are those it learned
    from.
    """

    source: str
    features: tuple[str, ...]
    appointments: int
    missed: int
    as_it_came: BlockScores
    in_the_large: BlockScores
    logistic: BlockScores


def transport(
    source: str,
    elsewhere: pd.DataFrame,
    calibration: pd.DataFrame,
    test: pd.DataFrame,
    make: Callable[[], Model],
) -> Transport:
    """Train elsewhere, recalibrate and score here.

    Args:
        source: where the training comes from.
        elsewhere: its appointments.
        calibration, test: blocks of this study.
        make: a model yet to be fitted.

    Raises:
        Refused: no feature varies in both places, or a block came out all alike.
    """
    shared = tuple(name for name in varying(elsewhere) if name in varying(calibration))
    if not shared:
        raise Refused(
            Fault(
                "transport_source",
                "no feature tells appointments apart both there and here.",
                "Take another source, or none.",
            )
        )
    there, here, tested = (_with_only(rows, shared) for rows in (elsewhere, calibration, test))
    model = make().fit(there)
    versions = (model, recalibrate_in_the_large(model, here), recalibrate(model, here))
    scores = [score_block(test, version.probability(tested)) for version in versions]
    return Transport(source, shared, len(elsewhere), int(elsewhere["no_show"].sum()), *scores)


def _with_only(rows: pd.DataFrame, features: tuple[str, ...]) -> pd.DataFrame:
    """The rows with all other features taken away; clinics elsewhere are other clinics."""
    away = {name: None if name in WORDS else np.nan for name in (*NUMBERS, *WORDS) if name not in features}
    return rows.assign(**away, clinic_id=None)
