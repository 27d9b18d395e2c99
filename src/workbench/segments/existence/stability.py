"""Stability: whether a group is found again when other people like these are seen (Hennig 2007)."""

import numpy as np
from numpy.typing import NDArray

from workbench.segments.existence.picked import picked
from workbench.segments.features import FeatureFrame
from workbench.segments.methods.fitting import fit_groups
from workbench.segments.methods.interface import Labels, Method

# Hennig, Cluster-wise assessment of cluster stability (Computational Statistics & Data Analysis 2007): below the
# first a group is dissolved, above the second it is a stable one.
DISSOLVED = 0.5
STABLE = 0.75


def bootstrap_stability(
    method: Method, frame: FeatureFrame, labels: Labels, groups: int, resamples: int, seed: int
) -> NDArray[np.float64]:
    """The mean Jaccard similarity of each group with the most similar one of each bootstrap sample.

    Args:
        method: how groups are made.
        frame: n people.
        labels: everybody's group in the original data.
        groups: how many groups there are.
        resamples: how many samples of n people are drawn with replacement.
        seed: of the draws and the fits.

    Returns:
        One number for each group, 0 to 1.
    """
    rng = np.random.default_rng(seed)
    similar = np.empty((resamples, groups))
    for sample in range(resamples):
        chosen = rng.integers(0, frame.people, frame.people)
        seen, first = np.unique(chosen, return_index=True)
        again = fit_groups(method, picked(frame, chosen), groups, seed + 1 + sample).labels[first]
        similar[sample] = best_jaccards(labels[seen], again, groups)
    return similar.mean(axis=0)


def best_jaccards(original: Labels, again: Labels, groups: int) -> NDArray[np.float64]:
    """For each group of `original`, its Jaccard similarity with the group of `again` that is most like it.

    A group nobody of which was drawn counts 0.
    """
    both = np.zeros((groups, groups))
    np.add.at(both, (original, again), 1)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0)[None, :] - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0).max(axis=1)
