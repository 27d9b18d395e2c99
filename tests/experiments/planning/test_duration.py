"""Days to a planned look, by hand."""

import pytest

from workbench.experiments.planning.duration import Duration, Supply, days_needed, most_people


@pytest.mark.parametrize(
    ("people", "supply", "changed", "days"),
    [
        (1_000, Supply(1_000, 0.0), {}, Duration(0, 15)),
        (1_001, Supply(1_000, 0.0), {}, Duration(None, None)),
        (1_700, Supply(1_000, 100.0), {}, Duration(49, 64)),
        (1_700, Supply(1_000, 100.0), {"window_days": 30, "recording_lag_days": 3}, Duration(49, 82)),
        (1_000, Supply(1_000, 0.0), {"most_per_week": 250}, Duration(28, 43)),
        # What is held out is texted nothing.
        (1_000, Supply(1_000, 0.0), {"most_per_week": 250, "holdout": 0.25}, Duration(21, 36)),
        # The slower of the two counts.
        (1_700, Supply(1_000, 100.0), {"most_per_week": 1_000}, Duration(49, 64)),
    ],
)
def test_days_are_those_to_text_everybody_and_to_wait(planned, people, supply, changed, days):
    assert days_needed(people, supply, planned(**changed)) == days


@pytest.mark.parametrize("supply", [Supply(1_000, 0.0), Supply(300, 41.0), Supply(0, 3.5)])
@pytest.mark.parametrize("most_per_week", [None, 60])
def test_the_most_people_are_there_in_time_and_not_many_more(planned, supply, most_per_week):
    plan = planned(longest_days=120, most_per_week=most_per_week)
    most = most_people(supply, plan)
    assert days_needed(most, supply, plan).within(120)
    assert not days_needed(most + 100, supply, plan).within(120)


def test_a_window_beyond_the_longest_time_leaves_nobody(planned):
    assert most_people(Supply(1_000, 10.0), planned(longest_days=14)) == 0
