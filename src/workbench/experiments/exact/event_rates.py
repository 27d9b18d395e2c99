"""Exact posterior of numbers of events in a unit of exposure, for arms tied by their log rate ratios.

Model: events_j ~ Poisson(exposure_j * rate_j); the control's rate ~ Gamma, flat unless told otherwise; every other
arm's log(rate_k / rate_0) ~ Normal(0, tau), or Student t. For events that come one by one, whoever has them: where
people differ in how many they have, a mean by people with its own standard error (`MeanPosterior`) is the honest one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.experiments.exact.conflict import predicted_below, two_sided
from workbench.experiments.exact.kernels import EventRateKernel
from workbench.experiments.exact.posterior import arm_faults
from workbench.experiments.exact.priors import GammaPrior, LogRatioPrior
from workbench.experiments.exact.scales import LOG
from workbench.experiments.exact.tied import Located, TiedPosterior
from workbench.refusal import Fault, Refused


@dataclass(frozen=True)
class ArmExposure:
    """What was observed in one arm: how many events, over how much exposure, such as days of patients."""

    arm: str
    exposure: float
    events: int


class EventRatePosterior(TiedPosterior):
    """The joint posterior of all arms' event rates per unit of exposure.

    Args:
        observed: one entry per arm; two arms or more.
        control: the arm that the others are compared with.
        prior: of the log rate ratios.
        baseline: of the control's rate; flat where there is none.

    Raises:
        Refused: arms that cannot be compared, an arm without exposure, or events that are no counts.
    """

    def __init__(
        self,
        observed: Sequence[ArmExposure],
        control: str,
        prior: LogRatioPrior | None = None,
        baseline: GammaPrior | None = None,
    ) -> None:
        faults = exposure_faults(observed, control)
        if faults:
            raise Refused(*faults)
        self.prior = prior or LogRatioPrior()
        self._observed = {entry.arm: entry for entry in observed}
        base = self._observed[control]
        shape, exposure = (baseline.events, baseline.exposure) if baseline else (1.0, 0.0)
        self._base = EventRateKernel(shape + base.events, exposure + base.exposure)
        treated = [
            Located(entry.arm, EventRateKernel(entry.events, entry.exposure))
            for entry in observed
            if entry.arm != control
        ]
        order = [entry.arm for entry in observed]
        super().__init__(Located(control, self._base), treated, self.prior, LOG, order)

    def prior_conflict(self, arm: str) -> float:
        """How surprising an arm's events are under the prior of its log rate ratio, given the control's: a p value."""
        entry = self._observed[arm]
        at_least = 1.0
        at_most = predicted_below(self._base, EventRateKernel(entry.events + 1, entry.exposure), self.prior)
        if entry.events > 0:
            pivot = EventRateKernel(entry.events, entry.exposure)
            at_least = 1 - predicted_below(self._base, pivot, self.prior)
        return two_sided(at_most, at_least)


def exposure_faults(observed: Sequence[ArmExposure], control: str) -> list[Fault]:
    """What is wrong with counts of events over exposure."""
    faults = arm_faults([entry.arm for entry in observed], control)
    for entry in observed:
        where = f"arm {entry.arm}"
        if not 0 < entry.exposure < np.inf:
            faults.append(
                Fault(where, "its exposure is not above 0.", "Leave the arm out, or wait until there is some.")
            )
        if not (isinstance(entry.events, int | np.integer) and entry.events >= 0):
            faults.append(Fault(where, "its events are not a whole number from 0.", "Give events as a count."))
    return faults
