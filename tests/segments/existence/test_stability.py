import numpy as np
import pytest

from workbench.segments.existence.stability import best_jaccards, bootstrap_stability


def test_jaccard_is_one_for_the_same_groups_under_other_numbers():
    labels = np.array([0, 0, 1, 1, 2])
    np.testing.assert_array_equal(best_jaccards(labels, (labels + 1) % 3, 3), 1)


def test_jaccard_by_hand():
    original, again = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    np.testing.assert_allclose(best_jaccards(original, again, 2), [2 / 3, 1 / 2])


@pytest.mark.parametrize("method", ["mixture", "k_means", "latent_class"])
def test_groups_far_apart_are_stable_and_slices_of_one_cloud_are_not(frame_of, method):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 300)
    apart = frame_of(rng.standard_normal((300, 2)) + 8 * labels[:, None])
    assert bootstrap_stability(method, apart, labels, 2, 5, 1).min() > 0.98
    cloud = frame_of(rng.standard_normal((300, 4)))
    slices = (np.arange(300) % 4).astype(np.int64)
    assert bootstrap_stability(method, cloud, slices, 4, 5, 1).max() < 0.5


def test_regions_are_found_again_where_they_are_dense(frame_of):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 300)
    apart = frame_of(rng.standard_normal((300, 2)) + 8 * labels[:, None])
    assert bootstrap_stability("density", apart, labels, 2, 5, 1).min() > 0.98
    cloud = frame_of(rng.standard_normal((300, 4)))
    assert bootstrap_stability("density", cloud, labels, 2, 5, 1).max() < 0.75
