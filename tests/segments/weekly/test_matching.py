"""Groups of a refit are matched whatever they are numbered, and what was born, dissolved, split or merged is told."""

import numpy as np
import pytest

from workbench.segments.weekly.matching import LEAST_SIMILARITY, match_groups

CENTERS = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
BEFORE = np.repeat([0, 1, 2], [500, 300, 200])


def permuted(labels, order):
    """The labels renamed: group g becomes order[g]."""
    return np.asarray(order)[labels]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
def test_numbers_do_not_matter(order):
    centers = np.empty_like(CENTERS)
    centers[list(order)] = CENTERS
    found = match_groups(BEFORE, permuted(BEFORE, order), CENTERS, centers)
    assert [found.before_of[new] for new in order] == [0, 1, 2]
    assert found.is_same
    letters = found.letters("ABC", "ABC")
    assert [letters[new] for new in order] == ["A", "B", "C"]


def test_the_assignment_is_the_best_of_all_and_not_greedy():
    # Before 0 is most like after 0, but 1 has nothing else: together 0 with 1 and 1 with 0 gain more.
    people = np.array([[60, 55], [50, 0]])
    before = np.repeat([0, 0, 1, 1], people.ravel())
    after = np.repeat([0, 1, 0, 1], people.ravel())
    near = np.zeros((2, 2))
    found = match_groups(before, after, near, near)
    assert found.before_of == (1, 0)


def test_a_group_that_nobody_is_like_is_born_and_gets_a_letter_never_used():
    after = BEFORE.copy()
    after[np.flatnonzero(BEFORE == 0)[:150]] = 3
    centers = np.vstack([CENTERS, [-3.0, -3.0]])
    found = match_groups(BEFORE, after, CENTERS, centers)
    assert found.born == (3,)
    assert found.dissolved == ()
    assert found.letters("ABC", "ABCD") == ("A", "B", "C", "E")


def test_a_group_that_went_into_another_is_dissolved_and_its_letter_rests():
    after = np.where(BEFORE == 2, 1, BEFORE)
    found = match_groups(BEFORE, after, CENTERS, np.array([[0.0, 0.0], [1.2, 0.8]]))
    assert found.before_of == (0, 1)
    assert found.dissolved == (2,)
    assert found.merged == {1: (1, 2)}
    assert found.letters("ABC", "ABC") == ("A", "B")


def test_a_split_is_told_and_its_larger_part_keeps_the_letter():
    after = BEFORE.copy()
    after[np.flatnonzero(BEFORE == 0)[:180]] = 3
    found = match_groups(BEFORE, after, CENTERS, np.vstack([CENTERS, [1.5, 1.5]]))
    assert found.split == {0: (0, 3)}
    assert found.before_of[0] == 0
    assert found.born == (3,)


def test_people_alone_match_where_every_center_has_moved():
    found = match_groups(BEFORE, BEFORE, CENTERS, CENTERS + 1.5)
    assert found.before_of == (0, 1, 2)
    assert found.similarity.max() < 1


def test_centers_alone_match_nothing():
    rng = np.random.default_rng(1)
    before, after = rng.integers(0, 3, 3_000), rng.integers(0, 3, 3_000)
    found = match_groups(before, after, CENTERS * 3, CENTERS[::-1] * 3)
    assert (found.similarity < LEAST_SIMILARITY + 0.11).all()
    assert found.shared.max() < 0.25


def test_a_feature_missing_in_a_center_is_left_out():
    centers = CENTERS.copy()
    centers[1, 1] = np.nan
    assert match_groups(BEFORE, BEFORE, CENTERS, centers).before_of == (0, 1, 2)


def test_where_words_alone_make_the_groups_people_speak_alone():
    after = BEFORE.copy()
    after[:50] = 1
    found = match_groups(BEFORE, after, np.empty((3, 0)), np.empty((3, 0)))
    assert found.before_of == (0, 1, 2)
    np.testing.assert_array_equal(found.similarity, found.shared)


def test_letters_go_on_beyond_z():
    found = match_groups(BEFORE, BEFORE, CENTERS, CENTERS + 50)
    assert found.before_of == (0, 1, 2)
    after = np.full(1_000, 0)
    alone = match_groups(BEFORE, after, CENTERS[:, :1] + 90, np.array([[0.0]]))
    assert alone.before_of == (None,)
    assert alone.letters("ABC", [chr(ord("A") + at) for at in range(26)]) == ("A2",)


def test_other_features_are_refused():
    with pytest.raises(ValueError, match="same features"):
        match_groups(BEFORE, BEFORE, CENTERS, CENTERS[:, :1])
