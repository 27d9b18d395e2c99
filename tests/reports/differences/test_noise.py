"""What is taken for chance: shown by repeated draws, nested, apart and overlapping, and at the edges."""

import numpy as np
import pytest

from workbench.reports.differences.noise import is_judged, movement

REPETITIONS = 2_000


def wilson(events, people):
    """Rate and Wilson's 95 % interval (1927), which is not symmetric."""
    z, rate = 1.959964, events / people
    middle = (rate + z**2 / (2 * people)) / (1 + z**2 / people)
    half = z / (1 + z**2 / people) * np.sqrt(rate * (1 - rate) / people + z**2 / (4 * people**2))
    return rate, middle - half, middle + half


def moved_share(metric, before, after, people_before, people_after, *, same_data=False):
    """How often a rate moved beyond chance between two counts of events."""
    made = []
    for events, people in ((before, people_before), (after, people_after)):
        rows = zip(*wilson(events, people), strict=True)
        made.append(
            [metric(rate, low=low, high=high, level=0.95, interval="confidence") for rate, low, high in rows]
        )
    moved = [movement(*pair, same_data=same_data) == "moved" for pair in zip(*made, strict=True)]
    return np.mean(moved)


@pytest.mark.parametrize(
    ("shared", "alone_before", "alone_after", "most"),
    [
        (0, 900, 900, 0.06),  # no person in common
        (0, 300, 1_500, 0.06),
        (600, 300, 300, 0.02),  # a window that moved on
        (600, 0, 300, 0.005),  # the same cohort, grown
        (300, 0, 1_200, 0.03),
    ],
)
@pytest.mark.parametrize("rate", [0.05, 0.4])
def test_chance_alone_moves_numbers_no_more_often_than_said(
    metric, rate, shared, alone_before, alone_after, most
):
    draws = np.random.default_rng(20261116)
    common = draws.binomial(shared, rate, REPETITIONS)
    before = common + draws.binomial(alone_before, rate, REPETITIONS)
    after = common + draws.binomial(alone_after, rate, REPETITIONS)
    assert moved_share(metric, before, after, shared + alone_before, shared + alone_after) <= most


def test_a_change_that_is_there_is_mostly_found(metric):
    draws = np.random.default_rng(7)
    before, after = (draws.binomial(900, rate, REPETITIONS) for rate in (0.1, 0.2))
    assert moved_share(metric, before, after, 900, 900) > 0.99


def test_two_runs_of_a_sampler_on_the_same_data_seldom_move_a_number(metric):
    draws = np.random.default_rng(11)
    first, second = draws.normal(0, 1 / np.sqrt(400), (2, REPETITIONS))
    moved = [
        movement(metric(one, 1.96), metric(other, 1.96), same_data=True) == "moved"
        for one, other in zip(first, second, strict=True)
    ]
    assert np.mean(moved) < 0.02


@pytest.mark.parametrize(
    ("value", "expected"), [(1.42, "moved"), (1.41, "within_noise"), (-1.42, "moved"), (-1.41, "within_noise")]
)
def test_noise_is_the_root_of_the_sum_of_squares(metric, value, expected):
    assert movement(metric(0.0, 1.0), metric(value, 1.0), same_data=False) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.11, "moved"), (0.09, "within_noise")])
def test_on_the_same_data_a_tenth_of_the_half_width_is_noise(metric, value, expected):
    assert movement(metric(0.0, 1.0), metric(value, 1.0), same_data=True) == expected


def test_the_limits_that_look_at_each_other_count(metric):
    # Upward the upper limit before and the lower one after: 3 and 1; downward 1 and 3.
    low = metric(0.0, low=-1.0, high=3.0, level=0.95, interval="credible")
    assert movement(low, metric(3.1, 1.0), same_data=False) == "within_noise"
    assert movement(low, metric(3.2, 1.0), same_data=False) == "moved"
    assert movement(low, metric(-1.5, 1.0), same_data=False) == "moved"


@pytest.mark.parametrize(
    "change", [{"low": None}, {"high": None}, {"level": 0.9}, {"level": None}, {"interval": "confidence"}]
)
def test_without_intervals_of_one_kind_noise_is_not_told(metric, change):
    before, after = metric(0.0, 1.0), metric(9.0, 1.0).model_copy(update=change)
    for pair in ((before, after), (after, before)):
        assert not is_judged(*pair)
        assert movement(*pair, same_data=False) == "changed"


def test_a_value_beyond_its_interval_is_no_reason_to_fail(metric):
    outside = metric(2.0, low=0.0, high=1.0, level=0.95, interval="bootstrap")
    before = metric(0.0, low=0.0, high=0.5, level=0.95, interval="bootstrap")
    assert movement(before, outside, same_data=False) == "within_noise"
    assert movement(before, before, same_data=False) == "within_noise"
