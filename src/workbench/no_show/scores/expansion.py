"""Calibration lines in every replicate at once, by expansion about the line of the whole sample.

The score of a logistic line, sum of w (y - expit(a + b x)) (1, x), is expanded in (a, b) about the line found on all
appointments, to the order `ORDER`. Its coefficients are sums under the weights w, which `replicates` gives for all
replicates by one product. Newton's method then runs on two numbers per replicate, whatever the number of
appointments. Where a replicate lies too far off for the expansion, it is fitted to its rows instead.
"""

from math import comb, factorial

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from workbench.no_show.scores.calibration import Line, in_the_large, weighted_line
from workbench.no_show.scores.replicates import Sums

Real = NDArray[np.float64]

ORDER = 4
STEPS = 8
# Fitted log odds that a replicate moves by more, anywhere, are too far off.
REACH = 0.3


class Lines:
    """Calibration in the large and, where predictions vary, slope: of the whole sample, and under many weights."""

    def __init__(self, log_odds: Real, outcome: Real, sums: Sums, *, sloped: bool) -> None:
        self._log_odds, self._outcome, self._cluster = log_odds, outcome, sums.cluster
        ones = np.ones_like(outcome)
        self._large = Line(in_the_large(log_odds, outcome, ones), 1.0)
        self._line = weighted_line(log_odds, outcome, ones) if sloped else None
        # Centered, so that intercept and slope are near independent and the expansion reaches farther.
        self._center = float(log_odds.mean())
        self._far = float(np.abs(log_odds - self._center).max())
        self._large_sums = sums.add(*self._moments(self._large, 0))
        self._line_sums = sums.add(*self._moments(self._line, 1)) if self._line else None

    def in_the_large(self, found: Real, drawn: Real) -> Real:
        """The intercept with the slope held at 1 in each replicate, shape (b,).

        Args:
            found: all sums under the weights, from `Sums.under`.
            drawn: how often each patient counts, shape (patients, b).
        """
        with np.errstate(all="ignore"):  # what diverges is fitted to its rows
            shift = _solved(found[self._large_sums], 0)[0]
        values = self._large.intercept + shift
        for at in np.flatnonzero(~(np.abs(shift) <= REACH)):
            values[at] = self._refitted(drawn[:, at], self._large).intercept
        return values

    def slope(self, found: Real, drawn: Real) -> Real | None:
        """The slope in each replicate, shape (b,); None where predictions are all the same."""
        if self._line is None:
            return None
        with np.errstate(all="ignore"):  # what diverges is fitted to its rows
            shift = _solved(found[self._line_sums], 1)
            reached = np.abs(shift[0]) + np.abs(shift[1]) * self._far
        values = self._line.slope + shift[1]
        for at in np.flatnonzero(~(reached <= REACH)):
            values[at] = self._refitted(drawn[:, at], self._line).slope
        return values

    def _refitted(self, drawn: Real, start: Line) -> Line:
        """The line of one replicate, fitted to its rows; without a number where it holds no line."""
        weight = drawn[self._cluster]
        missed = float(weight @ self._outcome)
        if not 0 < missed < weight.sum():
            return Line(np.nan, np.nan)
        if start is self._large:
            return Line(in_the_large(self._log_odds, self._outcome, weight, start.intercept), 1.0)
        try:
            with np.errstate(all="ignore"):
                return weighted_line(self._log_odds, self._outcome, weight, start)
        except np.linalg.LinAlgError:  # predictions that are all the same, or set missed and kept apart
            return Line(np.nan, np.nan)

    def _moments(self, line: Line, degree: int) -> list[Real]:
        """The rows' share of each coefficient: for k = 0 of the score, else of the k-th derivative times x^j."""
        x = self._log_odds - self._center
        fitted = expit(line.intercept + line.slope * self._log_odds)
        rest = self._outcome - fitted
        powers = [np.ones_like(x)]
        for _ in range(degree * (ORDER + 1)):
            powers.append(powers[-1] * x)
        moments = [rest * power for power in powers[: degree + 1]]
        for order, derivative in enumerate(_derivatives(fitted), 1):
            moments += [derivative * power for power in powers[: degree * (order + 1) + 1]]
        return moments


def _derivatives(fitted: Real) -> list[Real]:
    """The derivatives of expit, the first to that of `ORDER`, by its argument, as polynomials of its value."""
    polynomial, found = np.polynomial.Polynomial([0, 1, -1]), []
    for _ in range(ORDER):
        found.append(polynomial(fitted))
        polynomial = polynomial.deriv() * np.polynomial.Polynomial([0, 1, -1])
    return found


def _solved(sums: Real, degree: int) -> Real:
    """The zero of the expanded score in each replicate: shifts of intercept and slope, shape (degree + 1, b)."""
    first = degree + 1
    starts = [first + sum(degree * (k + 1) + 1 for k in range(1, order)) for order in range(1, ORDER + 1)]
    shift = np.zeros((degree + 1, sums.shape[1]))

    def expanded(order: int, power: int, j: int) -> Real:
        """The sum of the order-th derivative times x^j times (shift of the fitted log odds)^power."""
        place = starts[order - 1] + j
        if degree == 0:
            return sums[place] * shift[0] ** power
        terms = [
            comb(power, i) * shift[0] ** (power - i) * shift[1] ** i * sums[place + i] for i in range(power + 1)
        ]
        return np.sum(terms, axis=0)

    for _ in range(STEPS):
        score = np.stack(
            [
                sums[j] - sum(expanded(k, k, j) / factorial(k) for k in range(1, ORDER + 1))
                for j in range(degree + 1)
            ]
        )
        # With respect to intercept and slope, the derivative gains a power of x.
        slopes = [
            sum(expanded(k, k - 1, j) / factorial(k - 1) for k in range(1, ORDER + 1))
            for j in range(2 * degree + 1)
        ]
        if degree == 0:
            step = score / slopes[0]
        else:
            determinant = slopes[0] * slopes[2] - slopes[1] ** 2
            step = np.stack(
                [
                    (slopes[2] * score[0] - slopes[1] * score[1]) / determinant,
                    (slopes[0] * score[1] - slopes[1] * score[0]) / determinant,
                ]
            )
        shift = shift + step
    return shift
