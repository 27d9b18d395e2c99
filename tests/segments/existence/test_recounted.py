"""What is counted of a trait again looks as the data did."""

import numpy as np
import pytest
from scipy.special import expit, logit

from workbench.segments.existence.recounted import Recounted
from workbench.segments.existence.trait import Expected
from workbench.segments.features import Measured, measured_share, shrunk_share

PEOPLE = 4_000
ALONE = Expected(np.zeros(PEOPLE), 1.0)
AT = [0.02, 0.2, 0.5, 0.8, 0.98]


def test_shares_are_drawn_as_they_were_counted():
    rng = np.random.default_rng(1)
    trials = rng.integers(0, 12, PEOPLE).astype(float)
    own = np.exp(0.5 * rng.standard_normal(PEOPLE)) - 2.2
    events = rng.binomial(trials.astype(int), expit(own)).astype(float)
    how = measured_share(events, trials)
    seen = logit(shrunk_share(events, how))
    drawn = Recounted.of(how, ALONE).draw(rng, rng.standard_normal(PEOPLE))
    np.testing.assert_allclose(np.quantile(drawn, AT), np.quantile(seen, AT), atol=0.06)
    assert drawn.std() == pytest.approx(seen.std(), rel=0.04)
    np.testing.assert_allclose(drawn[trials == 0], logit(how.center))


def test_times_are_drawn_as_they_were_measured():
    rng = np.random.default_rng(2)
    trials = rng.integers(0, 8, PEOPLE).astype(float)
    own = 1.5 + 0.5 * rng.standard_normal(PEOPLE)
    sums = trials * own + 0.8 * np.sqrt(trials) * rng.standard_normal(PEOPLE)
    how = Measured(sums, trials, center=1.5, weight=0.64 / 0.25, kind="days")
    counted = Recounted.of(how, ALONE)
    assert counted.within == pytest.approx(0.64, rel=0.1)
    seen, drawn = shrunk_share(sums, how), counted.draw(rng, rng.standard_normal(PEOPLE))
    np.testing.assert_allclose(np.quantile(drawn, AT), np.quantile(seen, AT), atol=0.05)
    np.testing.assert_allclose(drawn[trials == 0], 1.5)
