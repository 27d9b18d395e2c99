"""Groups told by the nearest of some centers: the frozen form of k-means and of dense regions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.spatial.distance import cdist

from workbench.segments.features import FeatureFrame
from workbench.segments.methods.interface import Labels, Matrix, Method, certain, in_chunks


@dataclass(frozen=True, eq=False)
class NearestCenter:
    """Everybody belongs to the group of the center nearest to them.

    `centers` (centers, features) on the model's scale, `group_of` (centers,) the group of each; a group may have
    several. No center is a person: each is a mean.
    """

    method: Method
    centers: Matrix
    group_of: Labels

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return int(self.group_of.max()) + 1

    def probabilities(self, frame: FeatureFrame) -> Matrix:
        """(n, groups), 1 for the group of each person and 0 for the others."""
        return certain(self.labels(frame), self.groups)

    def labels(self, frame: FeatureFrame) -> Labels:
        """(n,) the group of the nearest center."""
        return np.concatenate(
            [
                self.group_of[cdist(frame.scaled[rows], self.centers, "sqeuclidean").argmin(axis=1)]
                for rows in in_chunks(len(frame.scaled))
            ]
        )

    def ordered(self, order: Sequence[int]) -> Self:
        """The same groups, renumbered; centers follow their groups."""
        kept = np.concatenate([np.flatnonzero(self.group_of == group) for group in order])
        new = np.repeat(np.arange(len(order)), [int((self.group_of == group).sum()) for group in order])
        return type(self)(self.method, self.centers[kept], new.astype(np.int64))

    def to_json(self) -> dict[str, Any]:
        """Method, centers and the group of each."""
        return {
            "method": self.method,
            "centers": self.centers.tolist(),
            "group_of": self.group_of.tolist(),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The model that `to_json` told."""
        return cls(values["method"], np.array(values["centers"], float), np.array(values["group_of"], np.int64))
