"""A factorial experiment against one question at a time: people needed for main effects of equal precision.

With k factors of two levels each, a main effect of a factorial experiment compares one half of all people with the
other half. One at a time takes k experiments of two arms, or one experiment of k arms beside a common control.
Variances are those of a difference of two means with equal variance in all cells, and effects are taken to add up
(Collins, Dziak and Li, Design of experiments with multiple independent variables, *Psychological Methods* 2009).
"""

from dataclasses import dataclass
from math import ceil, sqrt

FACTORS = (2, 3, 4)


@dataclass(frozen=True)
class FactorialDesign:
    """People needed for k main effects, each as precisely as two arms of `people_per_arm` tell one.

    `common_control` is the least for k arms beside one control, whose size is then the square root of k times an arm's;
    `cell` the people of each combination of the factorial; `interaction` those it takes to tell an interaction of two
    factors (a difference of differences) as precisely.
    """

    factors: int
    people_per_arm: int
    factorial: int
    separate: int
    common_control: int
    cell: int
    interaction: int


def factorial_designs(people_per_arm: int) -> tuple[FactorialDesign, ...]:
    """Designs for two to four factors.

    Args:
        people_per_arm: people in each of two arms that tell one effect precisely enough.
    """
    return tuple(_design(k, people_per_arm) for k in FACTORS)


def _design(k: int, n: int) -> FactorialDesign:
    # Two arms of n have variance 2/n, in units of one person's. Halves of N people have 4/N, so that N is 2n.
    cell = ceil(2 * n / 2**k)
    # k arms of m beside a control of sqrt(k) m: 1/m + 1/(sqrt(k) m) = 2/n.
    arm = n * (1 + 1 / sqrt(k)) / 2
    return FactorialDesign(
        factors=k,
        people_per_arm=n,
        factorial=cell * 2**k,
        separate=2 * n * k,
        common_control=ceil(round(arm * (k + sqrt(k)), 6)),
        cell=cell,
        # A difference of two differences, each of quarters: variance 16/N.
        interaction=ceil(8 * n / 2**k) * 2**k,
    )
