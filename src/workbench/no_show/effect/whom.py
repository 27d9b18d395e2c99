"""Whom to remind: by expected benefit, by risk, everybody or nobody, each valued on patients it was not learned from.

The benefit is learned from doubly robust scores (DR-learner: Kennedy 2023) on one half of the patients and valued by
those of the other half, and the other way round; nuisances, risk and benefit of a half come from the other alone.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from workbench.no_show.effect.doubly_robust import clustered, scores
from workbench.no_show.effect.emulation import THREADS, clusters_of
from workbench.no_show.effect.nuisance import (
    Covariates,
    Index,
    Nuisance,
    Real,
    Truth,
    confounders,
    cross_fit,
    effect_modifiers,
    folds_of,
    propensity,
    risks,
)
from workbench.no_show.scores.estimates import Estimate

HALVES = 2
PENALTIES = tuple(10.0**power for power in range(1, 7))


@dataclass(frozen=True)
class Policy:
    """What reminding a share of the eligible avoids, in outcomes for each eligible appointment."""

    share: float
    by_benefit: Estimate
    by_risk: Estimate
    by_lot: Estimate
    benefit_less_risk: Estimate


@dataclass(frozen=True)
class Whom:
    """Policies at several shares, and everybody; nobody avoids none.

    `asked` is the share asked about. The intervals are those of the value of the rules as they were learned.
    """

    policies: tuple[Policy, ...]
    asked: float
    everybody: Estimate

    @property
    def at_asked(self) -> Policy:
        """The policy at the share asked about."""
        return next(policy for policy in self.policies if policy.share == self.asked)

    @property
    def benefit_is_better(self) -> bool:
        """Whether ordering by benefit avoids more than ordering by risk, by more than noise."""
        return self.at_asked.benefit_less_risk.low > 0


def whom_to_remind(
    rows: pd.DataFrame, kept: Truth, outcome: str, asked: float, bounds: tuple[float, float], seed: int
) -> Whom:
    """Learn and value the rules.

    Args:
        rows: the eligible rows, numbered from 0.
        kept: which of them have a propensity within the bounds, shape (n,): the others have no say.
        outcome: "missed" or "empty".
        asked: the share of the eligible that can be reminded.
        bounds: propensities are held within.
        seed: of the halves.
    """
    rows = rows[kept].reset_index(drop=True)
    treated, missed = rows["sent"].to_numpy(float), rows[outcome].to_numpy(float)
    clusters = clusters_of(rows)
    equal, modifiers = confounders(rows), effect_modifiers(rows)
    half = folds_of(clusters[0], HALVES, seed + 1)
    avoided, benefit, risk = (np.empty(len(rows)) for _ in range(3))
    with threadpool_limits(limits=THREADS):
        for place in range(HALVES):
            told, train = half == place, half != place
            nuisance = Nuisance(
                propensity(equal, treated, train, told, seed), *risks(equal, treated, missed, train, told)
            )
            avoided[told] = -scores(_held(nuisance, bounds), treated[told], missed[told]).effect
            risk[told] = nuisance.usual
            learned = _learned(equal, treated, missed, clusters[0], train, bounds, seed)
            benefit[told] = _benefit(modifiers, -learned, train, told)
    shares = sorted({0.1, 0.25, 0.5, asked})
    policies = tuple(_policy(share, avoided, benefit, risk, half, clusters) for share in shares)
    return Whom(policies, asked, clustered(avoided, clusters))


def _learned(
    covariates: Covariates,
    treated: Real,
    outcome: Real,
    patient: Index,
    train: Truth,
    bounds: tuple[float, float],
    seed: int,
) -> Real:
    """Scores of the training half, from nuisances cross-fitted within it."""
    fold = folds_of(patient[train], HALVES, seed)
    nuisance = cross_fit(covariates.of(train), treated[train], outcome[train], fold, seed)
    return scores(_held(nuisance, bounds), treated[train], outcome[train]).effect


def _benefit(modifiers: Covariates, avoided: Real, train: Truth, told: Truth) -> Real:
    """The expected benefit, linear in splines and indicators, shrunken as the training half bears."""
    scaled = StandardScaler().fit(modifiers.basis[train])
    model = RidgeCV(alphas=PENALTIES).fit(scaled.transform(modifiers.basis[train]), avoided)
    return np.asarray(model.predict(scaled.transform(modifiers.basis[told])), float)


def _policy(
    share: float, avoided: Real, benefit: Real, risk: Real, half: Index, clusters: tuple[Index, ...]
) -> Policy:
    by_benefit, by_risk = (_top(score, share, half) * avoided for score in (benefit, risk))
    return Policy(
        share,
        clustered(by_benefit, clusters),
        clustered(by_risk, clusters),
        clustered(share * avoided, clusters),
        clustered(by_benefit - by_risk, clusters),
    )


def _top(score: Real, share: float, half: Index) -> Real:
    """1 for the share of each half with the highest scores, shape (n,): halves were scored by different models."""
    chosen = np.zeros(score.size)
    for place in range(HALVES):
        rows = np.flatnonzero(half == place)
        order = rows[np.argsort(-score[rows], kind="stable")]
        chosen[order[: round(share * rows.size)]] = 1.0
    return chosen


def _held(nuisance: Nuisance, bounds: tuple[float, float]) -> Nuisance:
    inside = np.clip(nuisance.propensity, *bounds)
    return Nuisance(inside, nuisance.with_reminder, nuisance.without)
