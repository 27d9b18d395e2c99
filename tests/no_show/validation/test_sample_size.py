"""The criteria of Riley et al. against published examples, and the shrinkage that a size gives."""

import pytest

from workbench.no_show.validation.sample_size import (
    enough,
    expected_shrinkage,
    largest_r_squared,
    needed,
)
from workbench.refusal import Refused


def test_example_of_the_authors_own_program():
    """pmsampsize's documentation: binary, R2 of Cox and Snell .288, 24 parameters, prevalence .174."""
    found = needed(24, 0.174, 0.288)
    assert (found.shrinkage, found.optimism, found.intercept) == (623, 662, 221)
    assert found.appointments == 662


def test_example_of_the_guide():
    """BMJ 2020: pre-eclampsia, 30 parameters, 5 % of pregnancies, R2 of Cox and Snell .05: 5249 women."""
    assert needed(30, 0.05, 0.05).appointments == 5249


def test_largest_r_squared_of_the_guide():
    """BMJ 2020: .33 for an outcome in 5 %, .48 in 10 %, .75 in 50 %."""
    found = [round(largest_r_squared(rate), 2) for rate in (0.05, 0.1, 0.5)]
    assert found == [0.33, 0.48, 0.75]


def test_expected_shrinkage_is_the_criterion_turned_round():
    assert expected_shrinkage(24, 623, 0.288) == pytest.approx(0.9, abs=3e-4)
    assert expected_shrinkage(24, 6230, 0.288) > 0.98
    assert expected_shrinkage(240, 30, 0.288) < 0.5


def test_what_is_there_is_held_against_what_is_needed():
    # R2 = 1 - exp(-2 * .1) = .181.
    found = enough("logistic", 20, 900, 200, loss_of_rate=0.5, loss=0.4)
    assert found is not None
    assert found.r_squared == pytest.approx(0.1813, abs=1e-4)
    assert found.events_per_parameter == 10
    assert found.holds == (found.expected_shrinkage >= 0.9)
    few = enough("logistic", 20, 300, 66, loss_of_rate=0.5, loss=0.4)
    assert few is not None
    assert not few.holds


def test_a_model_that_tells_nothing_on_later_weeks_has_no_size():
    assert enough("logistic", 20, 900, 200, loss_of_rate=0.5, loss=0.5) is None


@pytest.mark.parametrize(
    ("rate", "r_squared", "words"), [(0.0, 0.1, "nobody"), (0.05, 0.4, "largest for this rate")]
)
def test_what_cannot_be_is_refused(rate, r_squared, words):
    with pytest.raises(Refused, match=words):
        needed(10, rate, r_squared)
