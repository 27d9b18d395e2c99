"""How strong an unmeasured confounder would have to be: the E-value (VanderWeele and Ding 2017).

Least risk ratio, with the reminder and with the outcome both, beyond what was held equal, that would explain the effect
away; exact for risk ratios.
"""

import math
from dataclasses import dataclass

from workbench.no_show.scores.estimates import Estimate


@dataclass(frozen=True)
class Sensitivity:
    """E-values of the estimate and of the end of its interval that is nearer to no effect; 1 where that holds 1."""

    estimate: float
    nearest: float


def e_value(ratio: float) -> float:
    """RR + sqrt(RR (RR - 1)) for a risk ratio above 1, that of its inverse for one below; 1 for none.

    Raises:
        ValueError: the ratio is not above 0.
    """
    if not ratio > 0:
        raise ValueError("a risk ratio lies above 0")
    above = max(ratio, 1 / ratio)
    return above + math.sqrt(above * (above - 1))


def e_values(ratio: Estimate) -> Sensitivity:
    """E-values of a risk ratio with its interval."""
    nearest = min((ratio.low, ratio.high), key=lambda end: abs(math.log(end)))
    return Sensitivity(e_value(ratio.value), 1.0 if ratio.low <= 1 <= ratio.high else e_value(nearest))
