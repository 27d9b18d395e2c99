"""Dense regions of any shape, and none where there is no emptier place between them."""

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.metrics import adjusted_rand_score

from workbench.segments.methods.fitting import fit_groups


@pytest.mark.parametrize("method", ["density", "k_means"])
def test_two_moons_are_two_regions_and_no_two_balls(frame_of, method):
    people, truth = make_moons(600, noise=0.06, random_state=1)
    agreement = adjusted_rand_score(truth, fit_groups(method, frame_of(people), 2, 1).labels)
    assert agreement > 0.95 if method == "density" else agreement < 0.6


def test_who_stands_between_belongs_to_the_nearest(frame_of):
    rng = np.random.default_rng(1)
    people = np.vstack(
        [rng.standard_normal((150, 2)), rng.standard_normal((100, 2)) + 9, [[3.0, 3.0], [6.0, 6.0]]]
    )
    labels = fit_groups("density", frame_of(people), 2, 1).labels
    assert labels.tolist() == [0] * 150 + [1] * 100 + [0, 1]


def test_one_cloud_has_no_two_lasting_regions(frame_of):
    cloud = frame_of(np.random.default_rng(1).standard_normal((400, 3)))
    clouds = frame_of(np.random.default_rng(1).standard_normal((400, 3)) + 9 * (np.arange(400) % 2)[:, None])
    assert fit_groups("density", cloud, 2, 1).fit < 0.3
    assert fit_groups("density", clouds, 2, 1).fit > 1


def test_a_number_of_regions_that_is_not_there_is_told_as_one_group(frame_of):
    cloud = frame_of(np.random.default_rng(1).standard_normal((200, 3)))
    fitted = fit_groups("density", cloud, 5, 1)
    assert (fitted.model.groups, fitted.fit, set(fitted.labels)) == (1, 0.0, {0})
