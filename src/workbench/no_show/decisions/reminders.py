"""Reminders by capacity: with so many calls per day of appointments, how many no-shows the list would hold.

Caught is a no-show whose patient would have been on the list; whether a call would have kept the slot no model knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.parameters import NoShow

Real = NDArray[np.float64]
Index = NDArray[np.int64]

# Capacities told, as shares of the appointments of an average day, beside the one that is asked about.
SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75)


@dataclass(frozen=True)
class Capacity:
    """What the list of one rule catches at a number of calls per day, over all days of the test.

    `gain` is what the calls would bring less what they cost, under the study's assumptions.
    """

    rule: str
    calls_per_day: int
    calls: int
    caught: int
    missed: int
    gain: float

    @property
    def share_caught(self) -> float:
        """Caught no-shows of all no-shows."""
        total = self.caught + self.missed
        return self.caught / total if total else 0.0

    @property
    def precision(self) -> float:
        """No-shows of those called."""
        return self.caught / self.calls if self.calls else 0.0


@dataclass(frozen=True)
class Reminders:
    """By capacity, for the model's list and for others; `by_rule` maps each rule to rising capacities."""

    days: int
    per_day: float
    by_rule: Mapping[str, tuple[Capacity, ...]]

    def at(self, rule: str, calls_per_day: int) -> Capacity:
        """One rule at one capacity."""
        return next(found for found in self.by_rule[rule] if found.calls_per_day == calls_per_day)


@dataclass(frozen=True)
class Called:
    """One rule's lists at every capacity: `calls[k]` made at k calls per day, and `caught[k]` no-shows among them.

    Both begin at 0 for no call and end where everybody is called. Cumulated once, a capacity is a look-up.
    """

    rule: str
    calls: Index
    caught: Index

    def at(self, calls_per_day: int, settings: NoShow) -> Capacity:
        """One capacity, its gain under the assumptions of `settings`."""
        place = min(calls_per_day, self.calls.size - 1)
        calls, caught = int(self.calls[place]), int(self.caught[place])
        missed = int(self.caught[-1]) - caught
        return Capacity(self.rule, calls_per_day, calls, caught, missed, gain_of(calls, caught, settings))


def gain_of(calls: int, caught: int, settings: NoShow) -> float:
    """What calls bring less what they cost, in the unit of `call_cost`."""
    return caught * settings.call_keeps * settings.kept_slot_value - calls * settings.call_cost


def called_by_rule(test: pd.DataFrame, risks: Mapping[str, Real], settings: NoShow) -> dict[str, Called]:
    """The lists of different rules, at every capacity.

    Args:
        test: the test block of `Appointments`.
        risks: for each rule, what the list is ordered by, highest first; shape (n,).
        settings: its seed breaks ties.
    """
    outcome = test["no_show"].to_numpy(float)
    day = test["day"].to_numpy()
    # Ties are broken by chance, the same for all rules.
    luck = np.random.default_rng(settings.seed).random(len(test))
    found = {}
    for rule, risk in risks.items():
        place = places_in_day(day, risk, luck)
        found[rule] = Called(rule, _cumulated(np.bincount(place)), _cumulated(np.bincount(place, outcome)))
    return found


def reminders_by_capacity(test: pd.DataFrame, risks: Mapping[str, Real], settings: NoShow) -> Reminders:
    """What lists made by different rules catch.

    Args:
        test: the test block of `Appointments`.
        risks: for each rule, what the list is ordered by, highest first; shape (n,).
        settings: capacity and the assumptions of cost and value.
    """
    days = int(test["day"].nunique())
    per_day = len(test) / days
    capacities = sorted({settings.calls_per_day, *(max(1, round(share * per_day)) for share in SHARES)})
    by_rule = {
        rule: tuple(called.at(capacity, settings) for capacity in capacities)
        for rule, called in called_by_rule(test, risks, settings).items()
    }
    return Reminders(days, per_day, by_rule)


def places_in_day(day: NDArray[np.datetime64], risk: Real, luck: Real) -> Index:
    """The place of each appointment on the list of its day, from 0 for the highest risk."""
    order = np.lexsort((luck, -risk, day))
    sorted_day = day[order]
    first = np.searchsorted(sorted_day, sorted_day)
    place = np.empty(day.size, np.int64)
    place[order] = np.arange(day.size) - first
    return place


def _cumulated(by_place: NDArray[Any]) -> Index:
    return np.concatenate([[0], np.cumsum(by_place)]).astype(np.int64)
