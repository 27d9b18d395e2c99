"""Event rates over exposure against one integral of the ratio, and against rates of people where they are rare."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from workbench.experiments.exact.event_rates import ArmExposure, EventRatePosterior
from workbench.experiments.exact.priors import GammaPrior
from workbench.experiments.exact.rates import ArmCounts, RatePosterior
from workbench.refusal import Refused


@pytest.mark.parametrize("events", [(0, 0), (0, 4), (7, 1), (300, 340), (200_000, 201_000)])
def test_the_control_integrates_out(events):
    """The log ratio z has density N(z; 0, .35) exp(z b) / (n + m exp(z))^(a + b + 1)."""
    n, m = 5_000.0, 5_200.0

    def log_density(z):
        return (
            norm.logpdf(z, scale=0.35)
            + z * events[1]
            - (sum(events) + 1) * np.log((n + m * np.exp(z)) / (n + m))
        )

    lattice = np.linspace(-4, 4, 100_001)
    heights = log_density(lattice)
    top, peak = heights.max(), lattice[heights.argmax()]
    ends = lattice[heights > top - 45][[0, -1]]

    def density(z):
        return np.exp(log_density(z) - top)

    inside = [x for x in (peak, 0.0) if ends[0] < x < ends[1]]
    total = quad(density, *ends, points=inside, epsabs=0, epsrel=1e-12, limit=500)[0]
    above = quad(density, max(0.0, ends[0]), ends[1], points=[peak] if peak > 0 else None, epsabs=0, limit=500)[
        0
    ]
    posterior = EventRatePosterior([ArmExposure("a", n, events[0]), ArmExposure("b", m, events[1])], "a")
    assert posterior.probability_better("b") == pytest.approx(above / total, abs=1e-9)
    assert posterior.log_bayes_factor == pytest.approx(np.log(total) + top, abs=1e-8)


def test_rare_events_of_people_are_events_over_exposure():
    people = RatePosterior([ArmCounts("a", 4_000_000, 30), ArmCounts("b", 4_100_000, 44)], "a")
    time = EventRatePosterior([ArmExposure("a", 4e6, 30), ArmExposure("b", 4.1e6, 44)], "a")
    assert time.probability_better("b") == pytest.approx(people.probability_better("b"), abs=1e-5)
    assert time.prior_conflict("b") == pytest.approx(people.prior_conflict("b"), abs=1e-5)


def test_a_baseline_counts_as_exposure():
    observed = [ArmExposure("a", 10.0, 2), ArmExposure("b", 12.0, 5)]
    told = EventRatePosterior(observed, "a", baseline=GammaPrior.from_rate(0.5, worth=1_000))
    assert told.expectation("a") == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize(
    ("arm", "told"),
    [
        (ArmExposure("b", 0.0, 0), "arm b: its exposure is not above 0"),
        (ArmExposure("b", float("nan"), 0), "arm b: its exposure is not above 0"),
        (ArmExposure("b", 5.0, -1), "arm b: its events are not a whole number from 0"),
        (ArmExposure("b", 5.0, 1.5), "arm b: its events are not a whole number from 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(arm, told):
    with pytest.raises(Refused, match=told):
        EventRatePosterior([ArmExposure("a", 5.0, 1), arm], "a")
