"""What every method has in common: frozen, saved, and scored on later people without being fitted anew."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from workbench.refusal import Refused
from workbench.segments.existence.picked import picked
from workbench.segments.methods import interface
from workbench.segments.methods.fitting import fit_groups, model_from_json

METHODS = ("mixture", "k_means", "latent_class", "density")
SIZES = (90, 180, 60)


@pytest.fixture(scope="module")
def clouds(frame_of):
    """Three clouds of three measures, of unequal sizes, in mixed order."""
    rng = np.random.default_rng(1)
    truth = rng.permutation(np.repeat([0, 1, 2], SIZES))
    centers = np.array([[0, 0, 0], [6, 0, -5], [0, 6, 5]])
    return frame_of(centers[truth] + rng.standard_normal((len(truth), 3))), truth


@pytest.fixture(scope="module", params=METHODS)
def fitted(request, clouds):
    return fit_groups(request.param, clouds[0], 3, 1)


def test_planted_clouds_are_found(fitted, clouds):
    assert adjusted_rand_score(clouds[1], fitted.labels) > 0.95


def test_the_largest_group_comes_first(fitted):
    assert (np.diff(np.bincount(fitted.labels)) <= 0).all()
    assert fitted.model.groups == 3


def test_the_model_alone_says_who_is_where(fitted, clouds):
    np.testing.assert_array_equal(fitted.model.labels(clouds[0]), fitted.labels)
    probabilities = fitted.model.probabilities(clouds[0])
    assert probabilities.shape == (clouds[0].people, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), fitted.labels)


def test_who_else_is_scored_moves_nobody(fitted, clouds):
    few = np.arange(0, clouds[0].people, 7)
    np.testing.assert_array_equal(fitted.model.labels(picked(clouds[0], few)), fitted.labels[few])


def test_a_saved_model_is_the_same_and_tells_of_no_person(fitted, clouds):
    text = json.dumps(fitted.model.to_json())
    again = model_from_json(json.loads(text))
    assert again.method == fitted.model.method
    np.testing.assert_array_equal(again.probabilities(clouds[0]), fitted.model.probabilities(clouds[0]))
    assert not any(str(value) in text for value in clouds[0].scaled.ravel().tolist())


def test_many_are_scored_a_chunk_at_a_time(fitted, clouds, monkeypatch):
    monkeypatch.setattr(interface, "CHUNK", 7)
    np.testing.assert_array_equal(fitted.model.labels(clouds[0]), fitted.labels)
    assert fitted.model.labels(picked(clouds[0], np.arange(0))).shape == (0,)


def test_groups_are_renumbered_and_nothing_else(fitted, clouds):
    turned = fitted.model.ordered([2, 0, 1])
    probabilities = fitted.model.probabilities(clouds[0])
    np.testing.assert_allclose(turned.probabilities(clouds[0]), probabilities[:, [2, 0, 1]], atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_fewer_people_than_groups_are_refused(frame_of, method):
    with pytest.raises(Refused, match="fewer people who differ from each other are left than the 3 groups"):
        fit_groups(method, frame_of(np.array([[0.0, 1.0], [1.0, 0.0]])), 3, 1)
    alike = np.repeat([[0.0, 1.0], [1.0, 0.0]], 50, axis=0)
    with pytest.raises(Refused, match="fewer people who differ"):
        fit_groups(method, frame_of(alike), 3, 1)


@pytest.mark.parametrize("method", ["mixture", "k_means", "density"])
def test_what_a_method_cannot_take_is_refused_in_a_sentence(clouds, method):
    frame = replace(clouds[0], scaled=clouds[0].scaled.copy())
    frame.scaled[3, 1] = np.nan
    with pytest.raises(Refused, match="needs every measure of everybody, and 1 are not known of some people"):
        fit_groups(method, frame, 2, 1)
    with pytest.raises(Refused, match="takes no measure that is a category"):
        fit_groups(method, replace(clouds[0], categories=np.zeros((330, 1), dtype=np.int64)), 2, 1)
