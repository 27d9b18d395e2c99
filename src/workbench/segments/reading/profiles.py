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
        frame.features,
        [_means(frame.scaled[labels == group]) for group in range(groups)],
        [_telling_words(frame, labels == group) for group in range(groups)],
    )
    profiles = tuple(
        _profile(rows, frame, labels == group, profile_by, chr(ord("A") + group), names[group])
        for group in range(groups)
    )
    return everyone, profiles


def propose_names(
    features: tuple[Feature, ...],
    means: list[NDArray[np.float64]],
    words: list[list[tuple[float, str]]] | None = None,
) -> list[str]:
    """A name for each group from what sets it farthest apart from everybody, each name once.

    Args:
        features: the features, in the order of the means.
        means: for each group its mean of every feature, in standard deviations from everybody's.
        words: for each group what it holds of the categorical features, each with how far it sets it apart.
    """
    more = words or [[] for _ in means]
    told = [
        _words_of(features, mean, those) or ["near the average"]
        for mean, those in zip(means, more, strict=True)
    ]
    named: list[str] = []
    for held in told:
        # Groups alike in what sets them apart most are told apart by what comes next.
        names = [", ".join(held[:end]) for end in range(min(NAMED_BY, len(held)), len(held) + 1)]
        name = next((name for name in names if name not in named), names[-1])
        number = 1 + sum(other.split(" (")[0] == name for other in named)
        named.append(name if number == 1 else f"{name} ({number})")
    return named


def _words_of(
    features: tuple[Feature, ...], mean: NDArray[np.float64], held: list[tuple[float, str]]
) -> list[str]:
    """How people of a group are, from what sets them farthest apart from everybody on down."""
    told = [
        (abs(value), feature.high if value > 0 else feature.low)
        for feature, value in zip(features, mean, strict=True)
    ]
    told = sorted([*told, *held], key=lambda each: -each[0])
    return [words for apart, words in told if apart >= TELLING]


def _telling_words(frame: FeatureFrame, who: NDArray[np.bool_]) -> list[tuple[float, str]]:
    """The word most of a group have in each categorical feature, and by how many standard deviations more often."""
    found = []
    for at, words in enumerate(frame.words):
        column = frame.categories[:, at]
        theirs = np.bincount(column[who & (column >= 0)], minlength=len(words))
        if not theirs.sum() or 2 * theirs.max() < theirs.sum():
            continue
        word = int(theirs.argmax())
        share = float((column[column >= 0] == word).mean())
        spread = np.sqrt(share * (1 - share))
        if spread > 0:
            apart = (theirs[word] / theirs.sum() - share) / spread
            found.append((float(apart), f"mostly {words[word].replace('_', ' ')}"))
    return found


def _means(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of each column over whom it is known of; 0, everybody's, where it is known of nobody."""
    known = np.isfinite(scaled)
    sums = np.where(known, scaled, 0.0).sum(axis=0)
    return np.asarray(sums / np.maximum(known.sum(axis=0), 1), dtype=np.float64)


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
    means = _means(frame.scaled[who])
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
