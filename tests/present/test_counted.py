import pytest

from workbench.present.counted import Counted, counted_in, sum_of
from workbench.present.result import Column, Table
from workbench.refusal import Refused

KINDS = ["label", "people", "events", "share", "estimate", "people", "share"]
TABLE = Table(
    id="x",
    caption="x",
    columns=[Column(name=f"c{at}", title="x", kind=kind) for at, kind in enumerate(KINDS)],
    rows=[],
    groups="attributes",
)


def test_events_and_shares_belong_to_the_people_on_their_left():
    row = ["A", 200, 30, 0.1, 3.3, 50, 0.5]
    assert counted_in(TABLE, row) == [Counted(200, (30, 20)), Counted(50, (25,))]


def test_what_is_not_known_stays_unknown():
    row = ["A", None, None, 0.1, 3.3, 50.0, None]
    assert counted_in(TABLE, row) == [Counted(None, (None, None)), Counted(50, (None,))]


def test_a_sum_leaves_out_what_some_row_does_not_tell():
    first = [Counted(20, (3, None)), Counted(None, (1,))]
    second = [Counted(30, (4, 5)), Counted(60, (1,))]
    assert sum_of([first, second]) == [Counted(50, (7,))]


@pytest.mark.parametrize("cell", ["12", 12.5])
def test_a_count_is_a_whole_number(cell):
    with pytest.raises(Refused, match="whole numbers"):
        counted_in(TABLE, ["A", cell, 1, 0.1, 1.0, 1, 0.1])
