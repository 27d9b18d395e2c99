"""Designed figures, met by the very people: a push is solved for, so that a share is what it was designed to be."""

from collections.abc import Callable

# Fine enough to part any two people, and coarse enough that rounding does not move one across the line.
HALVINGS = 32


def solve(
    reached: Callable[[float], float], wanted: float, low: float, high: float, halvings: int = HALVINGS
) -> float:
    """The smallest push at which something that rises with it reaches what is wanted, by bisection.

    Args:
        reached: a number that never falls as the push rises, such as the people who book under it.
        wanted: what it shall reach.
        low, high: the weakest and the strongest push; where neither the one nor the other side will do, the
            answer is that end, and the truth tells how far it went.
        halvings: how often the interval is halved.
    """
    for _ in range(halvings):
        push = (low + high) / 2
        if reached(push) < wanted:
            low = push
        else:
            high = push
    return high


def designed_count(share: float, people: int) -> int:
    """The number of people that is nearest to a share of them."""
    return round(share * people)
