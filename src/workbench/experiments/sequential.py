"""Evidence that stays valid however often one looks: e-processes for the effect and for the sample ratio."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp
from scipy.stats import halfnorm

from workbench.experiments.exact.quadrature import panels_between
from workbench.refusal import Fault, Refused

# Prior of the log rate ratio under "the arm is better": half-normal with this scale.
_LOG_RATIO_SCALE = 0.5
# Concentration of the Dirichlet prior around the designed shares; 1 per arm at equal allocation.
_CONCENTRATION = 1.0


def log_e_value(treated_events: int, control_events: int, treated_share: float) -> float:
    """Natural log of the e-value for "the arm's rate exceeds the control's", from events alone.

    Under equal rates each event falls into the arm with probability rho, the arm's share of the allocation;
    under a rate ratio r with probability theta = rho r / (rho r + 1 - rho). The e-value is the likelihood ratio
    averaged over log r ~ half-normal(0, 0.5): a test martingale, so that P(ever e >= x) <= 1 / x under equal
    rates, at any number of looks.

    Args:
        treated_events: events among people assigned to the arm.
        control_events: events among people assigned to the control.
        treated_share: designed share of the arm among the two, between 0 and 1.

    Reference: Lindon and Malek, Anytime-valid inference for multinomial count data (NeurIPS 2022), section 3.
    """
    if not 0 < treated_share < 1:
        raise Refused(Fault("allocation", "an arm's share is not between 0 and 1.", "Give both arms people."))

    events = treated_events + control_events
    # The log likelihood ratio bends by no more than a quarter for each event, the prior by 1 / scale^2.
    grid = panels_between(0.0, 8 * _LOG_RATIO_SCALE, 2 / np.sqrt(events / 4 + _LOG_RATIO_SCALE**-2))
    log_ratio = treated_events * grid.nodes - events * np.log1p(treated_share * np.expm1(grid.nodes))
    log_product = log_ratio + halfnorm.logpdf(grid.nodes, scale=_LOG_RATIO_SCALE)
    return float(logsumexp(log_product, b=grid.weights))


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

    Reference: Lindon and Malek 2022, equation 6.
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
    log_e = float(log_mixture - np.sum(n * np.log(design)))
    return SampleRatio(p_value=float(np.exp(min(0.0, -log_e))), log_e=log_e)
