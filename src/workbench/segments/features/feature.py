"""What a feature is: a measure made of counts, or a word that holds of a person."""

from dataclasses import dataclass
from typing import Literal

from workbench.segments.families import Family, FeatureName

Kind = Literal["share", "rate", "days", "hours"]


@dataclass(frozen=True)
class Feature:
    """One measure: what it means, in which unit, and how a person high or low in it is told.

    `family` is the parameter's word for where it comes from. `events` and `trials` are the columns of counts that it is
    made of; without `trials`, `events` is the value itself, which may be missing. `high` and `low` are said of people.
    Measures that are not `core` are taken where all are asked for.
    """

    name: FeatureName
    family: Family
    events: str
    trials: str | None
    title: str
    meaning: str
    unit: str
    kind: Kind
    high: str
    low: str
    core: bool = True


@dataclass(frozen=True)
class CategoricalFeature:
    """One feature whose values are words, which stand in a column of the rows; a word may be missing."""

    name: FeatureName
    family: Family
    column: str
    title: str
    meaning: str
