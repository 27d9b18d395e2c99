"""Planned looks: against published boundaries, and against simulated experiments."""

import numpy as np
import pytest
from scipy.stats import norm

from workbench.experiments.sequential.group import probability_thresholds, spent, z_thresholds
from workbench.refusal import Refused


@pytest.mark.parametrize(
    ("looks", "alpha", "published"),
    [
        # Lan-DeMets spending of the O'Brien-Fleming kind, one-sided 2.5 %, as in the ldbounds package's manual.
        (4, 0.025, (4.3326, 2.9631, 2.3590, 2.0141)),
        (5, 0.025, (4.8769, 3.3569, 2.6803, 2.2898, 2.0310)),
        (1, 0.05, (1.6449,)),
    ],
)
def test_published_boundaries(looks, alpha, published):
    fractions = [(k + 1) / looks for k in range(looks)]
    assert z_thresholds(fractions, alpha) == pytest.approx(published, abs=2e-4)


@pytest.mark.parametrize("fractions", [(0.5, 1.0), (0.25, 0.4, 0.9, 1.0), tuple(np.arange(1, 13) / 12)])
def test_the_error_of_all_looks_is_what_was_asked_for(fractions):
    alpha = 0.04
    rng = np.random.default_rng(11)
    steps = np.sqrt(np.diff([0.0, *fractions]))
    motion = np.cumsum(rng.standard_normal((400_000, len(fractions))) * steps, axis=1)
    passed = (motion / np.sqrt(fractions) > z_thresholds(fractions, alpha)).any(axis=1).mean()
    assert passed == pytest.approx(alpha, abs=4 * np.sqrt(alpha / 400_000))


def test_the_first_look_spends_what_the_function_allows_and_the_last_all_of_it():
    first, *_ = z_thresholds((0.5, 1.0), 0.05)
    assert norm.sf(first) == pytest.approx(spent(0.5, 0.05), rel=1e-9)
    assert spent(1.0, 0.05) == pytest.approx(0.05)


def test_a_look_at_almost_nothing_is_passed_by_nothing():
    first, last = probability_thresholds((0.001, 1.0), 0.04)
    assert first == pytest.approx(1.0, abs=1e-12)
    assert last == pytest.approx(0.96, abs=1e-6)


@pytest.mark.parametrize("fractions", [(), (0.5, 0.5, 1.0), (0.7, 0.4), (0.0, 1.0), (0.5, 1.2)])
def test_looks_that_are_none_are_refused(fractions):
    with pytest.raises(Refused, match="do not rise"):
        z_thresholds(fractions, 0.04)
