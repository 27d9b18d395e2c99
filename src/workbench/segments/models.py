"""Ways to make groups, behind one small interface: a model is fitted for a number of groups and tells how well it fits.

Both see standardized features. The mixture's groups share one covariance (McLachlan and Peel, *Finite Mixture Models*,
2000, chapter 3), so that correlation between features is no group; k-means (MacQueen 1967) looks for compact groups.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

Method = Literal["k_means", "mixture"]
Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]

# A silhouette needs all distances between people; beyond this many it is taken over a random sample of them.
SILHOUETTE_PEOPLE = 1_500
# The matrices are small: more threads gain little alone, and wait for each other where anything else is running.
THREADS = 1


@dataclass(frozen=True)
class Fitted:
    """A fitted model of some number of groups.

    `labels` gives everybody's group, 0 to groups - 1; `fit` is higher where the model fits better: for the mixture
    the BIC's gain over a single group in nats per person, for k-means the mean silhouette width (-1 to 1).
    `assign` gives the group of other people, in rows of the same features.
    """

    groups: int
    labels: Labels
    fit: float
    assign: Callable[[Matrix], Labels]


def fit_groups(method: Method, people: Matrix, groups: int, seed: int) -> Fitted:
    """Fit a model of `groups` groups (2 or more) to people (n, features), of which there are more than groups."""
    with threadpool_limits(limits=THREADS):
        return _MODELS[method](people, groups, seed)


FIT_IN_WORDS: dict[str, str] = {
    "mixture": "gain of the BIC over a single group, in nats per person",
    "k_means": "mean silhouette width",
}


def _k_means(people: Matrix, groups: int, seed: int) -> Fitted:
    model = KMeans(groups, n_init=4, random_state=seed).fit(people)
    labels = model.labels_.astype(np.int64)
    size = min(len(people), SILHOUETTE_PEOPLE)
    several = len(np.unique(labels)) > 1
    fit = silhouette_score(people, labels, sample_size=size, random_state=seed) if several else -1.0
    return Fitted(groups, labels, float(fit), lambda more: model.predict(more).astype(np.int64))


def _mixture(people: Matrix, groups: int, seed: int) -> Fitted:
    model = GaussianMixture(
        groups, covariance_type="tied", n_init=2, max_iter=200, tol=1e-3, reg_covar=1e-4, random_state=seed
    ).fit(people)
    gain = (_bic_of_one(people) - model.bic(people)) / (2 * len(people))
    return Fitted(
        groups,
        model.predict(people).astype(np.int64),
        float(gain),
        lambda more: model.predict(more).astype(np.int64),
    )


def _bic_of_one(people: Matrix) -> float:
    return float(GaussianMixture(1, covariance_type="tied", reg_covar=1e-4).fit(people).bic(people))


_MODELS: dict[str, Callable[[Matrix, int, int], Fitted]] = {"k_means": _k_means, "mixture": _mixture}
