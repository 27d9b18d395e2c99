"""What sets the groups apart: sizes, features, diagnoses, phases, consent, texts; and a name proposed for each.

All of it is description. The features made the groups, so that groups differ in them by construction, and no test of
such a difference would mean anything (Gao, Bien and Witten 2024, Journal of the American Statistical Association).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.segments.features import FEATURES, FOUR_WEEKS, Feature, FeatureFrame, group_value
from workbench.segments.methods.interface import Labels

# A feature is named where a group's mean lies this many standard deviations or more from everybody's.
TELLING = 0.3
# How many features a name is made of at most.
NAMED_BY = 2


@dataclass(frozen=True)
class GroupProfile:
    """One group, or everybody, described.

    `values` by feature in its unit, pooled over the group's events; `distances` by feature the group's mean in
    standard deviations from everybody's; `attributes` counts people by column of `profile_by` and value;
    `consenting` counts those opted in to texts, `texts` is texts received in four weeks per person.
    """

    letter: str
    name: str
    people: int
    values: dict[str, float | None]
    distances: dict[str, float]
    attributes: dict[str, dict[str, int]]
    consenting: int
    texts: float

    @property
    def label(self) -> str:
        """Letter and name, such as "B: in person, seldom miss"."""
        return f"{self.letter}: {self.name}"


def profile_groups(
    rows: pd.DataFrame, frame: FeatureFrame, labels: Labels | None, profile_by: tuple[str, ...]
) -> tuple[GroupProfile, tuple[GroupProfile, ...]]:
    """Everybody's profile, and each group's; no groups where labels are None.

    Args:
        rows: `People.rows`, in the order of the frame.
        frame: from `feature_frame`.
        labels: everybody's group, or None.
        profile_by: columns of rows by which groups are described besides.
    """
    everyone = _profile(rows, frame, np.ones(len(rows), dtype=bool), profile_by, "", "everybody")
    if labels is None:
        return everyone, ()
    groups = int(labels.max()) + 1
    names = propose_names(
        frame.features, [frame.scaled[labels == group].mean(axis=0) for group in range(groups)]
    )
    profiles = tuple(
        _profile(rows, frame, labels == group, profile_by, chr(ord("A") + group), names[group])
        for group in range(groups)
    )
    return everyone, profiles


def propose_names(features: tuple[Feature, ...], means: list[NDArray[np.float64]]) -> list[str]:
    """A name for each group from the features in which it lies farthest from everybody, each name once.

    Args:
        features: the features, in the order of the means.
        means: for each group its mean of every feature, in standard deviations from everybody's.
    """
    named = []
    for mean in means:
        order = np.argsort(-np.abs(mean), kind="stable")
        telling = [at for at in order[:NAMED_BY] if abs(mean[at]) >= TELLING]
        words = [features[at].high if mean[at] > 0 else features[at].low for at in telling]
        named.append(", ".join(words) or "near the average")
    return [name if named.index(name) == at else f"{name} (another)" for at, name in enumerate(named)]


def profiled_features(frame: FeatureFrame) -> tuple[Feature, ...]:
    """Features in the order of their definition, those that made the groups and those left out as unreliable."""
    return tuple(each for each in FEATURES if each in frame.features or each in frame.unreliable)


def _profile(
    rows: pd.DataFrame,
    frame: FeatureFrame,
    who: NDArray[np.bool_],
    profile_by: tuple[str, ...],
    letter: str,
    name: str,
) -> GroupProfile:
    some = rows[who]
    means = frame.scaled[who].mean(axis=0)
    return GroupProfile(
        letter=letter,
        name=name,
        people=len(some),
        values={feature.name: group_value(feature, some) for feature in profiled_features(frame)},
        distances={feature.name: float(mean) for feature, mean in zip(frame.features, means, strict=True)},
        attributes={column: _counted(rows, some, column) for column in profile_by},
        consenting=int(some["consented"].sum()),
        texts=FOUR_WEEKS * float(some["texts"].sum()) / float(some["weeks"].sum()),
    )


def _counted(rows: pd.DataFrame, some: pd.DataFrame, column: str) -> dict[str, int]:
    """People by value, the values of all rows in the order of their names; what is not known is one of them."""
    values = sorted(rows[column].dropna().unique())
    counts = some[column].value_counts()
    found = {str(value): int(counts.get(value, 0)) for value in values}
    missing = int(some[column].isna().sum())
    return {**found, "not known": missing} if rows[column].isna().any() else found
