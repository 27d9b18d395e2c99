"""A Gaussian mixture whose groups share one covariance, so that correlation between measures is no group.

McLachlan and Peel, *Finite Mixture Models*, 2000, chapter 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.spatial.distance import cdist
from sklearn.mixture import GaussianMixture

from workbench.segments.features import FeatureFrame
from workbench.segments.methods.interface import Fitted, Labels, Matrix, Method, in_chunks, normalized

FIT = "gain of the BIC over a single group, in nats per person"
# Added to the variances, so that a measure that hardly differs within groups leaves the covariance invertible.
LEAST_VARIANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Mixture:
    """Groups with shares `weights` (groups,), centers `means` (groups, features) and one `covariance` of them all."""

    weights: Matrix
    means: Matrix
    covariance: Matrix

    @property
    def method(self) -> Method:
        """The mixture."""
        return "mixture"

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self.weights)

    def probabilities(self, frame: FeatureFrame) -> Matrix:
        """(n, groups) by Bayes' rule."""
        root = cholesky(self.covariance, lower=True)
        centers = solve_triangular(root, self.means.T, lower=True).T
        found = np.empty((len(frame.scaled), self.groups))
        for rows in in_chunks(len(frame.scaled)):
            people = solve_triangular(root, frame.scaled[rows].T, lower=True).T
            found[rows] = normalized(np.log(self.weights) - cdist(people, centers, "sqeuclidean") / 2)
        return found

    def labels(self, frame: FeatureFrame) -> Labels:
        """(n,) the most probable group."""
        return self.probabilities(frame).argmax(axis=1)

    def ordered(self, order: Sequence[int]) -> Self:
        """The same groups, renumbered."""
        return type(self)(self.weights[list(order)], self.means[list(order)], self.covariance)

    def to_json(self) -> dict[str, Any]:
        """Weights, means and covariance."""
        return {
            "method": self.method,
            "weights": self.weights.tolist(),
            "means": self.means.tolist(),
            "covariance": self.covariance.tolist(),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The model that `to_json` told."""
        return cls(*(np.array(values[name], float) for name in ("weights", "means", "covariance")))


def fit_mixture(frame: FeatureFrame, groups: int, seed: int) -> Fitted:
    """So many components by EM, the best of two starts."""
    people = frame.scaled
    found = GaussianMixture(
        groups,
        covariance_type="tied",
        n_init=2,
        max_iter=200,
        tol=1e-3,
        reg_covar=LEAST_VARIANCE,
        random_state=seed,
    ).fit(people)
    model = Mixture(found.weights_, found.means_, found.covariances_)
    gain = (_bic_of_one(people) - float(found.bic(people))) / (2 * len(people))
    return Fitted(model, found.predict(people).astype(np.int64), gain)


def _bic_of_one(people: Matrix) -> float:
    """The BIC (Schwarz 1978) of one normal distribution, by its closed form."""
    n, d = people.shape
    raw = np.atleast_2d(np.cov(people, rowvar=False, bias=True))
    covariance = raw + LEAST_VARIANCE * np.eye(d)
    log_likelihood = (
        -n
        / 2
        * (
            d * np.log(2 * np.pi)
            + np.linalg.slogdet(covariance)[1]
            + np.trace(np.linalg.solve(covariance, raw))
        )
    )
    return float((d + d * (d + 1) / 2) * np.log(n) - 2 * log_likelihood)
