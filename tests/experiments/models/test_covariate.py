"""Covariates of the time before: the same difference with less noise, and none from after assignment."""

import numpy as np
import pytest
import statsmodels.api as sm

from workbench.experiments.models.covariate import (
    MeanCells,
    adjust_means,
    fit_standardized,
    refuse_if_late,
    variance_saved,
)
from workbench.experiments.models.segments import SegmentCells
from workbench.refusal import Refused
from workbench.sampling.nuts import Effort

ARMS = ("plain", "warm")


def people_with_history(seed: int = 1, effect: float = 0.4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arm, visits before and visits after of 6,000 people whose visits go together, arms of unequal size."""
    rng = np.random.default_rng(seed)
    arm = (rng.random(6_000) < 0.4).astype(np.int64)
    bent = rng.gamma(2, 1, 6_000)
    before = rng.poisson(bent)
    return arm, before, rng.poisson(bent + effect * arm)


def cells_of(arm, before, after) -> MeanCells:
    kinds, people = np.unique(np.stack([arm, before, after]), axis=1, return_counts=True)
    return MeanCells(ARMS, kinds[0], kinds[1].astype(float), kinds[2].astype(float), people)


def test_theta_and_the_adjusted_difference_agree_with_a_regression_on_rows():
    arm, before, after = people_with_history()
    (found,) = adjust_means(cells_of(arm, before, after), "visits", -1)
    design = np.column_stack([np.ones(len(arm)), arm, before - before.mean()])
    reference = sm.OLS(after, design).fit(cov_type="HC0")
    assert found.theta == pytest.approx(reference.params[2], abs=1e-9)
    assert found.mean == pytest.approx(reference.params[1], abs=1e-9)
    assert found.error == pytest.approx(reference.bse[1], rel=0.002)
    assert found.low < 0.4 < found.high


def test_the_variance_saved_is_the_squared_correlation():
    arm, before, after = people_with_history(effect=0.0)
    (found,) = adjust_means(cells_of(arm, before, after), "visits", -1)
    assert found.saved == pytest.approx(np.corrcoef(before, after)[0, 1] ** 2, abs=0.01)
    assert found.unadjusted == pytest.approx(after[arm == 1].mean() - after[arm == 0].mean(), abs=1e-12)
    assert found.error < found.unadjusted_error


def test_a_covariate_that_does_not_vary_changes_nothing():
    arm, _, after = people_with_history()
    (found,) = adjust_means(cells_of(arm, np.ones_like(after), after), "visits", 0)
    assert (found.theta, found.saved) == pytest.approx((0.0, 0.0), abs=1e-12)
    assert found.mean == pytest.approx(found.unadjusted, abs=1e-12)


def strata(people: int, shift: float = 0.0) -> SegmentCells:
    """Four strata of engagement with rates far apart, a third arm that does nothing; as `shift` says, the control's
    people are more of the little engaged."""
    base = np.array([0.02, 0.06, 0.2, 0.5])
    size = np.round(people * np.array([[1 + shift, 1, 1], [1, 1, 1], [1, 1, 1], [1 - shift, 1, 1]]))
    events = np.rint(size * np.column_stack([base, base + 0.03, base]))
    names = ("never", "once", "often", "always")
    return SegmentCells(names, (*ARMS, "cold"), size.astype(np.int64), events.astype(np.int64))


@pytest.fixture(scope="module")
def standardized():
    return fit_standardized(strata(2_000, 0.1), "visits", 0, seed=1, effort=Effort(draws=1500, tune=1000))


def test_standardizing_mends_arms_that_differ_by_chance(standardized):
    cells = strata(2_000, 0.1)
    raw = np.diff((cells.events.sum(axis=0) / cells.people.sum(axis=0))[:2])[0]
    found = standardized.differences["warm"]
    # Engaged people are fewer among the control, which flatters the other arm.
    assert raw > 0.038
    assert found.mean == pytest.approx(0.03, abs=0.004)
    assert found.low < 0.03 < found.high
    assert standardized.checks.passed


def test_the_saving_is_told_and_the_interval_is_as_narrow(standardized):
    saved = standardized.saved["warm"]
    assert 0.2 < saved < 0.4
    found = standardized.differences["warm"]
    cells = strata(2_000, 0.1)
    size = cells.people.sum(axis=0)[:2]
    p = cells.events.sum(axis=0)[:2] / size
    unadjusted = 2 * 1.96 * np.sqrt((p * (1 - p) / size).sum())
    assert found.high - found.low == pytest.approx(unadjusted * np.sqrt(1 - saved), rel=0.1)


def test_strata_that_are_alike_save_nothing():
    assert variance_saved(np.full((3, 2), 100), np.full((3, 2), 0.1)) == pytest.approx([0.0])


@pytest.mark.parametrize(
    ("days", "words"), [(0.5, "measured after assignment"), (float("nan"), "not known when it was measured")]
)
def test_what_was_not_known_by_the_assignment_is_refused(days, words):
    with pytest.raises(Refused, match=words):
        refuse_if_late("visits", days)
    with pytest.raises(Refused, match=words):
        fit_standardized(strata(10), "visits", days, seed=1)
    with pytest.raises(Refused, match=words):
        adjust_means(cells_of(*people_with_history()), "visits", days)


@pytest.mark.parametrize("days", [-30, 0])
def test_what_was_known_by_the_assignment_is_not(days):
    refuse_if_late("visits", days)


def test_values_that_are_no_numbers_and_arms_of_one_are_refused():
    arm, people = np.array([0, 1]), np.array([5, 1])
    with pytest.raises(Refused, match="fewer than two people"):
        MeanCells(ARMS, arm, np.zeros(2), np.zeros(2), people)
    with pytest.raises(Refused, match="not numbers"):
        MeanCells(ARMS, arm, np.array([0.0, np.nan]), np.zeros(2), people + 1)
