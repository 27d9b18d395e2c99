"""Evidence that stays valid however often one looks: e-processes for the effect and for the sample ratio."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad
from scipy.special import gammaln
from scipy.stats import halfnorm

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

    def log_ratio(effect: float) -> float:
        odds = treated_share * np.exp(effect)
        mix = np.log(odds + 1 - treated_share)
        return float(treated_events * effect - (treated_events + control_events) * mix)

    grid = np.linspace(0, 8 * _LOG_RATIO_SCALE, 4001)
    peak = float(grid[int(np.argmax([log_ratio(x) for x in grid]))])
    top = log_ratio(peak)
    width = 1 / np.sqrt(max(treated_events + control_events, 1) * treated_share * (1 - treated_share) + 4)
    near = [x for x in (peak - 10 * width, peak, peak + 10 * width) if 0 < x < grid[-1]]
    area, _ = quad(
        lambda x: np.exp(log_ratio(x) - top) * halfnorm.pdf(x, scale=_LOG_RATIO_SCALE),
        0,
        grid[-1],
        points=near or None,
        limit=200,
    )
    return top + float(np.log(area))


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
