"""Latent classes of categorical and mixed measures, with missing values: within a class, measures are independent.

Goodman, Biometrika 61 (1974); fitted by stepmix (Morin and others, Journal of Statistical Software 113, 2025), which
leaves what is missing out of the likelihood. Scoring is our own, from the parameters that are saved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from stepmix.stepmix import StepMix

from workbench.segments.features import FeatureFrame
from workbench.segments.methods.interface import Fitted, Labels, Matrix, Method, in_chunks, normalized

FIT = "gain of the BIC over a single class, in nats per person"
STARTS = 2
# EM ends where a round adds less than this to the log-likelihood, in nats per person, or after so many rounds.
TOLERANCE = 1e-6
ROUNDS = 200
# A category that nobody of a class showed stays possible, if barely; a measure all of a class agree in keeps a spread.
LEAST_PROBABILITY = 1e-15
LEAST_VARIANCE = 1e-4


@dataclass(frozen=True, eq=False)
class LatentClasses:
    """Classes with shares `weights` (groups,).

    `means` and `variances` (groups, measures) on the model's scale; `shares` (groups, categorical measures, categories)
    the probability of each category, 0 of those that nobody showed where the model was fitted, and beyond a measure's
    last.
    """

    weights: Matrix
    means: Matrix
    variances: Matrix
    shares: Matrix

    @property
    def method(self) -> Method:
        """Latent classes."""
        return "latent_class"

    @property
    def groups(self) -> int:
        """How many classes there are."""
        return len(self.weights)

    def probabilities(self, frame: FeatureFrame) -> Matrix:
        """(n, groups) by Bayes' rule from what is known of each person; the classes' shares where nothing is."""
        found = np.empty((len(frame.scaled), self.groups))
        for rows in in_chunks(len(frame.scaled)):
            found[rows] = normalized(self._log_joint(frame.scaled[rows], frame.categories[rows]))
        return found

    def labels(self, frame: FeatureFrame) -> Labels:
        """(n,) the most probable class."""
        return self.probabilities(frame).argmax(axis=1)

    def log_likelihood(self, frame: FeatureFrame) -> float:
        """Of everybody, in nats."""
        return float(
            sum(
                logsumexp(self._log_joint(frame.scaled[rows], frame.categories[rows]), axis=1).sum()
                for rows in in_chunks(len(frame.scaled))
            )
        )

    def ordered(self, order: Sequence[int]) -> Self:
        """The same classes, renumbered."""
        kept = list(order)
        return type(self)(self.weights[kept], self.means[kept], self.variances[kept], self.shares[kept])

    def to_json(self) -> dict[str, Any]:
        """Weights, means, variances and shares of categories."""
        return {
            "method": self.method,
            "weights": self.weights.tolist(),
            "means": self.means.tolist(),
            "variances": self.variances.tolist(),
            "shares": self.shares.tolist(),
            "categorical": list(self.shares.shape[1:]),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The model that `to_json` told."""
        weights = np.array(values["weights"], float)
        shares = np.array(values["shares"], float).reshape(len(weights), *values["categorical"])
        means, variances = (
            np.array(values[name], float).reshape(len(weights), -1) for name in ("means", "variances")
        )
        return cls(weights, means, variances, shares)

    def _log_joint(self, scaled: Matrix, categories: NDArray[np.int64]) -> Matrix:
        """(n, groups) the logarithm of share times likelihood of what is known."""
        log_joint = np.tile(np.log(self.weights), (len(scaled), 1))
        for at, column in enumerate(scaled.T):
            mean, variance = self.means[:, at], self.variances[:, at]
            terms = -((column[:, None] - mean) ** 2 / variance + np.log(2 * np.pi * variance)) / 2
            log_joint += np.where(np.isnan(column)[:, None], 0.0, terms)
        logs = np.log(np.clip(self.shares, LEAST_PROBABILITY, None))
        for at, codes in enumerate(categories.T):
            # A category that the model has no share of tells it nothing.
            known = (codes >= 0) & (codes < self.shares.shape[2])
            log_joint[known] += logs[:, at, :].T[codes[known]]
        return log_joint


def fit_latent_classes(frame: FeatureFrame, groups: int, seed: int) -> Fitted:
    """So many classes by EM, the best of some starts; the fit is the gain of the BIC over one class."""
    outcomes = _outcomes(frame)
    model = _fitted(frame, outcomes, groups, seed)
    gain = (_bic(_one_class(frame, outcomes), frame) - _bic(model, frame)) / (2 * len(frame.scaled))
    return Fitted(model, model.labels(frame), float(gain))


def _outcomes(frame: FeatureFrame) -> list[int]:
    """How many categories each categorical measure has, those that nobody here shows among them."""
    return [len(words) for words, _ in zip(frame.words, frame.categories.T, strict=True)]


def _fitted(frame: FeatureFrame, outcomes: list[int], groups: int, seed: int) -> LatentClasses:
    measures = frame.scaled.shape[1]
    descriptor: dict[str, dict[str, Any]] = {}
    if measures:
        kind = "gaussian_diag_nan" if np.isnan(frame.scaled).any() else "gaussian_diag"
        descriptor["measures"] = {"model": kind, "n_columns": measures}
    if outcomes:
        kind = "categorical_nan" if (frame.categories < 0).any() else "categorical"
        descriptor["categories"] = {
            "model": kind,
            "n_columns": len(outcomes),
            "max_n_outcomes": max(outcomes),
            "total_outcomes": sum(outcomes),
        }
    seen, counts = _patterns(frame)
    with catch_warnings():
        # Where there are no classes EM creeps along a plateau: what is reached by the last round is as good an answer.
        simplefilter("ignore", ConvergenceWarning)
        found = StepMix(
            groups,
            measurement=descriptor,
            n_init=STARTS,
            abs_tol=TOLERANCE,
            max_iter=ROUNDS,
            random_state=seed,
            progress_bar=0,
        ).fit(seen, sample_weight=counts)
    told = found.get_parameters()["measurement"]
    gaussian, multinomial = told.get("measures"), told.get("categories")
    none = np.zeros((groups, 0))
    return LatentClasses(
        weights=np.asarray(found.weights_, float),
        means=none if gaussian is None else np.asarray(gaussian["means"], float),
        variances=none
        if gaussian is None
        else np.maximum(np.asarray(gaussian["covariances"], float), LEAST_VARIANCE),
        shares=np.zeros((groups, 0, 0))
        if multinomial is None
        else np.asarray(multinomial["pis"], float).reshape(groups, len(outcomes), -1),
    )


def _patterns(frame: FeatureFrame) -> tuple[Matrix, Matrix | None]:
    """What stepmix sees, and how many people show each row: of categories alone, each pattern of answers once."""
    codes = np.where(frame.categories < 0, np.nan, frame.categories)
    if frame.scaled.shape[1]:
        return np.column_stack([frame.scaled, codes]), None
    patterns, counts = np.unique(frame.categories, axis=0, return_counts=True)
    return np.where(patterns < 0, np.nan, patterns), counts.astype(float)


def _one_class(frame: FeatureFrame, outcomes: list[int]) -> LatentClasses:
    """The one class everybody belongs to, by its closed form."""
    shares = np.zeros((1, len(outcomes), max(outcomes, default=0)))
    for at, codes in enumerate(frame.categories.T):
        known = codes[codes >= 0]
        shares[0, at] = np.bincount(known, minlength=shares.shape[2]) / max(len(known), 1)
    means, variances = np.nanmean(frame.scaled, axis=0), np.nanvar(frame.scaled, axis=0)
    return LatentClasses(np.ones(1), means[None, :], np.maximum(variances, LEAST_VARIANCE)[None, :], shares)


def _bic(model: LatentClasses, frame: FeatureFrame) -> float:
    """Schwarz 1978, Annals of Statistics 6; of categories that nobody shows no share was fitted."""
    shown = sum(max(len(np.unique(codes[codes >= 0])), 1) - 1 for codes in frame.categories.T)
    free = model.groups - 1 + model.groups * (2 * frame.scaled.shape[1] + shown)
    return float(free * np.log(len(frame.scaled)) - 2 * model.log_likelihood(frame))
