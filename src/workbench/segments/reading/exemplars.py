"""A typical person of each group, made up: the group's medians, rounded to what one would say.

An exemplar is nobody's record: what it says is held against every row, and moved where a row says the same.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.segments.features import CategoricalFeature, Feature, FeatureFrame
from workbench.segments.reading.rules import step_of

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Exemplar:
    """A typical person of a group, made up: each measure with its value in its unit, each categorical with its word."""

    values: tuple[tuple[Feature, float], ...]
    words: tuple[tuple[CategoricalFeature, str], ...] = ()


def exemplars(frame: FeatureFrame, labels: Labels) -> tuple[Exemplar, ...]:
    """One exemplar for each group, 0 to groups - 1, that equals no person's row.

    Args:
        frame: from `feature_frame`.
        labels: everybody's group, none of them empty.
    """
    values = frame.values.to_numpy(dtype=float)
    return tuple(
        Exemplar(_values(frame.features, values, values[labels == group]), _words(frame, labels == group))
        for group in range(int(labels.max()) + 1)
    )


def is_nobody(typical: NDArray[np.float64], people: NDArray[np.float64]) -> bool:
    """Whether no row of people (n, features) has these values, as far as anything is known of it."""
    known = np.isfinite(people)
    same = np.isclose(people, typical, rtol=0, atol=1e-9) | ~known
    return not bool((same.all(axis=1) & known.any(axis=1)).any())


def _values(
    features: tuple[Feature, ...], people: NDArray[np.float64], group: NDArray[np.float64]
) -> tuple[tuple[Feature, float], ...]:
    steps = np.array([step_of(feature) for feature in features])
    medians = np.array([_median(column) for column in group.T])
    typical = np.floor(medians / steps + 0.5) * steps
    # There are more steps than people, so that one of them is free.
    while features and not is_nobody(typical, people):
        typical[-1] += steps[-1]
    return tuple((feature, float(value)) for feature, value in zip(features, typical, strict=True))


def _words(frame: FeatureFrame, who: NDArray[np.bool_]) -> tuple[tuple[CategoricalFeature, str], ...]:
    """The most frequent word of the group in each categorical feature, where any is known."""
    found = []
    for at, (feature, words) in enumerate(zip(frame.categorical, frame.words, strict=True)):
        column = frame.categories[who, at]
        counts = np.bincount(column[column >= 0], minlength=len(words))
        if counts.sum():
            found.append((feature, words[int(counts.argmax())]))
    return tuple(found)


def _median(column: NDArray[np.float64]) -> float:
    known = column[np.isfinite(column)]
    return float(np.median(known)) if known.size else 0.0
