"""An alarm rings where a group goes, a share drifts or the definition fits no more, and seldom elsewhere."""

import numpy as np
import pytest

from workbench.segments.weekly.alarms import (
    Alarm,
    condition_of,
    drifting_shares,
    groups_at_risk,
    in_order,
    share_changes,
    worse_fit,
)

GROUPS = 3


def scored(rng, people, shift=0.0, spread=1.0):
    labels = rng.integers(0, GROUPS, people)
    centers = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])
    scaled = centers[labels] + spread * rng.standard_normal((people, 2)) + shift
    odds = np.exp(-((scaled[:, None, :] - centers) ** 2).sum(axis=2) / 2)
    return scaled, labels, odds / odds.sum(axis=1, keepdims=True)


def test_a_definition_that_still_fits_is_left_alone():
    refit = condition_of(*scored(np.random.default_rng(1), 2_000))
    for seed in range(2, 30):
        now = condition_of(*scored(np.random.default_rng(seed), 2_000), centers=refit.centers)
        assert list(worse_fit(now, refit)) == []


def test_a_feature_that_everybody_changed_in_tells_of_the_yardstick():
    refit = condition_of(*scored(np.random.default_rng(1), 2_000))
    now = condition_of(*scored(np.random.default_rng(2), 2_000, shift=[0.0, 0.5]), centers=refit.centers)
    assert [(alarm.kind, alarm.about) for alarm in worse_fit(now, refit) if alarm.kind == "yardstick"] == [
        ("yardstick", 1)
    ]


def test_groups_that_blur_tell_of_scatter_and_certainty():
    refit = condition_of(*scored(np.random.default_rng(1), 2_000))
    now = condition_of(*scored(np.random.default_rng(2), 2_000, spread=1.5), centers=refit.centers)
    assert {"scatter", "certainty"} <= {alarm.kind for alarm in worse_fit(now, refit)}


def test_missing_values_are_left_out():
    scaled, labels, probabilities = scored(np.random.default_rng(1), 500)
    holes = scaled.copy()
    holes[::7, 0] = np.nan
    whole, with_holes = (condition_of(each, labels, probabilities) for each in (scaled, holes))
    assert with_holes.scatter == pytest.approx(whole.scatter, rel=0.1)
    assert np.isfinite(with_holes.means).all()


def test_a_group_of_few_is_at_risk():
    labels = np.repeat([0, 1, 2], [900, 80, 20])
    now = condition_of(np.zeros((1_000, 1)), labels, np.eye(3)[labels])
    assert [(each.about, each.threshold) for each in groups_at_risk(now, 0.03)] == [(2, 0.05)]


def followed(rng, people, moving, entering, drift=0.0):
    """Groups on two days: people move to any group alike, but for a drift toward the first."""
    before = rng.integers(0, GROUPS, people)
    after = np.where(rng.random(people) < moving, rng.integers(0, GROUPS, people), before)
    after = np.where((rng.random(people) < drift) & (before == 1), 0, after)
    came, left = rng.random(people) < entering, rng.random(people) < entering
    return np.where(came & ~left, GROUPS, before), np.where(left & ~came, GROUPS, after)


def test_shares_of_a_steady_provider_seldom_drift():
    rng = np.random.default_rng(4)
    false = sum(any(drifting_shares(*followed(rng, 1_500, 0.1, 0.05), GROUPS)) for _ in range(200))
    assert false <= 19  # 5 % of 200, and three standard errors


def test_the_standard_error_is_that_of_the_changes():
    rng = np.random.default_rng(6)
    found = np.array([share_changes(*followed(rng, 1_000, 0.1, 0.05), GROUPS)[0] for _ in range(600)])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.1)


def test_a_share_that_drifts_is_told_with_its_group():
    rng = np.random.default_rng(5)
    found = list(drifting_shares(*followed(rng, 3_000, 0.05, 0.02, drift=0.2), GROUPS))
    assert {alarm.about for alarm in found} == {0, 1}
    assert next(alarm.value for alarm in found if alarm.about == 0) > 0


def test_nobody_moving_is_no_drift():
    labels = np.repeat([0, 1, 2], 100)
    assert list(drifting_shares(labels, labels, GROUPS)) == []


def test_the_most_pressing_comes_first():
    alarms = [
        Alarm("refit_due", None, 100, 91),
        Alarm("share", 1, 0.1, 0.02),
        Alarm("dissolving", 2, 0.01, 0.05),
    ]
    assert [alarm.kind for alarm in in_order(alarms)] == ["dissolving", "share", "refit_due"]
