"""A map of the groups: the two directions in which they differ most, and where each group lies and how far it spreads.

The directions are the discriminant axes (Fisher 1936, Annals of Eugenics 7; Rao 1948): those in which centers lie far
apart for how much people differ within groups. Two groups have one such axis; the other is then the direction in which
people differ most besides. Nobody is a point on the map: a group is its center and an ellipse.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.stats import chi2

from workbench.segments.features import Feature, FeatureFrame

Labels = NDArray[np.int64]
Matrix = NDArray[np.float64]

# A feature is named on an axis where it goes along with it at least this much (correlation).
TELLING = 0.4
NAMED_BY = 2
# Share of a normal group's people that its ellipse holds.
HELD = 0.5
# Keeps features that say the same from making the spread within groups singular.
RIDGE = 1e-6


@dataclass(frozen=True)
class Axis:
    """An axis in words: how people are at its `low` and at its `high` end; empty where no feature goes along with it.

    `discriminates` is False where groups do not differ along it.
    """

    low: tuple[str, ...]
    high: tuple[str, ...]
    discriminates: bool


@dataclass(frozen=True)
class Place:
    """Where a group lies, in standard deviations within groups: center, half axes of its ellipse, and their turn.

    `angle` is the turn of the longer half axis in degrees, counterclockwise from the horizontal.
    """

    x: float
    y: float
    longer: float
    shorter: float
    angle: float
    people: int


@dataclass(frozen=True)
class GroupMap:
    """Two axes, and a place for each group in their order."""

    axes: tuple[Axis, Axis]
    places: tuple[Place, ...]


def map_groups(frame: FeatureFrame, labels: Labels) -> GroupMap | None:
    """The map; None where there are fewer than two groups or two features.

    Args:
        frame: from `feature_frame`; what is missing is taken for the average.
        labels: everybody's group, 0 to groups - 1, none of them empty.
    """
    groups = int(labels.max()) + 1
    people = np.nan_to_num(frame.scaled)
    if groups < 2 or people.shape[1] < 2:
        return None
    directions = _directions(people, labels, groups)
    scores = (people - people.mean(axis=0)) @ directions
    correlations = _correlations(people, scores)
    # Which end of an axis is the right one is free: the feature that goes along with it most rises to the right.
    strongest = np.abs(correlations).argmax(axis=0)
    signs = np.where(correlations[strongest, [0, 1]] < 0, -1.0, 1.0)
    scores, correlations = scores * signs, correlations * signs
    first, second = (_axis(frame.features, correlations[:, at], discriminates=at < groups - 1) for at in (0, 1))
    return GroupMap(
        (first, second),
        tuple(_place(scores[labels == group]) for group in range(groups)),
    )


def _directions(people: Matrix, labels: Labels, groups: int) -> Matrix:
    """(features, 2), each with variance 1 within groups and uncorrelated there."""
    centers = np.array([people[labels == group].mean(axis=0) for group in range(groups)])
    residuals = people - centers[labels]
    within = residuals.T @ residuals / len(people) + RIDGE * np.eye(people.shape[1])
    apart = centers[labels] - people.mean(axis=0)
    _, vectors = eigh(apart.T @ apart / len(people), within)
    first, second = vectors[:, -1], vectors[:, -2]
    if groups == 2:
        _, principal = np.linalg.eigh(within)
        second = principal[:, -1] - (principal[:, -1] @ within @ first) * first
        second = second / np.sqrt(second @ within @ second)
    return np.column_stack([first, second])


def _correlations(people: Matrix, scores: Matrix) -> Matrix:
    """(features, 2) correlations of each feature with each axis; 0 of a feature that does not vary."""
    centered, spread = people - people.mean(axis=0), people.std(axis=0)
    covariance = centered.T @ (scores - scores.mean(axis=0)) / len(people)
    scale = spread[:, None] * scores.std(axis=0)[None, :]
    return np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 0)


def _axis(features: tuple[Feature, ...], correlations: NDArray[np.float64], *, discriminates: bool) -> Axis:
    order = np.argsort(-np.abs(correlations), kind="stable")[:NAMED_BY]
    telling = [at for at in order if abs(correlations[at]) >= TELLING]
    rising = [(features[at].low, features[at].high) for at in telling if correlations[at] > 0]
    falling = [(features[at].high, features[at].low) for at in telling if correlations[at] < 0]
    ends = [*rising, *falling]
    return Axis(tuple(low for low, _ in ends), tuple(high for _, high in ends), discriminates)


def _place(scores: Matrix) -> Place:
    x, y = scores.mean(axis=0)
    centered = scores - scores.mean(axis=0)
    values, vectors = np.linalg.eigh(centered.T @ centered / max(len(scores), 1))
    reach = np.sqrt(np.clip(values, 0, None) * chi2.ppf(HELD, 2))
    angle = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])) % 180)
    return Place(float(x), float(y), float(reach[1]), float(reach[0]), angle, len(scores))
