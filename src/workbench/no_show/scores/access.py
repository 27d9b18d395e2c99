"""Access to reminders by need: of those who would miss, what share the list calls, by group of patients.

Those who would otherwise miss need a reminder; a group of whom a smaller share is called is reached less. One list, the
highest risks of each day, serves all groups: none has a threshold of its own.

Where groups differ in how many miss, a list by risks that are calibrated alike in both cannot leave out the same
share of their no-shows and call the same share of those who come (Kleinberg, Mullainathan and Raghavan, ITCS 2017;
Chouldechova, Big Data 5 (2017) 153-163). `conflicts` finds where this happens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from operator import attrgetter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.parameters import Subgroup
from workbench.no_show.scores.estimates import Estimate, clustered_mean
from workbench.no_show.scores.subgroups import FOR_INTERCEPT, GroupScores, group_of

Real = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Access:
    """Who of one group is on the clinic's lists.

    `reached` is the share called of those who missed, `needless` the share called of those who came; None where there
    is nobody of the kind.
    """

    by: Subgroup
    group: str
    missed_patients: int
    missed: int
    missed_called: int
    came_patients: int
    came: int
    came_called: int
    reached: Estimate | None
    needless: Estimate | None


@dataclass(frozen=True)
class Conflict:
    """Two groups with calibration that cannot be told apart, of whose no-shows the lists leave out unlike shares.

    `first` is the group that is reached less. `excess_difference` is the first's share missed less predicted, less the
    second's; `difference` the second's share reached less the first's.
    """

    by: Subgroup
    first: Access
    second: Access
    first_scores: GroupScores
    second_scores: GroupScores
    excess_difference: Estimate
    difference: Estimate


def access_by_group(test: pd.DataFrame, called: Truth, subgroups: Sequence[Subgroup]) -> tuple[Access, ...]:
    """Access in every group.

    Args:
        test: the test block of `Appointments`.
        called: who is on the clinic's lists, shape (n,).
        subgroups: by what to tell apart.
    """
    return tuple(access for by in subgroups for access in _by(test, called, by))


def conflicts(access: Sequence[Access], groups: Sequence[GroupScores]) -> tuple[Conflict, ...]:
    """Pairs of groups that are reached unlike beyond noise though calibrated alike, by grouping, most unlike first."""
    scores = {(group.by, group.group): group for group in groups}
    found: list[Conflict] = []
    for _, of_one in groupby(access, key=attrgetter("by")):
        enough = [
            (row, row.reached) for row in of_one if row.reached is not None and row.missed >= FOR_INTERCEPT
        ]
        pairs = [_compared(*pair, scores) for pair in combinations(enough, 2)]
        real = [pair for pair in pairs if pair.difference.low > 0 and _holds_zero(pair.excess_difference)]
        found += sorted(real, key=lambda pair: -pair.difference.value)
    return tuple(found)


def _by(test: pd.DataFrame, called: Truth, by: Subgroup) -> Iterator[Access]:
    groups = group_of(test, by)
    missed, patient = test["no_show"].to_numpy() == 1, test["patient"].to_numpy()
    for group in groups.cat.categories:
        inside = (groups == group).to_numpy()
        if not inside.any():
            continue
        would_miss, came = inside & missed, inside & ~missed
        yield Access(
            by=by,
            group=str(group),
            missed_patients=int(np.unique(patient[would_miss]).size),
            missed=int(would_miss.sum()),
            missed_called=int((would_miss & called).sum()),
            came_patients=int(np.unique(patient[came]).size),
            came=int(came.sum()),
            came_called=int((came & called).sum()),
            reached=clustered_mean(called[would_miss].astype(float), patient[would_miss])
            if would_miss.any()
            else None,
            needless=clustered_mean(called[came].astype(float), patient[came]) if came.any() else None,
        )


def _compared(
    a: tuple[Access, Estimate], b: tuple[Access, Estimate], scores: dict[tuple[Subgroup, str], GroupScores]
) -> Conflict:
    (first, less), (second, more) = sorted((a, b), key=lambda pair: pair[1].value)
    of_first, of_second = (scores[row.by, row.group] for row in (first, second))
    return Conflict(
        by=first.by,
        first=first,
        second=second,
        first_scores=of_first,
        second_scores=of_second,
        excess_difference=_difference(of_first.excess, of_second.excess),
        difference=_difference(more, less),
    )


def _difference(of: Estimate, less: Estimate) -> Estimate:
    """The difference of two estimates of people who are not the same."""
    half = float(np.hypot(of.high - of.value, less.high - less.value))
    value = of.value - less.value
    return Estimate(value, value - half, value + half, of.level)


def _holds_zero(estimate: Estimate) -> bool:
    return estimate.low <= 0 <= estimate.high
