"""What can be worked out of counts that are not told: whole numbers under linear equations and bounds.

Each question, such as the least and the most a hidden count can be, is a small integer program, answered exactly by
HiGHS. It is what a reader with a computer can do; see Hundepool et al., *Statistical Disclosure Control* (2012),
section 4.3, on auditing tables with suppressed cells.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

Terms = Mapping[int, int]
"""Unknowns with their coefficients."""

INFEASIBLE = 2


@dataclass(frozen=True)
class Interval:
    """All that a whole number can be, from `low` to `high`."""

    low: int
    high: int

    def is_wide(self, few: int) -> bool:
        """Whether a count hidden for its few is safe within: it may be more than few, and `few` numbers wide apart."""
        return self.high > few and self.high - self.low >= few

    def tells_few(self, few: int) -> bool:
        """Whether to know this of a hidden count tells too much: few is among it, and it is not wide.

        This is sliding protection for a threshold rule (Hundepool et al., section 4.3).
        """
        return self.high >= 1 and self.low <= few and not self.is_wide(few)


@dataclass(frozen=True)
class _Equation:
    terms: Terms
    low: float
    high: float


class Unknowns:
    """Whole numbers that are not known, or known within bounds, and equations between them.

    `most` is a number that none of them exceeds; what could be as large is unbounded for every purpose.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._bounds: list[tuple[int, int]] = []
        self._equations: list[_Equation] = []
        self._of: list[list[int]] = []
        self._seen: list[dict[int, int]] = []

    def add(self, low: int, high: int) -> int:
        """A further unknown; its place is what terms name it by."""
        self._bounds.append((low, high))
        self._of.append([])
        return len(self._bounds) - 1

    def bounds(self, unknown: int) -> tuple[int, int]:
        """The bounds under which an unknown was added."""
        return self._bounds[unknown]

    def equate(self, terms: Terms, low: float = 0, high: float = 0) -> None:
        """Hold the sum of the terms within `low` to `high`."""
        at = len(self._equations)
        self._seen.clear()
        self._equations.append(_Equation(terms, low, high))
        for unknown in terms:
            if self._is_open(unknown):
                self._of[unknown].append(at)

    def forget(self, since: int) -> None:
        """Take back all equations but the first `since`."""
        for at in range(len(self._equations) - 1, since - 1, -1):
            for unknown in self._equations[at].terms:
                if self._is_open(unknown):
                    self._of[unknown].pop()
        del self._equations[since:]
        self._seen.clear()

    @property
    def equations(self) -> int:
        """How many equations hold."""
        return len(self._equations)

    def consistent(self, since: int) -> bool:
        """Whether all equations from the one at `since` on can hold together with those before."""
        terms = {unknown: 0 for equation in self._equations[since:] for unknown in equation.terms}
        return self._solved(terms, range(since, self.equations)) is not None

    def interval(self, terms: Terms) -> Interval | None:
        """The least and the most the sum of the terms can be; None where nothing fits."""
        low = self._solved(terms)
        high = self._solved({unknown: -by for unknown, by in terms.items()})
        return None if low is None or high is None else Interval(low, -high)

    def tells_few(self, terms: Terms, few: int, *, nobody: bool = False, alone: bool = True) -> bool:
        """Whether the sum of the terms is known too nearly.

        Args:
            terms: a hidden count, or several together.
            few: up to which number a count is few.
            nobody: whether zero tells too much as well.
            alone: whether the sum is one count; the sum of several bounds each from above and not from below.
        """
        ranges = [
            sum(by * values[unknown] for unknown, by in terms.items()) for values in self._covering(terms)
        ]
        if ranges and Interval(min(ranges) if alone else 0, max(ranges)).is_wide(few):
            return False
        within = self.interval(terms)
        if within is None:
            return False
        known = within if alone else Interval(0, within.high)
        return (nobody and known.high <= 0) or known.tells_few(few)

    def _covering(self, terms: Terms) -> Iterator[dict[int, int]]:
        """Numbers found to fit before, where all of these terms are among them: what can be needs no proof again."""
        fixed = {unknown: self._bounds[unknown][0] for unknown in terms if not self._is_open(unknown)}
        wanted = terms.keys() - fixed.keys()
        return (values | fixed for values in self._seen if wanted <= values.keys())

    def _is_open(self, unknown: int) -> bool:
        low, high = self._bounds[unknown]
        return low < high

    def _solved(self, terms: Terms, also: range = range(0)) -> int | None:
        """The least the terms can be, in those equations alone that bear on them."""
        unknowns, equations = self._bearing(terms, also)
        fixed = sum(by * self._bounds[unknown][0] for unknown, by in terms.items() if unknown not in unknowns)
        constraints = self._constraints(unknowns, equations)
        if constraints is None:
            return None
        if not unknowns:
            return fixed
        objective = np.zeros(len(unknowns))
        for unknown, by in terms.items():
            if unknown in unknowns:
                objective[unknowns[unknown]] = by
        low, high = np.array([self._bounds[unknown] for unknown in unknowns], dtype=float).T
        found = milp(
            objective, integrality=np.ones(len(unknowns)), bounds=Bounds(low, high), constraints=constraints
        )
        if found.status == INFEASIBLE:
            return None
        if not found.success:
            raise ArithmeticError("the solver came to no end")
        self._seen.append({unknown: round(found.x[at]) for unknown, at in unknowns.items()})
        return fixed + round(found.fun)

    def _bearing(self, terms: Terms, also: range) -> tuple[dict[int, int], list[int]]:
        """The open unknowns that bear on the terms, with their columns, and the equations they stand in."""
        waiting = [unknown for unknown in terms if self._is_open(unknown)]
        unknowns = {unknown: column for column, unknown in enumerate(waiting)}
        equations = dict.fromkeys(also)
        while waiting:
            for at in self._of[waiting.pop()]:
                if at not in equations:
                    equations[at] = None
                    for other in self._equations[at].terms:
                        if self._is_open(other) and other not in unknowns:
                            unknowns[other] = len(unknowns)
                            waiting.append(other)
        return unknowns, list(equations)

    def _constraints(self, unknowns: dict[int, int], equations: list[int]) -> list[LinearConstraint] | None:
        """The equations as the solver takes them, known numbers put in; None where known numbers break one."""
        rows: list[int] = []
        columns: list[int] = []
        factors: list[int] = []
        lows: list[float] = []
        highs: list[float] = []
        for at in equations:
            equation = self._equations[at]
            known = sum(
                by * self._bounds[unknown][0]
                for unknown, by in equation.terms.items()
                if unknown not in unknowns
            )
            low, high = equation.low - known, equation.high - known
            free = [unknown for unknown in equation.terms if unknown in unknowns]
            if not free:
                if low > 0 or high < 0:
                    return None
                continue
            rows += [len(lows)] * len(free)
            columns += [unknowns[unknown] for unknown in free]
            factors += [equation.terms[unknown] for unknown in free]
            lows.append(low)
            highs.append(high)
        if not lows:
            return []
        matrix = coo_array((factors, (rows, columns)), shape=(len(lows), len(unknowns))).tocsr()
        return [LinearConstraint(matrix, np.array(lows), np.array(highs))]
