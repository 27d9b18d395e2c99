"""Designs of validation: which appointments train, calibrate and are predicted. Pure functions that give rows' places.

A label is used only where it was known by then: between the last day that trains or calibrates and the first that is
predicted lies the recording lag (the embargo).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.refusal import Fault, Refused

Days = NDArray[np.datetime64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Places of the rows that train, that calibrate, and that are predicted."""

    training: Index
    calibration: Index
    evaluation: Index

    def __post_init__(self) -> None:
        for name in ("training", "calibration", "evaluation"):
            if getattr(self, name).size == 0:
                raise Refused(
                    Fault(
                        "validation",
                        f"no appointment falls into a block of {name}.",
                        "Bring more days before test_from, or shorten calibration_days or recording_lag_days.",
                    )
                )


def temporal(
    day: Days, opens: np.datetime64, closes: np.datetime64, calibration_days: int, embargo_days: int
) -> Split:
    """As deployed: earlier appointments train, whoever's they are; those from `opens` on are predicted.

    Args:
        day: of each appointment, shape (n,).
        opens, closes: first day predicted, and the day after the last.
        calibration_days: before `opens`; the appointments of these days calibrate, less those of the embargo.
        embargo_days: before `opens`, whose outcomes were not surely recorded by then.

    Raises:
        Refused: the days are reversed, or a block is empty.
    """
    if closes <= opens:
        raise Refused(
            Fault("validation", "a block of it ends before it begins.", "Put the first day before the last.")
        )
    calibrates = opens - np.timedelta64(calibration_days, "D")
    known = day < opens - np.timedelta64(embargo_days, "D")
    return Split(
        training=np.flatnonzero(known & (day < calibrates)),
        calibration=np.flatnonzero(known & (day >= calibrates)),
        evaluation=np.flatnonzero((day >= opens) & (day < closes)),
    )


def rolling_origin(
    day: Days, closes: np.datetime64, blocks: int, calibration_days: int, embargo_days: int
) -> tuple[Split, ...]:
    """The later half of the days before `closes`, in blocks; each is predicted from all that was known before it.

    Args:
        day: of each appointment, shape (n,).
        closes: the day after the last that is predicted.
        blocks: how many, one after the other, of equally many days.
        calibration_days, embargo_days: as in `temporal`, of each block.

    Raises:
        Refused: there are too few days for so many blocks, or a block is empty.
    """
    before = day[day < closes]
    span = 0 if before.size == 0 else int((closes - before.min()) / np.timedelta64(1, "D"))
    length = span // 2 // blocks
    if length == 0:
        raise Refused(
            Fault(
                "validation",
                f"the days before test_from are too few for {blocks} blocks.",
                "Bring more days before test_from.",
            )
        )
    starts = [closes - np.timedelta64(length * place, "D") for place in range(blocks, 0, -1)]
    return tuple(
        temporal(day, start, start + np.timedelta64(length, "D"), calibration_days, embargo_days)
        for start in starts
    )


def patient_disjoint(splits: tuple[Split, ...], patient: Index, folds: int, seed: int) -> tuple[Split, ...]:
    """The stress test for new patients: each is predicted by a model that learned from other patients alone.

    Args:
        splits: from `rolling_origin`; the same appointments are predicted, from the same days.
        patient: of each appointment, shape (n,).
        folds: groups of patients, made by lot.
        seed: of the lot.
    """
    people, place = np.unique(patient, return_inverse=True)
    fold = np.random.default_rng(seed).permutation(len(people))[place] % folds
    return tuple(
        Split(
            training=split.training[fold[split.training] != each],
            calibration=split.calibration[fold[split.calibration] != each],
            evaluation=split.evaluation[fold[split.evaluation] == each],
        )
        for split in splits
        for each in range(folds)
    )


def random_split(splits: tuple[Split, ...], rows: int, folds: int, seed: int) -> tuple[Split, ...]:
    """Not to be believed: appointments drawn by lot train, whenever they were and whoever's.

    The same appointments are predicted as in `splits`, and as many train and calibrate.

    Args:
        splits: from `rolling_origin`.
        rows: how many appointments there are.
        folds: into which those that are predicted fall by lot; none of a fold trains for it.
        seed: of the lot.
    """
    rng = np.random.default_rng(seed)
    fold = rng.permutation(rows) % folds
    made = []
    for split in splits:
        for each in range(folds):
            evaluation = split.evaluation[fold[split.evaluation] == each]
            drawn = rng.permutation(np.setdiff1d(np.arange(rows), evaluation))
            trains, calibrates = len(split.training), len(split.calibration)
            made.append(Split(drawn[:trains], drawn[trains : trains + calibrates], evaluation))
    return tuple(made)
