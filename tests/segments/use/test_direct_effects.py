"""The correction beside the features, where an outcome goes along with them within groups."""

import numpy as np
import pytest

from workbench.segments.methods import interface
from workbench.segments.use.bch import corrected_means
from workbench.segments.use.direct_effects import means_beside_features, ratios_beside_features


def drawn(people, seed=1, apart=1.5, slope=0.1):
    """Two normal groups whose outcome has means .2 and .5, and rises with the first feature within them."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 2, people)
    noise = rng.standard_normal((people, 2))
    features = noise + apart * group[:, None]
    odds = np.exp(apart * features.sum(axis=1) - apart**2)
    probabilities = np.column_stack([1 / (1 + odds), odds / (1 + odds)])
    outcome = np.where(group == 1, 0.5, 0.2) + slope * noise[:, 0] + 0.2 * rng.standard_normal(people)
    return features, outcome, probabilities


def test_it_holds_where_bch_does_not():
    features, outcome, probabilities = drawn(20_000)
    labels = probabilities.argmax(axis=1)
    beside = means_beside_features(probabilities, labels, outcome, features)
    bch = corrected_means(probabilities, labels, outcome)
    assert (np.abs(beside.values - [0.2, 0.5]) < 3.5 * beside.errors).all()
    assert (np.abs(bch.values - [0.2, 0.5]) > 3.5 * bch.errors).any()


def test_certain_membership_gives_plain_means():
    features, outcome, probabilities = drawn(600)
    labels = probabilities.argmax(axis=1)
    found = means_beside_features(np.eye(2)[labels], labels, outcome, features)
    for group in (0, 1):
        theirs = outcome[labels == group]
        assert found.values[group] == pytest.approx(theirs.mean())
        assert found.errors[group] == pytest.approx(theirs.std() / np.sqrt(theirs.size))


def test_errors_are_the_spread_over_data_sets():
    found = []
    for seed in range(150):
        features, outcome, probabilities = drawn(500, seed)
        found.append(means_beside_features(probabilities, probabilities.argmax(axis=1), outcome, features))
    spread = np.std([each.values for each in found], axis=0)
    assert np.mean([each.errors for each in found], axis=0) == pytest.approx(spread, rel=0.2)


def test_many_people_are_taken_a_part_at_a_time(monkeypatch):
    features, outcome, probabilities = drawn(900)
    labels = probabilities.argmax(axis=1)
    whole = ratios_beside_features(probabilities, labels, outcome, np.full(900, 2.0), features)
    monkeypatch.setattr(interface, "CHUNK", 128)
    parts = ratios_beside_features(probabilities, labels, outcome, np.full(900, 2.0), features)
    assert parts.values == pytest.approx(whole.values)
    assert parts.errors == pytest.approx(whole.errors)


def test_too_few_people_for_a_regression_have_no_number():
    features, outcome, probabilities = drawn(40)
    found = means_beside_features(probabilities, probabilities.argmax(axis=1), outcome, features)
    assert np.isnan(found.values).all()
    assert not found.is_reliable().any()
