"""What data say of one arm's location: the log mean, or the mean itself. Log densities, each with one peak."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
from scipy.special import xlog1py

from workbench.experiments.exact.quadrature import Array

# Log rates end just below 0, where a rate of 1 lies.
TOP: Final = -1e-13
# Where events are 0 the kernel is flat toward the left; it is within e^-50 of its height here.
_FLAT: Final = 50.0
# A log rate that is not known at all; what is flat has no width.
_WIDEST: Final = 4.0


class Kernel(Protocol):
    """A log density of a location, up to a constant, that rises to one peak and falls from it."""

    @property
    def peak(self) -> float:
        """Where it is highest, or as good as highest where it is flat to one side."""

    @property
    def ceiling(self) -> float:
        """The highest location there is."""

    def __call__(self, at: Array) -> Array:
        """The log density at locations of any shape."""

    def width(self, at: float) -> float:
        """The standard deviation of a normal density of its curvature there; of its decay where it has none."""


@dataclass(frozen=True)
class RateKernel:
    """events x + others log(1 - exp(x)): what counts say of a log rate x."""

    events: float
    others: float
    ceiling: float = TOP

    @property
    def peak(self) -> float:
        """The log of the share of events."""
        if self.others <= 0:
            return TOP
        if self.events <= 0:
            return -float(np.log(self.others)) - _FLAT
        return min(float(np.log(self.events / (self.events + self.others))), TOP)

    def __call__(self, at: Array) -> Array:
        """The kernel at log rates of any shape."""
        return self.events * at + xlog1py(self.others, -np.exp(at))

    def width(self, at: float) -> float:
        """The standard deviation there."""
        if self.others <= 0:
            return 2 / max(self.events, 1.0)
        return min(float(2 * np.sinh(-at / 2) / np.sqrt(self.others)), _WIDEST)


@dataclass(frozen=True)
class EventRateKernel:
    """events x - exposure exp(x): what a Poisson count says of the log of its rate."""

    events: float
    exposure: float
    ceiling: float = np.inf

    @property
    def peak(self) -> float:
        """The log of events over exposure."""
        if self.events <= 0:
            return -float(np.log(self.exposure)) - _FLAT
        return float(np.log(self.events / self.exposure))

    def __call__(self, at: Array) -> Array:
        """The kernel at log rates of any shape."""
        return self.events * at - self.exposure * np.exp(at)

    def width(self, at: float) -> float:
        """The standard deviation there."""
        return min(float(np.exp(-at / 2) / np.sqrt(self.exposure)), _WIDEST)


@dataclass(frozen=True)
class LogMeanKernel:
    """-(mean - exp(x))^2 / (2 error^2) + power x: what a mean with its standard error says of its log.

    `power` 1 makes it the density of the log where the mean itself has a flat prior.
    """

    mean: float
    error: float
    power: float = 0.0
    ceiling: float = np.inf

    @property
    def peak(self) -> float:
        """Where the slope is 0."""
        root = np.sqrt(self.mean**2 + 4 * self.power * self.error**2)
        return float(np.log((self.mean + root) / 2))

    def __call__(self, at: Array) -> Array:
        """The kernel at logs of means, of any shape."""
        return -(((self.mean - np.exp(at)) / self.error) ** 2) / 2 + self.power * at

    def width(self, at: float) -> float:
        """The standard deviation there, of the part that is curved."""
        return float(self.error / np.exp(at))


@dataclass(frozen=True)
class NormalKernel:
    """-(mean - x)^2 / (2 error^2): what a mean with its standard error says of itself."""

    mean: float
    error: float
    ceiling: float = np.inf

    @property
    def peak(self) -> float:
        """The mean."""
        return self.mean

    def __call__(self, at: Array) -> Array:
        """The kernel at means of any shape."""
        return -(((self.mean - at) / self.error) ** 2) / 2

    def width(self, at: float) -> float:
        """The standard error, anywhere."""
        return self.error + 0.0 * at


@dataclass(frozen=True)
class SumKernel:
    """Several kernels of one location: what all data say of it where all arms are alike."""

    kernels: tuple[Kernel, ...]

    @cached_property
    def peak(self) -> float:
        """Where the sum is highest, between the peaks of its parts."""
        peaks = [kernel.peak for kernel in self.kernels]
        low, high = min(peaks), max(peaks)
        for _ in range(8):
            at = np.linspace(low, high, 65)
            top = int(np.argmax(self(at)))
            low, high = at[max(top - 1, 0)], at[min(top + 1, 64)]
        return float(at[top])

    @property
    def ceiling(self) -> float:
        """The lowest of all."""
        return min(kernel.ceiling for kernel in self.kernels)

    def __call__(self, at: Array) -> Array:
        """The sum at locations of any shape."""
        return np.sum([kernel(at) for kernel in self.kernels], axis=0)

    def width(self, at: float) -> float:
        """The standard deviation there."""
        return float(sum(kernel.width(at) ** -2 for kernel in self.kernels) ** -0.5)
