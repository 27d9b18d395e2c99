"""When a team must look again: a group goes or comes, a group's share drifts, the frozen definition fits no more.

Thresholds, and why:

- A group is dissolving where its share falls below that which a group must hold to be found, or its people are fewer
  than `FEWEST_OF_A_GROUP`.
- A group that rules define is what it is however few it holds; that nobody is in it any more is told.
- At a refit, a group is dissolved where none of the new ones matches it, and born where it matches none of those before
  (`matching`).
- A share drifts where it changed by at least `DRIFT_OF_NOTE`, and by more than chance: its change is a sum over people,
  each of whom adds little (who stays in her group nothing), with a variance that is the sum of squares. Over all groups
  together the chance of a false alarm is `CHANCE` (Bonferroni).
- The yardstick is out of date where everybody's mean of a feature has moved by `SHIFT` standard deviations of the
  refit, or its spread by a factor of `SPREAD`. Less moves the borders by less than a person's own noise.
- The fit has become worse where people lie farther from the centers of their groups than at the refit by a factor of
  `SCATTER`, or are put into their groups with a mean probability lower by `CERTAINTY`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from workbench.segments.weekly.labels import Labels, Matrix

Kind = Literal[
    "dissolving",
    "nobody",
    "dissolved",
    "born",
    "share",
    "yardstick",
    "scatter",
    "certainty",
    "refit_due",
    "movement",
]

CHANCE = 0.05
DRIFT_OF_NOTE = 0.02
SHIFT = 0.25
SPREAD = 1.25
SCATTER = 1.15
CERTAINTY = 0.05
FEWEST_OF_A_GROUP = 50


@dataclass(frozen=True)
class Alarm:
    """One reason to look again.

    `about` is the place of the group or feature, None where it is of all; `value` what was found and `threshold` what
    it is held to, in the same unit: shares, standard deviations, factors, probabilities or days. `letter` names a group
    that came or went at a refit.
    """

    kind: Kind
    about: int | None
    value: float
    threshold: float
    letter: str = ""


@dataclass(frozen=True)
class Condition:
    """How well a frozen definition fits some people, in numbers that name nobody.

    `shares` (groups,) of the people; `means` and `spreads` (features,) on the yardstick, 0 and 1 at the refit;
    `centers` (groups, features), NaN of an empty group; `scatter` the mean squared distance from them, for each
    feature; `certainty` the mean probability of the group that people were put into.
    """

    people: int
    shares: NDArray[np.float64]
    means: NDArray[np.float64]
    spreads: NDArray[np.float64]
    centers: Matrix
    scatter: float
    certainty: float


def condition_of(
    scaled: Matrix, labels: Labels, probabilities: Matrix, centers: Matrix | None = None
) -> Condition:
    """How well groups fit people.

    Args:
        scaled: (n, features) on the yardstick; may hold NaN where a value is missing.
        labels: (n,) groups.
        probabilities: (n, groups).
        centers: (groups, features) of the refit, from which the scatter is taken; these people's own unless given.
    """
    groups = probabilities.shape[1]
    own = np.vstack([_mean(scaled[labels == group]) for group in range(groups)])
    apart = (scaled - (own if centers is None else centers)[labels]) ** 2
    return Condition(
        people=len(labels),
        shares=np.bincount(labels, minlength=groups) / max(len(labels), 1),
        means=_mean(scaled),
        spreads=np.sqrt(_mean((scaled - _mean(scaled)) ** 2)),
        centers=own,
        scatter=float(np.mean(apart[np.isfinite(apart)])) if np.isfinite(apart).any() else 0.0,
        certainty=float(probabilities[np.arange(len(labels)), labels].mean()) if len(labels) else 0.0,
    )


def groups_at_risk(now: Condition, smallest_share: float) -> Iterator[Alarm]:
    """Groups that hold too few people to be one."""
    for group, share in enumerate(now.shares):
        least = max(smallest_share, FEWEST_OF_A_GROUP / max(now.people, 1))
        if share < least:
            yield Alarm("dissolving", group, float(share), least)


def groups_of_nobody(now: Condition, refit: Condition) -> Iterator[Alarm]:
    """Groups that held somebody at the refit, and nobody now."""
    for group, (share, was) in enumerate(zip(now.shares, refit.shares, strict=True)):
        if was > 0 and share == 0:
            yield Alarm("nobody", group, 0.0, 1 / max(now.people, 1))


def drifting_shares(before: Labels, after: Labels, groups: int) -> Iterator[Alarm]:
    """Groups whose share changed by more than chance, and by enough to note.

    Args:
        before, after: everybody followed on either day: the group on each, `groups` where not followed.
        groups: how many there are.
    """
    for group, (change, error) in enumerate(share_changes(before, after, groups)):
        least = max(DRIFT_OF_NOTE, float(norm.ppf(1 - CHANCE / (2 * groups))) * error)
        if abs(change) >= least:
            yield Alarm("share", group, change, least)


def share_changes(before: Labels, after: Labels, groups: int) -> list[tuple[float, float]]:
    """For each group the change of its share from the earlier day to the later one, and its standard error."""
    here, there = before < groups, after < groups
    n, m = max(int(here.sum()), 1), max(int(there.sum()), 1)
    found = []
    for group in range(groups):
        then, now = before == group, after == group
        pooled = (then.sum() + now.sum()) / (n + m)
        each = (now - pooled) * there / m - (then - pooled) * here / n
        found.append((float(each.sum()), float(np.sqrt(np.sum(each**2)))))
    return found


def worse_fit(now: Condition, refit: Condition) -> Iterator[Alarm]:
    """Where the definition fits worse than at its refit; `now` with the scatter about the refit's centers."""
    for feature, (mean, was) in enumerate(zip(now.means, refit.means, strict=True)):
        if abs(mean - was) >= SHIFT:
            yield Alarm("yardstick", feature, float(mean - was), SHIFT)
        elif refit.spreads[feature] > 0:
            spread = float(now.spreads[feature] / refit.spreads[feature])
            if not 1 / SPREAD < spread < SPREAD:
                yield Alarm("yardstick", feature, spread, SPREAD)
    if refit.scatter > 0 and now.scatter >= SCATTER * refit.scatter:
        yield Alarm("scatter", None, now.scatter / refit.scatter, SCATTER)
    if now.certainty <= refit.certainty - CERTAINTY:
        yield Alarm("certainty", None, now.certainty - refit.certainty, -CERTAINTY)


def in_order(alarms: Sequence[Alarm]) -> tuple[Alarm, ...]:
    """The most pressing first."""
    order: tuple[Kind, ...] = (
        "dissolving",
        "nobody",
        "dissolved",
        "born",
        "yardstick",
        "scatter",
        "certainty",
        "share",
        "movement",
        "refit_due",
    )
    return tuple(sorted(alarms, key=lambda alarm: order.index(alarm.kind)))


def _mean(values: Matrix) -> NDArray[np.float64]:
    """Column means of what is not missing; NaN where all is."""
    known = np.isfinite(values)
    counted = known.sum(axis=0)
    sums = np.where(known, values, 0.0).sum(axis=0)
    return np.divide(sums, counted, out=np.full(values.shape[1], np.nan), where=counted > 0)
