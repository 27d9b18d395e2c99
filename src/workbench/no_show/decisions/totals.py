"""How many of a group's appointments come out one way: the distribution of a sum of unequal coins with a shared effect.

Given the effect, the sum is Poisson-binomial, found by adding one appointment after the other; a large group's is taken
to be normal. The distribution told is the mixture over the effects. Without an effect it is that of independent
coins.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

Real = NDArray[np.float64]
Index = NDArray[np.int64]

# From so many appointments on a sum is taken to be normal, given the effect.
LARGE = 600
# Appointments of how many groups are worked on at once, counted with the effects and the sums.
AT_ONCE = 100_000


def total_distributions(log_odds: Real, group: Index, nodes: Real, weights: Real) -> list[Real]:
    """The distribution of each group's sum, from 0 to its size.

    Args:
        log_odds: of each appointment, shape (n,).
        group: of each, numbers from 0 without gaps, shape (n,).
        nodes: effects, shape (k,).
        weights: of the effects, shape (k,); they sum to 1.
    """
    order = np.argsort(group, kind="stable")
    members = np.split(log_odds[order], np.cumsum(np.bincount(group))[:-1])
    sizes = np.array([each.size for each in members])
    found: list[Real] = [np.empty(0)] * len(members)
    by_size = np.argsort(sizes, kind="stable")
    start = 0
    while start < by_size.size:
        # Groups of like size are added up side by side.
        stop = start + 1
        while stop < by_size.size and (stop - start) * nodes.size * (sizes[by_size[stop]] + 1) < AT_ONCE:
            stop += 1
        batch = by_size[start:stop]
        small = [int(place) for place in batch if sizes[place] < LARGE]
        if small:
            for place, law in zip(
                small, _added_up([members[place] for place in small], nodes, weights), strict=True
            ):
                found[place] = law
        for place in (int(place) for place in batch if sizes[place] >= LARGE):
            found[place] = _normal(members[place], nodes, weights)
        start = stop
    return found


def _added_up(members: list[Real], nodes: Real, weights: Real) -> list[Real]:
    longest = max(each.size for each in members)
    padded = np.full((len(members), longest), -np.inf)
    for place, each in enumerate(members):
        padded[place, : each.size] = each
    law = np.zeros((len(members), nodes.size, longest + 1))
    law[:, :, 0] = 1.0
    for column in range(longest):
        chance = expit(padded[:, column][:, None] + nodes)[:, :, None]
        reached = law[:, :, : column + 1]
        law[:, :, 1 : column + 2] = np.concatenate(
            [law[:, :, 1 : column + 1] * (1 - chance), np.zeros_like(chance)], axis=2
        ) + (reached * chance)
        law[:, :, :1] *= 1 - chance
    mixed = np.einsum("k,gkt->gt", weights, law)
    return [mixed[place, : each.size + 1] for place, each in enumerate(members)]


def _normal(log_odds: Real, nodes: Real, weights: Real) -> Real:
    law = np.zeros(log_odds.size + 1)
    edges = np.arange(log_odds.size) + 0.5
    for node, weight in zip(nodes, weights, strict=True):
        chance = expit(log_odds + node)
        below = norm.cdf(edges, chance.sum(), np.sqrt((chance * (1 - chance)).sum()))
        law += weight * np.diff(np.concatenate([[0.0], below, [1.0]]))
    return law
