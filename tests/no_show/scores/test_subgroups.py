"""Calibration within groups, access to reminders by need, and measures that conflict."""

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, equal_opportunity_difference, false_positive_rate, true_positive_rate
from scipy.special import expit

from workbench.no_show.scores.access import access_by_group, conflicts
from workbench.no_show.scores.subgroups import score_groups


@pytest.fixture(scope="module")
def unlike():
    """Two groups calibrated alike; in one of them nothing is known that would tell patients apart."""
    rng = np.random.default_rng(2)
    size = 12_000
    known = rng.random(size) < 0.5
    risk = np.where(known, expit(rng.normal(-1.4, 1.3, size)), 0.2)
    rows = pd.DataFrame(
        {
            "sex": np.where(known, "female", "male"),
            "language": "en",
            "patient": np.arange(size) // 3,
            "no_show": (rng.random(size) < risk).astype(int),
        }
    )
    return rows, risk


def test_each_group_has_its_own_line(unlike):
    rows, risk = unlike
    off = np.where(rows["sex"] == "female", expit(1.5 * np.log(risk / (1 - risk))), risk)
    female, male = score_groups(rows, off, ["sex"])
    assert female.slope.low < 1 / 1.5 < female.slope.high < 1
    assert male.intercept.low < 0 < male.intercept.high
    assert male.slope is None
    assert male.unscored == "all predictions are the same, so that there is no slope"


@pytest.mark.parametrize(
    ("missed", "intercept", "words"),
    [
        (0, False, "nobody missed, so that nothing tells them apart"),
        (10, False, "few missed, too few for a slope"),
        (60, True, "few missed, too few for a slope"),
        (990, False, "nearly everybody missed, too many for a slope"),
        (1000, False, "everybody missed, so that nothing tells them apart"),
    ],
)
def test_groups_with_few_events_are_told_as_far_as_they_go(missed, intercept, words):
    rows = pd.DataFrame({"sex": "other", "patient": np.arange(1000), "no_show": 0})
    rows.loc[np.random.default_rng(1).permutation(1000)[:missed], "no_show"] = 1
    (group,) = score_groups(rows, np.linspace(0.05, 0.6, 1000), ["sex"])
    assert group.unscored == words
    assert (group.intercept is not None) == intercept
    assert group.slope is None
    assert (group.auroc is not None) == (0 < missed < 1000)
    assert group.excess.value == pytest.approx(missed / 1000 - 0.325)


def test_access_counts_the_missed_and_the_kept_apart(unlike):
    rows, risk = unlike
    called = risk >= 0.3
    found = {row.group: row for row in access_by_group(rows, called, ["sex"])}
    female, male = found["female"], found["male"]
    inside = (rows["sex"] == "female").to_numpy() & (rows["no_show"] == 1).to_numpy()
    assert female.missed == inside.sum()
    assert female.reached.value == pytest.approx(called[inside].mean())
    assert female.needless.value < female.reached.value
    assert (male.missed_called, male.came_called) == (0, 0)
    assert female.missed + male.missed == rows["no_show"].sum()


def test_shares_called_by_group_are_those_of_fairlearn(unlike):
    """Its rates by group, and the difference that it calls equal opportunity."""
    rows, _ = unlike
    groups = np.random.default_rng(3).choice(["anxiety", "depression", "trauma"], len(rows))
    rows = rows.assign(diagnosis_group=groups)
    called = np.random.default_rng(4).random(len(rows)) < np.where(rows["no_show"] == 1, 0.5, 0.2)
    access = access_by_group(rows, called, ["diagnosis_group"])
    asked = {"y_true": rows["no_show"], "y_pred": called.astype(int), "sensitive_features": groups}
    expected = MetricFrame(metrics={"reached": true_positive_rate, "needless": false_positive_rate}, **asked)
    for of_group in access:
        assert of_group.reached.value == pytest.approx(
            expected.by_group.loc[of_group.group, "reached"], abs=1e-12
        )
        assert of_group.needless.value == pytest.approx(
            expected.by_group.loc[of_group.group, "needless"], abs=1e-12
        )
    reached = [of_group.reached.value for of_group in access]
    assert max(reached) - min(reached) == pytest.approx(equal_opportunity_difference(**asked), abs=1e-12)


def test_calibration_on_the_whole_by_group_is_that_of_fairlearn(unlike):
    rows, risk = unlike
    expected = MetricFrame(
        metrics=lambda missed, predicted: np.mean(missed) - np.mean(predicted),
        y_true=rows["no_show"],
        y_pred=risk,
        sensitive_features=rows["sex"],
    ).by_group
    for group in score_groups(rows, risk, ["sex"]):
        assert group.excess.value == pytest.approx(expected[group.group], abs=1e-12)


def test_equal_calibration_and_unequal_access_is_a_conflict(unlike):
    rows, risk = unlike
    groups, access = score_groups(rows, risk, ["sex"]), access_by_group(rows, risk >= 0.3, ["sex"])
    (conflict,) = conflicts(access, groups)
    assert (conflict.first.group, conflict.second.group) == ("male", "female")
    assert conflict.difference.low > 0
    assert conflict.excess_difference.low < 0 < conflict.excess_difference.high


def test_where_calibration_differs_too_there_is_no_conflict_to_tell(unlike):
    rows, risk = unlike
    wrong = np.where(rows["sex"] == "male", 0.05, risk)
    groups, access = score_groups(rows, wrong, ["sex"]), access_by_group(rows, wrong >= 0.3, ["sex"])
    assert conflicts(access, groups) == ()


def test_one_group_alone_conflicts_with_nobody(unlike):
    rows, risk = unlike
    groups, access = score_groups(rows, risk, ["language"]), access_by_group(rows, risk >= 0.3, ["language"])
    assert len(groups) == 1
    assert conflicts(access, groups) == ()


def test_group_in_which_nobody_missed_has_no_share_reached():
    rows = pd.DataFrame({"sex": ["female"] * 4, "patient": range(4), "no_show": 0})
    (female,) = access_by_group(rows, np.array([True, False, False, False]), ["sex"])
    assert female.reached is None
    assert female.needless.value == 0.25
