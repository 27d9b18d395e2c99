"""The sample ratio: against the direct formula, and against what a test valid at every look must do."""

import mpmath
import numpy as np
import pytest

from workbench.experiments.sequential import sample_ratio
from workbench.experiments.sequential.sample_ratio import sample_ratio_by_epoch
from workbench.refusal import Refused


def direct_log_e(people, shares):
    """Dirichlet-multinomial over multinomial, in 40 digits."""
    with mpmath.workdps(40):
        total = mpmath.fsum(shares)
        design = [mpmath.mpf(share) / total for share in shares]
        alpha = [len(design) * share for share in design]
        mixture = mpmath.loggamma(sum(alpha)) - mpmath.loggamma(sum(alpha) + sum(people))
        for a, n in zip(alpha, people, strict=True):
            mixture += mpmath.loggamma(a + n) - mpmath.loggamma(a)
        return float(mixture - sum(n * mpmath.log(share) for n, share in zip(people, design, strict=True)))


@pytest.mark.parametrize(
    ("people", "shares"),
    [
        ((0, 0), (0.5, 0.5)),
        ((1_940, 1_941, 1_939), (1 / 3, 1 / 3, 1 / 3)),
        ((21_306, 21_387, 21_307), (1, 1, 1)),
        ((900, 8_100), (0.1, 0.9)),
        ((1_100, 7_900), (1, 9)),
        ((5_000_000, 5_020_000), (0.5, 0.5)),
    ],
)
def test_sample_ratio_agrees_with_the_direct_formula(people, shares):
    found, log_e = sample_ratio(people, shares), direct_log_e(people, shares)
    # Differences of logarithms of factorials of millions lose digits to their size.
    assert found.log_e == pytest.approx(log_e, rel=1e-9, abs=1e-6 + 1e-15 * sum(people) * 16)
    assert found.p_value == pytest.approx(np.exp(min(0.0, -log_e)), rel=1e-4)


def test_sample_ratio_passes_what_fits_and_alarms_at_what_does_not():
    assert sample_ratio((10_000, 10_050), (0.5, 0.5)).p_value == 1
    assert sample_ratio((1_000, 9_000), (0.1, 0.9)).p_value == 1
    assert sample_ratio((10_000, 10_600), (0.5, 0.5)).p_value < 0.02
    assert sample_ratio((10_000, 11_000), (0.5, 0.5)).p_value < 1e-6
    assert sample_ratio((9_000, 1_000), (0.1, 0.9)).p_value == 0


def test_sample_ratio_does_not_depend_on_the_order_of_arms_or_the_scale_of_shares():
    first = sample_ratio((700, 820, 1_490), (0.25, 0.25, 0.5))
    again = sample_ratio((1_490, 700, 820), (2, 1, 1))
    assert first.log_e == pytest.approx(again.log_e, abs=1e-9)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_sample_ratio_alarms_falsely_no_more_often_than_it_says(share):
    alive, alarmed = {0: 1.0}, 0.0
    for n in range(1, 161):
        after: dict[int, float] = {}
        for k, mass in alive.items():
            for arm, chance in ((k + 1, share), (k, 1 - share)):
                if sample_ratio((arm, n - arm), (share, 1 - share)).p_value <= 0.05:
                    alarmed += mass * chance
                else:
                    after[arm] = after.get(arm, 0.0) + mass * chance
        alive = after
    assert 0 < alarmed <= 0.05


@pytest.mark.parametrize("shares", [(0.0, 1.0), (0.5, -0.5), (0.5, 0.25, 0.25)])
def test_shares_that_fit_no_design_are_refused(shares):
    with pytest.raises(Refused, match="an arm has no designed share"):
        sample_ratio((10, 10), shares)


def test_by_epoch_a_fair_ramp_passes_that_the_whole_would_alarm_at():
    people, shares = [(9_000, 1_010), (5_020, 4_990)], [(0.9, 0.1), (0.5, 0.5)]
    assert sample_ratio_by_epoch(people, shares).p_value == 1
    assert sample_ratio((14_020, 6_000), (0.9, 0.1)).p_value < 1e-9


def test_by_epoch_what_does_not_fit_in_one_is_found():
    assert sample_ratio_by_epoch([(9_000, 1_010), (5_000, 5_700)], [(0.9, 0.1), (0.5, 0.5)]).p_value < 1e-4


def test_one_epoch_is_the_plain_test():
    assert sample_ratio_by_epoch([(700, 820)], [(0.5, 0.5)]) == sample_ratio((700, 820), (0.5, 0.5))


def test_an_arm_that_an_epoch_does_not_assign_is_left_out_of_it():
    both = sample_ratio_by_epoch([(500, 510, 0), (300, 310, 305)], [(0.5, 0.5, 0.0), (1 / 3, 1 / 3, 1 / 3)])
    assert both.log_e == pytest.approx(
        sample_ratio((500, 510), (0.5, 0.5)).log_e + sample_ratio((300, 310, 305), (1, 1, 1)).log_e
    )
    with pytest.raises(Refused, match="an arm has no designed share"):
        sample_ratio_by_epoch([(500, 510, 3)], [(0.5, 0.5, 0.0)])


def test_by_epoch_the_false_alarms_are_as_rare_as_said():
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(400):
        steps = rng.random(300) < np.repeat([0.1, 0.5, 0.5], 100)
        path = []
        for n in range(20, 301, 20):
            epochs = [steps[:100][:n], steps[100:][: max(0, n - 100)]]
            people = [(int((~e).sum()), int(e.sum())) for e in epochs if len(e)]
            path.append(sample_ratio_by_epoch(people, [(0.9, 0.1), (0.5, 0.5)][: len(people)]).p_value)
        alarms += min(path) <= 0.05
    assert alarms / 400 <= 0.05
