import numpy as np
import pytest

from workbench.segments.stability import best_jaccards, bootstrap_stability


def test_jaccard_is_one_for_the_same_groups_under_other_numbers():
    labels = np.array([0, 0, 1, 1, 2])
    np.testing.assert_array_equal(best_jaccards(labels, (labels + 1) % 3, 3), 1)


def test_jaccard_by_hand():
    original, again = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    np.testing.assert_allclose(best_jaccards(original, again, 2), [2 / 3, 1 / 2])


@pytest.mark.parametrize("method", ["mixture", "k_means"])
def test_groups_far_apart_are_stable_and_slices_of_one_cloud_are_not(method):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 400)
    apart = rng.standard_normal((400, 2)) + 8 * labels[:, None]
    assert bootstrap_stability(method, apart, labels, 2, 8, 1).min() > 0.98
    cloud = rng.standard_normal((400, 4))
    slices = (np.arange(400) % 4).astype(np.int64)
    assert bootstrap_stability(method, cloud, slices, 4, 8, 1).max() < 0.5
