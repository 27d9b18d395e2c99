"""Rules: what is read is what was judged, on people they were not learned from."""

import numpy as np
import pytest

from workbench.segments.features import FEATURES
from workbench.segments.reading.rules import learn_rules, readable_threshold


def shares(rng, size=1_000):
    return np.column_stack([rng.uniform(0, 3, size), rng.uniform(0.01, 0.99, size)])


def test_a_rule_that_holds_is_found_and_faithful(frame_of):
    rng = np.random.default_rng(1)
    people = shares(rng)
    labels = (people[:, 1] >= 0.4).astype(np.int64)
    tree = learn_rules(frame_of(people), labels, depth=3, seed=1)
    assert [len(rule.conditions) for rule in tree.rules] == [1, 1]
    assert all(rule.conditions[0].threshold == pytest.approx(0.4) for rule in tree.rules)
    assert tree.fidelity == 1
    assert 250 < sum(tree.people) < 350
    assert sum(rule.people for rule in tree.rules) == sum(tree.people)
    assert sum(rule.right for rule in tree.rules) == sum(tree.found)


def test_fidelity_is_measured_on_others_and_not_flattered(frame_of):
    """Groups that have nothing to do with the measures are guessed no better than by their size."""
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, 2_000)
    tree = learn_rules(frame_of(shares(rng, 2_000)), labels, depth=4, seed=1)
    assert 0.4 < tree.fidelity < 0.6


def test_every_person_meets_one_rule(frame_of):
    rng = np.random.default_rng(3)
    people = np.column_stack([shares(rng, 1_500), rng.uniform(0.01, 0.99, 1_500)])
    labels = ((people[:, 1] > 0.33) + (people[:, 2] > 0.71)).astype(np.int64)
    tree = learn_rules(frame_of(people), labels, depth=4, seed=1)
    assert sum(rule.people for rule in tree.rules) == sum(tree.people)
    assert all(len(rule.conditions) <= 4 for rule in tree.rules)


@pytest.mark.parametrize(
    ("place", "given", "read"), [(1, 0.337, 0.35), (1, 0.004, 0.05), (0, 1.1, 1.0), (4, 7.4, 7)]
)
def test_thresholds_are_rounded_to_what_one_would_say(place, given, read):
    assert readable_threshold(FEATURES[place], given) == pytest.approx(read)
