"""Data without groups that look like the data: what a continuum, measured as the data were, would have shown.

A Gaussian copula (Nelsen, *An Introduction to Copulas*, 2006) draws people whose traits vary continuously and together
as they do in the data; what was counted is counted again, from as few events for each person as there were; a category
is where a trait lies between thresholds; and each measure keeps its own distribution, spikes and skew included,
unless it is no other than the continuum's own. What fits the data better than it fits these is more than a continuum
cut in pieces.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from workbench.segments.existence.recounted import Recounted
from workbench.segments.existence.trait import Expected
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
    where others were, and so does from how many events the others are known, for that goes together with them; where
    none was, all are drawn. Categories are drawn always.

    Args:
        frame: the people, as the model sees them.
        seed: of the draws by which the correlations are found.
    """

    def __init__(self, frame: FeatureFrame, seed: int) -> None:
        self._frame = frame
        counts = [how for how in frame.measured if how is not None]
        trials = _different([how.trials for how in counts])
        self._orders = _orders(frame)
        places = [
            np.where(codes < 0, np.nan, np.argsort(order)[codes])
            for codes, order in zip(frame.categories.T, self._orders, strict=True)
        ]
        self._people = np.column_stack([frame.scaled, *places, *trials]).astype(float)
        noisy = [how is not None or not counts for how in frame.measured]
        self._drawn = np.array([*noisy, *(True for _ in places), *(False for _ in trials)], dtype=bool)
        self._scores = np.nan_to_num(_normal_scores(self._people))
        observed = _correlations(self._people)
        self._latent = _as_correlations(observed)
        alone = Expected(np.zeros(frame.people), 1.0)
        self._counted = self._count(lambda _: alone)
        self._natural = [_Natural(0.0, 1.0, float(how is None)) for how in self._measured]
        rng = np.random.default_rng(seed)
        if counts or self._orders or _has_ties(self._people):
            self._find_correlations(observed, rng)
        if counts:
            # Now that it is known what goes together, people's traits are expected by all that is not drawn.
            self._counted = self._count(self._expected)
            self._find_correlations(observed, rng)
        samples = [self._seen(rng) for _ in range(SAMPLES)]
        self._natural = [
            _Natural.of(column, np.array([each[:, at] for each in samples]), how is not None)
            for at, (column, how) in enumerate(zip(self._people.T, self._measured, strict=True))
        ]

    def draw(self, rng: np.random.Generator) -> FeatureFrame:
        """The same number of people; `values`, in readable units, remain those of the data."""
        drawn, measures = self._draw(rng), self._frame.scaled.shape[1]
        codes = self._frame.categories.copy()
        for at, order in enumerate(self._orders):
            known = codes[:, at] >= 0
            codes[known, at] = order[drawn[known, measures + at].astype(np.int64)]
        return replace(self._frame, scaled=drawn[:, :measures], categories=codes)

    @property
    def _measured(self) -> tuple[Measured | None, ...]:
        """How each column was measured; those after the measures are kept as they are."""
        others = self._people.shape[1] - len(self._frame.measured)
        return (*self._frame.measured, *(None,) * others)

    def _count(self, expected: Callable[[int], Expected]) -> list[Recounted | None]:
        """How each column is counted from its trait, which is expected so of each column."""
        return [
            None if how is None else Recounted.of(how, expected(column))
            for column, how in enumerate(self._measured)
        ]

    def _find_correlations(self, observed: Matrix, rng: np.random.Generator) -> None:
        """Those of the traits behind, with which what is drawn is correlated as the data are."""
        for step in range(STEPS):
            short = observed - _correlations(self._draw(rng))
            self._latent = _as_correlations(self._latent + short / max(1, step - WHOLE_STEPS + 2))

    def _draw(self, rng: np.random.Generator) -> Matrix:
        seen, drawn = self._seen(rng), self._people.copy()
        for column in np.flatnonzero(self._drawn):
            known = np.flatnonzero(~np.isnan(self._people[:, column]))
            shown, own = seen[known, column], np.sort(self._people[known, column])
            # The place among all picks the value of that place, so that the measure's own distribution is kept.
            place = known[np.lexsort((rng.random(known.size), shown))]
            drawn[place, column] = own
            # What a sample shows of skew by chance it shows in all measures that go together at once. Kept in each
            # apart, it would not: continua would look rounder than the data, and groups be claimed too often.
            natural = self._natural[column]
            if natural.own_weight < 1:
                anew = own.mean() + own.std() * (shown - natural.mean) / natural.std
                drawn[known, column] = (
                    natural.own_weight * drawn[known, column] + (1 - natural.own_weight) * anew
                )
        return drawn

    def _seen(self, rng: np.random.Generator) -> Matrix:
        """What would be measured, each measure on a scale of its own; traits of what was not measured with error."""
        seen = self._scores.copy()
        free, slopes, rest = self._given_kept()
        seen[:, free] = self._scores[:, ~self._drawn] @ slopes
        seen[:, free] += rng.standard_normal((len(seen), free.size)) @ _root(rest).T
        for column, how in enumerate(self._counted):
            if how is not None:
                seen[:, column] = how.draw(rng, seen[:, column])
        return seen

    def _expected(self, column: int) -> Expected:
        """Each person's trait by what is not drawn."""
        free, slopes, rest = self._given_kept()
        at = int(np.flatnonzero(free == column)[0])
        return Expected(self._scores[:, ~self._drawn] @ slopes[:, at], float(np.sqrt(rest[at, at])))

    def _given_kept(self) -> tuple[NDArray[np.int64], Matrix, Matrix]:
        """Columns that are drawn, their slopes on those that are not, and the covariance that remains."""
        free, kept = np.flatnonzero(self._drawn), np.flatnonzero(~self._drawn)
        slopes = np.linalg.solve(self._latent[np.ix_(kept, kept)], self._latent[np.ix_(kept, free)])
        return free, slopes, self._latent[np.ix_(free, free)] - self._latent[np.ix_(free, kept)] @ slopes


@dataclass(frozen=True)
class _Natural:
    """A measure as the continuum itself would show it, and how much of its own distribution is kept beside: 0 to 1."""

    mean: float
    std: float
    own_weight: float

    @classmethod
    def of(cls, column: NDArray[np.float64], samples: Matrix, is_counted: bool) -> "_Natural":
        """By the squared distance of its quantiles from the continuum's, shrunk by what samples of a continuum show.

        James and Stein 1961, the positive part. Of a measure whose values people share, and that is no count of
        events, the distribution is kept.

        Args:
            column: (n,) the measure, NaN where it is not known.
            samples: (samples, n) what continua show of it.
            is_counted: whether it is a count of events.
        """
        known = ~np.isnan(column)
        values, samples = np.sort(column[known]), np.sort(samples[:, known], axis=1)
        if not is_counted and len(np.unique(values)) < UNTIED * len(values):
            return cls(0.0, 1.0, 1.0)
        quantiles = _standardized(samples.mean(axis=0))
        by_chance = float(np.mean([_distance(sample, quantiles) for sample in samples]))
        weight = max(0.0, 1 - by_chance / max(_distance(values, quantiles), 1e-12))
        return cls(float(samples.mean()), float(samples.std()), 1.0 if weight >= ALMOST_ALL else weight)


def _distance(ordered: NDArray[np.float64], quantiles: NDArray[np.float64]) -> float:
    return float(np.mean((_standardized(ordered) - quantiles) ** 2))


def _standardized(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return (values - values.mean()) / max(float(values.std()), 1e-12)


def _different(columns: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Those that differ between people, and each of them once."""
    found: list[NDArray[np.float64]] = []
    for column in columns:
        if np.ptp(column) > 0 and not any(np.array_equal(column, each) for each in found):
            found.append(column)
    return found


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
