"""A number with its interval, and the exact one of a share."""

from dataclasses import dataclass

from scipy.stats import beta


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; the level is told by what it stands in."""

    value: float
    low: float
    high: float


def exact_share(events: int, of: int, level: float) -> Estimate:
    """A share with its exact interval (Clopper and Pearson 1934); 0 to 1 of none."""
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, events, of - events + 1)) if events else 0.0
    high = float(beta.ppf(1 - tail, events + 1, of - events)) if events < of else 1.0
    return Estimate(events / of if of else 0.0, low, high)
