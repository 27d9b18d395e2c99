"""What an effect is adjusted by: who was reminded, and who misses with and without, each from the other folds.

Propensities come from gradient boosting, which finds the steps by which reminders are sent (a lead of three days, a
clinic that began late); outcomes from logistic regression with splines, fitted apart for the reminded and the others.
Every prediction is of patients on whom nothing was fitted (cross-fitting: Chernozhukov et al. 2018).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import SplineTransformer

from workbench.no_show.at_risk.features import NUMBERS, WORDS

Real = NDArray[np.float64]
Index = NDArray[np.int64]
Truth = NDArray[np.bool_]

FOLDS = 4
# Told apart in the report and learned from by no model of risk: here they are what must be held equal.
HELD_EQUAL = ("sex", "language", "clinic_id")
# Of a word the most frequent levels have an indicator of their own.
LEVELS = 40
LATELY_DAYS = 28
FEWEST_LATELY = 10
# Few rows bear few rounds of boosting, and little of every column.
ROUNDS = (20, 60)
ROWS_A_ROUND = 100
PENALTY = 10.0
# Outcomes are kept off 0 and 1, where an arm of one fold has one kind of them only.
EDGE = 1e-3


@dataclass(frozen=True)
class Covariates:
    """What is known of each row at time zero, as the models take it.

    `numbers` (n, p) may hold NaN, `codes` (n, q) holds places of words, NaN for rare ones and for none; `basis` (n, k)
    is the same as splines and indicators, for linear models.
    """

    numbers: Real
    codes: Real
    basis: Real

    def of(self, rows: Truth) -> "Covariates":
        """The same of some rows."""
        return Covariates(self.numbers[rows], self.codes[rows], self.basis[rows])

    def boosted(self, rows: Truth) -> Real:
        """The columns that trees take: numbers, then codes."""
        return np.column_stack([self.numbers[rows], self.codes[rows]])

    @property
    def categorical(self) -> list[bool]:
        """Which of the trees' columns are codes."""
        return [False] * self.numbers.shape[1] + [True] * self.codes.shape[1]


@dataclass(frozen=True)
class Nuisance:
    """Of each row (n,): the propensity, and the risk of the outcome with the reminder and without."""

    propensity: Real
    with_reminder: Real
    without: Real

    @property
    def usual(self) -> Real:
        """The risk under the reminders of the past."""
        return self.propensity * self.with_reminder + (1 - self.propensity) * self.without


def confounders(rows: pd.DataFrame) -> Covariates:
    """All that must be held equal: what the risk is predicted from, sex, language, clinic, and how it reminds of late.

    The calendar enters in blocks of four weeks, and how the clinic reminds in tenths: a finer number would tell the
    day, and a day on which no reminder left is chance, and no reason to miss.
    """
    days = (rows["day"] - rows["day"].min()).dt.days.to_numpy()
    added = rows.assign(block=days // LATELY_DAYS, lately=np.round(sent_lately(rows), 1))
    return covariates(added, (*NUMBERS, "block", "lately"), (*WORDS, *HELD_EQUAL))


def effect_modifiers(rows: pd.DataFrame) -> Covariates:
    """By what a benefit may differ, and reminders may be given: nothing of sex, language or clinic."""
    return covariates(rows, NUMBERS, WORDS)


def covariates(rows: pd.DataFrame, numbers: tuple[str, ...], words: tuple[str, ...]) -> Covariates:
    """Columns as models take them; those that do not vary are left out."""
    varied = [name for name in numbers if rows[name].nunique() > 1]
    spoken = [name for name in words if rows[name].nunique() > 1]
    values = rows[varied].to_numpy(float)
    codes = np.column_stack([_codes(rows[name]) for name in spoken] or [np.empty((len(rows), 0))])
    parts = [np.isnan(values[:, np.isnan(values).any(axis=0)]).astype(float)]
    for column in values.T:
        filled = np.where(np.isnan(column), np.nanmedian(column), column)
        knots = np.unique(np.quantile(filled, [0, 0.33, 0.67, 1])).reshape(-1, 1)
        parts.append(
            SplineTransformer(knots=knots, degree=2, include_bias=False).fit_transform(filled[:, None])
        )
    for code in codes.T:
        # The first level is the reference.
        parts.append((code[:, None] == np.arange(1, int(np.nanmax(code)) + 1)).astype(float))
    return Covariates(values, codes, np.column_stack(parts))


def sent_lately(rows: pd.DataFrame) -> Real:
    """The share of the clinic's eligible appointments reminded over the four weeks before each row's day, shape (n,).

    That of all clinics where the clinic had few; empty at the beginning.
    """
    by_clinic = _share_before(rows, rows["clinic_id"].astype(str))
    everywhere = _share_before(rows, pd.Series("all", index=rows.index))
    return np.where(np.isnan(by_clinic), everywhere, by_clinic)


def cross_fit(covariates: Covariates, treated: Real, outcome: Real, fold: Index, seed: int) -> Nuisance:
    """Nuisances of every row, from the other folds.

    Args:
        covariates: from `confounders`.
        treated, outcome: 0 or 1, shape (n,).
        fold: of each row, from `folds_of`.
        seed: of gradient boosting.
    """
    risks = cross_fit_risks(covariates, treated, outcome, fold)
    return Nuisance(cross_fit_propensity(covariates, treated, fold, seed), *risks)


def cross_fit_propensity(covariates: Covariates, treated: Real, fold: Index, seed: int) -> Real:
    """The probability of a reminder of every row, from the other folds; see `cross_fit`."""
    found = np.empty(treated.size)
    for place in np.unique(fold):
        told = fold == place
        found[told] = propensity(covariates, treated, ~told, told, seed)
    return found


def cross_fit_risks(covariates: Covariates, treated: Real, outcome: Real, fold: Index) -> tuple[Real, Real]:
    """The risk with the reminder and without of every row, from the other folds; see `cross_fit`."""
    found = np.empty((2, treated.size))
    for place in np.unique(fold):
        told = fold == place
        found[:, told] = risks(covariates, treated, outcome, ~told, told)
    return found[0], found[1]


def propensity(covariates: Covariates, treated: Real, train: Truth, told: Truth, seed: int) -> Real:
    """The probability of a reminder, fitted on the rows `train`, of the rows `told`."""
    if np.unique(treated[train]).size < 2:
        return np.full(int(told.sum()), float(treated[train].mean()))
    boosting = HistGradientBoostingClassifier(
        max_iter=int(np.clip(train.sum() // ROWS_A_ROUND, *ROUNDS)),
        learning_rate=0.1,
        max_leaf_nodes=15,
        min_samples_leaf=50,
        l2_regularization=1.0,
        early_stopping=False,
        categorical_features=covariates.categorical,
        random_state=seed,
    )
    boosting.fit(covariates.boosted(train), treated[train])
    return np.asarray(boosting.predict_proba(covariates.boosted(told))[:, 1], float)


def risks(covariates: Covariates, treated: Real, outcome: Real, train: Truth, told: Truth) -> tuple[Real, Real]:
    """The risk with the reminder and without, fitted on the rows `train`, of the rows `told`."""
    found = [_risk(covariates.basis, outcome, train & (treated == arm), told) for arm in (1, 0)]
    return found[0], found[1]


def folds_of(patient: Index, folds: int, seed: int) -> Index:
    """The fold of each row: all of a patient are in one."""
    people, place = np.unique(patient, return_inverse=True)
    return (np.random.default_rng(seed).permutation(people.size) % folds)[place]


def _risk(basis: Real, outcome: Real, train: Truth, told: Truth) -> Real:
    if np.unique(outcome[train]).size < 2:
        rate = float(outcome[train].mean()) if train.any() else float(outcome.mean())
        return np.full(int(told.sum()), np.clip(rate, EDGE, 1 - EDGE))
    model = LogisticRegression(C=1 / PENALTY, solver="newton-cholesky", max_iter=50).fit(
        basis[train], outcome[train]
    )
    return np.clip(model.predict_proba(basis[told])[:, 1], EDGE, 1 - EDGE)


def _codes(words: pd.Series) -> Real:
    """Places of the most frequent levels, from 0 on; NaN for the others."""
    frequent = words.value_counts().head(LEVELS).index
    return words.map({word: float(place) for place, word in enumerate(frequent)}).to_numpy(float)


def _share_before(rows: pd.DataFrame, group: pd.Series) -> Real:
    counted = rows.assign(group=group).groupby(["group", "day"], as_index=False)["sent"].agg(["sum", "count"])
    days = pd.date_range(rows["day"].min(), rows["day"].max())
    wide = counted.pivot(index="day", columns="group", values=["sum", "count"]).reindex(days).fillna(0.0)
    before = wide.rolling(LATELY_DAYS, min_periods=1).sum().shift(1)
    share = (before["sum"] / before["count"]).where(before["count"] >= FEWEST_LATELY).stack()
    at = pd.MultiIndex.from_arrays([rows["day"], group])
    return share.reindex(at).to_numpy(float)
