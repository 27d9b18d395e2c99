"""The map: its axes are the discriminant ones, it names their ends, and holds nobody."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from workbench.segments.features import FEATURES
from workbench.segments.reading.group_map import map_groups


def clouds(centers, size=400, seed=1):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(centers)), size)
    return np.asarray(centers, dtype=float)[labels] + rng.standard_normal(
        (len(labels), len(centers[0]))
    ), labels


def test_places_are_those_of_a_discriminant_analysis(frame_of):
    people, labels = clouds([[2, 0, 0], [-2, 1, 0], [0, -3, 1]])
    frame = frame_of(people)
    found = map_groups(frame, labels)
    peer = LinearDiscriminantAnalysis(solver="eigen").fit(frame.scaled, labels)
    scores = peer.transform(frame.scaled)[:, :2]
    expected = np.array([scores[labels == group].mean(axis=0) for group in range(3)])
    places = np.array([[place.x, place.y] for place in found.places])
    # Scales differ by the degrees of freedom, and an axis may be turned around.
    assert np.abs(places) == pytest.approx(np.abs(expected), rel=0.01, abs=0.01)
    assert all(axis.discriminates for axis in found.axes)


def test_an_end_is_told_by_the_features_that_go_along_with_it(frame_of):
    people, labels = clouds([[0, 4, 0], [0, -4, 0]])
    found = map_groups(frame_of(people), labels)
    across, upward = found.axes
    missed = FEATURES[1]
    assert (across.low, across.high) == ((missed.low,), (missed.high,))
    assert found.places[0].x > 0 > found.places[1].x
    assert across.discriminates
    assert not upward.discriminates


def test_an_ellipse_of_a_normal_group_holds_half_of_it(frame_of):
    people, labels = clouds([[3, 0, 0], [-3, 0, 1], [0, 3, 0]], size=4_000)
    frame = frame_of(people)
    found = map_groups(frame, labels)
    peer = LinearDiscriminantAnalysis(solver="eigen").fit(frame.scaled, labels)
    scores = peer.transform(frame.scaled)[labels == 0][:, :2]
    scores = scores - scores.mean(axis=0)
    # Of a circle, which is what a group of one shape with the others is here.
    place = found.places[0]
    assert place.longer == pytest.approx(place.shorter, rel=0.1)
    assert np.mean(np.hypot(*scores.T) <= place.longer) == pytest.approx(0.5, abs=0.03)
    assert place.people == 4_000


def test_missing_values_are_taken_for_the_average(frame_of):
    people, labels = clouds([[2, 0, 0], [-2, 0, 0]])
    frame = frame_of(people)
    frame.scaled[::7, 2] = np.nan
    assert np.isfinite([[place.x, place.longer] for place in map_groups(frame, labels).places]).all()


def test_one_feature_or_one_group_makes_no_map(frame_of):
    people, labels = clouds([[2, 0], [-2, 0]])
    assert map_groups(frame_of(people[:, :1]), labels) is None
    assert map_groups(frame_of(people), np.zeros_like(labels)) is None
