"""Many exact comparisons of event rates at once, for lattices of counts: the model of `RatePosterior`, vectorized.

All arms of a comparison share one panel of Gauss-Legendre nodes over their log rates, as many as the narrowest arm
needs; integrals up to a node are then products with one fixed matrix. What one panel cannot hold (arms of very
different sizes, data far from the prior, priors of Student t) goes to `RatePosterior`, one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_ndtr, ndtri
from threadpoolctl import threadpool_limits

from workbench.experiments.exact.kernels import TOP
from workbench.experiments.exact.priors import RatePrior
from workbench.experiments.exact.quadrature import Array, partial_weights
from workbench.experiments.exact.rates import ArmCounts, RatePosterior
from workbench.experiments.exact.shared_panels import log_kernel, shared_panels
from workbench.refusal import Fault, Refused

_NOTHING: Final = -80.0
# Numbers in one array of a chunk, so that it stays in the cache.
_CHUNK: Final = 120_000
_NEWTON_STEPS: Final = 12


@dataclass(frozen=True)
class Comparisons:
    """Answers to n comparisons of k arms, the control first. Arrays have shape (n, k), (n, k - 1), or as said.

    `expectation` is the posterior mean of each arm's rate, `best` the probability that it is the highest, `loss` the
    expected loss of choosing it; `better` is P(rate > the control's) of each other arm, `low` and `high` the
    equal-tailed interval of its difference to the control; `upto` is P(that difference <= t) at each threshold t that
    was asked for, shape (n, k - 1, thresholds).

    Accuracy: 1e-9 for probabilities, 1e-9 of the rates themselves for losses and differences.
    """

    expectation: Array
    best: Array
    loss: Array
    better: Array
    low: Array
    high: Array
    upto: Array


def compare_many(
    counts: ArrayLike,
    prior: RatePrior | None = None,
    level: float | None = None,
    thresholds: Sequence[float] = (),
) -> Comparisons:
    """Compare arms in every row.

    Args:
        counts: people and events of every arm, the control first; shape (n, arms, 2).
        prior: as of `RatePosterior`.
        level: of the intervals of differences; without it they are not computed, and are not numbers.
        thresholds: differences, as proportions, up to which probabilities are told.

    Raises:
        Refused: counts that are not whole numbers from 0 to the number of people, fewer than two arms, or an arm
            without people.
    """
    given = _checked(counts, level)
    prior = prior or RatePrior()
    n, arms, _ = given.shape
    shapes = [*[(n, arms)] * 3, *[(n, arms - 1)] * 3, (n, arms - 1, len(thresholds))]
    found = Comparisons(*(np.full(shape, np.nan) for shape in shapes))
    RatePosterior([ArmCounts("a", 1, 0), ArmCounts("b", 1, 0)], "a", prior)
    low, high, size = shared_panels(given, prior)
    if level is not None or thresholds:
        # Where rates reach 1, the distribution of a difference has kinks that one panel does not see.
        size[high >= TOP] = 0
    for nodes in np.unique(size):
        rows = np.flatnonzero(size == nodes)
        if nodes == 0:
            for row in rows:
                _put(found, row, _one_by_one(given[row], prior, level, thresholds))
            continue
        per_chunk = max(1, _CHUNK // int(nodes) ** 2)
        # Products this small take several threads four times as long as one.
        with threadpool_limits(limits=1, user_api="blas"):
            for first in range(0, len(rows), per_chunk):
                chunk = rows[first : first + per_chunk]
                panel = _Panel(given[chunk], low[chunk], high[chunk], int(nodes), prior)
                _put(found, chunk, panel.answers(level, thresholds))
    for row in np.flatnonzero(~np.isfinite(found.high).all(axis=1)) if level is not None else ():
        _put(found, row, _one_by_one(given[row], prior, level, thresholds))
    return found


def _put(found: Comparisons, rows: Any, answers: Comparisons) -> None:
    for field in fields(Comparisons):
        getattr(found, field.name)[rows] = getattr(answers, field.name)


def _checked(counts: ArrayLike, level: float | None) -> NDArray[np.float64]:
    given = np.asarray(counts)
    if given.ndim != 3 or given.shape[1] < 2 or given.shape[2] != 2:
        raise Refused(Fault("counts", "they have another shape.", "Give comparisons × arms (two or more) × 2."))
    if given.dtype.kind not in "iuf" or not np.all(np.isfinite(given) & (given == np.floor(given))):
        raise Refused(Fault("counts", "they are not whole numbers.", "Give people and events as counts."))
    if np.any(given[..., 0] < 1):
        raise Refused(Fault("counts", "an arm has no people.", "Leave the comparison out."))
    if np.any((given[..., 1] < 0) | (given[..., 1] > given[..., 0])):
        raise Refused(
            Fault("counts", "events are not between 0 and people.", "Count each person at most once.")
        )
    if level is not None and not 0 < level < 1:
        raise Refused(Fault("level", "it is not between 0 and 1.", "Give a proportion, such as 0.95."))
    return given.astype(float)


def _one_by_one(
    counts: Array, prior: RatePrior, level: float | None, thresholds: Sequence[float]
) -> Comparisons:
    """The answers to one comparison by `RatePosterior`."""
    names = [str(place) for place in range(len(counts))]
    arms = [
        ArmCounts(name, int(people), int(events)) for name, (people, events) in zip(names, counts, strict=True)
    ]
    posterior = RatePosterior(arms, "0", prior)
    best = posterior.probability_best()
    ranges = [posterior.difference(arm, level=level) for arm in names[1:]] if level is not None else None
    unknown = np.full(len(names) - 1, np.nan)
    return Comparisons(
        np.array([posterior.expectation(arm) for arm in names]),
        np.array([best[arm] for arm in names]),
        np.array([posterior.expected_loss(arm) for arm in names]),
        np.array([posterior.probability_better(arm) for arm in names[1:]]),
        np.array([each.low for each in ranges]) if ranges else unknown,
        np.array([each.high for each in ranges]) if ranges else unknown,
        np.array([[posterior.difference_cdf(t, arm) for t in thresholds] for arm in names[1:]]),
    )


def _exp(x: Array) -> Array:
    """exp(x), never so small that products become subnormal, with which processors are slow."""
    return np.exp(np.maximum(x, _NOTHING))


@cache
def _rule(nodes: int) -> tuple[Array, Array, Array, Array]:
    """Nodes, weights, weights up to each node, and weights of barycentric interpolation (Wang and Xiang 2012)."""
    at, weights = legendre.leggauss(nodes)
    barycentric = np.where(np.arange(nodes) % 2, -1.0, 1.0) * np.sqrt((1 - at**2) * weights)
    return at, weights, partial_weights(at, at, weights), barycentric


class _Panel:
    """A chunk of b comparisons on q nodes each: rows are the control's log rate, columns an arm's."""

    def __init__(self, counts: Array, low: Array, high: Array, nodes: int, prior: RatePrior) -> None:
        self._half, self._center = (high - low)[:, None] / 2, (high + low)[:, None] / 2
        self._at, weights, upto, self._barycentric = _rule(nodes)
        self._tau = prior.log_ratio_sd
        self._log = self._center + self._half * self._at
        self._rates = np.exp(self._log)
        self._counts = counts[:, 1:]
        log_weight = np.log(weights) + log_kernel(
            self._log,
            counts[:, :1, 1] + prior.baseline_events,
            (counts[:, :1, 0] - counts[:, :1, 1]) + prior.baseline_others - 1,
        )
        log_weight = log_weight - self._counts.shape[1] * log_ndtr(-self._log / self._tau)
        gaps = (self._at[None, :] - self._at[:, None]) ** 2 / 2
        prior_density = _exp(-gaps * ((self._half / self._tau) ** 2)[:, :, None])
        self._density, self._below, self._scale = [], [], []
        for arm in range(self._counts.shape[1]):
            kernel = self._arm_kernel(self._log, arm)
            top = kernel.max(axis=1, keepdims=True)
            joint = prior_density * _exp(kernel - top)[:, None, :]
            evidence = joint @ weights
            self._density.append(joint / evidence[:, :, None])
            self._below.append(np.clip(self._density[-1] @ upto.T, 0.0, 1.0))
            self._scale.append(top + np.log(evidence))
            log_weight = log_weight + np.log(evidence)
        mass = _exp(log_weight - log_weight.max(axis=1, keepdims=True))
        self._mass = mass / mass.sum(axis=1, keepdims=True)
        self._weights, self._upto, self._past = weights, upto, upto[::-1, ::-1]

    def _arm_kernel(self, x: Array, arm: int) -> Array:
        people, events = self._counts[:, arm, :1], self._counts[:, arm, 1:]
        return log_kernel(x, events, people - events)

    def answers(self, level: float | None, thresholds: Sequence[float]) -> Comparisons:
        """All of them."""
        arms = range(len(self._density))
        slope = (self._rates * self._half)[:, None, :]
        expectation = [np.einsum("bi,bi->b", self._mass, self._rates)]
        past = self._mass[:, :, None] * self._past
        before = self._mass[:, :, None] * self._upto
        here = np.prod([np.einsum("bii->bi", below) for below in self._below], axis=0)
        best = [np.einsum("bi,bi->b", self._mass, here)]
        everyone = np.prod(self._below, axis=0)
        loss = [np.einsum("bij,bij->b", past, (1 - everyone) * slope)]
        better = []
        for arm in arms:
            margin = np.einsum("bi,bij->bj", self._mass, self._density[arm])
            expectation.append((margin * self._rates) @ self._weights)
            others = [self._below[other] for other in arms if other != arm]
            highest = np.prod(others, axis=0) if others else np.ones(1)
            best.append(np.einsum("bij,bij->b", past, self._density[arm] * highest))
            cost = (before + past * (1 - highest)) * self._below[arm]
            loss.append(np.einsum("bij,bj->b", cost, slope[:, 0]))
            better.append(np.einsum("bij,bij->b", past, self._density[arm]))
        ends = [self._interval(arm, level) for arm in arms] if level is not None else None
        unknown = np.full(len(self._mass), np.nan)
        low, high = zip(*ends, strict=True) if ends else ([unknown] * len(arms),) * 2
        upto = [[self._difference(arm, np.full_like(unknown, t))[0] for t in thresholds] for arm in arms]
        return Comparisons(
            np.stack(expectation, axis=1),
            np.stack(best, axis=1),
            np.stack(loss, axis=1),
            np.stack(better, axis=1),
            np.stack(low, axis=1),
            np.stack(high, axis=1),
            np.reshape(upto, (len(arms), len(thresholds), len(unknown))).transpose(2, 0, 1),
        )

    def _interval(self, arm: int, level: float) -> tuple[Array, Array]:
        """Both ends of the equal-tailed interval of an arm's difference to the control, shape (b,)."""
        joint = self._mass[:, :, None] * self._density[arm] * self._weights
        gaps = self._rates[:, None, :] - self._rates[:, :, None]
        mean = np.einsum("bij,bij->b", joint, gaps)
        away = gaps - mean[:, None, None]
        square = joint * away**2
        sd = np.sqrt(square.sum(axis=(1, 2)))
        skew = np.einsum("bij,bij->b", square, away) / sd**3
        tail = (1 - level) / 2
        ends = []
        for at in (tail, 1 - tail):
            z = float(ndtri(at))
            ends.append(self._quantile(arm, at, mean + sd * (z + skew * (z**2 - 1) / 6), sd))
        return ends[0], ends[1]

    def _quantile(self, arm: int, at: float, start: Array, sd: Array) -> Array:
        """Newton's method from a start by moments (Cornish and Fisher); not a number where it does not settle."""
        point = start
        for _ in range(_NEWTON_STEPS):
            upto, density = self._difference(arm, point)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = np.clip((upto - at) / density, -sd, sd)
            point = point - step
            if np.all(np.abs(step) < 1e-6 * sd):
                break
        # Newton's error squares: after a step of 1e-6 it is that of rounding.
        return np.where(np.abs(step) < 1e-6 * sd, point, np.nan)

    def _difference(self, arm: int, threshold: Array) -> tuple[Array, Array]:
        """P(difference <= threshold), and its density there, both of shape (b,)."""
        limit = self._rates + threshold[:, None]
        log_limit = np.log(np.maximum(limit, 1e-300))
        u = (log_limit - self._center) / self._half
        inside = (u > -1) & (u < 1)
        away = np.where(inside, u, 0.0)[:, :, None] - self._at
        away[away == 0] = 1e-300
        lagrange = self._barycentric / away
        upto = np.einsum("bij,bij->bi", lagrange, self._below[arm]) / lagrange.sum(axis=2)
        upto = np.where(inside, upto, u >= 1)
        log_limit = np.where(inside, log_limit, self._center)
        gap = ((log_limit - self._log) / self._tau) ** 2 / 2
        log_density = self._arm_kernel(log_limit, arm) - gap - self._scale[arm]
        density = np.where(inside, np.exp(log_density) / np.where(inside, limit, 1.0) / self._half, 0.0)
        return np.einsum("bi,bi->b", self._mass, upto), np.einsum("bi,bi->b", self._mass, density)
