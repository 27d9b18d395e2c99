"""What would be measured of a trait: counted from as few events as there were, and drawn toward the average again."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from workbench.segments.existence.trait import BINOMIAL, NORMAL, Expected, Trait
from workbench.segments.features import Measured

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Recounted:
    """How a measure is counted from a standard normal trait; `within` is the variance of times within people."""

    how: Measured
    trait: Trait
    within: float

    @classmethod
    def of(cls, how: Measured, expected: Expected) -> Self:
        """As these people's events were.

        Args:
            how: the people's events were counted.
            expected: their traits, before they were counted.
        """
        if how.kind == "share":
            start = float(logit((how.events.sum() + 0.5) / (how.trials.sum() + 1)))
            return cls(how, Trait.behind(how.events, how.trials, BINOMIAL, start, expected), 0.0)
        some = how.trials > 0
        # The variance of means is that between people, and that within them over their trials.
        means, by_chance = how.events[some] / how.trials[some], how.weight / how.trials[some]
        within = max(float(how.weight * np.var(means) / (1 + by_chance.mean())), 1e-9)
        trait = Trait.behind(how.events / within, how.trials / within, NORMAL, how.center, expected)
        return cls(how, trait, within)

    def draw(self, rng: np.random.Generator, normal: Numbers) -> Numbers:
        """What would be seen of people with these traits, (n,): log odds of shares, means of logarithms of times.

        Both are drawn toward the average as the data are; without trials they are the average.
        """
        trials, prior = self.how.trials, self.how.weight * self.how.center
        own = self.trait.values(normal)
        if self.how.kind == "share":
            events = rng.binomial(trials.astype(np.int64), expit(own))
            return np.log(events + prior) - np.log(trials - events + self.how.weight - prior)
        noise = rng.standard_normal(normal.size) * np.sqrt(trials * self.within)
        return (trials * own + noise + prior) / (trials + self.how.weight)
