"""Net benefit against figures that the R package dcurves publishes, and by hand; lists by capacity."""

import numpy as np
import pytest

from workbench.no_show.scores.benefit import NetBenefits, daily_lists, thresholds_told
from workbench.no_show.scores.replicates import Sums

# The example of dcurves: 750 patients, 105 with cancer; of those with a family history 24 have it and 91 do not.
FAMILY = np.repeat([1.0, 1.0, 0.0, 0.0], [24, 91, 81, 554])
CANCER = np.repeat([1.0, 0.0, 1.0, 0.0], [24, 91, 81, 554])
PUBLISHED = {  # threshold: by family history, everybody
    0.05: (0.025614035087719297, 0.09473684210526317),
    0.1: (0.018518518518518517, 0.04444444444444445),
    0.2: (0.0016666666666666635, -0.07499999999999998),
    0.35: (-0.033333333333333354, -0.32307692307692315),
}


def rules_of(probability, outcome, thresholds):
    sums = Sums(np.arange(outcome.size))
    rules = NetBenefits(outcome, sums).of_thresholds(probability, thresholds)
    return rules, sums.under(np.ones((outcome.size, 1)))


def test_net_benefit_is_that_published_by_dcurves():
    rules, found = rules_of(FAMILY, CANCER, list(PUBLISHED))
    expected = np.array(list(PUBLISHED.values()))
    assert rules.model(found)[:, 0] == pytest.approx(expected[:, 0])
    assert rules.everybody(found)[:, 0] == pytest.approx(expected[:, 1])
    assert rules.gain(found)[:, 0] == pytest.approx(expected[:, 0] - np.maximum(expected[:, 1], 0))
    assert rules.standardized(found)[:, 0] == pytest.approx(expected[:, 0] / 0.14)


def test_net_benefit_by_hand():
    rules, found = rules_of(np.array([0.9, 0.6, 0.5, 0.1]), np.array([1.0, 0, 1, 0]), [0.5])
    # Called are three, two of them rightly; at a threshold of one half a needless call weighs as much as a no-show.
    assert rules.model(found)[0, 0] == pytest.approx((2 - 1) / 4)
    assert rules.everybody(found)[0, 0] == pytest.approx((2 - 2) / 4)


def test_lists_hold_the_highest_risks_of_each_day():
    day = np.array(["2026-01-05"] * 4 + ["2026-01-06"] * 2, dtype="datetime64[D]")
    risk = np.array([0.1, 0.4, 0.3, 0.2, 0.6, 0.5])
    lists = daily_lists(day, risk, 2, seed=1)
    assert lists.called.tolist() == [False, True, True, False, True, True]
    assert lists.by_lot.tolist() == [0.5] * 4 + [1.0] * 2
    # The last ones called have .3 and .5.
    assert lists.implied == pytest.approx(0.4)


def test_lists_larger_than_a_day_call_everybody():
    day = np.array(["2026-01-05"] * 3, dtype="datetime64[D]")
    lists = daily_lists(day, np.array([0.1, 0.4, 0.3]), 20, seed=1)
    assert lists.called.all()
    assert (lists.by_lot == 1).all()


def test_the_range_is_told_with_its_ends_and_the_threshold():
    told = thresholds_told(0.16, (0.05, 0.33))
    assert {0.05, 0.16, 0.33, 0.12} <= set(told)
    assert list(told) == sorted(told)
