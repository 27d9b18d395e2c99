"""Counts solved back: exactly what equations and bounds leave open, and no more."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.present.unknowns import Interval, Unknowns


def square(rows: tuple[int, int], columns: tuple[int, int]) -> tuple[Unknowns, list[int]]:
    """Four hidden counts whose sums by row and by column are known."""
    unknowns = Unknowns(1000)
    cells = [unknowns.add(0, 1000) for _ in range(4)]
    for pair, whole in zip([(0, 1), (2, 3), (0, 2), (1, 3)], [*rows, *columns], strict=True):
        unknowns.equate({cells[at]: 1 for at in pair}, whole, whole)
    return unknowns, cells


def test_two_small_sums_that_cross_bound_what_one_leaves_open():
    unknowns, cells = square((12, 15), (3, 24))
    assert [unknowns.interval({cell: 1}) for cell in cells] == [
        Interval(0, 3),
        Interval(9, 12),
        Interval(0, 3),
        Interval(12, 15),
    ]


def test_what_contradicts_is_told_and_can_be_taken_back():
    unknowns, cells = square((12, 15), (3, 24))
    since = unknowns.equations
    unknowns.equate({cells[0]: 1}, 4, 4)
    assert not unknowns.consistent(since)
    assert unknowns.interval({cells[1]: 1}) is None
    unknowns.forget(since)
    assert unknowns.interval({cells[1]: 1}) == Interval(9, 12)


def test_known_numbers_count_and_unbounded_ones_reach_the_most():
    unknowns = Unknowns(500)
    known, free = unknowns.add(7, 7), unknowns.add(0, 500)
    assert unknowns.interval({known: 1, free: 1}) == Interval(7, 507)
    assert unknowns.interval({known: -2}) == Interval(-14, -14)


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0, 0, False),
        (0, 10, True),
        (0, 11, False),
        (1, 1, True),
        (5, 14, True),
        (5, 15, False),
        (10, 19, True),
        (11, 11, False),
        (40, 40, False),
    ],
)
def test_what_tells_about_few(low, high, told):
    assert Interval(low, high).tells_few(10) is told


@settings(deadline=None, max_examples=30)
@given(st.tuples(*[st.integers(0, 6)] * 4))
def test_intervals_are_those_of_all_tables_with_these_sums(counts):
    a, b, c, d = counts
    unknowns, cells = square((a + b, c + d), (a + c, b + d))
    fitting = [
        each
        for each in product(range(13), repeat=4)
        if (each[0] + each[1], each[2] + each[3], each[0] + each[2], each[1] + each[3])
        == (a + b, c + d, a + c, b + d)
    ]
    for at, cell in enumerate(cells):
        values = [each[at] for each in fitting]
        assert unknowns.interval({cell: 1}) == Interval(min(values), max(values))
        assert unknowns.tells_few({cell: 1}, 3) is Interval(min(values), max(values)).tells_few(3)
