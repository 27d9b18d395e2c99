"""Numbers of the truth that know what they were counted from, so that the truths of blocks become one.

A rate among all people is not the mean of the blocks' rates: it is what was counted in all of them over all
among whom it was counted. In JSON these numbers are plain ones.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np


class Count(int):
    """How many there are; of several blocks, the sum."""


class Mean(float):
    """A mean or a share, with the sum and the number of the values that it is the mean of."""

    total: float
    weight: float

    def __new__(cls, total: float, weight: float) -> "Mean":
        """The mean of `weight` values, or of values of this summed weight, whose sum is `total`."""
        made = super().__new__(cls, total / weight)
        made.total, made.weight = total, weight
        return made


class Difference(float):
    """How far one mean lies above another, both taken of the same people, or of none at all."""

    value: Mean
    control: Mean

    def __new__(cls, value: Mean, control: Mean) -> "Difference":
        """`value` minus `control`."""
        made = super().__new__(cls, float(value) - float(control))
        made.value, made.control = value, control
        return made


class Ratio(float):
    """How many times one mean is another."""

    value: Mean
    control: Mean

    def __new__(cls, value: Mean, control: Mean) -> "Ratio":
        """`value` divided by `control`, which is not 0."""
        made = super().__new__(cls, float(value) / float(control))
        made.value, made.control = value, control
        return made


def mean(values: np.ndarray) -> Mean | None:
    """The mean of the values, or the share of the true ones; None where there are no values."""
    return Mean(values.sum().item(), values.size) if values.size else None


def minus(value: Mean | None, control: Mean | None) -> Difference | None:
    """The difference of two means; None where either is."""
    return None if value is None or control is None else Difference(value, control)


def times(value: Mean | None, control: Mean | None) -> Ratio | None:
    """The ratio of two means; None where either is, or where the control's is 0."""
    return None if value is None or not control else Ratio(value, control)


def pooled(parts: Sequence[Any], where: str = "the truth") -> Any:
    """What is true of all blocks together, from what is true of each of them.

    Args:
        parts: of each block the same nested mapping, whose numbers are counts, means or differences; all else must be
            the same in every block.
        where: what the parts are called where they cannot be pooled.

    Raises:
        ValueError: where something differs between the blocks that is none of these.
    """
    told = [part for part in parts if part is not None]
    if not told:
        return None
    first = told[0]
    if isinstance(first, dict):
        return {key: pooled([part[key] for part in told], f"{where}, {key}") for key in first}
    if isinstance(first, Count):
        return Count(sum(told))
    if isinstance(first, Mean):
        return Mean(sum(part.total for part in told), sum(part.weight for part in told))
    if isinstance(first, Difference):
        return minus(pooled([part.value for part in told]), pooled([part.control for part in told]))
    if isinstance(first, Ratio):
        # A block whose control is 0 has no ratio, and the others' would be a ratio of other people.
        if len(told) < len(parts):
            return None
        return times(pooled([part.value for part in told]), pooled([part.control for part in told]))
    if any(part != first for part in parts):
        raise ValueError(f"{where}: it differs between blocks, and does not say what it was counted from")
    return first
