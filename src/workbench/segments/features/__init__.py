"""Features: what the groups are made of, one row per person, on a yardstick that is set at a refit and moves nobody."""

from workbench.segments.features.catalog import CATEGORICAL, FEATURES
from workbench.segments.features.feature import CategoricalFeature, Feature, Kind
from workbench.segments.features.frame import FeatureFrame
from workbench.segments.features.measuring import (
    FOUR_WEEKS,
    Measured,
    group_value,
    measured_share,
    shrunk_share,
)
from workbench.segments.features.yardstick import Yardstick, feature_frame

__all__ = [
    "CATEGORICAL",
    "FEATURES",
    "FOUR_WEEKS",
    "CategoricalFeature",
    "Feature",
    "FeatureFrame",
    "Kind",
    "Measured",
    "Yardstick",
    "feature_frame",
    "group_value",
    "measured_share",
    "shrunk_share",
]
