"""Calibration within each group of patients first, then ranks; and ranks apart from same-day bookings.

No group has a threshold of its own. Intervals are clustered by patient, in closed form.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.parameters import Subgroup
from workbench.no_show.scores.calibration import clustered_in_the_large, clustered_slope, log_odds, vary
from workbench.no_show.scores.discrimination import aurocs
from workbench.no_show.scores.estimates import Estimate, clustered_mean

Real = NDArray[np.float64]
Index = NDArray[np.int64]

NOT_RECORDED = "not recorded"
# Missed appointments, and kept ones, from which on a group has a calibration intercept, and a slope.
FOR_INTERCEPT, FOR_SLOPE = 20, 100
LEADS = (("same day", -np.inf, 0), ("1 to 7 days", 0, 7), ("8 to 30 days", 7, 30), ("over 30 days", 30, np.inf))
AGES = (
    ("under 18", -np.inf, 17),
    ("18 to 34", 17, 34),
    ("35 to 49", 34, 49),
    ("50 to 64", 49, 64),
    ("65 and over", 64, np.inf),
)
VISITS = (("none", -np.inf, 0), ("1 or 2", 0, 2), ("3 to 9", 2, 9), ("10 and more", 9, np.inf))


@dataclass(frozen=True)
class GroupScores:
    """The chosen model in one group of the test block.

    `excess` is the share missed less the mean prediction: above 0 where risk is understated. `intercept` and
    `slope` are those of the calibration line within the group, None where too few missed or came. `auroc` is None
    where everybody or nobody missed. `unscored` says in words why something is None.
    """

    by: Subgroup
    group: str
    patients: int
    appointments: int
    missed: int
    predicted: float
    excess: Estimate
    intercept: Estimate | None
    slope: Estimate | None
    auroc: Estimate | None
    unscored: str = ""


@dataclass(frozen=True)
class ApartScores:
    """AUROC of each model among some of the appointments."""

    among: str
    patients: int
    appointments: int
    missed: int
    auroc: Mapping[str, Estimate]


def score_groups(
    test: pd.DataFrame, probability: Real, subgroups: Sequence[Subgroup]
) -> tuple[GroupScores, ...]:
    """The scores in every group.

    Args:
        test: the test block of `Appointments`.
        probability: of the chosen model, shape (n,).
        subgroups: by what to tell apart.
    """
    return tuple(scores for by in subgroups for scores in _by(test, probability, by))


def score_apart(test: pd.DataFrame, probability: Mapping[str, Real]) -> tuple[ApartScores, ...]:
    """AUROC of all appointments, of same-day bookings and of the others; groups of one kind only are left out."""
    same = test["lead_days"].to_numpy() == 0
    groups = {"all appointments": np.ones(len(test), bool)}
    if same.any() and not same.all():
        groups |= {"booked for the same day": same, "booked for a later day": ~same}
    outcome, patient = test["no_show"].to_numpy(float), test["patient"].to_numpy()
    found = []
    for among, which in groups.items():
        if np.unique(outcome[which]).size < 2:
            continue
        scored = aurocs([values[which] for values in probability.values()], outcome[which], patient[which])
        found.append(
            ApartScores(
                among=among,
                patients=int(np.unique(patient[which]).size),
                appointments=int(which.sum()),
                missed=int(outcome[which].sum()),
                auroc={name: scored.estimate(at) for at, name in enumerate(probability)},
            )
        )
    return tuple(found)


def group_of(rows: pd.DataFrame, by: Subgroup) -> pd.Series:
    """The group of each appointment, in words, ordered as a reader expects."""
    match by:
        case "lead":
            return _banded(rows["lead_days"], LEADS)
        case "age_band":
            return _banded(rows["age"], AGES)
        case "history":
            return _banded(rows["past"], VISITS)
        case _:
            words = rows[by].astype(object).where(rows[by].notna(), NOT_RECORDED).astype(str)
            return pd.Series(pd.Categorical(words.str.replace("_", " ")), index=rows.index)


def _banded(values: pd.Series, bands: Sequence[tuple[str, float, float]]) -> pd.Series:
    numbers = values.to_numpy(float)
    words = np.select(
        [(numbers > low) & (numbers <= high) for _, low, high in bands], [b[0] for b in bands], NOT_RECORDED
    )
    return pd.Series(pd.Categorical(words, [*(band[0] for band in bands), NOT_RECORDED]), index=values.index)


def _by(test: pd.DataFrame, probability: Real, by: Subgroup) -> Iterator[GroupScores]:
    groups = group_of(test, by)
    outcome, patient = test["no_show"].to_numpy(float), test["patient"].to_numpy()
    for group in groups.cat.categories:
        which = (groups == group).to_numpy()
        if which.any():
            yield _scored(by, str(group), probability[which], outcome[which], patient[which])


def _scored(by: Subgroup, group: str, risk: Real, outcome: Real, patient: Index) -> GroupScores:
    missed = int(outcome.sum())
    rarer = min(missed, outcome.size - missed)
    odds = log_odds(risk)
    auroc = aurocs([risk], outcome, patient).estimate(0) if rarer else None
    # Without an error of rank the slope has no end.
    sloped = rarer >= FOR_SLOPE and vary(odds) and auroc is not None and 0 < auroc.value < 1
    return GroupScores(
        by=by,
        group=group,
        patients=int(np.unique(patient).size),
        appointments=outcome.size,
        missed=missed,
        predicted=float(risk.mean()),
        excess=clustered_mean(outcome - risk, patient),
        intercept=clustered_in_the_large(odds, outcome, patient) if rarer >= FOR_INTERCEPT else None,
        slope=clustered_slope(odds, outcome, patient) if sloped else None,
        auroc=auroc,
        unscored=_why_not(missed, outcome.size, odds),
    )


def _why_not(missed: int, size: int, odds: Real) -> str:
    rarer = min(missed, size - missed)
    kinds = ("nobody", "everybody") if rarer == 0 else ("few", "nearly everybody")
    who = kinds[0] if missed <= size - missed else kinds[1]
    if rarer == 0:
        return f"{who} missed, so that nothing tells them apart"
    if rarer < FOR_SLOPE:
        return f"{who} missed, too {'few' if who == 'few' else 'many'} for a slope"
    return "" if vary(odds) else "all predictions are the same, so that there is no slope"
