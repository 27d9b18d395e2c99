"""Whether a number moved by more than chance would, told from the released intervals of two versions alone.

What two versions share of their data is not known from outside: mostly the later one holds the earlier one's people
and some more. Sharing makes estimates go together, so that limits made as if nothing were shared are too wide, never
too narrow. docs/methods/differences.md has formula, reference and limits.
"""

from math import hypot
from typing import Literal

from workbench.present.result import Metric

Movement = Literal["moved", "within_noise", "changed"]
"""`changed`: without intervals of one kind and level on both sides noise cannot be told."""

MONTE_CARLO = 0.1
"""On the same data, a sampler or a resampling moves an estimate by up to about this part of its interval's
half-width: with 400 effective draws (Vehtari et al. 2021) the difference of two runs stays below 0.071 of it in 95 of
100, and below 0.1 in 99."""


def movement(before: Metric, after: Metric, *, same_data: bool) -> Movement:
    """How a metric that is not as it was has moved; both have a value."""
    if not is_judged(before, after):
        return "changed"
    exceeds = _exceeds_monte_carlo if same_data else _exceeds_chance
    return "moved" if exceeds(_limits(before), _limits(after)) else "within_noise"


def is_judged(before: Metric, after: Metric) -> bool:
    """Whether noise can be told of a pair: both have intervals, of one kind and level."""
    ends = (before.low, before.high, after.low, after.high, before.level)
    return None not in ends and (before.level, before.interval) == (after.level, after.interval)


def _limits(metric: Metric) -> tuple[float, float, float]:
    """Lower limit, value, upper limit; a value beyond a limit, as resampling may give, is taken for the limit."""
    if metric.value is None or metric.low is None or metric.high is None:
        raise ValueError("only a metric with an interval has limits")
    return min(metric.low, metric.value), metric.value, max(metric.high, metric.value)


def _exceeds_chance(before: tuple[float, float, float], after: tuple[float, float, float]) -> bool:
    """Whether the interval of the change excludes zero, by the method of variance estimates recovery.

    Zou and Donner (2008), with the correlation set to zero, which for estimates that go together is too wide.
    """
    (low, value, high), (low_after, value_after, high_after) = before, after
    change = value_after - value
    noise = (
        hypot(value_after - low_after, high - value)
        if change > 0
        else hypot(high_after - value_after, value - low)
    )
    return abs(change) > noise


def _exceeds_monte_carlo(before: tuple[float, float, float], after: tuple[float, float, float]) -> bool:
    (low, value, high), (low_after, value_after, high_after) = before, after
    half_width = (high - low + high_after - low_after) / 4
    return abs(value_after - value) > MONTE_CARLO * half_width
