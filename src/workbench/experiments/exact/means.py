"""Exact posterior of means over people, such as counts or scores, for arms tied by a prior of their differences.

Model: the mean over an arm's people is normal around its expectation, with the standard error that the spread of
these people gives (the central limit theorem; robust, for no law of the single person is assumed). The control's
expectation has a flat prior. Two priors of an arm's effect, neither of which depends on units:

- `MeanPosterior`: log(mean_k / mean_0) ~ Normal(0, tau), or Student t. For means well above 0.
- `StandardizedMeanPosterior`: (mean_k - mean_0) / standard deviation of people ~ Normal(0, tau), or Student t.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import ndtr

from workbench.experiments.exact.conflict import predicted_below, two_sided
from workbench.experiments.exact.kernels import LogMeanKernel, NormalKernel
from workbench.experiments.exact.posterior import arm_faults
from workbench.experiments.exact.priors import LogRatioPrior, StandardizedPrior, Tie
from workbench.experiments.exact.quadrature import Array
from workbench.experiments.exact.scales import LOG, PLAIN
from workbench.experiments.exact.tied import Located, TiedPosterior
from workbench.refusal import Fault, Refused

# Nearer to 0 than this, a mean's logarithm says more of the prior than of the data.
STANDARD_ERRORS_ABOVE_ZERO = 3.0


@dataclass(frozen=True)
class ArmMean:
    """What was observed in one arm: how many people, the mean of their values, and their standard deviation.

    `sd` has n - 1 in its denominator.
    """

    arm: str
    people: int
    mean: float
    sd: float

    @classmethod
    def from_histogram(cls, arm: str, values: Sequence[float] | Array, people: Sequence[int] | Array) -> Self:
        """From how many people had which value.

        Raises:
            Refused: numbers of people that are no counts, or values that are no numbers.
        """
        at, weight = np.asarray(values, dtype=float), np.asarray(people, dtype=float)
        if at.shape != weight.shape or not np.all(np.isfinite(at)):
            raise Refused(
                Fault(f"arm {arm}", "its values are not numbers.", "Leave people without a value out.")
            )
        if not np.all((weight >= 0) & (weight == np.floor(weight)) & np.isfinite(weight)):
            raise Refused(
                Fault(f"arm {arm}", "its people are not whole numbers from 0.", "Give people as counts.")
            )
        n = float(weight.sum())
        if n < 2:
            raise Refused(_too_few(arm))
        mean = float(weight @ at / n)
        return cls(arm, int(n), mean, float(np.sqrt(weight @ (at - mean) ** 2 / (n - 1))))

    @classmethod
    def from_sums(cls, arm: str, people: int, total: float, squares: float) -> Self:
        """From the number of people, the sum of their values, and the sum of their squares.

        The spread of values far from 0 is lost in the difference of large sums; a histogram keeps it.
        """
        if people < 2:
            raise Refused(_too_few(arm))
        mean = total / people
        variance = (squares - people * mean**2) / (people - 1)
        if not variance >= 0:
            raise Refused(
                Fault(f"arm {arm}", "its squares do not go with its sum.", "Give sums over the same people.")
            )
        return cls(arm, people, mean, float(np.sqrt(variance)))

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return self.sd / float(np.sqrt(self.people))


class MeanPosterior(TiedPosterior):
    """The joint posterior of arms' means, whose ratios have a prior.

    Args:
        observed: one entry per arm; two arms or more.
        control: the arm that the others are compared with.
        prior: of the logs of ratios of means.

    Raises:
        Refused: arms that cannot be compared, an arm of fewer than two people or whose values are all the same, or
            a mean that is not well above 0.
    """

    def __init__(self, observed: Sequence[ArmMean], control: str, prior: LogRatioPrior | None = None) -> None:
        faults = mean_faults(observed, control)
        if not faults:
            faults = [
                Fault(
                    f"arm {entry.arm}",
                    "its mean is not well above 0.",
                    "Use the prior of the standardized difference.",
                )
                for entry in observed
                if entry.mean < STANDARD_ERRORS_ABOVE_ZERO * entry.error
            ]
        if faults:
            raise Refused(*faults)
        self.prior = prior or LogRatioPrior()
        self._observed = {entry.arm: entry for entry in observed}
        base = self._observed[control]
        self._base = LogMeanKernel(base.mean, base.error, power=1.0)
        treated = [
            Located(entry.arm, LogMeanKernel(entry.mean, entry.error))
            for entry in observed
            if entry.arm != control
        ]
        order = [entry.arm for entry in observed]
        super().__init__(Located(control, self._base), treated, self.prior, LOG, order)

    def prior_conflict(self, arm: str) -> float:
        """How surprising an arm's mean is under the prior of its log ratio, given the control's: a p value."""
        entry = self._observed[arm]
        pivot = LogMeanKernel(entry.mean, entry.error, power=1.0)
        above_zero = float(ndtr(entry.mean / entry.error))
        at_most = above_zero * predicted_below(self._base, pivot, self.prior)
        return two_sided(at_most, 1 - at_most)


class StandardizedMeanPosterior(TiedPosterior):
    """The joint posterior of arms' means, whose differences have a prior in standard deviations of people.

    Args:
        observed: one entry per arm; two arms or more.
        control: the arm that the others are compared with.
        prior: of the standardized differences.

    Raises:
        Refused: arms that cannot be compared, or an arm of fewer than two people or whose values are all the same.
    """

    def __init__(
        self, observed: Sequence[ArmMean], control: str, prior: StandardizedPrior | None = None
    ) -> None:
        faults = mean_faults(observed, control)
        if faults:
            raise Refused(*faults)
        self.prior = prior or StandardizedPrior()
        self._observed = {entry.arm: entry for entry in observed}
        # Pooled over arms, each around its own mean, so that an effect does not widen its own prior.
        degrees = sum(entry.people - 1 for entry in observed)
        self.sd_of_people = float(
            np.sqrt(sum((entry.people - 1) * entry.sd**2 for entry in observed) / degrees)
        )
        self._tie = Tie(self.prior.sd * self.sd_of_people, self.prior.degrees)
        located = {entry.arm: Located(entry.arm, NormalKernel(entry.mean, entry.error)) for entry in observed}
        self._base = located[control].kernel
        treated = [each for arm, each in located.items() if arm != control]
        super().__init__(located[control], treated, self._tie, PLAIN, list(located))

    def prior_conflict(self, arm: str) -> float:
        """How surprising an arm's mean is under the prior of its difference, given the control's: a p value."""
        entry = self._observed[arm]
        at_most = predicted_below(self._base, NormalKernel(entry.mean, entry.error), self._tie)
        return two_sided(at_most, 1 - at_most)


def mean_faults(observed: Sequence[ArmMean], control: str) -> list[Fault]:
    """What is wrong with means of people."""
    faults = arm_faults([entry.arm for entry in observed], control)
    for entry in observed:
        where = f"arm {entry.arm}"
        if not (isinstance(entry.people, int | np.integer) and entry.people >= 2):
            faults.append(_too_few(entry.arm))
        elif not (np.isfinite(entry.mean) and np.isfinite(entry.sd)):
            faults.append(
                Fault(where, "its mean or spread is not a number.", "Leave people without a value out.")
            )
        elif entry.sd <= 0:
            faults.append(
                Fault(
                    where, "all its people have the same value.", "Wait until values differ, or count events."
                )
            )
    return faults


def _too_few(arm: str) -> Fault:
    return Fault(
        f"arm {arm}",
        "it has fewer than two people, or no whole number of them.",
        "Wait until there are two: one does not tell how far values spread.",
    )
