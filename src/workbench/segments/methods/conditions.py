"""What a clinicians' rule asks of a person: bounds on a measure, or which words hold of her."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.segments.features import FeatureFrame


@dataclass(frozen=True)
class Bounds:
    """That a measure, in its own unit, is at least one value, below another, or both."""

    measure: str
    at_least: float | None
    below: float | None

    @property
    def feature(self) -> str:
        """The name of what it asks of."""
        return self.measure

    def holds(self, frame: FeatureFrame) -> NDArray[np.bool_]:
        """(n,) of whom it holds; of nobody whose measure is not known."""
        values = frame.values[self.measure].to_numpy(dtype=float)
        low = -np.inf if self.at_least is None else self.at_least
        high = np.inf if self.below is None else self.below
        return (values >= low) & (values < high)

    def as_values(self) -> dict[str, Any]:
        """Numbers and words, from which `condition_from` makes the same."""
        return {"measure": self.measure, "at_least": self.at_least, "below": self.below}


@dataclass(frozen=True)
class OneOf:
    """That the word of a feature is one of some or, `excluded`, that it is known and none of them."""

    feature: str
    words: tuple[str, ...]
    excluded: bool

    def holds(self, frame: FeatureFrame) -> NDArray[np.bool_]:
        """(n,) of whom it holds; of nobody whose word is not known."""
        recorded = frame.recorded[self.feature]
        is_one = recorded.isin(self.words).to_numpy(dtype=bool)
        return ~is_one & recorded.notna().to_numpy(dtype=bool) if self.excluded else is_one

    def as_values(self) -> dict[str, Any]:
        """Words, from which `condition_from` makes the same."""
        return {"feature": self.feature, "is_not" if self.excluded else "is": list(self.words)}


RuleCondition = Bounds | OneOf


def condition_from(values: dict[str, Any]) -> RuleCondition:
    """The condition whose `as_values` gave these."""
    if "measure" in values:
        return Bounds(**values)
    excluded = "is_not" in values
    return OneOf(values["feature"], tuple(values["is_not" if excluded else "is"]), excluded)
