"""Net benefit: what calls chosen by a threshold, or by a capacity, are worth beside calling everybody or nobody.

Net benefit at threshold t is TP/n - FP/n * t/(1 - t) (Vickers and Elkin, Medical Decision Making 26 (2006)
565-574): the threshold says how many needless calls one reached no-show is worth. Standardized, it is divided by
the share missed, the most there is to win (Kerr et al., Journal of Clinical Oncology 34 (2016) 2534-2540).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.no_show.decisions.reminders import places_in_day
from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.scores.replicates import Sums

Real = NDArray[np.float64]
Truth = NDArray[np.bool_]

# Steps of the curve, beside the thresholds that are asked about.
THRESHOLDS = tuple(round(0.02 * step, 2) for step in range(1, 31))
STEPS_WITHIN = 5


@dataclass(frozen=True)
class Benefit:
    """Net benefit at a threshold, per appointment.

    `everybody` is that of calling everybody; calling nobody has 0. `gain` is the model's less the better of these two.
    `standardized` is the model's, as a share of the most there is to win; None where nobody missed.
    """

    threshold: float
    model: Estimate
    everybody: float
    gain: Estimate
    standardized: Estimate | None


@dataclass(frozen=True)
class CapacityBenefit:
    """Net benefit of calling as many as there are calls for, charged at the clinic's threshold, per appointment.

    `called` is the share of appointments called; `implied` the risk of the last one called on the middle day: what the
    capacity amounts to as a threshold. `worth_calling` is the net benefit of the same lists without the calls below the
    clinic's threshold, and `chance` that of lists of the same size made by lot.
    """

    threshold: float
    implied: float
    called: float
    model: Estimate
    worth_calling: Estimate
    chance: float


def thresholds_told(threshold: float, within: tuple[float, float]) -> tuple[float, ...]:
    """Every threshold net benefit is told at: the curve's, the clinic's, and steps over its plausible range."""
    steps = np.linspace(*within, STEPS_WITHIN)
    return tuple(sorted({*THRESHOLDS, threshold, *(float(round(step, 4)) for step in steps[1:-1]), *within}))


@dataclass(frozen=True)
class DailyLists:
    """The highest risks of each day, as many as can be called.

    `called` says who is on a list, and `by_lot` the chance of each to be on one made by lot, both of shape (n,).
    `implied` is the risk of the last one called on the middle day.
    """

    called: Truth
    by_lot: Real
    implied: float


def daily_lists(day: NDArray[np.datetime64], risk: Real, calls_per_day: int, seed: int) -> DailyLists:
    """The lists of one capacity; ties are broken by chance.

    Args:
        day: of each appointment, shape (n,).
        risk: of the model, shape (n,).
        calls_per_day: as many are called, or all of a day that has fewer.
        seed: breaks ties.
    """
    place = places_in_day(day, risk, np.random.default_rng(seed).random(risk.size))
    called = place < calls_per_day
    _, of_day = np.unique(day, return_inverse=True)
    per_day = np.bincount(of_day)
    lowest = np.full(per_day.size, np.inf)
    np.minimum.at(lowest, of_day[called], risk[called])
    return DailyLists(called, np.minimum(calls_per_day / per_day, 1.0)[of_day], float(np.median(lowest)))


class NetBenefits:
    """Net benefits of rules that call some of the appointments, in every replicate.

    A rule is a threshold, or any choice of appointments, with the odds at which a needless call is charged.
    """

    def __init__(self, outcome: Real, sums: Sums) -> None:
        self._outcome, self._sums = outcome, sums
        self._missed = sums.add(outcome).start
        self._size = sums.add(np.ones_like(outcome)).start

    def of_thresholds(self, probability: Real, thresholds: Sequence[float]) -> "Rules":
        """Calling from each threshold on."""
        return self.of_lists([probability >= at for at in thresholds], thresholds)

    def of_lists(self, called: Sequence[Truth], thresholds: Sequence[float]) -> "Rules":
        """Calling whom each list holds, a needless call charged at the odds of a threshold."""
        odds = np.array([at / (1 - at) for at in thresholds])[:, None]
        missed = self._sums.add(*(who * self._outcome for who in called))
        calls = self._sums.add(*(who.astype(float) for who in called))
        return Rules(missed, calls, self._missed, self._size, odds)


@dataclass(frozen=True)
class Rules:
    """Where the sums of some rules stand among all sums, and the odds each is charged at, shape (rules, 1)."""

    missed: slice
    calls: slice
    all_missed: int
    size: int
    odds: Real

    def model(self, found: Real) -> Real:
        """Net benefit of each rule in each replicate, shape (rules, b)."""
        caught = found[self.missed]
        return np.asarray((caught - self.odds * (found[self.calls] - caught)) / found[self.size])

    def everybody(self, found: Real) -> Real:
        """That of calling everybody, charged alike."""
        share = self.share_missed(found)
        return np.asarray(share - self.odds * (1 - share))

    def gain(self, found: Real) -> Real:
        """The rule's less the better of calling everybody and nobody."""
        return self.model(found) - np.maximum(self.everybody(found), 0.0)

    def standardized(self, found: Real) -> Real:
        """The rule's as a share of the most there is to win."""
        with np.errstate(all="ignore"):  # nobody missed in a replicate
            return self.model(found) / self.share_missed(found)

    def share_missed(self, found: Real) -> Real:
        """The share that was missed in each replicate, shape (b,)."""
        return np.asarray(found[self.all_missed] / found[self.size])
