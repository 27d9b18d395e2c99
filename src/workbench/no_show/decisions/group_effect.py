"""What all appointments of a clinic day (or of a day, or a session) have in common: an effect on the log odds.

logit P(event of i in g) = log odds told of i + u_g, u_g ~ Normal(a, s^2). For every group the likelihood of u lies on a
grid; a and s get a posterior on a grid of their own, by summing over u: quadrature, no sampling. A new group's u is
then predicted with all that is not known of a and s.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from workbench.no_show.scores.estimates import LEVEL, Estimate

Real = NDArray[np.float64]
Index = NDArray[np.int64]

EFFECTS = np.round(np.arange(-2.5, 2.51, 0.02), 2)
SHIFTS = np.round(np.arange(-0.6, 0.61, 0.02), 2)
SPREADS = np.concatenate([[0.0], np.geomspace(0.03, 1.5, 20)])
# Prior scales: the spread is half-normal, the shift normal.
SPREAD_PRIOR, SHIFT_PRIOR = 0.5, 0.5
NODES = 25
# Of the predicted effects this much is left out at either end.
TAIL = 1e-4
# Groups worked on at once.
AT_ONCE = 2_000


@dataclass(frozen=True)
class GroupEffect:
    """The effect predicted for a new group, and what was learned of it.

    `nodes` and `weights` are its predictive distribution in log odds, shape (k,), the weights summing to 1. `shift` and
    `spread` are a and s with credible intervals.
    """

    nodes: Real
    weights: Real
    shift: Estimate
    spread: Estimate

    @property
    def turned(self) -> "GroupEffect":
        """The same effect on the log odds of the opposite."""
        shift = Estimate(-self.shift.value, -self.shift.high, -self.shift.low, self.shift.level)
        return GroupEffect(-self.nodes, self.weights, shift, self.spread)


def learn_effect(log_odds: Real, event: Real, group: Index) -> GroupEffect:
    """Learn the effect from groups whose outcomes are known, on days that trained no model.

    Args:
        log_odds: told of each appointment, shape (n,).
        event: 0 or 1, shape (n,).
        group: of each, numbers from 0 without gaps, shape (n,).
    """
    likelihood = _likelihood(log_odds, event, group)
    laws = _laws()
    summed = np.zeros(SHIFTS.size * SPREADS.size)
    with np.errstate(divide="ignore"):  # a narrow law far off leaves a group no likelihood at all
        for start in range(0, len(likelihood), AT_ONCE):
            summed += np.log(likelihood[start : start + AT_ONCE] @ laws.reshape(EFFECTS.size, -1)).sum(0)
    marginal = summed.reshape(SHIFTS.size, SPREADS.size)
    widths = np.gradient(SPREADS)
    prior = norm.logpdf(SHIFTS, scale=SHIFT_PRIOR)[:, None] + (
        norm.logpdf(SPREADS, scale=SPREAD_PRIOR) + np.log(widths)
    )
    posterior = np.exp(marginal + prior - (marginal + prior).max())
    posterior /= posterior.sum()
    predicted = np.einsum("kas,as->k", laws, posterior)
    return GroupEffect(
        *_thinned(predicted),
        shift=_summed_up(SHIFTS, posterior.sum(1)),
        spread=_summed_up(SPREADS, posterior.sum(0)),
    )


def _likelihood(log_odds: Real, event: Real, group: Index) -> Real:
    """The likelihood of each effect in each group, up to a factor, shape (groups, effects)."""
    groups = int(group.max()) + 1
    found = np.empty((groups, EFFECTS.size))
    for place, effect in enumerate(EFFECTS):
        moved = log_odds + effect
        found[:, place] = np.bincount(group, event * moved - np.logaddexp(0, moved), groups)
    return np.exp(found - found.max(1, keepdims=True))


def _laws() -> Real:
    """Normal(a, s^2) on the grid of effects, shape (effects, shifts, spreads); where s is 0, all of it at a."""
    far = EFFECTS[:, None, None] - SHIFTS[None, :, None]
    laws = np.exp(-0.5 * (far / np.maximum(SPREADS, 1e-3)[None, None, :]) ** 2)
    return np.asarray(laws / laws.sum(0, keepdims=True))


def _thinned(predicted: Real) -> tuple[Real, Real]:
    """A few nodes with the same mean in each stretch."""
    below = np.cumsum(predicted)
    kept = np.flatnonzero((below > TAIL) & (below - predicted < 1 - TAIL))
    stretches = [part for part in np.array_split(kept, NODES) if part.size]
    weights = np.array([predicted[part].sum() for part in stretches])
    nodes = np.array([predicted[part] @ EFFECTS[part] for part in stretches]) / weights
    return nodes, weights / weights.sum()


def _summed_up(values: Real, weights: Real) -> Estimate:
    below = np.cumsum(weights)
    low, high = (
        float(values[min(int(np.searchsorted(below, at)), values.size - 1)])
        for at in ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    )
    return Estimate(float(values @ weights), low, high)
