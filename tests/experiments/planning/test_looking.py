"""Looking early errs by no more than its evidence allows, and its cost is counted at equal error."""

import numpy as np
import pytest

from workbench.experiments.planning.base_rate import BaseRate
from workbench.experiments.planning.looking import LOOKS, _log_e_values, cost_of_looking
from workbench.experiments.sequential import log_e_value

RARE = BaseRate(1, 0, given=0.004)


def test_early_looks_err_no_more_than_one_in_their_evidence(planned):
    plan = planned(smallest_effect=0.001, adopt_evidence=20.0, simulated_experiments=1_000)
    none, daily, equal = cost_of_looking(plan, 1_000, BaseRate(1, 0, given=0.04), RARE).ways
    error = 2 * np.sqrt(0.05 / plan.simulated_experiments)
    assert none.null <= daily.null <= none.null + 1 / plan.adopt_evidence + error
    assert equal.null >= daily.null
    assert equal.expected >= none.expected - error
    assert daily.people < 1 == none.people


def test_evidence_is_computed_where_it_may_be_enough_and_nowhere_else():
    treated, control = np.array([[5, 30, 60]]), np.array([[5, 5, 55]])
    found = _log_e_values(treated, control, 0.5, np.log(20))
    assert found[0, 1] == pytest.approx(log_e_value(30, 5, 0.5))
    assert found[0, 0] == found[0, 2] == 0
    assert max(log_e_value(5, 5, 0.5), log_e_value(60, 55, 0.5)) < np.log(20)


def test_there_is_one_look_a_day_for_four_weeks():
    assert LOOKS == 28
