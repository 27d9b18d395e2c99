"""The patient's shrunken rate: by hand, and the weight that patients were made with is found again."""

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.models.own_rate import OwnRate, own_rate


def test_own_rate_is_drawn_to_the_rate_of_all():
    rows = pd.DataFrame({"past": [0.0, 4.0], "past_missed": [0.0, 4.0]})
    assert own_rate(rows, base=0.2, prior_visits=4.0) == pytest.approx([0.2, (4 + 0.8) / 8])


@pytest.mark.parametrize("visits", [2.0, 10.0])
def test_patients_of_a_beta_distribution_give_back_its_weight(visits):
    """Rates from Beta(w p, w (1 - p)): the posterior mean, which loses least, is the rate shrunken by w."""
    rng = np.random.default_rng(5)
    rate = rng.beta(visits * 0.2, visits * 0.8, 40_000)
    past = rng.integers(0, 12, rate.size)
    rows = pd.DataFrame(
        {
            "past": past.astype(float),
            "past_missed": rng.binomial(past, rate).astype(float),
            "no_show": rng.binomial(1, rate),
        }
    )
    found = OwnRate().fit(rows)
    assert found.rate == pytest.approx(0.2, abs=0.01)
    assert found.prior_visits == pytest.approx(visits, rel=0.12)
