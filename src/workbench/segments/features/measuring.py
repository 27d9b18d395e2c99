"""Measures from counts: shares, rates and times, drawn toward the average by how little is known of a person."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.segments.features.feature import Feature, Kind

FOUR_WEEKS = 4.0
# Added to a rate per four weeks before its logarithm is taken: one event a year, about.
SMALLEST_RATE = 0.08
TIMES: tuple[Kind, ...] = ("days", "hours")

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """How a person's value was measured: `events` (or a sum) of `trials`, drawn toward `center`.

    `weight` is the number of further events at the average that everybody's value is drawn by, larger where people
    differ little beyond chance; `reliability` the share of the variance between people that is theirs and not
    chance's. For times, `center` is on the scale of log(1 + time), and `weight` is also the variance within people over
    that between them.
    """

    events: Numbers
    trials: Numbers
    center: float
    weight: float
    kind: Kind = "share"

    @property
    def reliability(self) -> float:
        """Mean over people of trials / (trials + weight), 0 to 1."""
        return float(np.mean(self.trials / (self.trials + self.weight)))


def measured(feature: Feature, rows: pd.DataFrame) -> Measured | None:
    """How a feature is to be drawn toward the average of these people; None for rates and values taken as they are."""
    if feature.trials is None or feature.kind == "rate":
        return None
    events, trials = numbers(rows, feature.events), numbers(rows, feature.trials)
    if feature.kind == "share":
        return measured_share(events, trials)
    return _measured_time(events, numbers(rows, f"{feature.events}_squares"), trials, feature.kind)


def measured_share(events: Numbers, trials: Numbers) -> Measured:
    """How far shares of few trials must be drawn toward everybody's: a beta prior, by the method of moments.

    The share over all people together is kept half an event away from 0 and 1. The weight m follows from the
    intraclass correlation rho = 1 / (m + 1) of the beta-binomial, estimated with weights equal to the trials
    (Kleinman 1973, Journal of the American Statistical Association 68).
    """
    center = (events.sum() + 0.5) / (trials.sum() + 1)
    some = trials > 0
    n, share = trials[some], events[some] / trials[some]
    spread = float(np.sum(n * (share - center) ** 2))
    by_chance = center * (1 - center) * (len(n) - 1)
    all_theirs = center * (1 - center) * float(np.sum(n * (1 - n / n.sum())))
    rho = (spread - by_chance) / (all_theirs - by_chance) if all_theirs > by_chance else 0.0
    return Measured(events, trials, float(center), _weight(rho))


def shrunk_share(events: Numbers, how: Measured) -> Numbers:
    """Each person's share drawn toward everybody's: (events + m p) / (trials + m), p the center and m the weight.

    The posterior mean under a Beta(m p, m (1 - p)) prior.
    """
    return (events + how.weight * how.center) / (how.trials + how.weight)


def values_of(feature: Feature, rows: pd.DataFrame, how: Measured | None) -> Numbers:
    """Each person's value in the feature's unit, (n,): the average where nothing was counted, NaN where it is missing.

    Args:
        feature: the feature.
        rows: with its columns.
        how: how its values are drawn toward the average, with the trials of these rows.
    """
    events = numbers(rows, feature.events)
    if feature.trials is None:
        return events
    if how is None:
        return FOUR_WEEKS * events / numbers(rows, feature.trials)
    return np.expm1(shrunk_share(events, how)) if feature.kind in TIMES else shrunk_share(events, how)


def is_known(feature: Feature, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Of whom anything was counted, (n,)."""
    if feature.trials is None:
        return ~np.isnan(numbers(rows, feature.events))
    return numbers(rows, feature.trials) > 0


def on_model_scale(kind: Kind, values: Numbers) -> Numbers:
    """A feature as the model sees it before standardizing: log odds of shares, logarithms of rates and times."""
    if kind == "share":
        return np.log(values) - np.log1p(-values)
    return np.log1p(values) if kind in TIMES else np.log(values + SMALLEST_RATE)


def in_units(kind: Kind, on_scale: float) -> float:
    """A value on the model's scale in the feature's unit: `on_model_scale` undone."""
    if kind == "share":
        return float(1 / (1 + np.exp(-on_scale)))
    return float(np.expm1(on_scale) if kind in TIMES else np.exp(on_scale) - SMALLEST_RATE)


def group_value(feature: Feature, rows: pd.DataFrame) -> float | None:
    """A feature over all events of some people together, in its unit, undrawn; None where there are no events.

    Of values taken as they are, the mean over people, geometric for times.
    """
    events = numbers(rows, feature.events)
    if feature.trials is None:
        events = events[~np.isnan(events)]
        if not events.size:
            return None
        return float(np.expm1(np.log1p(events).mean()) if feature.kind in TIMES else events.mean())
    trials = float(rows[feature.trials].sum())
    if trials == 0:
        return None
    pooled = float(events.sum()) / trials
    if feature.kind == "rate":
        return FOUR_WEEKS * pooled
    return float(np.expm1(pooled)) if feature.kind in TIMES else pooled


def numbers(rows: pd.DataFrame, column: str) -> Numbers:
    """A column as floating-point numbers, missing ones NaN."""
    return rows[column].to_numpy(dtype=np.float64, na_value=np.nan)


def _measured_time(logs: Numbers, squares: Numbers, trials: Numbers, kind: Kind) -> Measured:
    """Normal means by the method of moments: variance within people, and what remains between them."""
    some = trials > 0
    n, theirs = trials[some], logs[some] / trials[some]
    within = float(np.sum(squares[some] - logs[some] ** 2 / n) / max(np.sum(n - 1), 1))
    between = float(np.var(theirs)) - within * float(np.mean(1 / n))
    rho = between / (between + within) if between > 0 else 0.0
    return Measured(logs, trials, float(logs.sum() / n.sum()), _weight(rho), kind)


def _weight(rho: float) -> float:
    return float(1 / np.clip(rho, 0.001, 0.9) - 1)
