"""The rate under control that an experiment is planned with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BaseRate:
    """Of how many people how many had an event, as past texts tell; or the rate that the parameters give."""

    people: int
    events: int
    given: float | None = None

    @property
    def mean(self) -> float:
        """The rate under control that is planned with."""
        return self.given if self.given is not None else (self.events + 0.5) / (self.people + 1)

    def drawn(self, rng: np.random.Generator, experiments: int) -> Array:
        """Rates under control, one for each experiment: Beta by Jeffreys' prior, or the given one each time."""
        if self.given is not None:
            return np.full(experiments, self.given)
        return rng.beta(self.events + 0.5, self.people - self.events + 0.5, experiments)
