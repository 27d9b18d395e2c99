"""Hazards by day of delay in discrete time: conjugate Beta posteriors, and the rate within the window they make.

With h_d the probability of a first event on day d of delay for somebody without one before it, the rate within the
window is F = 1 - prod (1 - h_d). Given the people at risk, events by day are independent binomials (Kalbfleisch and
Prentice 2002, 4.8), so that h_d ~ Beta(a_d, b_d) stay independent and every moment of a product of (1 - h_d) is a
product of moments.
"""

from dataclasses import dataclass

import numpy as np

from workbench.experiments.late.delays import Counts, Delays, Numbers
from workbench.experiments.late.prior import DelayPrior


@dataclass(frozen=True, eq=False)
class Hazards:
    """Independent Beta(a_d, b_d) posteriors of the hazards; `a` and `b` have shape (W,)."""

    a: Numbers
    b: Numbers

    @classmethod
    def after(cls, prior: DelayPrior, delays: Delays) -> "Hazards":
        """Prior and counts together."""
        a, b = prior.beta(delays.window)
        return cls(a + delays.events, b + delays.at_risk - delays.events)

    def rate_moments(self) -> tuple[float, float]:
        """Exact mean and standard deviation of the rate within the window."""
        first, second = self._log_moments()
        survival = np.exp(first[0])
        return float(1 - survival), float(np.sqrt(max(0.0, np.exp(second[0]) - survival**2)))

    def future_moments(self, waiting: Counts) -> tuple[float, float]:
        """Exact mean and standard deviation of the number of people still to have an event within the window.

        Args:
            waiting: people without an event by days followed, shape (W + 1,).
        """
        people = waiting[:-1].astype(float)
        first, second = self._log_moments()
        once, twice = np.exp(first), np.exp(second)
        mean = float(people @ (1 - once))
        days = np.arange(len(self.a))
        earlier, later = np.minimum.outer(days, days), np.maximum.outer(days, days)
        together = np.exp(first[earlier] - first[later] + second[later])
        spread = people @ (together - np.outer(once, once)) @ people
        return mean, float(np.sqrt(max(0.0, people @ (once - twice) + spread)))

    def survival_draws(self, draws: int, random: np.random.Generator) -> Numbers:
        """Draws of the probability that somebody without an event before day d has none by the window's end.

        Returns:
            Shape (draws, W); the first column is 1 minus the rate within the window.
        """
        stays = 1 - random.beta(self.a, self.b, size=(draws, len(self.a)))
        return np.cumprod(stays[:, ::-1], axis=1)[:, ::-1]

    def _log_moments(self) -> tuple[Numbers, Numbers]:
        """Logs of the first two moments of the probability of no event from each day on, shape (W,) each."""
        size = self.a + self.b
        first = np.log(self.b / size)
        second = first + np.log((self.b + 1) / (size + 1))
        return np.cumsum(first[::-1])[::-1], np.cumsum(second[::-1])[::-1]
