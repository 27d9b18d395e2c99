"""Data sets of people who differ by degrees alone, and of some who come in kinds, measured as patients are."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import beta, norm

from workbench.segments.features import FEATURES, FeatureFrame, Measured, measured_share, shrunk_share

Matrix = NDArray[np.float64]

PEOPLE = 600


def frame_of(
    people: Matrix, measured: tuple[Measured | None, ...] = (), codes: Matrix | None = None
) -> FeatureFrame:
    """A frame of measures, standardized; what features and words are called does not matter here."""
    names = [f"m{at}" for at in range(people.shape[1])]
    return FeatureFrame(
        patient_ids=np.arange(len(people)).astype(str).astype(object),
        features=(FEATURES * 2)[: people.shape[1]],
        values=pd.DataFrame(people, columns=names),
        scaled=(people - people.mean(axis=0)) / people.std(axis=0),
        measured=measured or (None,) * people.shape[1],
        unreliable=(),
        categories=np.zeros((len(people), 0), dtype=np.int64) if codes is None else codes.astype(np.int64),
        words=() if codes is None else tuple(tuple("abcdefgh"[: int(each.max()) + 1]) for each in codes.T),
    )


def correlated(rng: np.random.Generator) -> Matrix:
    return rng.multivariate_normal(np.zeros(4), np.full((4, 4), 0.6) + 0.4 * np.eye(4), PEOPLE)


def gaussian(rng: np.random.Generator) -> FeatureFrame:
    return frame_of(correlated(rng))


def skewed(rng: np.random.Generator) -> FeatureFrame:
    return frame_of(np.exp(0.6 * correlated(rng)))


def engagement(rng: np.random.Generator) -> FeatureFrame:
    rate = rng.gamma(1.2, 2.0, PEOPLE)
    counts = rng.poisson(rate[:, None] * [1.0, 0.6, 1.5] * rng.gamma(2.0, 0.5, (PEOPLE, 3)))
    return frame_of(np.log(counts + 0.25))


def few_events(rng: np.random.Generator) -> FeatureFrame:
    return shares_frame(rng, 0.9 * correlated(rng), few_trials(rng))


def few_trials(rng: np.random.Generator) -> Matrix:
    return rng.integers(4, 25, (PEOPLE, 4)).astype(float)


def shares_frame(
    rng: np.random.Generator, log_odds: Matrix, trials: Matrix, centers: Matrix | float = -1.2
) -> FeatureFrame:
    """Shares counted of these log odds around the centers, from as many events as told."""
    events = rng.binomial(trials.astype(int), expit(log_odds + centers)).astype(float)
    columns = range(trials.shape[1])
    how = tuple(measured_share(events[:, at], trials[:, at]) for at in columns)
    return frame_of(logit(np.column_stack([shrunk_share(events[:, at], how[at]) for at in columns])), how)


def categories(rng: np.random.Generator) -> FeatureFrame:
    trait = rng.standard_normal(PEOPLE)
    codes = np.column_stack([np.digitize(trait + 0.9 * rng.standard_normal(PEOPLE), cuts) for cuts in CUTS])
    return frame_of(np.zeros((PEOPLE, 0)), codes=codes)


CUTS = ([-0.5, 0.8], [0.0], [-1.0, 0.3], [0.7], [-0.2, 1.0])
NULLS: dict[str, Callable[[np.random.Generator], FeatureFrame]] = {
    "correlated: one Gaussian, correlations 0.6": gaussian,
    "skewed: its exponential": skewed,
    "overdispersed: gamma-Poisson counts of one engagement": engagement,
    "shares of few events each, one Gaussian behind them": few_events,
    "categories of one trait": categories,
}


def shaped(normal: Matrix, skewness: float) -> Matrix:
    """Shifted lognormal values of mean 0, variance 1 and this skewness, of as many normal ones."""
    if not skewness:
        return normal
    # The skewness of a lognormal is (e + 2) * sqrt(e - 1) with e = exp(sd ** 2).
    sd = brentq(lambda at: (np.exp(at**2) + 2) * np.sqrt(np.exp(at**2) - 1) - abs(skewness), 1e-6, 2)
    raised = np.exp(sd * np.sign(skewness) * normal)
    return np.sign(skewness) * (raised - np.exp(sd**2 / 2)) / np.sqrt((np.exp(sd**2) - 1) * np.exp(sd**2))


def shares_shaped(skewness: float) -> Callable[[np.random.Generator], FeatureFrame]:
    return lambda rng: shares_frame(rng, 0.9 * shaped(correlated(rng), skewness), few_trials(rng))


def shares_apart(rng: np.random.Generator) -> FeatureFrame:
    return shares_frame(rng, 0.9 * correlated(rng), few_trials(rng), np.array([-2.2, -1.0, 0.4, 1.7]))


def beta_shares(rng: np.random.Generator) -> FeatureFrame:
    shares = beta.ppf(norm.cdf(correlated(rng)), 1.6, 4.0)
    return shares_frame(rng, logit(np.clip(shares, 1e-12, 1 - 1e-12)), few_trials(rng), 0.0)


def heavy_tailed_shares(rng: np.random.Generator) -> FeatureFrame:
    spread = np.sqrt(5 / rng.chisquare(5, PEOPLE))[:, None]
    return shares_frame(rng, 0.7 * spread * correlated(rng), few_trials(rng))


def shares_of_many(rng: np.random.Generator) -> FeatureFrame:
    return shares_frame(
        rng, 0.9 * shaped(correlated(rng), 1.75), rng.integers(20, 150, (PEOPLE, 4)).astype(float)
    )


def beside_how_often(skewness: float) -> Callable[[np.random.Generator], FeatureFrame]:
    """Two measures kept as they are, and two shares of those who come often and of those who don't."""

    def frame(rng: np.random.Generator) -> FeatureFrame:
        normal = correlated(rng)
        trials = 3.0 + rng.poisson(np.exp(1.5 + 0.6 * normal[:, :1]) * np.ones((1, 2)))
        counted = shares_frame(rng, 0.9 * shaped(normal[:, 2:], skewness), trials)
        kept = np.column_stack([np.log(trials[:, 0] + rng.random(PEOPLE)), normal[:, 1]])
        return frame_of(np.column_stack([kept, counted.scaled]), (None, None, *counted.measured))

    return frame


def times_shaped(skewness: float) -> Callable[[np.random.Generator], FeatureFrame]:
    """Means of logarithms of one to nine times each, whose variance within people is known."""

    def frame(rng: np.random.Generator) -> FeatureFrame:
        own, trials = (
            1.5 + 0.6 * shaped(correlated(rng), skewness),
            rng.integers(1, 10, (PEOPLE, 4)).astype(float),
        )
        sums = trials * own + 0.8 * np.sqrt(trials) * rng.standard_normal(own.shape)
        how = tuple(
            Measured(sums[:, at], trials[:, at], center=1.5, weight=0.8**2 / 0.6**2, kind="days")
            for at in range(4)
        )
        return frame_of(np.column_stack([shrunk_share(sums[:, at], how[at]) for at in range(4)]), how)

    return frame


def few_kinds(separation: float) -> Callable[[np.random.Generator], FeatureFrame]:
    """No continuum: three kinds of people, so far from the average in log odds in each of three of four shares."""

    def frame(rng: np.random.Generator) -> FeatureFrame:
        centers = separation * np.array([[1, 1, -1, 0], [-1, 0, 1, 1], [0, -1, 0, -1]])
        own = centers[rng.integers(0, 3, PEOPLE)] + 0.6 * rng.standard_normal((PEOPLE, 4))
        return shares_frame(rng, own, few_trials(rng))

    return frame


COUNTED: dict[str, Callable[[np.random.Generator], FeatureFrame]] = {
    "shares, normal log odds": shares_shaped(0),
    "shares, four measures from 10 to 85 %, normal log odds": shares_apart,
    "shares, beta": beta_shares,
    "shares, log odds of Student t with 5 degrees of freedom": heavy_tailed_shares,
    "shares, log odds of skewness 0.5": shares_shaped(0.5),
    "shares, log odds of skewness -0.5": shares_shaped(-0.5),
    "shares, log odds of skewness 1.75": shares_shaped(1.75),
    "shares, log odds of skewness -1.75": shares_shaped(-1.75),
    "shares of 20 to 149 events, log odds of skewness 1.75": shares_of_many,
    "two shares beside how often people come, normal": beside_how_often(0),
    "two shares beside how often people come, skewness 1.75": beside_how_often(1.75),
    "times, normal logarithms": times_shaped(0),
    "times, logarithms of skewness 1.75": times_shaped(1.75),
    "three kinds 0.75 apart from the average": few_kinds(0.75),
    "three kinds 0.9 apart from the average": few_kinds(0.9),
}
