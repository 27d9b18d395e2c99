"""Paired outcomes: one outcome of the same units under every world, and what they tell of an estimand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.simulate.pooling import Mean, minus, times
from workbench.simulate.randomness import Index, Real, Truth
from workbench.simulate.scenarios.declaration import Estimand


@dataclass(frozen=True)
class Paired:
    """One outcome of the same units, people or appointments or sessions, under every world.

    Attributes:
        worlds: the worlds' names: arms, or an arm and what others get, parted by a comma.
        values: (units, worlds), the same latent draws in each row.
        counted: which units belong to the population.
        assigned_on: the day of each unit's assignment, counted from the end of the data.
        chance: (units, worlds), the probability of each world under the randomization as it really was.
    """

    worlds: tuple[str, ...]
    values: Real | Truth | Index
    counted: Truth
    assigned_on: Index
    chance: Real


def estimates(
    estimands: Iterable[Estimand], paired: Mapping[tuple[str, str], Paired]
) -> dict[str, dict[str, Any]]:
    """What `truth.json` holds of every estimand, from the paired outcomes by experiment and outcome."""
    return {each.name: estimate(each, paired[each.experiment, each.outcome]) for each in estimands}


def estimate(stated: Estimand, paired: Paired) -> dict[str, Any]:
    """An estimand and its numbers: everybody under either world, or, if naive, people as they were assigned."""
    who = paired.counted
    if stated.days is not None:
        first, last = stated.days
        who = who & (paired.assigned_on >= first) & (paired.assigned_on <= last)
    side = _expected if stated.naive else _under
    control, treated = side(paired, who, stated.control), side(paired, who, stated.treated)
    return {
        "estimand": stated.words,
        "population": stated.population,
        "experiment": stated.experiment,
        "is_effect": not stated.naive,
        "control": {"world": stated.control, "mean": control},
        "treated": {"world": stated.treated, "mean": treated},
        "difference": minus(treated, control),
        "ratio": times(treated, control),
        "designed": {"control": stated.base, "treated": stated.rate, "ratio": stated.ratio},
    }


def _under(paired: Paired, who: Truth, world: str) -> Mean | None:
    values = paired.values[who, paired.worlds.index(world)]
    return Mean(values.sum().item(), values.size) if values.size else None


def _expected(paired: Paired, who: Truth, arm: str) -> Mean | None:
    """Everybody in every world of the arm, weighted by the probability of being in it."""
    columns = [place for place, world in enumerate(paired.worlds) if world.partition(",")[0] == arm]
    weights = paired.chance[np.ix_(who, columns)]
    total = weights.sum().item()
    return Mean((weights * paired.values[np.ix_(who, columns)]).sum().item(), total) if total else None
