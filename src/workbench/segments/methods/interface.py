"""What every way of making groups has in common: a frozen model that says who belongs to which group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.segments.features import FeatureFrame

Method = Literal["mixture", "k_means", "latent_class", "density", "rules"]
Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]

# Methods that give a probability of each group, and not one group alone.
TELL_PROBABILITIES = frozenset({"mixture", "latent_class"})
# So many people are scored at a time, so that a million need no more memory than these.
CHUNK = 50_000


class GroupModel(Protocol):
    """A way to tell groups apart, with all it needs to score any people, and nothing of the people it was made from.

    Groups are numbered from 0, the largest where the model was made.
    """

    @property
    def method(self) -> Method:
        """How the groups were made."""

    @property
    def groups(self) -> int:
        """How many there are."""

    def probabilities(self, frame: FeatureFrame) -> Matrix:
        """(n, groups) of each person for each group, rows summing to 1; 0 or 1 for methods that tell no more."""

    def labels(self, frame: FeatureFrame) -> Labels:
        """(n,) each person's most probable group."""

    def ordered(self, order: Sequence[int]) -> "GroupModel":
        """The same groups, renumbered: the new number 0 is what was order[0]."""

    def to_json(self) -> dict[str, Any]:
        """A plain dict of numbers and words, from which `model_from_json` makes the same model."""


@dataclass(frozen=True)
class Fitted:
    """A fitted model, everybody's group by it, and how well it fits.

    `labels` (n,) follow the people it was fitted to, 0 the largest group. `fit` is higher where the model fits
    better; `FIT_IN_WORDS` says what it is. `model.groups` is smaller than the number asked for where a method
    finds no such number of groups.
    """

    model: GroupModel
    labels: Labels
    fit: float


def in_chunks(people: int) -> list[slice]:
    """The rows of so many people, a chunk at a time; at least one chunk."""
    return [slice(start, start + CHUNK) for start in range(0, max(people, 1), CHUNK)]


def certain(labels: Labels, groups: int) -> Matrix:
    """Probabilities of a method that puts each person into one group."""
    probabilities = np.zeros((len(labels), groups))
    probabilities[np.arange(len(labels)), labels] = 1.0
    return probabilities


def normalized(log_joint: Matrix) -> Matrix:
    """Probabilities from the logarithms of what is proportional to them, row by row."""
    shifted = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def by_size(labels: Labels, groups: int) -> tuple[Labels, NDArray[np.int64]]:
    """The numbers of the groups from the largest to the smallest, and the groups' sizes in that order."""
    sizes = np.bincount(labels, minlength=groups)
    order = np.argsort(-sizes, kind="stable")
    return order, sizes[order]


def renumbered(labels: Labels, order: Labels) -> Labels:
    """Labels by the new numbers, where the new number 0 is what was order[0]."""
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[labels]
