"""All that is decided before the test is opened: the choice among models, and what other designs would have shown.

Every design predicts the same appointments, those of the rolling origin's blocks, so that designs are compared by
pairs. No appointment of the test is seen here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.models.interface import Model
from workbench.no_show.models.loss import log_loss, log_losses
from workbench.no_show.models.recalibrated import Recalibrated
from workbench.no_show.models.training import LEARNED, MODELS, train, unfitted
from workbench.no_show.parameters import NoShow
from workbench.no_show.scores.discrimination import aurocs
from workbench.no_show.scores.estimates import Estimate, clustered_mean
from workbench.no_show.validation.block_scores import BlockScores, score_block
from workbench.no_show.validation.choice import Choice, choose
from workbench.no_show.validation.designs import Split, patient_disjoint, random_split, rolling_origin
from workbench.no_show.validation.periods import in_time
from workbench.no_show.validation.sample_size import Enough, enough

Real = NDArray[np.float64]
Index = NDArray[np.int64]

BLOCKS = 3
# Groups of patients, and of appointments; a random split trains on as many in any case.
FOLDS, RANDOM_FOLDS = 3, 2


@dataclass(frozen=True)
class Contrast:
    """The chosen model under another design against the rolling origin, on the same appointments.

    `auroc` is higher by and `log_loss` lower by: above 0 the other design looks better.
    """

    auroc: Estimate
    log_loss: Estimate


@dataclass(frozen=True)
class Development:
    """What was found before the test was opened, of the chosen model: its scores by design, and the choice itself.

    `models` are all models by name, as they will be tested. `blocks` are those of the rolling origin, `rolling` all of
    them together. `disjoint` has every patient predicted by a model that knew other patients alone, `random` by one
    that learned from appointments drawn by lot.
    """

    models: Mapping[str, Recalibrated]
    choice: Choice
    blocks: tuple[BlockScores, ...]
    rolling: BlockScores
    disjoint: BlockScores
    random: BlockScores
    new_patients: Contrast
    flattery: Contrast
    enough: tuple[Enough, ...]


def develop(rows: pd.DataFrame, settings: NoShow, report: Callable[[str], None]) -> Development:
    """Choose among the models, and tell how the chosen one does under each design.

    Args:
        rows: appointments from `with_periods` whose outcomes were recorded when the test began; none of the test.
        settings: the parameters.
        report: told what is being done.

    Raises:
        Refused: too few days, an empty block, or one in which everybody or nobody missed.
    """
    day = rows["day"].to_numpy().astype("datetime64[D]")
    closes = np.datetime64(settings.test_from, "D") - np.timedelta64(settings.recording_lag_days, "D")
    lag = settings.recording_lag_days
    splits = rolling_origin(day, closes, BLOCKS, settings.calibration_days, lag)
    within = np.flatnonzero(in_time(rows, settings))
    rolling = _among(splits, within)

    def fresh(name: str) -> Model:
        # Sampled is only what is told of in the end: the blocks alone would take an hour.
        return unfitted(name, settings.seed)

    report("choosing among the models on blocks of weeks, each from those before it")
    found = {name: _predicted(rows, rolling, partial(fresh, name)) for name in MODELS}
    places = np.concatenate([split.evaluation for split in rolling])
    judged = rows.iloc[places]
    outcome, patient = judged["no_show"].to_numpy(float), judged["patient"].to_numpy()
    judged_by = {name: values[places] for name, values in found.items()}
    choice = choose(judged_by, LEARNED, outcome, patient)
    as_deployed = found[choice.chosen]
    report("measuring what a random split, and one by patients, would have shown")
    others = [
        _predicted(rows, _among(made, within), partial(fresh, choice.chosen))[places]
        for made in (
            patient_disjoint(splits, rows["patient"].to_numpy(), FOLDS, settings.seed),
            random_split(splits, len(rows), RANDOM_FOLDS, settings.seed),
        )
    ]
    report("training and recalibrating the models on all weeks before the test")
    training, calibration = (rows[rows["period"] == name] for name in ("training", "calibration"))
    models = {
        name: train(unfitted(name, settings.seed, settings.posterior), training, calibration) for name in MODELS
    }
    contrasts = [_contrast(each, as_deployed[places], outcome, patient) for each in others]
    return Development(
        models=models,
        choice=choice,
        blocks=tuple(
            score_block(rows.iloc[split.evaluation], as_deployed[split.evaluation]) for split in rolling
        ),
        rolling=score_block(judged, as_deployed[places]),
        disjoint=score_block(judged, others[0]),
        random=score_block(judged, others[1]),
        new_patients=contrasts[0],
        flattery=contrasts[1],
        enough=_enough(models, rows, judged_by, outcome),
    )


def _among(splits: Sequence[Split], places: Index) -> tuple[Split, ...]:
    """Calibrated and evaluated on these alone; all train."""
    return tuple(
        Split(
            split.training,
            np.intersect1d(split.calibration, places),
            np.intersect1d(split.evaluation, places),
        )
        for split in splits
    )


def _predicted(rows: pd.DataFrame, splits: Sequence[Split], make: Callable[[], Model]) -> Real:
    """Each appointment's probability by the model of its split, shape (n,); NaN where no split evaluates it."""
    probability = np.full(len(rows), np.nan)
    for split in splits:
        fitted = train(make(), rows.iloc[split.training], rows.iloc[split.calibration])
        probability[split.evaluation] = fitted.probability(rows.iloc[split.evaluation])
    return probability


def _contrast(other: Real, deployed: Real, outcome: Real, patient: Index) -> Contrast:
    return Contrast(
        auroc=aurocs([other, deployed], outcome, patient).difference(0, 1),
        log_loss=clustered_mean(log_losses(outcome, deployed) - log_losses(outcome, other), patient),
    )


def _enough(
    models: Mapping[str, Recalibrated], rows: pd.DataFrame, found: Mapping[str, Real], outcome: Real
) -> tuple[Enough, ...]:
    """The criteria of sample size for every regression; what else learns has parameters that cannot be counted."""
    training = rows[rows["period"] == "training"]
    held = [
        enough(
            model=name,
            parameters=parameters,
            appointments=len(training),
            events=int(training["no_show"].sum()),
            loss_of_rate=log_loss(outcome, found["base_rate"]),
            loss=log_loss(outcome, found[name]),
        )
        for name in LEARNED
        if (parameters := models[name].model.parameters)
    ]
    return tuple(each for each in held if each is not None)
