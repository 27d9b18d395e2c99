"""What is read between exact points of the lattice is what the exact posterior says there."""

import numpy as np
import pytest

from workbench.experiments.exact import ArmCounts, RatePosterior, RatePrior
from workbench.experiments.planning.surface import ArmSizes, beliefs

THRESHOLDS = (-0.01, 0.0, 0.01)


def exactly(sizes, control, treated, sd):
    posterior = RatePosterior(
        [ArmCounts("c", sizes.control, control), ArmCounts("t", sizes.treated, treated)],
        "c",
        RatePrior(log_ratio_sd=sd),
    )
    upto = [posterior.difference_cdf(threshold, "t") for threshold in THRESHOLDS]
    return [posterior.rate_mean("t") - posterior.rate_mean("c"), posterior.expected_loss("t"), *upto]


@pytest.mark.parametrize(
    ("sizes", "rate", "sd"),
    [
        (ArmSizes(400, 400), 0.015, 0.7),
        (ArmSizes(1_000, 2_000), 0.04, 0.35),
        (ArmSizes(20_000, 20_000), 0.05, 0.35),
    ],
)
def test_between_the_points_it_is_as_exact_as_a_plan_needs(sizes, rate, sd):
    rng = np.random.default_rng(3)
    control = rng.binomial(sizes.control, rate, 5_000)
    treated = rng.binomial(sizes.treated, np.clip(rate + rng.normal(0, 0.01, 5_000), 1e-4, 1))
    found = beliefs(sizes, control, treated, THRESHOLDS, sd)
    for at in range(0, 5_000, 250):
        mean, loss, *upto = exactly(sizes, int(control[at]), int(treated[at]), sd)
        assert found.upto[:, at] == pytest.approx(upto, abs=5e-4)
        assert found.mean[at] == pytest.approx(mean, abs=2e-5)
        if loss > 1e-6:
            assert found.loss[at] == pytest.approx(loss, rel=0.02)


def test_few_pairs_are_told_exactly():
    sizes = ArmSizes(1_000, 1_000)
    found = beliefs(sizes, np.array([0, 40, 40]), np.array([0, 60, 60]), THRESHOLDS, 0.35)
    for at, (control, treated) in enumerate([(0, 0), (40, 60), (40, 60)]):
        assert found.upto[:, at] == pytest.approx(exactly(sizes, control, treated, 0.35)[2:], abs=1e-9)
