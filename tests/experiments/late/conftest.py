"""Made-up people with delays, followed for as long as a look on one day lets them be."""

from collections.abc import Callable

import numpy as np
import pytest

from workbench.experiments.late.delays import Delays

MakeArm = Callable[..., Delays]


@pytest.fixture(scope="session")
def simulated() -> MakeArm:
    """An arm of people enrolled evenly, whose windows are closed in a given share; geometric delays."""

    def make(
        arm: str = "plain",
        *,
        seed: int,
        people: int = 1000,
        window: int = 14,
        rate: float = 0.1,
        hazard: float = 0.2,
        closed: float = 0.5,
        longest: int | None = None,
    ) -> Delays:
        random = np.random.default_rng(seed)
        ever = rate / (1 - (1 - hazard) ** window)
        delay = np.where(random.random(people) < ever, random.geometric(hazard, people) - 1, 10**6)
        enrolled = random.random(people) * window / (1 - closed)
        followed = np.minimum(enrolled, window if longest is None else longest).astype(int)
        return Delays.from_counts(
            arm, window, followed, np.where(delay < followed, delay, np.nan), np.ones(people)
        )

    return make
