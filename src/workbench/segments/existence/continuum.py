"""Data without groups that look like the data: what a continuum, measured as the data were, would have shown.

A Gaussian copula (Nelsen, *An Introduction to Copulas*, 2006) draws people whose traits vary continuously and together
as they do in the data; what was counted is counted again, from as few events for each person as there were; a category
is where a trait lies between thresholds; and each measure keeps its own distribution, spikes and skew included,
unless it is no other than the continuum's own. What fits the data better than it fits these is more than a continuum
cut in pieces.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import norm, rankdata

from workbench.segments.features import FeatureFrame, Measured

Matrix = NDArray[np.float64]

# Counts from few events, ties and categories weaken correlations; so many steps bring those of the drawn data to the
# observed ones, the first ones whole, the later ones smaller, so that the chance of single draws averages out.
STEPS = 8
WHOLE_STEPS = 3
# Values count as shared by several people where fewer than this share of them differ.
UNTIED = 0.98
# What a continuum's own distribution is, and by how much samples of it differ, is taken from so many samples.
SAMPLES = 50
# From this weight on a measure's own distribution is kept exactly, value by value.
ALMOST_ALL = 0.9


class Continuum:
    """The continuum of some people, from which data sets of the same people are drawn, without groups.

    What is not known of a person stays unknown. A measure that was not measured with error stays each person's own
    where others were (how often somebody comes decides from how many events the rest is known); where none was, all
    are drawn. Categories are drawn always.

    Args:
        frame: the people, as the model sees them.
        seed: of the draws by which the correlations are found.
    """

    def __init__(self, frame: FeatureFrame, seed: int) -> None:
        self._frame = frame
        self._measured = (*frame.measured, *(None,) * frame.categories.shape[1])
        noisy = np.array([how is not None for how in frame.measured], dtype=bool)
        drawn = noisy if noisy.any() else np.ones(len(noisy), dtype=bool)
        self._drawn = np.concatenate([drawn, np.ones(frame.categories.shape[1], dtype=bool)])
        self._orders = _orders(frame)
        places = [
            np.where(codes < 0, np.nan, np.argsort(order)[codes])
            for codes, order in zip(frame.categories.T, self._orders, strict=True)
        ]
        self._people = np.column_stack([frame.scaled, *places]).astype(float)
        self._natural = [
            _Natural.of(column, how) for column, how in zip(self._people.T, self._measured, strict=True)
        ]
        observed = _correlations(self._people)
        self._latent = observed
        if noisy.any() or self._orders or _has_ties(self._people):
            rng = np.random.default_rng(seed)
            for step in range(STEPS):
                short = observed - _correlations(self._draw(rng))
                self._latent = _as_correlations(self._latent + short / max(1, step - WHOLE_STEPS + 2))

    def draw(self, rng: np.random.Generator) -> FeatureFrame:
        """The same number of people; `values`, in readable units, remain those of the data."""
        drawn, measures = self._draw(rng), self._frame.scaled.shape[1]
        codes = self._frame.categories.copy()
        for at, order in enumerate(self._orders):
            known = codes[:, at] >= 0
            codes[known, at] = order[drawn[known, measures + at].astype(np.int64)]
        return replace(self._frame, scaled=drawn[:, :measures], categories=codes)

    def _draw(self, rng: np.random.Generator) -> Matrix:
        normal = self._normal(rng)
        drawn = self._people.copy()
        for column in np.flatnonzero(self._drawn):
            known = np.flatnonzero(~np.isnan(self._people[:, column]))
            how = self._measured[column]
            seen = normal[:, column] if how is None else _measure(rng, normal[:, column], how)
            own = np.sort(self._people[known, column])
            # The place among all picks the value of that place, so that the measure's own distribution is kept.
            place = known[np.lexsort((rng.random(known.size), seen[known]))]
            drawn[place, column] = own
            # What a sample shows of skew by chance it shows in all measures that go together at once. Kept in each
            # apart, it would not: continua would look rounder than the data, and groups be claimed too often.
            natural = self._natural[column]
            if natural.own_weight < 1:
                anew = own.mean() + own.std() * (_on_scale(seen[known], how) - natural.mean) / natural.std
                drawn[known, column] = (
                    natural.own_weight * drawn[known, column] + (1 - natural.own_weight) * anew
                )
        return drawn

    def _normal(self, rng: np.random.Generator) -> Matrix:
        """Normal scores: those of the measures that stay as they are, and draws of the others given them."""
        free, kept = np.flatnonzero(self._drawn), np.flatnonzero(~self._drawn)
        scores = np.nan_to_num(_normal_scores(self._people))
        slopes = np.linalg.solve(self._latent[np.ix_(kept, kept)], self._latent[np.ix_(kept, free)])
        rest = self._latent[np.ix_(free, free)] - self._latent[np.ix_(free, kept)] @ slopes
        noise = rng.standard_normal((len(scores), free.size)) @ _root(rest).T
        scores[:, free] = scores[:, kept] @ slopes + noise
        return scores


def _measure(rng: np.random.Generator, trait: NDArray[np.float64], how: Measured) -> NDArray[np.float64]:
    """What would be measured of a standard normal trait: a share counted from the trials, or a mean over them."""
    weight, center = how.weight, how.center
    if how.kind == "share":
        mean, std = _log_odds(center, weight)
        events = rng.binomial(how.trials.astype(np.int64), expit(mean + std * trait))
        return (events + weight * center) / (how.trials + weight)
    # The mean over the trials, trait + noise * sqrt(weight / trials), drawn in; without trials it is the average.
    noise = rng.standard_normal(trait.size) * np.sqrt(weight * how.trials)
    return (trait * how.trials + noise) / (how.trials + weight)


@lru_cache(maxsize=256)
def _log_odds(center: float, weight: float) -> tuple[float, float]:
    """Mean and standard deviation of normal log odds whose shares have the beta prior's mean and variance.

    Groups are looked for in log odds, so there a continuum is normal. The beta's own are skewed toward the rarer side,
    against the skew of few events: continua drawn from it look rounder, and groups are claimed too often.
    """
    traits = np.linspace(-8, 8, 801)
    density = norm.pdf(traits) / norm.pdf(traits).sum()

    def mean_for(std: float) -> float:
        most = 8 * std + 40
        return float(brentq(lambda mean: density @ expit(mean + std * traits) - center, -most, most))

    def excess(std: float) -> float:
        shares = expit(mean_for(std) + std * traits)
        return float(density @ (shares - center) ** 2) - center * (1 - center) / (weight + 1)

    std = float(brentq(excess, 1e-3, 100))
    return mean_for(std), std


@dataclass(frozen=True)
class _Natural:
    """A measure as the continuum itself would show it, and how much of its own distribution is kept beside: 0 to 1."""

    mean: float
    std: float
    own_weight: float

    @classmethod
    def of(cls, column: NDArray[np.float64], how: Measured | None) -> "_Natural":
        """By the squared distance of its quantiles from the continuum's, shrunk by what samples of a continuum show.

        James and Stein 1961, the positive part. Of a measure whose values people share, and that is no count of
        events, the distribution is kept.
        """
        known = ~np.isnan(column)
        values = np.sort(column[known])
        if how is None and len(np.unique(values)) < UNTIED * len(values):
            return cls(0.0, 1.0, 1.0)
        samples = _normal_samples(len(values)) if how is None else _measured_samples(how, how.trials[known])
        quantiles = _standardized(samples.mean(axis=0))
        by_chance = float(np.mean([_distance(sample, quantiles) for sample in samples]))
        weight = max(0.0, 1 - by_chance / max(_distance(values, quantiles), 1e-12))
        return cls(float(samples.mean()), float(samples.std()), 1.0 if weight >= ALMOST_ALL else weight)


def _distance(ordered: NDArray[np.float64], quantiles: NDArray[np.float64]) -> float:
    return float(np.mean((_standardized(ordered) - quantiles) ** 2))


def _standardized(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return (values - values.mean()) / max(float(values.std()), 1e-12)


@lru_cache(maxsize=4)
def _normal_samples(people: int) -> Matrix:
    """(samples, people) each sorted."""
    return np.sort(np.random.default_rng(0).standard_normal((SAMPLES, people)), axis=1)


def _measured_samples(how: Measured, trials: NDArray[np.float64]) -> Matrix:
    """(samples, people) of what would be measured, each sorted, on the scale on which people are compared."""
    rng, of_these = np.random.default_rng(0), replace(how, trials=trials)
    drawn = (_measure(rng, rng.standard_normal(trials.size), of_these) for _ in range(SAMPLES))
    return np.sort(np.array([_on_scale(each, how) for each in drawn]), axis=1)


def _on_scale(seen: NDArray[np.float64], how: Measured | None) -> NDArray[np.float64]:
    """Shares as log odds; what is a trait, or the mean of logarithms, as it is."""
    return np.log(seen) - np.log1p(-seen) if how is not None and how.kind == "share" else seen


def _orders(frame: FeatureFrame) -> list[NDArray[np.int64]]:
    """For each categorical measure its codes in the order of the trait that all measures share most.

    Categories are ordered by the first axis of a correspondence analysis (Greenacre, *Correspondence Analysis in
    Practice*, 2017): along it lies as much of their association with the other measures as one order can tell.
    """
    if not frame.categories.shape[1]:
        return []
    shown = [codes[:, None] == np.arange(max(int(codes.max(initial=0)) + 1, 1)) for codes in frame.categories.T]
    indicators = np.column_stack([each / np.sqrt(np.maximum(each.mean(axis=0), 1e-9)) for each in shown])
    together = np.column_stack([np.nan_to_num(frame.scaled), indicators - indicators.mean(axis=0)])
    axis = np.linalg.svd(together, full_matrices=False)[0][:, 0]
    return [
        np.argsort(axis @ each / np.maximum(each.sum(axis=0), 1), kind="stable").astype(np.int64)
        for each in shown
    ]


def _has_ties(people: Matrix) -> bool:
    """Whether people share values so often that the correlations of a draw would be weaker."""
    return any(len(np.unique(column)) < UNTIED * len(column) for column in people.T)


def _normal_scores(people: Matrix) -> Matrix:
    """Normal scores of what is known, NaN where it is not."""
    known = (~np.isnan(people)).sum(axis=0)
    return norm.ppf((rankdata(people, axis=0, nan_policy="omit") - 0.5) / known)


def _correlations(people: Matrix) -> Matrix:
    """Correlations of the normal scores, what is not known counted as average."""
    scores = np.nan_to_num(_normal_scores(people))
    return np.atleast_2d(np.corrcoef(scores, rowvar=False))


def _root(covariance: Matrix) -> Matrix:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.clip(values, 0, None))


def _as_correlations(matrix: Matrix) -> Matrix:
    """The matrix made positive definite with ones on its diagonal."""
    values, vectors = np.linalg.eigh(matrix)
    covariance = (vectors * np.clip(values, 1e-4, None)) @ vectors.T
    scale = np.sqrt(np.diag(covariance))
    return covariance / scale[:, None] / scale[None, :]
