"""An e-process for "this arm's rate is higher": evidence that stays valid however often one looks."""

from collections.abc import Sequence

import numpy as np
from scipy.special import logsumexp
from scipy.stats import halfnorm

from workbench.experiments.exact.quadrature import Span, panels_over
from workbench.refusal import Fault, Refused

# Prior of the log rate ratio under "the arm is better": half-normal with this scale.
_LOG_RATIO_SCALE = 0.5
# The fall of a log density within a panel that its nodes still follow, and the one at which nothing is left.
_STEEP, _NOTHING_LEFT = 8.0, 60.0


def log_e_value(
    treated_events: int | Sequence[int],
    control_events: int | Sequence[int],
    treated_share: float | Sequence[float],
) -> float:
    """Natural log of the e-value for "the arm's rate exceeds the control's", from events alone.

    Under equal rates each event falls into the arm with probability rho, the arm's share of the allocation;
    under a rate ratio r with probability theta = rho r / (rho r + 1 - rho). The e-value is the likelihood ratio
    averaged over log r ~ half-normal(0, 0.5): a test martingale, so that P(ever e >= x) <= 1 / x under equal
    rates, at any number of looks. Where the allocation was changed, each epoch of one allocation has its own
    events and share, and the likelihood ratio is the product over epochs: rates may drift between them.

    Args:
        treated_events: events among people assigned to the arm, in all or by epoch.
        control_events: events among people assigned to the control, likewise.
        treated_share: designed share of the arm among the two, between 0 and 1, likewise. An epoch in which one of
            the two got nobody says nothing and is left out.

    Raises:
        Refused: a share that is not between 0 and 1, or lists of different lengths.

    Reference: Lindon and Malek, Anytime-valid inference for multinomial count data (NeurIPS 2022), section 3.
    """
    treated, control = np.atleast_1d(treated_events), np.atleast_1d(control_events)
    share = np.atleast_1d(np.asarray(treated_share, dtype=float))
    if not treated.shape == control.shape == share.shape:
        raise Refused(Fault("allocation", "events and shares are not of the same epochs.", "Give one of each."))
    if not np.all((share > 0) & (share < 1)):
        raise Refused(Fault("allocation", "an arm's share is not between 0 and 1.", "Give both arms people."))

    events = treated + control
    # The log likelihood ratio bends by no more than a quarter for each event, the prior by 1 / scale^2; where the
    # arm has fewer events than it should, it falls from 0 as steeply as this.
    panel = float(2 / np.sqrt(events.sum() / 4 + _LOG_RATIO_SCALE**-2))
    steep = max(float(events @ share - treated.sum()), _STEEP / panel)
    near = min(_NOTHING_LEFT / steep, 8 * _LOG_RATIO_SCALE)
    grid = panels_over([Span(0.0, near, _STEEP / steep), Span(0.0, 8 * _LOG_RATIO_SCALE, panel)])
    expected = np.log1p(share[:, None] * np.expm1(grid.nodes)[None, :])
    log_ratio = treated.sum() * grid.nodes - events @ expected
    log_product = log_ratio + halfnorm.logpdf(grid.nodes, scale=_LOG_RATIO_SCALE)
    return float(logsumexp(log_product, b=grid.weights))
