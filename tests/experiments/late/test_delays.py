"""Counts by days followed and delay: who is at risk, and what is refused in a sentence."""

import numpy as np
import pandas as pd
import pytest

from workbench.experiments.late.delays import Delays, delays_of_arms
from workbench.refusal import Refused


def cells(**changes) -> pd.DataFrame:
    columns = {
        "arm": ["a", "a", "a", "b", "a"],
        "followed": [3, 2, 3, 1, 0],
        "value": [0, 1, None, None, None],
        "people": [2, 3, 5, 7, 1],
    }
    return pd.DataFrame({**columns, **changes})


def test_people_are_at_risk_until_their_event_and_while_followed():
    arm, other = delays_of_arms(cells(), ["a", "b"], window=3)
    assert (arm.total, arm.closed, other.total, other.closed) == (11, 7, 7, 0)
    assert arm.events.tolist() == [2, 3, 0]
    # Day 0: all but the one followed for no whole day; day 1: less the two with an event on day 0; day 2: the five.
    assert arm.at_risk.tolist() == [10, 8, 5]
    assert arm.waiting.tolist() == [1, 0, 0, 5]
    assert arm.followed_beyond.tolist() == [10, 10, 7]


def test_at_risk_agrees_with_counting_people_one_by_one():
    random = np.random.default_rng(1)
    followed = random.integers(0, 8, 500)
    delay = random.integers(0, 12, 500)
    seen = delay < followed
    arm = Delays.from_counts("a", 7, followed, np.where(seen, delay, np.nan), np.ones(500))
    for day in range(7):
        here = (followed > day) & (~seen | (delay >= day))
        assert arm.at_risk[day] == here.sum()
        assert arm.events[day] == (seen & (delay == day)).sum()


def test_rows_of_one_kind_add_up_and_arms_come_in_the_order_asked_for():
    twice = pd.concat([cells(), cells()])
    other, arm = delays_of_arms(twice, ["b", "a"], window=3)
    assert (other.arm, arm.arm) == ("b", "a")
    assert arm.events.tolist() == [4, 6, 0]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"people": [2.5, 3, 5, 7, 1]}, "people is missing or a fraction"),
        ({"people": [2, np.nan, 5, 7, 1]}, "people is missing or a fraction"),
        ({"people": [2, -3, 5, 7, 1]}, "people is below 0"),
        ({"followed": [3, 2.2, 3, 1, 0]}, "followed is missing or a fraction"),
        ({"followed": [3, -2, 3, 1, 0]}, "followed is below 0"),
        ({"followed": [4, 2, 3, 1, 0]}, "more than the 3 days"),
        ({"value": [0.5, 1, None, None, None]}, "delay is missing or a fraction"),
        ({"value": [-1, 1, None, None, None]}, "delay is below 0"),
        ({"value": [0, np.inf, None, None, None]}, "delay is missing or a fraction"),
        # Day 2 is not wholly past for somebody followed for two days; nor day 3 within a window of three.
        ({"value": [0, 2, None, None, None]}, "beyond the days"),
        ({"value": [3, 1, None, None, None]}, "beyond the days"),
        ({"value": ["x", "1", None, None, None]}, "no number"),
        ({"arm": ["a", "a", "a", "aa", "a"]}, 'Did you mean "a"'),
        ({"people": [2, 3, 5, 0, 1]}, "arm b: it has no people"),
        ({"arm": ["a"] * 5}, "arm b: it has no people"),
    ],
)
def test_what_is_no_count_is_refused(changes, told):
    with pytest.raises(Refused, match=told):
        delays_of_arms(cells(**changes), ["a", "b"], window=3)


def test_a_missing_column_and_an_empty_window_are_refused():
    with pytest.raises(Refused, match="no column value, people"):
        delays_of_arms(cells()[["arm", "followed"]], ["a", "b"], window=3)
    with pytest.raises(Refused, match="a window of 0 days"):
        Delays.from_counts("a", 0, [0], [np.nan], [1])


def test_a_table_made_by_hand_is_held_to_the_same():
    with pytest.raises(Refused, match="beyond the days"):
        Delays("a", np.array([[0, 1, 1], [0, 0, 1], [0, 0, 1]]))
    with pytest.raises(Refused, match="below 0"):
        Delays("a", np.array([[0, 0, 1], [0, 0, -1], [0, 0, 1]]))
    with pytest.raises(ValueError, match="shape"):
        Delays("a", np.zeros((3, 2), dtype=np.int64))
