"""Dense regions: groups are places where people stand close together, with emptier places between them.

HDBSCAN (Campello, Moulavi and Sander 2013) gives the tree of regions connected at each density. Cut at one density,
it has so many regions of some size; a number of groups is there to the extent that it outlasts a range of densities
(Hartigan, *Clustering Algorithms*, 1975: groups as connected parts of a level set).
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.neighbors import NearestNeighbors

from workbench.segments.features import FeatureFrame
from workbench.segments.methods.centers import NearestCenter
from workbench.segments.methods.interface import Fitted, Labels, Matrix

FIT = "logarithm of the range of distances over which that many dense regions last"
# A region counts from this share of the people on, and from this many people on.
SMALLEST_REGION = 0.03
FEWEST_IN_REGION = 20
# A person stands in a dense region if so many people are within the distance.
NEIGHBORS = 10
# Densities at which the tree is cut, from that of the closest people to that of the loneliest.
LEVELS = 80
# A region, whatever its shape, is kept as at most so many centers, each the mean of at least so many people.
CENTERS = 12
FEWEST_IN_CENTER = 20


def fit_density(frame: FeatureFrame, groups: int, seed: int) -> Fitted:
    """The regions at the density amid the longest range that has so many; a single group where none has.

    People between the regions belong to the one whose center is nearest, as do all people scored later.
    """
    people = frame.scaled
    at_levels, distances = _regions_at_levels(people)
    numbers = np.array([int(regions.max()) + 1 for regions in at_levels])
    first, last = _longest_run(numbers == groups)
    if first == last:
        alone = NearestCenter("density", people.mean(axis=0, keepdims=True), np.zeros(1, dtype=np.int64))
        return Fitted(alone, np.zeros(len(people), dtype=np.int64), 0.0)
    model = _kept(people, at_levels[(first + last - 1) // 2], groups, seed)
    return Fitted(
        model, model.labels(frame), float(np.log(distances[min(last, LEVELS - 1)] / distances[first]))
    )


def _regions_at_levels(people: Matrix) -> tuple[list[Labels], Matrix]:
    """At each distance everybody's region, -1 between regions; and the distances, ascending."""
    smallest = max(FEWEST_IN_REGION, int(np.ceil(SMALLEST_REGION * len(people))))
    tree = HDBSCAN(min_cluster_size=smallest, min_samples=NEIGHBORS, copy=True).fit(people)
    reach, _ = NearestNeighbors(n_neighbors=NEIGHBORS).fit(people).kneighbors(people)
    farthest = float(np.linalg.norm(np.ptp(people, axis=0)))
    closest = max(float(np.quantile(reach[:, -1], 0.01)), farthest * 1e-4)
    distances = np.geomspace(closest, farthest, LEVELS)
    return [
        tree.dbscan_clustering(distance, min_cluster_size=smallest).astype(np.int64) for distance in distances
    ], distances


def _longest_run(holds: NDArray[np.bool_]) -> tuple[int, int]:
    """Where the longest run of levels begins, and where it ends (exclusive); the same level twice where none is."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], holds.astype(np.int64), [0]])))
    runs = [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]
    return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))


def _kept(people: Matrix, regions: Labels, groups: int, seed: int) -> NearestCenter:
    """The regions' shapes, each as the centers of its parts."""
    centers, group_of = [], []
    for region in range(groups):
        some = people[regions == region]
        parts = max(1, min(CENTERS, len(some) // FEWEST_IN_CENTER))
        found = KMeans(parts, n_init=1, random_state=seed).fit(some)
        large = np.bincount(found.labels_, minlength=parts) >= min(FEWEST_IN_CENTER, len(some))
        centers.append(found.cluster_centers_[large])
        group_of += [region] * int(large.sum())
    return NearestCenter("density", np.vstack(centers), np.array(group_of, dtype=np.int64))
