"""Counts of two arms as people come, exactly: where the workbench adopts, and how probable any look's adoption is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import operating_characteristics as shipped
from numpy.typing import NDArray
from scipy.linalg import toeplitz
from scipy.stats import binom

from peers_power.rules import Grid
from workbench.experiments.exact.many import compare_many
from workbench.experiments.sequential import probability_thresholds

Flags = NDArray[np.bool_]

DAYS = 28
# The rules' defaults, which the benchmark holds to the verdict's own.
ADOPT, EVIDENCE, ANYTIME, LOSS = 0.96, 100.0, 20.0, 0.002


@dataclass
class Lattice:
    """Counts of both arms, under a base rate and rates of the arm, as people come evenly over four weeks."""

    people: int
    base: float
    rates: tuple[float, ...]
    posteriors: dict[int, tuple[Flags, Grid, Grid, Grid]] = field(default_factory=dict)
    medians: dict[int, Grid] = field(default_factory=dict)
    steps: dict[tuple[int, float, int], Grid] = field(default_factory=dict)

    @cached_property
    def counts(self) -> tuple[Grid, Grid]:
        """Events of the control (rows) and of the arm (columns)."""
        sizes = [int(binom.isf(1e-11, self.people, rate)) + 2 for rate in (self.base, max(self.rates))]
        a, b = np.meshgrid(*(np.arange(size, dtype=float) for size in sizes), indexing="ij")
        return a, b

    @cached_property
    def log_e(self) -> Grid:
        """The workbench's e-values, where they can matter."""
        a, b = self.counts
        found = np.full(a.shape, -np.inf)
        for i, j in np.argwhere(b > a + 2):
            found[i, j] = shipped.log_e(int(j), int(i))
        return found

    def now(self, day: int) -> int:
        """People in each arm."""
        return round(self.people * day / DAYS)

    @cached_property
    def reach(self) -> dict[int, tuple[int, int]]:
        """How many rows and columns have any mass by each day."""
        rates, most = (self.base, max(self.rates)), self.counts[0].shape
        few = {
            day: [int(binom.isf(1e-11, self.now(day), rate)) + 2 for rate in rates]
            for day in range(1, DAYS + 1)
        }
        return {day: (min(found[0], most[0]), min(found[1], most[1])) for day, found in few.items()}

    def step(self, people: int, rate: float, size: int) -> Grid:
        """What so many more people make of the counts."""
        key = (people, rate, size)
        if key not in self.steps:
            self.steps[key] = toeplitz(binom.pmf(np.arange(size), people, rate), np.zeros(size))
        return self.steps[key]

    def adopted(self, days: Sequence[int], rate: float, said: Sequence[Flags]) -> float:
        """The probability that some look adopts, where `said` tells each look's counts that do."""
        mass, before, found = np.ones((1, 1)), 0, 0.0
        for day, flags in zip(days, said, strict=True):
            rows, columns = self.reach[day]
            more, before = self.now(day) - before, self.now(day)
            over = self.step(more, self.base, rows)[:, : mass.shape[0]]
            across = self.step(more, rate, columns)[:, : mass.shape[1]]
            mass = over @ mass @ across.T
            here = flags[:rows, :columns]
            found += float(mass[here].sum())
            mass[here] = 0.0
        return found

    def likely(self, day: int) -> Flags:
        """Counts with any mass on a day, where the arm leads."""
        n, places = self.now(day), [np.arange(size) for size in self.counts[0].shape]
        mass = [
            np.outer(binom.pmf(places[0], n, self.base), binom.pmf(places[1], n, rate))
            for rate in (self.base, *self.rates)
        ]
        return (np.maximum.reduce(mass) > 1e-10) & (self.counts[1] > self.counts[0])

    def compared(self, day: int, asked: Flags) -> tuple[Grid, Grid, Grid]:
        """P(better), median difference and expected loss of the arm at the counts that are asked for."""
        n = np.full(asked.sum(), self.now(day))
        tables = np.stack([n, self.counts[0][asked], n, self.counts[1][asked]], axis=1)
        # An interval of no level ends where it begins, at the median.
        found = compare_many(tables.reshape(-1, 2, 2).astype(int), level=1e-9)
        return found.better[:, 0], found.low[:, 0], found.loss[:, 1]

    def passes(self, day: int, needed: float, smallest: float) -> Flags:
        """Where the workbench adopts on the posterior probability."""
        if day not in self.posteriors:
            asked = self.likely(day)
            self.posteriors[day] = (asked, *self.compared(day, asked))
        asked, better, median, loss = self.posteriors[day]
        flags = np.zeros(asked.shape, dtype=bool)
        flags[asked] = (better > needed) & (median > smallest) & (loss <= LOSS)
        return flags

    def strong(self, day: int, needed: float, smallest: float) -> Flags:
        """Where it adopts on its e-value; the effect must more likely than not be one that matters."""
        if day not in self.medians:
            asked = self.likely(day) & (self.log_e >= np.log(ANYTIME))
            median = np.full(asked.shape, -1.0)
            if asked.any():
                median[asked] = self.compared(day, asked)[1]
            self.medians[day] = median
        return (self.log_e >= np.log(needed)) & (self.medians[day] > smallest)

    def ours(self, rule: str, days: Sequence[int], smallest: float) -> list[Flags]:
        """Where each look of a rule adopts."""
        if rule == "planned":
            needed = probability_thresholds([day / DAYS for day in days], 1 - ADOPT)
            return [self.passes(day, each, smallest) for day, each in zip(days, needed, strict=True)]
        evidence = ANYTIME if rule == "anytime" else EVIDENCE
        said = [self.strong(day, evidence, smallest) for day in days]
        if rule == "hybrid":
            said[-1] = self.passes(DAYS, ADOPT, smallest)
        return said
