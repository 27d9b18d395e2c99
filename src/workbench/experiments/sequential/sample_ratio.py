"""Whether arms are as large as the design says, by a test that may be read at every look."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from workbench.refusal import Fault, Refused

# Concentration of the Dirichlet prior around the designed shares; 1 per arm at equal allocation.
_CONCENTRATION = 1.0


@dataclass(frozen=True)
class SampleRatio:
    """Whether arms are as large as the design says.

    `p_value` may be read at every look: under the design, P(it ever falls to alpha or below) <= alpha.
    """

    p_value: float
    log_e: float


def sample_ratio(people: Sequence[int], shares: Sequence[float]) -> SampleRatio:
    """Test of the arms' sizes against their designed shares, valid at every look.

    The e-value compares a Dirichlet-multinomial centered on the design with the design itself.

    Args:
        people: how many were assigned to each arm.
        shares: designed share of each arm, each above 0; they are scaled to sum to 1.

    Raises:
        Refused: a share of 0, or lists of different lengths.

    Reference: Lindon and Malek, Anytime-valid inference for multinomial count data (NeurIPS 2022), equation 6.
    """
    if len(people) != len(shares) or min(shares) <= 0:
        raise Refused(
            Fault("allocation", "an arm has no designed share.", "Give every arm a probability above 0.")
        )
    n = np.asarray(people, dtype=float)
    design = np.asarray(shares, dtype=float)
    design = design / design.sum()
    alpha = design * len(design) * _CONCENTRATION
    log_mixture = (
        gammaln(alpha.sum()) - gammaln(alpha.sum() + n.sum()) + np.sum(gammaln(alpha + n) - gammaln(alpha))
    )
    return _told(float(log_mixture - np.sum(n * np.log(design))))


def sample_ratio_by_epoch(people: Sequence[Sequence[int]], shares: Sequence[Sequence[float]]) -> SampleRatio:
    """The same test where the allocation was changed: each epoch against its own shares.

    The product of the epochs' e-values is itself one: a bet that goes on from epoch to epoch. An arm that an epoch
    does not assign (share 0) is left out of it.

    Args:
        people: for every epoch, how many were assigned to each arm.
        shares: for every epoch, the designed share of each arm.

    Raises:
        Refused: people in an arm that their epoch does not assign, or lists of different lengths.
    """
    if len(people) != len(shares):
        raise Refused(Fault("allocation", "people and shares are not of the same epochs.", "Give one of each."))
    log_e = 0.0
    for assigned, design in zip(people, shares, strict=True):
        open_arms = [(n, share) for n, share in zip(assigned, design, strict=True) if n > 0 or share > 0]
        if len(open_arms) > 1:
            log_e += sample_ratio(*zip(*open_arms, strict=True)).log_e
    return _told(log_e)


def _told(log_e: float) -> SampleRatio:
    return SampleRatio(p_value=float(np.exp(min(0.0, -log_e))), log_e=log_e)
