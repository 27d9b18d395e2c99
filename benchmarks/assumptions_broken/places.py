"""People who take each other's places: too few of them in a clinic's week, first come, first served."""

from collections.abc import Callable

import numpy as np

from assumptions_broken.people import NEVER, PEOPLE, WINDOW, Floats, Ints, People, Random

GROUP = 50
WANTING = (0.2, 0.3)


def scarce(slots: int, *, by_group: bool) -> Callable[[Random], People]:
    """Fifty people a clinic and week share so many places, first come, first served."""

    def people(random: Random) -> People:
        groups = PEOPLE // GROUP
        of = np.repeat(np.arange(groups), GROUP)
        arm = (
            random.permutation(np.arange(groups) % 2)[of]
            if by_group
            else np.concatenate([random.permutation(np.arange(GROUP) % 2) for _ in range(groups)])
        )
        delay = served(random, arm, of, slots)
        day = (of % 8) * 7 + random.random(PEOPLE) * 7
        out = random.random(PEOPLE) < 0.02
        return People(arm, day, delay, out, cluster=of if by_group else None)

    return people


def served(random: Random, arm: Ints, of: Ints, slots: int) -> Floats:
    """Who gets a place, and when."""
    wants = random.random(arm.size) < np.array(WANTING)[arm]
    delay = np.where(
        wants, np.minimum(2.6 * np.exp(0.9 * random.standard_normal(arm.size)), WINDOW - 1e-6), NEVER
    )
    order = np.lexsort((delay, of))
    place = np.empty(arm.size, np.int64)
    place[order] = np.arange(arm.size) % GROUP
    return np.where(place < slots, delay, NEVER)


def rolled_out(slots: int) -> float:
    """The effect of texting all, in points: everybody's rate less that where nobody has the text."""
    random = np.random.default_rng(3)
    people = 400_000
    of = np.repeat(np.arange(people // GROUP), GROUP)
    rates = [(served(random, np.full(people, arm), of, slots) < NEVER).mean() for arm in (0, 1)]
    return float(100 * (rates[1] - rates[0]))
