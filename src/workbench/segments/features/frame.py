"""The feature frame: what a model of groups sees, one row per person."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from workbench.segments.features.feature import CategoricalFeature, Feature
from workbench.segments.features.measuring import Measured


def _no_categories() -> NDArray[np.int64]:
    return np.empty((0, 0), dtype=np.int64)


@dataclass(frozen=True)
class FeatureFrame:
    """The model's features: `values` in readable units, `scaled` as the model sees them; one row per person.

    `values` is a data frame with one column per measure; `scaled` an array of the same shape, in standard deviations of
    the people at the refit from their mean, NaN where a value is missing and the method takes that; `measured` says how
    each column came about (None for what is kept as it is). `categories` has a column for each of `categorical`, whose
    numbers are places in its `words`, -1 where missing; `recorded` a column of that name with the word itself, which
    few people may share. Rows follow `patient_ids`. `unreliable` are features that were asked for and left out,
    because people differ in them by hardly more than chance.
    """

    patient_ids: NDArray[np.object_] | ExtensionArray
    features: tuple[Feature, ...]
    values: pd.DataFrame
    scaled: NDArray[np.float64]
    measured: tuple[Measured | None, ...]
    unreliable: tuple[Feature, ...]
    categories: NDArray[np.int64] = field(default_factory=_no_categories)
    categorical: tuple[CategoricalFeature, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()
    recorded: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        if not self.categories.size:
            object.__setattr__(self, "categories", np.empty((self.people, 0), dtype=np.int64))

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.patient_ids)
