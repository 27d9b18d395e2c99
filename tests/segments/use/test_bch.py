"""The correction for uncertain membership, against stepmix, against its definition, and where it must be withheld."""

import numpy as np
import pytest
from stepmix.stepmix import StepMix

from workbench.segments.use.bch import (
    LARGEST_INFLATION,
    bch_weights,
    classification_table,
    corrected_means,
    corrected_ratios,
    dependence_beyond_groups,
)


def drawn(people=3_000, apart=1.2, seed=1):
    """Features, outcome (shares 10 % and 40 %), and everybody's true probabilities of two normal groups."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 2, people)
    features = rng.standard_normal((people, 2)) + apart * group[:, None]
    odds = np.exp(apart * features.sum(axis=1) - apart**2)
    probabilities = np.column_stack([1 / (1 + odds), odds / (1 + odds)])
    outcome = (rng.random(people) < np.where(group == 1, 0.4, 0.1)).astype(float)
    return features, outcome, probabilities


def test_means_are_those_of_stepmix():
    features, outcome, _ = drawn(people=800, apart=2.0)
    model = StepMix(
        2,
        n_steps=3,
        correction="BCH",
        measurement="gaussian_diag",
        structural="binary",
        random_state=3,
        init_params="kmeans",
        abs_tol=1e-5,
        progress_bar=0,
        verbose=0,
    )
    model.fit(features, outcome[:, None])
    probabilities = model.predict_proba(features)
    found = corrected_means(probabilities, probabilities.argmax(axis=1), outcome)
    assert found.values == pytest.approx(model.get_parameters()["structural"]["pis"].ravel(), abs=1e-6)


def test_means_are_the_weighted_means():
    _, outcome, probabilities = drawn()
    labels = probabilities.argmax(axis=1)
    weights = bch_weights(probabilities, labels)
    assert weights.sum(axis=1) == pytest.approx(1)
    assert weights.sum(axis=0) == pytest.approx(probabilities.sum(axis=0))
    assert classification_table(probabilities, labels).sum(axis=1) == pytest.approx(1)
    by_weight = weights.T @ outcome / weights.sum(axis=0)
    assert corrected_means(probabilities, labels, outcome).values == pytest.approx(by_weight)


def test_what_putting_people_into_groups_blurs_is_taken_back():
    _, outcome, probabilities = drawn(people=40_000)
    labels = probabilities.argmax(axis=1)
    plain = [outcome[labels == group].mean() for group in (0, 1)]
    found = corrected_means(probabilities, labels, outcome)
    assert plain[0] > 0.12
    assert plain[1] < 0.37
    assert np.abs(found.values - [0.1, 0.4]) == pytest.approx(0, abs=3.5 * found.errors.max())


def test_certain_membership_gives_plain_means_and_their_errors():
    _, outcome, probabilities = drawn()
    labels = probabilities.argmax(axis=1)
    certain = np.eye(2)[labels]
    found = corrected_means(certain, labels, outcome)
    for group in (0, 1):
        theirs = outcome[labels == group]
        assert found.values[group] == pytest.approx(theirs.mean())
        assert found.errors[group] == pytest.approx(theirs.std() / np.sqrt(theirs.size))
    assert found.inflation == pytest.approx(1)


def test_errors_are_the_spread_over_data_sets():
    found = []
    for seed in range(150):
        _, outcome, probabilities = drawn(people=600, seed=seed)
        found.append(corrected_means(probabilities, probabilities.argmax(axis=1), outcome))
    spread = np.std([each.values for each in found], axis=0)
    assert np.mean([each.errors for each in found], axis=0) == pytest.approx(spread, rel=0.2)


def test_a_ratio_counts_people_as_units():
    """Certain membership and equal trials: the ratio's error is that of the people's own shares."""
    rng = np.random.default_rng(4)
    share = rng.beta(2, 8, 900)
    events = rng.binomial(5, share).astype(float)
    labels = np.arange(900) % 2
    found = corrected_ratios(np.eye(2)[labels], labels, events, np.full(900, 5.0))
    for group in (0, 1):
        theirs = events[labels == group] / 5
        assert found.values[group] == pytest.approx(theirs.mean())
        assert found.errors[group] == pytest.approx(theirs.std() / np.sqrt(theirs.size))


def test_groups_hardly_told_apart_are_withheld():
    _, outcome, probabilities = drawn(apart=0.4)
    found = corrected_means(probabilities, probabilities.argmax(axis=1), outcome)
    assert found.inflation.min() > LARGEST_INFLATION
    assert not found.is_reliable().any()


@pytest.mark.parametrize("probabilities", [np.full((50, 2), 0.5), np.tile([0.9, 0.1], (50, 1))])
def test_groups_that_cannot_be_told_apart_have_no_number(probabilities):
    labels = np.zeros(50, dtype=np.int64)
    found = corrected_means(probabilities, labels, np.arange(50.0))
    assert np.isnan(found.values).all()
    assert not found.is_reliable().any()
    assert dependence_beyond_groups(probabilities, labels, np.arange(50.0), np.ones((50, 1))) is None


def test_an_outcome_that_a_feature_leads_to_directly_is_noticed():
    features, outcome, probabilities = drawn()
    labels = probabilities.argmax(axis=1)
    through_group = dependence_beyond_groups(probabilities, labels, outcome, features)
    directly = dependence_beyond_groups(probabilities, labels, (features[:, 0] > 1).astype(float), features)
    assert through_group is not None
    assert through_group > 0.01
    assert directly is not None
    assert directly < 1e-6


def test_the_check_of_the_assumption_rejects_as_often_as_it_says():
    rejected = 0
    for seed in range(300):
        features, outcome, probabilities = drawn(people=500, seed=seed)
        found = dependence_beyond_groups(probabilities, probabilities.argmax(axis=1), outcome, features)
        rejected += found is not None and found < 0.05
    assert 4 <= rejected <= 28
