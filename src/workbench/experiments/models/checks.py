"""Does a model fit what it was fitted to, at declared extremes, and do its priors speak in its answer?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import arviz as az
import numpy as np
import xarray as xr
from numpy.typing import NDArray

# A check fails where less than this share of replicated data lie beyond the data, on either side.
TAIL = 0.005
# Kallioinen et al. 2024: a change of this much, per doubling of the prior's or the likelihood's weight, is told.
SENSITIVE = 0.05

Array = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class PredictiveCheck:
    """An extreme of the data beside what the fitted model expects of it.

    `low` and `high` hold 99 % of the replicated values; `above` is the share of them above the observed one, ties
    counting half.
    """

    extreme: str
    observed: float
    low: float
    high: float
    above: float

    @property
    def passed(self) -> bool:
        """Whether data such as these are not rare under the model."""
        return TAIL <= self.above <= 1 - TAIL


@dataclass(frozen=True)
class PowerScaling:
    """How far an estimand moves when the top-level priors, or the likelihood, weigh slightly more or less.

    Cumulative Jensen-Shannon distance per doubling of the weight (Kallioinen et al. 2024).
    """

    estimand: str
    prior: float
    likelihood: float

    @property
    def prior_speaks(self) -> bool:
        """Whether the answer depends on the priors enough to be told."""
        return self.prior >= SENSITIVE

    @property
    def conflict(self) -> bool:
        """Whether prior and data both pull, as they do where they disagree."""
        return self.prior_speaks and self.likelihood >= SENSITIVE


@dataclass(frozen=True)
class PosteriorChecks:
    """A model's posterior predictive checks, and the sensitivity of its estimands to its priors."""

    predictive: tuple[PredictiveCheck, ...]
    sensitivity: tuple[PowerScaling, ...]

    @property
    def passed(self) -> bool:
        """Whether no declared extreme is a surprise; sensitivity to priors is told, and fails nothing."""
        return all(check.passed for check in self.predictive)


def predictive_check(extreme: str, observed: float, replicated: Array) -> PredictiveCheck:
    """Compare an observed extreme with its replicated values, of shape (draws,)."""
    low, high = np.quantile(replicated, [TAIL, 1 - TAIL])
    above = (replicated > observed).mean() + (replicated == observed).mean() / 2
    return PredictiveCheck(extreme, float(observed), float(low), float(high), float(above))


def binomial_replicates(people: Counts, rates: Array, seed: int, most: int = 1000) -> Counts:
    """Events that the model would give these people, of shape (draws, …).

    Args:
        people: by cell, of any shape.
        rates: draws of the cells' rates, of shape (draws, …).
        seed: of the events.
        most: draws that are used, evenly spaced among all.
    """
    chosen = np.linspace(0, len(rates) - 1, min(most, len(rates))).astype(np.int64)
    return np.random.default_rng(seed).binomial(people, rates[chosen])


def extremes_of_rates(people: Counts, events: Counts, replicates: Counts) -> tuple[PredictiveCheck, ...]:
    """The largest and the smallest rate of a cell, and the cells without an event, against replicated events.

    Args:
        people, events: by cell, of one shape; cells without people are left out.
        replicates: of shape (draws, …) from `binomial_replicates`.
    """
    held = people > 0
    size = people[held]
    return _checks(
        {
            "largest rate of a cell": lambda counts: (counts[..., held] / size).max(axis=-1),
            "smallest rate of a cell": lambda counts: (counts[..., held] / size).min(axis=-1),
            "cells without an event": lambda counts: (counts[..., held] == 0).sum(axis=-1),
        },
        events,
        replicates,
    )


def extremes_of_differences(people: Counts, events: Counts, replicates: Counts) -> tuple[PredictiveCheck, ...]:
    """`extremes_of_rates`, and the largest and smallest difference between an arm and the control in a segment.

    Differences are in standard errors under equal rates, for else the smallest segment would be the extreme.

    Args:
        people, events: of shape (segments, arms), the control first.
        replicates: of shape (draws, segments, arms).
    """
    held = (people[:, 1:] > 0) & (people[:, :1] > 0)

    def differences(counts: Counts) -> Array:
        size = np.maximum(people, 1)
        rate = counts / size
        pooled = (counts[..., 1:] + counts[..., :1] + 1) / (size[:, 1:] + size[:, :1] + 2)
        error = np.sqrt(pooled * (1 - pooled) * (1 / size[:, 1:] + 1 / size[:, :1]))
        return ((rate[..., 1:] - rate[..., :1]) / error)[..., held]

    return extremes_of_rates(people, events, replicates) + _checks(
        {
            "largest difference of a segment": lambda counts: differences(counts).max(axis=-1),
            "smallest difference of a segment": lambda counts: differences(counts).min(axis=-1),
        },
        events,
        replicates,
    )


def power_scaling(estimand: str, draws: Array, log_prior: Array, log_likelihood: Array) -> PowerScaling:
    """The sensitivity of an estimand to its top-level priors and to the data, by ArviZ.

    Args:
        estimand: its name.
        draws: of the estimand, of shape (chains, draws).
        log_prior: log density of the top-level priors at each draw, of the same shape.
        log_likelihood: log likelihood of all data at each draw, of the same shape.
    """

    def values(array: Array) -> xr.Dataset:
        return xr.Dataset({"value": (("chain", "draw"), array)})

    tree = xr.DataTree.from_dict(
        {
            "posterior": values(draws),
            "log_prior": values(log_prior),
            "log_likelihood": values(log_likelihood),
        }
    )
    prior, likelihood = (float(az.psense(tree, group=group)["value"]) for group in ("prior", "likelihood"))
    return PowerScaling(estimand, prior, likelihood)


def _checks(
    extremes: Mapping[str, Callable[[Counts], Array]], events: Counts, replicates: Counts
) -> tuple[PredictiveCheck, ...]:
    return tuple(
        predictive_check(name, float(statistic(events)), statistic(replicates).astype(np.float64))
        for name, statistic in extremes.items()
    )
