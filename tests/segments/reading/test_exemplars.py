"""Exemplars: the middle of a group, rounded, and nobody's record."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.segments.features import CATEGORICAL
from workbench.segments.reading.exemplars import exemplars, is_nobody


def values(exemplar):
    return [value for _, value in exemplar.values]


def test_an_exemplar_is_the_groups_medians_rounded(frame_of):
    people = np.column_stack([np.full(9, 1.1), np.linspace(0.30, 0.37, 9)])
    people[0] = [1.2, 0.3]
    found = exemplars(frame_of(people), np.zeros(9, dtype=np.int64))
    assert values(found[0]) == pytest.approx([1.0, 0.35])


def test_an_exemplar_that_is_somebodys_record_is_moved(frame_of):
    people = np.array([[1.0, 0.35], [1.0, 0.35], [1.0, 0.35], [1.0, 0.40], [1.2, 0.1]])
    frame = frame_of(people)
    found = values(exemplars(frame, np.zeros(5, dtype=np.int64))[0])
    assert found == pytest.approx([1.0, 0.45])
    assert is_nobody(np.array(found), people)
    assert not is_nobody(np.array([1.0, 0.40]), people)


def test_a_row_with_gaps_is_somebodys_where_all_that_is_known_is_said():
    people = np.array([[1.0, np.nan], [2.0, 0.5]])
    assert not is_nobody(np.array([1.0, 0.9]), people)
    assert is_nobody(np.array([2.0, 0.9]), people)
    assert is_nobody(np.array([1.0, 0.9]), np.full((2, 2), np.nan))


def test_words_are_the_most_frequent_ones(frame_of):
    rng = np.random.default_rng(1)
    frame = replace(
        frame_of(rng.random((6, 2))),
        categories=np.array([[0], [1], [1], [0], [0], [-1]]),
        categorical=(CATEGORICAL[0],),
        words=(("anxiety", "depression"),),
    )
    found = exemplars(frame, np.array([0, 0, 0, 1, 1, 1]))
    assert [each.words for each in found] == [((CATEGORICAL[0], "depression"),), ((CATEGORICAL[0], "anxiety"),)]
