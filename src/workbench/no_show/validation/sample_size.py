"""Are there enough appointments for a regression's parameters? The criteria of Riley et al.

Riley RD, Snell KIE, Ensor J, et al. Minimum sample size for developing a multivariable prediction model: part II.
Statistics in Medicine 38 (2019) 1276-1296. Riley RD, Ensor J, Snell KIE, et al. Calculating the sample size required
for developing a clinical prediction model. BMJ 368 (2020) m441.
"""

import math
from dataclasses import dataclass

from scipy.optimize import brentq

from workbench.refusal import Fault, Refused

# Criterion 1: predictions need be drawn in by at most a tenth. 2: apparent R2 (Nagelkerke) flatters by at most this.
SHRINKAGE = 0.9
OPTIMISM = 0.05
# Criterion 3: the 95 % interval of the overall rate reaches at most this far to each side.
MARGIN = 0.05
_NORMAL = 1.96


@dataclass(frozen=True)
class Needed:
    """Appointments that each criterion asks for."""

    shrinkage: int
    optimism: int
    intercept: int

    @property
    def appointments(self) -> int:
        """Those that all three ask for."""
        return max(self.shrinkage, self.optimism, self.intercept)


@dataclass(frozen=True)
class Enough:
    """What a regression has and needs. `expected_shrinkage` is what its size gives it by criterion 1."""

    model: str
    parameters: int
    appointments: int
    events: int
    r_squared: float
    expected_shrinkage: float
    needed: Needed

    @property
    def events_per_parameter(self) -> float:
        """Missed appointments for each parameter."""
        return self.events / self.parameters

    @property
    def holds(self) -> bool:
        """Whether all three criteria hold."""
        return self.appointments >= self.needed.appointments


def needed(parameters: int, rate: float, r_squared: float) -> Needed:
    """The appointments needed.

    1. n = p / ((S - 1) ln(1 - R2 / S)), S = .9; R2 is that of Cox and Snell, as expected on new data.
    2. The same with S = R2 / (R2 + .05 max R2), max R2 = 1 - (rate^rate (1 - rate)^(1 - rate))^2.
    3. n = (1.96 / .05)^2 rate (1 - rate).

    Args:
        parameters: candidate parameters p, the intercept not counted.
        rate: share missed.
        r_squared: Cox and Snell's R2 expected on new data.

    Raises:
        Refused: the rate is not within 0 to 1, or the R2 is none that a model with such a rate can have.
    """
    if not 0 < rate < 1:
        raise Refused(
            Fault(
                "sample size", "everybody missed, or nobody.", "Choose a longer block, or check the outcomes."
            )
        )
    most = largest_r_squared(rate)
    if not 0 < r_squared < most:
        raise Refused(
            Fault(
                "sample size",
                f"an R2 of {r_squared:.3f} is not between 0 and {most:.3f}, the largest for this rate.",
                "Give the R2 that the model has on new data.",
            )
        )
    small_optimism = r_squared / (r_squared + OPTIMISM * most)
    return Needed(
        shrinkage=_for_shrinkage(parameters, r_squared, SHRINKAGE),
        optimism=_for_shrinkage(parameters, r_squared, small_optimism),
        intercept=math.ceil((_NORMAL / MARGIN) ** 2 * rate * (1 - rate)),
    )


def enough(
    model: str, parameters: int, appointments: int, events: int, loss_of_rate: float, loss: float
) -> Enough | None:
    """Hold what there is against what is needed; None where the model tells nothing on new data.

    Args:
        model: its name.
        parameters: that it estimates.
        appointments, events: that train it.
        loss_of_rate, loss: mean log loss of the rate of all, and of the model, on appointments that trained neither.
    """
    r_squared = 1 - math.exp(-2 * (loss_of_rate - loss))
    rate = events / appointments
    if not 0 < r_squared < largest_r_squared(rate):
        return None
    return Enough(
        model=model,
        parameters=parameters,
        appointments=appointments,
        events=events,
        r_squared=r_squared,
        expected_shrinkage=expected_shrinkage(parameters, appointments, r_squared),
        needed=needed(parameters, rate, r_squared),
    )


def largest_r_squared(rate: float) -> float:
    """Cox and Snell's R2 of a model that knows every outcome."""
    return 1 - math.exp(2 * (rate * math.log(rate) + (1 - rate) * math.log(1 - rate)))


def expected_shrinkage(parameters: int, appointments: int, r_squared: float) -> float:
    """The S at which criterion 1 asks for just as many appointments as there are; 0 where there are too few for any."""

    def too_many(shrinkage: float) -> float:
        return parameters + appointments * (1 - shrinkage) * math.log(1 - r_squared / shrinkage)

    low, high = r_squared * (1 + 1e-9), 1 - 1e-12
    if too_many(low) > 0:
        return 0.0
    return float(brentq(too_many, low, high)) if too_many(high) > 0 else 1.0


def _for_shrinkage(parameters: int, r_squared: float, shrinkage: float) -> int:
    return math.ceil(parameters / ((shrinkage - 1) * math.log(1 - r_squared / shrinkage)))
