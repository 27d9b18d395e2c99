"""The yardstick: by what people's features are measured, set at a refit and kept until the next.

Averages, weights of shrinkage, means, standard deviations and categories are those of the people at the refit. Later
people, and the same people later, are laid against it and nothing is cut anew, so that nobody moves because others did.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ConfigDict, TypeAdapter, ValidationError

from workbench.refusal import Fault, Refused
from workbench.segments.families import FeatureName
from workbench.segments.features.catalog import CATEGORICAL, FEATURES, asked_categories, asked_features
from workbench.segments.features.categories import places_of, words_of
from workbench.segments.features.feature import Feature, Kind
from workbench.segments.features.frame import FeatureFrame
from workbench.segments.features.informative import LEAST_RELIABILITY, refuse_uninformative
from workbench.segments.features.measuring import (
    Measured,
    in_units,
    is_known,
    measured,
    numbers,
    on_model_scale,
    values_of,
)
from workbench.segments.parameters import Segmentation

_BY_NAME: dict[str, Feature] = {each.name: each for each in FEATURES}
_CATEGORICAL = {each.name: each for each in CATEGORICAL}


@dataclass(frozen=True)
class FeatureScale:
    """How one measure is laid out: drawn to `center` with `weight`, then told in deviations from the mean.

    `mean` and `deviation` (standard) are on the model's scale, and so is the `center` of times. `center` and `weight`
    are None for what is kept as it is.
    """

    name: FeatureName
    kind: Kind
    center: float | None
    weight: float | None
    mean: float
    deviation: float

    @property
    def feature(self) -> Feature:
        """The measure itself."""
        return _BY_NAME[self.name]

    def measured(self, rows: pd.DataFrame) -> Measured | None:
        """How the values of these rows are drawn toward the average."""
        if self.center is None or self.weight is None or self.feature.trials is None:
            return None
        events, trials = (numbers(rows, column) for column in (self.feature.events, self.feature.trials))
        return Measured(events, trials, self.center, self.weight, self.kind)

    def values(self, rows: pd.DataFrame, keeps_missing: bool) -> NDArray[np.float64]:
        """Values in the measure's unit, (n,); of whom nothing is known, the average, or NaN where that is kept."""
        values = values_of(self.feature, rows, self.measured(rows))
        if keeps_missing:
            return np.where(is_known(self.feature, rows), values, np.nan)
        return np.where(np.isnan(values), in_units(self.kind, self.mean), values)

    def scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values as the model sees them."""
        return (on_model_scale(self.kind, values) - self.mean) / self.deviation


@dataclass(frozen=True)
class FeatureCategories:
    """The words of one categorical feature, in the order of their numbers."""

    name: FeatureName
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Yardstick:
    """By what people are measured until the next refit.

    `as_of` is the refit's day; `features` and `categorical` lay out what makes the groups; `unreliable` was asked for
    and left out at the refit. `keeps_missing` says that values nothing is known of stay missing.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    as_of: date
    lookback_days: int
    keeps_missing: bool
    features: tuple[FeatureScale, ...]
    categorical: tuple[FeatureCategories, ...]
    unreliable: tuple[FeatureName, ...]
    schema: Literal[1] = 1

    @classmethod
    def of(cls, rows: pd.DataFrame, settings: Segmentation) -> Self:
        """Make one of the people at a refit.

        Args:
            rows: `People.rows`.
            settings: the parameters.

        Raises:
            Refused: too few people, or a feature that nothing is known of or that is the same for everybody (all of
                them at once); or people who differ in no feature by more than chance.
        """
        refuse_uninformative(rows, settings)
        hows = {feature: measured(feature, rows) for feature in asked_features(settings)}
        kept = {feature: how for feature, how in hows.items() if _is_reliable(how)}
        words = asked_categories(settings)
        if not kept and not words:
            what = "people differ in none of them by more than chance."
            mend = "Look further back with lookback_days, or raise least_appointments."
            raise Refused(Fault("features", what, mend))
        return cls(
            as_of=settings.as_of,
            lookback_days=settings.lookback_days,
            keeps_missing=settings.takes_missing,
            features=tuple(_scale(feature, how, rows, settings) for feature, how in kept.items()),
            categorical=tuple(FeatureCategories(each.name, words_of(rows[each.column])) for each in words),
            unreliable=tuple(feature.name for feature in hows if feature not in kept),
        )

    def frame(self, rows: pd.DataFrame) -> FeatureFrame:
        """Lay people against it, those of the refit or any others; nothing is cut anew.

        Args:
            rows: `People.rows` of any day, counted over as long a lookback.
        """
        values = {each.name: each.values(rows, self.keeps_missing) for each in self.features}
        scaled = np.empty((len(rows), len(values)))
        for place, each in enumerate(self.features):
            scaled[:, place] = each.scaled(values[each.name])
        categories = np.empty((len(rows), len(self.categorical)), dtype=np.int64)
        for place, words in enumerate(self.categorical):
            categories[:, place] = places_of(rows[_CATEGORICAL[words.name].column], words.categories)
        return FeatureFrame(
            patient_ids=rows["patient_id"].array,
            features=tuple(each.feature for each in self.features),
            values=pd.DataFrame(values, index=range(len(rows)), copy=False),
            scaled=scaled,
            measured=tuple(each.measured(rows) for each in self.features),
            unreliable=tuple(_BY_NAME[name] for name in self.unreliable),
            categories=categories,
            categorical=tuple(_CATEGORICAL[each.name] for each in self.categorical),
            words=tuple(each.categories for each in self.categorical),
            recorded=pd.DataFrame(
                {each.name: rows[_CATEGORICAL[each.name].column].array for each in self.categorical},
                index=range(len(rows)),
                copy=False,
            ),
        )

    def refuse_others(self, settings: Segmentation) -> None:
        """Refuse parameters that ask for other features than it was made of.

        Raises:
            Refused: with what differs, and what to do.
        """
        own = {
            *(each.name for each in self.features),
            *(each.name for each in self.categorical),
            *self.unreliable,
        }
        asked = {
            *(each.name for each in asked_features(settings)),
            *(each.name for each in asked_categories(settings)),
        }
        differs = [
            *(f"{name} is new" for name in sorted(asked - own)),
            *(f"{name} is no longer asked for" for name in sorted(own - asked)),
        ]
        if settings.lookback_days != self.lookback_days:
            differs.append(f"lookback_days was {self.lookback_days} and is {settings.lookback_days}")
        if settings.takes_missing != self.keeps_missing:
            differs.append(f"the method {settings.method} treats missing values otherwise")
        if differs:
            where = f"yardstick of {self.as_of}"
            mend = "Ask for the same features as then, or fit the groups anew."
            raise Refused(Fault(where, f"it measures other features: {'; '.join(differs)}.", mend))

    def to_json(self) -> dict[str, Any]:
        """A plain dict of numbers and words, of no person, that `from_json` reads."""
        return asdict(self) | {"as_of": self.as_of.isoformat()}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave.

        Raises:
            Refused: it is not of this form.
        """
        try:
            return TypeAdapter(cls).validate_json(json.dumps(given))
        except ValidationError as error:
            places = dict.fromkeys(".".join(map(str, each["loc"])) or "all" for each in error.errors())
            what = f"it is not of the form that is written today, at {', '.join(places)}."
            raise Refused(Fault("yardstick", what, "Fit the groups anew.")) from None


def feature_frame(rows: pd.DataFrame, settings: Segmentation) -> FeatureFrame:
    """The features asked for, on a yardstick of these same people.

    Args:
        rows: `People.rows`.
        settings: the parameters.

    Raises:
        Refused: see `Yardstick.of`.
    """
    return Yardstick.of(rows, settings).frame(rows)


def _is_reliable(how: Measured | None) -> bool:
    return how is None or how.reliability >= LEAST_RELIABILITY


def _scale(feature: Feature, how: Measured | None, rows: pd.DataFrame, settings: Segmentation) -> FeatureScale:
    column = on_model_scale(feature.kind, values_of(feature, rows, how))
    if settings.takes_missing or feature.trials is None:
        column = column[is_known(feature, rows)]
    return FeatureScale(
        name=feature.name,
        kind=feature.kind,
        center=how.center if how else None,
        weight=how.weight if how else None,
        mean=float(column.mean()),
        deviation=float(column.std()),
    )
