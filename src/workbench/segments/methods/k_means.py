"""K-means (MacQueen 1967): compact groups around centers."""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from workbench.segments.features import FeatureFrame
from workbench.segments.methods.centers import NearestCenter
from workbench.segments.methods.interface import Fitted

FIT = "mean silhouette width"
# A silhouette needs all distances between people; beyond this many it is taken over a random sample of them.
SILHOUETTE_PEOPLE = 1_500


def fit_k_means(frame: FeatureFrame, groups: int, seed: int) -> Fitted:
    """So many centers; the fit is the mean silhouette width (Rousseeuw 1987), -1 to 1."""
    people = frame.scaled
    found = KMeans(groups, n_init=4, random_state=seed).fit(people)
    labels = found.labels_.astype(np.int64)
    size = min(len(people), SILHOUETTE_PEOPLE)
    fit = silhouette_score(people, labels, sample_size=size, random_state=seed)
    return Fitted(NearestCenter("k_means", found.cluster_centers_, np.arange(groups)), labels, float(fit))
