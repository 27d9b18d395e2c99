"""Exact posterior of mean scores of ordered answers: independent arms, a Dirichlet on the shares of the answers.

The mean score X = sum_c w_c pi_c is the ratio of sum_c w_c G_c to sum_c G_c, with independent G_c ~ Gamma(alpha_c).
Its density is an integral of the gammas' moment generating functions along the line of steepest descent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, gammaln

from workbench.experiments.exact.independent import IndependentPosterior, Margin
from workbench.experiments.exact.posterior import arm_faults
from workbench.experiments.exact.priors import DirichletPrior
from workbench.experiments.exact.quadrature import Array, grid_of
from workbench.experiments.exact.scales import PLAIN
from workbench.experiments.exact.support import DROP
from workbench.refusal import Fault, Refused

# At a score that others do not outweigh by so much, the density has a kink that panels must close in on.
_SMOOTH: Final = 40.0
_CLOSER: Final = 4.0
# Nearer to each other than this, relative to the scores, doubles do not tell points within a panel apart.
_CLOSEST: Final = 1e-14
_STEPS_OF_BISECTION: Final = 64
_ROWS_AT_ONCE: Final = 256
_FIRST_STEP: Final = 0.25
_SHORTEST: Final = 1e-3
_CHANGE: Final = 1e-8


@dataclass(frozen=True)
class ArmScores:
    """What was answered in one arm: how many people gave each answer, in the order of the scores."""

    arm: str
    people: tuple[int, ...]


class ScorePosterior(IndependentPosterior):
    """The joint posterior of all arms' mean scores, among people who answer.

    Args:
        observed: one entry per arm; two arms or more.
        scores: what each answer counts; rising.
        control: the arm that the others are compared with.
        prior: on the shares of the answers, one weight each; 1 each where there is none.

    Raises:
        Refused: arms that cannot be compared, numbers of people that are no counts, an arm without an answer, scores
            that do not rise, or lists of different lengths.
    """

    def __init__(
        self,
        observed: Sequence[ArmScores],
        scores: Sequence[float],
        control: str,
        prior: DirichletPrior | None = None,
    ) -> None:
        prior = prior or DirichletPrior((1.0,) * len(scores))
        faults = _faults(observed, scores, control, prior)
        if faults:
            raise Refused(*faults)
        at, start = np.asarray(scores, dtype=float), np.asarray(prior.weights)
        self._weights = {entry.arm: start + np.asarray(entry.people) for entry in observed}
        margins = {arm: _margin(at, weights) for arm, weights in self._weights.items()}
        differ = sum(_log_beta(weights) - _log_beta(start) for weights in self._weights.values())
        together = np.sum(list(self._weights.values()), axis=0) - (len(observed) - 1) * start
        alike = _log_beta(together) - _log_beta(start)
        super().__init__(margins, control, PLAIN, float(differ - alike))

    def shares(self, arm: str) -> Array:
        """Posterior mean of the share of each answer, in the order of the scores."""
        return self._weights[arm] / self._weights[arm].sum()

    def answer_higher(self, arm: str, versus: str | None = None) -> tuple[float, float]:
        """Of two people who answer, one of each arm: P(the arm's answer is the higher one), and P(they are equal)."""
        first, second = self.shares(arm), self.shares(self._other(arm, versus))
        lower = np.cumsum(second) - second
        return float(first @ lower), float(first @ second)


def log_density(at: Array, scores: Array, weights: Array) -> Array:
    """Log density of sum_c scores_c pi_c, pi ~ Dirichlet(weights), at points between the extreme scores.

    With D = sum_c G_c independent of X, the density of D (X - t) at 0 is E[1 / D] = 1 / (A - 1) times that of X at t,
    A = sum_c weights_c > 1; and it is the integral of prod_c (1 - (w_c - t) s)^(-weights_c) over s along a vertical
    line. Through the saddle point the integrand has no wave near its peak; s - saddle = i sigma sinh(y) makes it decay
    exponentially, so that the trapezoid rule converges exponentially.

    Args:
        at: shape (m,).
        scores: shape (c,).
        weights: all above 0, shape (c,).

    Reference: Geary (1944) for ratios, Daniels (1954) for the saddle point.
    """
    lowest, highest = np.nextafter(scores[0], np.inf), np.nextafter(scores[-1], -np.inf)
    at = np.clip(at, lowest, highest)
    parts = [
        _log_density(at[first : first + _ROWS_AT_ONCE], scores, weights)
        for first in range(0, len(at), _ROWS_AT_ONCE)
    ]
    return np.concatenate(parts)


def _log_density(at: Array, scores: Array, weights: Array) -> Array:
    total = weights.sum()
    height, pulls = _saddle(at, scores, weights)
    sigma = 1 / np.sqrt(pulls**2 @ weights)
    least = np.abs(pulls * sigma[:, None]).min(axis=1)
    all_decay = np.log(2 / np.maximum(least, 1e-300)) + DROP / (total - 1)
    others_decay = DROP / max(total - weights.max() - 1, 1e-3)
    last = 3 + float(np.minimum(all_decay, others_decay).max())
    step = _FIRST_STEP
    start = _descent(np.zeros(1), sigma, pulls, weights) / 2
    summed = start + _descent(np.arange(step, last, step), sigma, pulls, weights)
    while True:
        middles = _descent(np.arange(step / 2, last, step), sigma, pulls, weights)
        change = np.abs(summed - middles) / np.abs(summed + middles)
        summed, step = summed + middles, step / 2
        # The error squares as the step halves: what hardly changes has converged.
        if change.max() < _CHANGE or step < _SHORTEST:
            break
    integral = 2 * step * summed
    return height + np.log(np.maximum(integral, 1e-300) * (total - 1) / (2 * np.pi))


def _descent(y: Array, sigma: Array, pulls: Array, weights: Array) -> Array:
    """Sum over y of the real part of prod_c (1 - i v a_c / (1 - a_c s))^(-weights_c) dv / dy. Shape (m,)."""
    v = sigma[:, None] * np.sinh(y)
    log_size, angle = np.zeros_like(v), np.zeros_like(v)
    for pull, weight in zip(pulls.T, weights, strict=True):
        turned = v * pull[:, None]
        log_size -= weight / 2 * np.log1p(turned**2)
        angle += weight * np.arctan(turned)
    return (np.exp(log_size) * np.cos(angle) * np.hypot(v, sigma[:, None])).sum(axis=1)


def _saddle(at: Array, scores: Array, weights: Array) -> tuple[Array, Array]:
    """Log of the integrand at its saddle point, shape (m,), and a_c / (1 - a_c s) there, shape (m, c)."""
    away = scores[None, :] - at[:, None]
    # 1 - a_c s for s at either end of where all of them are above 0; between them it is their weighted mean.
    at_low, at_high = 1 - away / away.min(axis=1, keepdims=True), 1 - away / away.max(axis=1, keepdims=True)
    bottom, top = np.full((len(at), 1), -600.0), np.full((len(at), 1), 600.0)
    for _ in range(_STEPS_OF_BISECTION):
        middle = (bottom + top) / 2
        rest = expit(-middle) * at_low + expit(middle) * at_high
        falls = (weights * away / rest).sum(axis=1, keepdims=True) < 0
        bottom, top = np.where(falls, middle, bottom), np.where(falls, top, middle)
    return -np.log(rest) @ weights, away / rest


def _margin(scores: Array, weights: Array) -> Margin:
    """The density of a mean score on panels that close in on the scores where it has kinks."""
    total = weights.sum()
    mean = float(scores @ weights / total)
    sd = float(np.sqrt(((scores - mean) ** 2 @ weights) / (total * (total + 1))))
    low, high = _range(scores, weights)
    edges = [np.linspace(low, high, max(10, int(np.ceil((high - low) / sd))) + 1)]
    for score, weight in zip(scores, weights, strict=True):
        others = total - weight
        if low <= score <= high and others < _SMOOTH:
            distances = (high - low) * _CLOSER ** -np.arange(0, np.ceil(28 / min(others, 28.0)) + 1)
            edges += [score - distances, np.array([score]), score + distances]
    together = np.unique(np.concatenate(edges))
    apart = np.diff(together, prepend=-np.inf) > _CLOSEST * np.abs(scores).max()
    together = together[apart]
    return Margin.of(
        grid_of(together[(together >= low) & (together <= high)]),
        lambda at: log_density(at, scores, weights),
    )


def _range(scores: Array, weights: Array) -> tuple[float, float]:
    """Where the saddle point's height, a density but for a smooth factor, is within `DROP` of its peak."""
    low, high = float(scores.min()), float(scores.max())
    while True:
        at = np.linspace(low, high, 259)
        height = _saddle(at[1:-1], scores, weights)[0]
        kept = np.flatnonzero(height > height.max() - DROP - 5)
        first, last = at[kept[0]], at[kept[-1] + 2]
        if last - first > 0.8 * (high - low):
            return float(first), float(last)
        low, high = first, last


def _log_beta(weights: Array) -> float:
    return float(gammaln(weights).sum() - gammaln(weights.sum()))


def _faults(
    observed: Sequence[ArmScores], scores: Sequence[float], control: str, prior: DirichletPrior
) -> list[Fault]:
    faults = arm_faults([entry.arm for entry in observed], control)
    at = np.asarray(scores, dtype=float)
    if len(at) < 2 or not np.all(np.isfinite(at)) or not np.all(np.diff(at) > 0):
        faults.append(Fault("scores", "they do not rise.", "Give two scores or more, from low to high."))
    if len(prior.weights) != len(at):
        faults.append(Fault("prior", "it has another number of answers.", "Give one weight for each score."))
    for entry in observed:
        where = f"arm {entry.arm}"
        if len(entry.people) != len(at):
            faults.append(Fault(where, "it has another number of answers.", "Give people for each score."))
        elif not all(isinstance(n, int | np.integer) and n >= 0 for n in entry.people):
            faults.append(Fault(where, "its people are not whole numbers from 0.", "Give people as counts."))
        elif sum(entry.people) < 1:
            faults.append(Fault(where, "nobody has answered.", "Leave the arm out, or wait until someone has."))
    return faults
