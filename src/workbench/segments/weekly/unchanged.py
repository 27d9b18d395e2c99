"""The later of two days drawn as if nobody's habits had changed since the earlier one.

Features look back over a long window, of which a week later nearly all is the same. The drawn later day keeps of each
person's counts what lies in both windows, a random part of them, and adds new events at the person's own habit: a rate
or share drawn from its posterior given the earlier day (gamma-Poisson, beta-binomial, normal; Gelman and others,
*Bayesian Data Analysis*, 2013, chapter 2), whose prior is how people differ, by the method of moments. How many trials
a share has is kept as observed, unless they are drawn themselves. A person's events are taken as independent: where
they come by rule, noise is less than is drawn here; where they come in bursts, it is more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

Values = NDArray[np.float64]

# Priors never weigh less than this many events, or weeks of a rate.
LEAST_WEIGHT = 0.1
MOST_WEIGHT = 1_000.0
# Trials that leave the window beside those that must have, at most.
MOST_LEFT = 40


@dataclass(frozen=True)
class Counted:
    """How a feature is counted: the columns of its events and trials, and its kind."""

    events: str
    trials: str
    kind: Literal["share", "rate", "days"]


@dataclass(frozen=True)
class Prior:
    """How people differ in a feature: mean, and the weight in trials (weeks, of a rate) that it has for one person.

    `within` is the variance of one trial about a person's own mean, of days alone.
    """

    mean: float
    weight: float
    within: float = 0.0


class Unchanged:
    """People on an earlier and a later day, of whom later days are drawn on which nobody has changed.

    Args:
        before: rows of the earlier day, one per person: the counts, and weeks.
        after: rows of the same people, in the same order, on the later day.
        counted: the features that are counted; a column that makes the trials of another is drawn first.
        gap_weeks: weeks between the days.
    """

    def __init__(
        self, before: pd.DataFrame, after: pd.DataFrame, counted: Sequence[Counted], gap_weeks: float
    ) -> None:
        self._before, self._after, self._gap = before, after, gap_weeks
        events = {each.events for each in counted}
        # What makes the trials of others comes first: rates over weeks, then shares of what the rates count.
        self._counted = sorted(counted, key=lambda each: (each.kind != "rate", each.trials in events))
        self._priors = {
            each.events: prior_of(_column(before, each.events), _column(before, each.trials), each.kind, within)
            for each in counted
            for within in [_within(before, each)]
        }
        weeks, later = _column(before, "weeks"), _column(after, "weeks")
        gone = np.clip(weeks + gap_weeks - later, 0, weeks)
        self._kept = 1 - np.divide(gone, weeks, out=np.zeros_like(weeks), where=weeks > 0)
        drawn = {each.events for each in counted if each.kind == "rate"}
        self._leaving = {
            name: _leaving(_column(before, name), _column(after, name), self._kept)
            for name in {each.trials for each in counted if each.kind != "rate"} - drawn
        }

    def draws(self, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
        """Later days, one after the other, without end."""
        while True:
            drawn = self._after.copy()
            staying: dict[str, NDArray[np.int64]] = {}
            for each in self._counted:
                prior = self._priors[each.events]
                events, trials = _column(self._before, each.events), _column(self._before, each.trials)
                if each.kind == "rate":
                    stays = rng.binomial(events.astype(np.int64), self._kept)
                    staying[each.events] = stays
                    drawn[each.events] = stays + _new_events(rng, events, trials, self._gap, prior)
                    continue
                later = _column(drawn, each.trials)
                if each.trials not in staying:
                    staying[each.trials] = self._leaving[each.trials].staying(rng)
                draw = _share if each.kind == "share" else _sum
                stays = np.minimum(staying[each.trials], later.astype(np.int64))
                drawn[each.events] = draw(rng, events, trials, later, stays, prior)
            yield drawn


def prior_of(events: Values, trials: Values, kind: str, within: float = 0.0) -> Prior:
    """How people differ in a feature, by the method of moments over those with trials.

    Args:
        events: (n,) events, or of days the sums.
        trials: (n,) trials, or of a rate the weeks.
        kind: "share", "rate" or "days".
        within: the variance of one trial, of days.
    """
    some = trials > 0
    if some.sum() < 2:
        return Prior(0.0, MOST_WEIGHT, within)
    n, each = trials[some], events[some] / trials[some]
    mean = float(events[some].sum() / n.sum())
    of_one = {"share": mean * (1 - mean), "rate": mean, "days": within}[kind]
    by_chance = of_one * float(np.mean(1 / n))
    between = float(np.mean((each - mean) ** 2)) - by_chance
    if between <= 0 or of_one <= 0:
        return Prior(mean, MOST_WEIGHT, within)
    # A beta prior of weight m has variance p (1 - p) / (m + 1); a gamma prior mean / weight; a normal one within / m.
    weight = of_one / between - (1 if kind == "share" else 0)
    return Prior(mean, float(np.clip(weight, LEAST_WEIGHT, MOST_WEIGHT)), within)


def _new_events(
    rng: np.random.Generator, events: Values, weeks: Values, gap: float, prior: Prior
) -> NDArray[np.int64]:
    habit = rng.gamma(
        np.maximum(prior.mean * prior.weight + events, 1e-9), 1 / np.maximum(prior.weight + weeks, 1e-9)
    )
    return rng.poisson(habit * gap).astype(np.int64)


def _share(
    rng: np.random.Generator,
    events: Values,
    trials: Values,
    later: Values,
    stays: NDArray[np.int64],
    prior: Prior,
) -> Values:
    # Graded answers sum to fractions: rounded at random, so that their mean is kept.
    good = np.minimum(np.floor(events + rng.random(len(events))), trials).astype(np.int64)
    old = rng.hypergeometric(good, np.maximum(trials.astype(np.int64) - good, 0), stays)
    habit = rng.beta(
        np.maximum(prior.mean * prior.weight + events, 1e-9),
        np.maximum((1 - prior.mean) * prior.weight + trials - events, 1e-9),
    )
    return (old + rng.binomial(later.astype(np.int64) - stays, habit)).astype(np.float64)


def _sum(
    rng: np.random.Generator,
    sums: Values,
    trials: Values,
    later: Values,
    stays: NDArray[np.int64],
    prior: Prior,
) -> Values:
    part = np.divide(stays, trials, out=np.zeros_like(trials), where=trials > 0)
    old = sums * part + rng.standard_normal(len(sums)) * np.sqrt(prior.within * stays * (1 - part))
    center = (sums + prior.weight * prior.mean) / (trials + prior.weight)
    habit = center + rng.standard_normal(len(sums)) * np.sqrt(prior.within / (trials + prior.weight))
    new = later - stays
    return np.maximum(old + new * habit + rng.standard_normal(len(sums)) * np.sqrt(prior.within * new), 0)


@dataclass(frozen=True)
class _Leaving:
    """How many of each person's trials left the window: `least` that must have, and (n, more) odds of how many more."""

    trials: Values
    least: Values
    upto: Values

    def staying(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """How many of the earlier trials lie in the later window too, drawn."""
        more = (rng.random(len(self.trials))[:, None] >= self.upto).sum(axis=1)
        return (self.trials - self.least - more).astype(np.int64)


def _leaving(trials: Values, later: Values, kept: Values) -> _Leaving:
    """The odds, given how many trials there are on either day.

    Trials leave and come at one rate, Poisson both; that so many more came than left is known, which makes it likely
    that few did either: the number that left, l, has a probability proportional to m^(2l) / (l! (l + d)!).
    """
    more = later - trials
    expected = np.maximum(trials * (1 - kept), 1e-9)
    least = np.maximum(-more, 0)
    left = least[:, None] + np.arange(MOST_LEFT)[None, :]
    log_odds = 2 * left * np.log(expected)[:, None] - gammaln(left + 1) - gammaln(left + more[:, None] + 1)
    odds = np.exp(np.where(left <= trials[:, None], log_odds - log_odds.max(axis=1, keepdims=True), -np.inf))
    upto = np.cumsum(odds, axis=1)
    return _Leaving(trials, least, upto / upto[:, -1:])


def _within(rows: pd.DataFrame, each: Counted) -> float:
    """The variance of one trial about a person's mean, from sums and sums of squares; 0 for what has none."""
    if each.kind != "days" or f"{each.events}_squares" not in rows:
        return 0.0
    sums, n = _column(rows, each.events), _column(rows, each.trials)
    some = n > 0
    squares = _column(rows, f"{each.events}_squares")[some]
    return float(np.sum(squares - sums[some] ** 2 / n[some]) / max(np.sum(n[some] - 1), 1))


def _column(rows: pd.DataFrame, name: str) -> Values:
    return rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
