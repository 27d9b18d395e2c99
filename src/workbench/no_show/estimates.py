"""An estimate with the interval that covers it."""

from dataclasses import dataclass

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value and its confidence interval, clustered by patient."""

    value: float
    low: float
    high: float
    level: float = LEVEL
