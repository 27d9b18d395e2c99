"""Exact posterior of the event rates of randomized arms that are tied by their log rate ratios.

Model: events_j ~ Binomial(people_j, p_j); the control's rate p_0 ~ Beta(a, b); every other arm's
log rate ratio log(p_k / p_0) ~ Normal(0, tau), or Student t, cut where p_k would exceed 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from workbench.experiments.exact.conflict import predicted_below, two_sided
from workbench.experiments.exact.kernels import RateKernel
from workbench.experiments.exact.posterior import Estimate, arm_faults
from workbench.experiments.exact.priors import RatePrior
from workbench.experiments.exact.scales import LOG
from workbench.experiments.exact.tied import Located, TiedPosterior
from workbench.refusal import Fault, Refused


@dataclass(frozen=True)
class ArmCounts:
    """What was observed in one arm: how many people, and how many of them had the event."""

    arm: str
    people: int
    events: int


class RatePosterior(TiedPosterior):
    """The joint posterior of all arms' event rates.

    Args:
        counts: one entry per arm; two arms or more.
        control: the arm that the others are compared with.
        prior: see `RatePrior`.

    Raises:
        Refused: fewer than two arms, the same arm twice, no control, an arm without people, counts that are not
            whole numbers from 0 to the number of people, or a prior without width.
    """

    def __init__(self, counts: Sequence[ArmCounts], control: str, prior: RatePrior | None = None) -> None:
        self.prior = prior or RatePrior()
        faults = count_faults(counts, control)
        scales = (self.prior.log_ratio_sd, self.prior.baseline_events, self.prior.baseline_others)
        if not all(0 < scale < np.inf for scale in scales):
            faults.append(Fault("prior", "a scale is not above 0.", "Give positive numbers for all three."))
        if faults:
            raise Refused(*faults)
        a, b = self.prior.baseline_events, self.prior.baseline_others
        self._counts = {entry.arm: entry for entry in counts}
        base = self._counts[control]
        # The density of log p has one more p than that of p.
        self._base = RateKernel(a + base.events, b + base.people - base.events - 1)
        treated = [
            Located(entry.arm, RateKernel(entry.events, entry.people - entry.events))
            for entry in counts
            if entry.arm != control
        ]
        super().__init__(
            Located(control, self._base), treated, self.prior.log_ratio, LOG, [entry.arm for entry in counts]
        )
        self.log_evidence = self._log_total - float(betaln(a, b))

    def rate(self, arm: str, level: float = 0.95) -> Estimate:
        """Posterior of one arm's rate: its `mean`."""
        return self.mean(arm, level)

    def rate_mean(self, arm: str) -> float:
        """Posterior mean of one arm's rate: its `expectation`."""
        return self.expectation(arm)

    def prior_conflict(self, arm: str) -> float:
        """How surprising an arm's events are under the prior of its log rate ratio, given the control's: a p value.

        Twice the smaller tail of the prior predictive distribution of its events. Where it is tiny, the prior draws
        the estimate toward the control's rate against what the data say.
        """
        entry = self._counts[arm]
        others = entry.people - entry.events
        at_most = at_least = 1.0
        if others > 0:
            pivot = RateKernel(entry.events + 1, others - 1)
            at_most = predicted_below(self._base, pivot, self.prior.log_ratio)
        if entry.events > 0:
            at_least = 1 - predicted_below(self._base, RateKernel(entry.events, others), self.prior.log_ratio)
        return two_sided(at_most, at_least)


def count_faults(counts: Sequence[ArmCounts], control: str) -> list[Fault]:
    """What is wrong with counts of events among people."""
    faults = arm_faults([entry.arm for entry in counts], control)
    for entry in counts:
        where = f"arm {entry.arm}"
        whole = all(isinstance(n, int | np.integer) for n in (entry.people, entry.events))
        if not whole:
            faults.append(
                Fault(where, "its counts are not whole numbers.", "Give people and events as counts.")
            )
        elif entry.people < 1:
            faults.append(
                Fault(where, "it has no people.", "Leave the arm out, or wait until someone is in it.")
            )
        elif not 0 <= entry.events <= entry.people:
            faults.append(
                Fault(where, "its events are not between 0 and its people.", "Count each person at most once.")
            )
    return faults
