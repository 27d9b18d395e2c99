import pytest

from workbench.present.counted import Counted
from workbench.present.result import Column, Table
from workbench.present.suppression import beside_told, lines_of, solvable, with_complements


def lines(*rows: set[int]) -> list[frozenset[int]]:
    return [frozenset(row) for row in rows]


def test_lines_are_all_rows_and_those_that_share_a_label():
    columns = [Column(name=name, title=name, kind="label") for name in ("segment", "arm")]
    rows = [["A", "t"], ["A", "c"], ["B", "t"]]
    table = Table(id="x", caption="x", columns=columns, rows=rows, groups="attributes")
    assert lines_of(table) == lines({0, 1}, {0, 2}, {0, 1, 2})


@pytest.mark.parametrize(
    ("hidden", "known", "follow"),
    [
        (set(), lines({0, 1, 2}), set()),
        ({0}, lines({0, 1, 2}), {0}),
        ({0, 1}, lines({0, 1, 2}), set()),
        ({0, 1}, lines({0, 1, 2}, {1, 2}), {0, 1}),
        # Two closed squares joined by one cell: each line hides two, and the joining cell follows nevertheless.
        (set(range(9)), lines({0, 1}, {2, 3}, {0, 2, 8}, {1, 3}, {4, 5, 8}, {6, 7}, {4, 6}, {5, 7}), {8}),
    ],
)
def test_what_follows_from_the_sums(hidden, known, follow):
    assert solvable(hidden, known) == follow


def test_complements_are_taken_smallest_first_until_nothing_follows():
    people = [3, 50, 20, 4]
    clear = lambda rows: sum(people[at] for at in rows) > 10  # noqa: E731
    assert with_complements({0}, lines({0, 1, 2, 3}), clear, people.__getitem__) == {0, 2, 3}


def test_a_line_of_which_nothing_is_shown_is_left_alone():
    assert with_complements({0, 1}, lines({0, 1}), lambda rows: False, abs) == {0, 1}


def test_lines_that_cross_give_away_what_each_alone_keeps():
    # Each line hides two rows whose sum is large, but what is few bounds the others through both its lines.
    people = [3, 60, 60, 5, 200, 200]
    rows = [[Counted(count)] for count in people]
    crossing = lines({0, 1, 4}, {2, 3, 5}, {0, 2}, {1, 3})
    assert beside_told({0, 3}, {0, 1, 2, 3}, rows, crossing, 10) == set()
    narrow = [[Counted(count)] for count in [3, 9, 9, 40, 200, 200]]
    assert beside_told({0}, {0, 1, 2, 3}, narrow, lines({0, 1, 4}, {0, 2, 5}, {1, 3}), 10) == set()
    few = [[Counted(count)] for count in [3, 8, 2, 40, 200, 200]]
    assert beside_told({0}, {0, 1, 2, 3}, few, lines({0, 1, 4}, {0, 2, 5}, {1, 3}), 10) == {4, 5}


def test_nobody_and_everybody_are_told_through_crossing_lines():
    rows = [[Counted(people, (events,))] for people, events in [(40, 0), (50, 12), (60, 0), (70, 30)]]
    told = beside_told({0}, {0, 1, 2}, rows, lines({0, 1, 3}, {0, 2, 3}), 10)
    assert told == {3}
