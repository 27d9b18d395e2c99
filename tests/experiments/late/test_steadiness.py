"""Whether early and late enrolled come to their events alike: against statsmodels, and at its edges."""

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.duration.hazard_regression import PHReg

from workbench.experiments.late.delays import Delays
from workbench.experiments.late.steadiness import steadiness


def drifting(seed: int, trend: float, people: int = 3000) -> tuple[Delays, np.ndarray, np.ndarray]:
    """Hazard by day .02 times exp(trend) from those followed for the whole window to those followed for none."""
    random = np.random.default_rng(seed)
    followed = random.integers(0, 15, people)
    hazard = 0.02 * np.exp(trend * (1 - followed / 14))
    delay = random.geometric(hazard) - 1
    seen = delay < followed
    arm = Delays.from_counts("a", 14, followed, np.where(seen, delay, np.nan), np.ones(people))
    return arm, followed, np.where(seen, delay, -1)


def test_agrees_with_a_proportional_hazards_model():
    arm, followed, delay = drifting(1, 0.4)
    seen = delay >= 0
    time = np.where(seen, delay + 1, followed)
    model = PHReg(time, followed[:, None].astype(float), status=seen.astype(int), ties="breslow").fit()
    # The score test and Wald's agree where hazards are small and people are many.
    assert steadiness([arm]) == pytest.approx(model.pvalues[0], rel=0.1)


def test_p_values_are_even_without_drift_and_small_with_it():
    still = [steadiness([drifting(seed, 0.0, 1000)[0]]) for seed in range(200)]
    assert np.mean(np.array(still) < 0.1) == pytest.approx(0.1, abs=0.06)
    assert steadiness([drifting(3, 1.5)[0]]) < 1e-4


def test_nothing_to_compare_is_none():
    assert steadiness([Delays.from_counts("a", 3, [3, 3], [1, np.nan], [5, 50])]) is None
    assert steadiness([Delays.from_counts("a", 3, [1, 3], [np.nan, np.nan], [5, 50])]) is None


def test_two_arms_that_drift_alike_tell_more_than_one_and_their_difference_is_no_drift():
    arm = drifting(4, 1.0, 1000)[0]
    once, twice = (norm.isf(steadiness(arms) / 2) for arms in ([arm], [arm, arm]))
    assert twice == pytest.approx(np.sqrt(2) * once)
    # Every arm is compared with itself: one that is faster, and was enrolled later, is no drift.
    early = Delays.from_counts("a", 14, [14, 14, 10], [1, np.nan, np.nan], [30, 500, 40])
    late = Delays.from_counts("b", 14, [5, 5], [1, np.nan], [90, 500])
    assert steadiness([early, late]) == steadiness([early])
