"""Data without groups that look like the data: what a continuum, measured as the data were, would have shown.

A Gaussian copula (Nelsen, *An Introduction to Copulas*, 2006) draws people whose traits vary continuously and together
as they do in the data; what was counted is counted again, from as few events for each person as there were; and each
feature keeps its own distribution, spikes and skew included. What fits the data better than it fits these is more than
a continuum cut in pieces.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, norm, rankdata

from workbench.segments.features import Measured

Matrix = NDArray[np.float64]

# Counting from few events weakens correlations; this many steps bring those of the drawn data to the observed ones.
STEPS = 6


class Continuum:
    """The continuum of some people, from which data sets of the same people are drawn, without groups.

    Args:
        people: (n, features) as the model sees them.
        measured: how each feature was measured. A feature that was not measured with error stays each person's own
            where others were (how often somebody comes decides from how many events the rest is known); where none
            was, all are drawn.
        seed: of the draws by which the correlations are found.
    """

    def __init__(self, people: Matrix, measured: Sequence[Measured | None], seed: int) -> None:
        noisy = np.array([how is not None for how in measured], dtype=bool)
        self._drawn = noisy if noisy.any() else np.ones(len(measured), dtype=bool)
        self._people, self._measured = people, tuple(measured)
        self._sorted = np.sort(people, axis=0)
        observed = _correlations(people)
        self._latent = observed
        rng = np.random.default_rng(seed)
        for _ in range(STEPS if noisy.any() else 0):
            self._latent = _as_correlations(self._latent + observed - _correlations(self.draw(rng)))

    def draw(self, rng: np.random.Generator) -> Matrix:
        """The same number of people, (n, features)."""
        size = len(self._people)
        normal = self._normal(rng)
        drawn = self._people.copy()
        for column in np.flatnonzero(self._drawn):
            how = self._measured[column]
            seen = normal[:, column] if how is None else _measure(rng, normal[:, column], how)
            # The place among all picks the value of that place: the feature's own distribution is kept exactly.
            place = np.lexsort((rng.random(size), seen))
            drawn[place, column] = self._sorted[:, column]
        return drawn

    def _normal(self, rng: np.random.Generator) -> Matrix:
        """Normal scores: those of the features that stay as they are, and draws of the others given them."""
        free, kept = np.flatnonzero(self._drawn), np.flatnonzero(~self._drawn)
        scores = _normal_scores(self._people)
        slopes = np.linalg.solve(self._latent[np.ix_(kept, kept)], self._latent[np.ix_(kept, free)])
        rest = self._latent[np.ix_(free, free)] - self._latent[np.ix_(free, kept)] @ slopes
        noise = rng.standard_normal((len(scores), free.size)) @ _root(rest).T
        scores[:, free] = scores[:, kept] @ slopes + noise
        return scores


def _measure(rng: np.random.Generator, trait: NDArray[np.float64], how: Measured) -> NDArray[np.float64]:
    """What would be measured of a standard normal trait: a share counted from the trials, or a mean over them."""
    weight, center = how.weight, how.center
    if how.kind == "share":
        share = beta.ppf(norm.cdf(trait), weight * center, weight * (1 - center))
        events = rng.binomial(how.trials.astype(np.int64), np.clip(share, 0, 1))
        return (events + weight * center) / (how.trials + weight)
    noise = rng.standard_normal(trait.size) * np.sqrt(weight / how.trials)
    return (trait + noise) * how.trials / (how.trials + weight)


def _normal_scores(people: Matrix) -> Matrix:
    return norm.ppf((rankdata(people, axis=0) - 0.5) / len(people))


def _correlations(people: Matrix) -> Matrix:
    return np.atleast_2d(np.corrcoef(_normal_scores(people), rowvar=False))


def _root(covariance: Matrix) -> Matrix:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.clip(values, 0, None))


def _as_correlations(matrix: Matrix) -> Matrix:
    """The matrix made positive definite with ones on its diagonal."""
    values, vectors = np.linalg.eigh(matrix)
    covariance = (vectors * np.clip(values, 1e-4, None)) @ vectors.T
    scale = np.sqrt(np.diag(covariance))
    return covariance / scale[:, None] / scale[None, :]
