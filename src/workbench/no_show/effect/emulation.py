"""The target trial emulated: the raw difference, leads compared with like leads, and the doubly robust effect.

Where too few could have gone either way nothing is told: the effect is not identified.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from workbench.no_show.effect.doubly_robust import (
    Effect,
    Scores,
    clustered,
    effect_of,
    effective_size,
    scores,
)
from workbench.no_show.effect.nuisance import (
    FOLDS,
    Index,
    Nuisance,
    Real,
    Truth,
    confounders,
    cross_fit_propensity,
    cross_fit_risks,
    folds_of,
)
from workbench.no_show.effect.sensitivity import Sensitivity, e_values
from workbench.no_show.scores.estimates import Estimate

Unidentified = Literal["one_kind", "trimmed", "few"]
# Bounds of the classes of propensities that are shown.
EDGES = (0.0, 0.1, 0.5, 0.9, 1.0)
# What must be left for an effect to be told: so many by weight of either kind, and no more than this trimmed.
FEWEST_EFFECTIVE = 50
LARGEST_TRIMMED = 0.5
THREADS = 1


@dataclass(frozen=True)
class OverlapClass:
    """Appointments whose propensity lies from `low` to `high`, and how many of them were reminded."""

    low: float
    high: float
    patients: int
    appointments: int
    reminded: int


@dataclass(frozen=True)
class Overlap:
    """Whether like appointments went either way: classes of propensities, and what trimming and weights leave."""

    classes: tuple[OverlapClass, ...]
    bounds: tuple[float, float]
    trimmed: float
    effective_reminded: float
    effective_others: float


@dataclass(frozen=True)
class Emulation:
    """What the emulated trial tells of one kind of treatment.

    `raw` is the difference between the reminded and the others, `by_lead` that among like leads (standardized to the
    leads of all eligible), `effect` the doubly robust one, of those within the bounds; None where not identified, with
    `why` and, where something was fitted, the overlap.
    """

    patients: int
    appointments: int
    reminded: int
    raw: Estimate | None
    by_lead: Estimate | None
    overlap: Overlap | None
    effect: Effect | None
    sensitivity: Sensitivity | None
    why: Unidentified | None

    @property
    def difference(self) -> Estimate | None:
        """The doubly robust difference in risk; None where it is not identified."""
        return None if self.effect is None else self.effect.difference


@dataclass(frozen=True)
class Fitted:
    """Rows within the bounds of propensity (n,) of all, their scores, and the nuisances they came from."""

    kept: Truth
    scores: Scores


def emulate(
    rows: pd.DataFrame, treatment: str, outcome: str, bounds: tuple[float, float], seed: int
) -> tuple[Emulation, Fitted | None]:
    """Emulate the target trial.

    Args:
        rows: the eligible rows of `Eligible.rows`, numbered from 0.
        treatment: "sent" or "arrived".
        outcome: "missed" or "empty".
        bounds: propensities outside are trimmed.
        seed: of folds and models.
    """
    treated, missed = rows[treatment].to_numpy(float), rows[outcome].to_numpy(float)
    clusters = clusters_of(rows)
    counted = len(np.unique(clusters[0])), len(rows), int(treated.sum())
    if not FEWEST_EFFECTIVE <= treated.sum() <= treated.size - FEWEST_EFFECTIVE:
        return Emulation(*counted, None, None, None, None, None, "one_kind"), None
    raw = _difference(treated, missed, clusters)
    by_lead = standardized(rows["lead_days"].to_numpy(), treated, missed, clusters)
    with threadpool_limits(limits=THREADS):
        equal, fold = confounders(rows), folds_of(clusters[0], FOLDS, seed)
        propensity = cross_fit_propensity(equal, treated, fold, seed)
        kept = (propensity >= bounds[0]) & (propensity <= bounds[1])
        overlap = _overlap(propensity, treated, clusters[0], kept, bounds)
        why = _unidentified(overlap)
        if why is not None:
            return Emulation(*counted, raw, by_lead, overlap, None, None, why), None
        # Risks are fitted among the trimmed: who could not have gone either way says nothing of who could.
        risks = cross_fit_risks(equal.of(kept), treated[kept], missed[kept], fold[kept])
    found = scores(Nuisance(propensity[kept], *risks), treated[kept], missed[kept])
    effect = effect_of(found, tuple(cluster[kept] for cluster in clusters))
    told = Emulation(*counted, raw, by_lead, overlap, effect, e_values(effect.ratio), None)
    return told, Fitted(kept, found)


def clusters_of(rows: pd.DataFrame) -> tuple[Index, Index]:
    """By what appointments hang together: the patient, and the day, for reminders fail by the day."""
    days = rows["day"].to_numpy().astype("datetime64[D]").astype(np.int64)
    return rows["patient"].to_numpy(np.int64), days


def standardized(stratum: Index, treated: Real, outcome: Real, clusters: tuple[Index, ...]) -> Estimate | None:
    """The difference within strata, weighted by the rows of each; strata with one kind alone are left out.

    None where no stratum has both kinds.
    """
    _, place = np.unique(stratum, return_inverse=True)
    size = np.bincount(place)
    with_it = np.bincount(place, treated)
    both = ((with_it > 0) & (with_it < size))[place]
    if not both.any():
        return None
    place, treated, outcome = place[both], treated[both], outcome[both]
    size = np.bincount(place, minlength=size.size).astype(float)
    risks = []
    for arm in (treated, 1 - treated):
        number = np.bincount(place, arm, minlength=size.size)
        rate = np.bincount(place, arm * outcome, minlength=size.size) / np.maximum(number, 1)
        risks.append(rate[place] + arm * (outcome - rate[place]) * (size / np.maximum(number, 1))[place])
    return clustered(risks[0] - risks[1], tuple(cluster[both] for cluster in clusters))


def _difference(treated: Real, outcome: Real, clusters: tuple[Index, ...]) -> Estimate | None:
    return standardized(np.zeros(treated.size, np.int64), treated, outcome, clusters)


def _overlap(
    propensity: Real, treated: Real, patient: Index, kept: Truth, bounds: tuple[float, float]
) -> Overlap:
    e = propensity
    classes = []
    for low, high in pairwise(EDGES):
        inside = (e >= low) & ((e < high) | (high == 1))
        classes.append(
            OverlapClass(
                low,
                high,
                int(np.unique(patient[inside]).size),
                int(inside.sum()),
                int(treated[inside].sum()),
            )
        )
    reminded, others = kept & (treated == 1), kept & (treated == 0)
    return Overlap(
        tuple(classes),
        bounds,
        float(1 - kept.mean()),
        effective_size(1 / e[reminded]),
        effective_size(1 / (1 - e[others])),
    )


def _unidentified(overlap: Overlap) -> Unidentified | None:
    if overlap.trimmed > LARGEST_TRIMMED:
        return "trimmed"
    return "few" if min(overlap.effective_reminded, overlap.effective_others) < FEWEST_EFFECTIVE else None
