"""Estimands from paired outcomes, small enough to be counted by hand."""

import numpy as np
import pytest

from workbench.simulate.paired import Paired, estimate
from workbench.simulate.pooling import Mean, Ratio, pooled, times
from workbench.simulate.scenarios.declaration import Estimand

ARMS = Paired(
    ("old", "new"),
    values=np.array([[0, 1], [1, 1], [0, 0], [1, 0], [1, 1]]),
    counted=np.array([True, True, True, True, False]),
    assigned_on=np.array([-9, -9, -5, -5, -5]),
    chance=np.array([[0.9, 0.1], [0.9, 0.1], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]),
)


def stated(**given):
    return Estimand("x", "words", "population", "experiment", "outcome", "old", "new", **given)


def test_an_effect_counts_everybody_under_either_world():
    told = estimate(stated(base=0.5), ARMS)
    assert told["control"] == {"world": "old", "mean": 2 / 4}
    assert told["treated"] == {"world": "new", "mean": 2 / 4}
    assert told["difference"] == 0
    assert told["ratio"] == 1
    assert told["is_effect"]
    assert told["designed"] == {"control": 0.5, "treated": None, "ratio": None}


def test_days_of_assignment_part_the_people():
    told = estimate(stated(days=(-9, -6)), ARMS)
    assert (told["control"]["mean"], told["treated"]["mean"]) == (0.5, 1.0)
    nobody = estimate(stated(days=(1, 2)), ARMS)
    assert nobody["control"]["mean"] is nobody["difference"] is nobody["ratio"] is None


def test_a_naive_difference_weighs_people_by_how_they_are_assigned():
    told = estimate(stated(naive=True), ARMS)
    assert told["control"]["mean"] == pytest.approx((0.9 + 0.5) / 2.8)
    assert told["treated"]["mean"] == pytest.approx((0.1 + 0.1) / 1.2)
    assert not told["is_effect"]


def test_a_naive_difference_adds_up_the_worlds_of_an_arm():
    households = Paired(
        ("old, others old", "old, others new", "new, others old", "new, others new"),
        values=np.array([[0, 1, 0, 1]]),
        counted=np.array([True]),
        assigned_on=np.array([0]),
        chance=np.array([[0.4, 0.1, 0.2, 0.3]]),
    )
    told = estimate(stated(naive=True), households)
    assert told["control"]["mean"] == pytest.approx(0.1 / 0.5)
    assert told["treated"]["mean"] == pytest.approx(0.3 / 0.5)


def test_estimates_of_blocks_are_pooled_from_what_was_counted():
    first, second = (estimate(stated(days=days), ARMS) for days in ((-9, -6), (-5, -5)))
    whole = pooled([first, second])
    assert whole["control"]["mean"] == 0.5
    assert whole["ratio"] == pytest.approx(estimate(stated(), ARMS)["ratio"])


def test_a_ratio_to_nothing_is_none_for_one_and_so_for_all():
    assert times(Mean(1, 2), Mean(0, 2)) is None
    assert times(None, Mean(1, 2)) is None
    assert isinstance(pooled([Ratio(Mean(1, 2), Mean(1, 4)), Ratio(Mean(2, 2), Mean(1, 4))]), Ratio)
    assert pooled([Ratio(Mean(1, 2), Mean(1, 4)), None]) is None
