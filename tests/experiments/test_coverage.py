"""The 95 % intervals hold the simulator's truth, over several seeds and not one.

The same, at the sample's size and with the model by segment, is measured by `benchmarks/interval_coverage.py`.
"""

from datetime import timedelta

import pytest

from workbench.experiments.analysis import analyze
from workbench.experiments.counting.counts import count_experiment
from workbench.experiments.counting.people import declared_cohort
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.storage import write_provider
from workbench.tables.opening import open_tables
from workbench.tables.source import Source

SEEDS = range(101, 105)
# First day on which nobody is enrolled any more, counted from the end of the data.
ENDS = {"motivational_wording": -49, "evening_send": -42, "personal_greeting": 35}


@pytest.fixture(scope="module")
def intervals(tmp_path_factory, parameters):
    """For every seed, experiment, arm and outcome: interval, its mean, and the truth."""
    found = []
    for seed in SEEDS:
        settings = ProviderSettings(patients=8_000, seed=seed)
        provider = simulate_provider(settings)
        folder = tmp_path_factory.mktemp("provider")
        write_provider(provider, folder / "sample")
        tables = open_tables(Source(title="Simulated", location="sample"), folder)
        for name, day in ENDS.items():
            truth = provider.truth["experiments"][name]
            chosen = parameters(
                experiment=name,
                control=truth["control"],
                as_of=settings.ends_on,
                enrollment_ends=settings.ends_on + timedelta(days=day),
            )
            known = tables.known(settings.ends_on, declared_cohort(chosen))
            analysis = analyze(count_experiment(known, chosen), chosen)
            for arm, differences in truth["overall"]["differences"].items():
                effect = next(effect for effect in analysis.effects if effect.arm == arm)
                found.append((name, effect.difference, differences["booking"]))
                found.append((name, analysis.guardrail_of(arm).rise, differences["opt_out"]))
    return found


def test_intervals_hold_the_truth_about_as_often_as_they_say(intervals):
    assert len(intervals) == len(SEEDS) * 4 * 2
    held = sum(estimate.low <= truth <= estimate.high for _, estimate, truth in intervals)
    # Of 32 at 95 %, 30.4 are expected; 26 or fewer would come about once in a hundred. Seeds are fixed.
    assert held >= 27


def test_errors_are_of_the_size_the_intervals_say_and_center_near_zero(intervals):
    """Standardized errors would show intervals far too narrow, or a bias, sooner than coverage does."""
    scores = [
        (estimate.mean - truth) / ((estimate.high - estimate.low) / 3.92) for _, estimate, truth in intervals
    ]
    spread = (sum(score**2 for score in scores) / len(scores)) ** 0.5
    assert 0.5 < spread < 1.35
    assert abs(sum(scores) / len(scores)) < 0.6


def test_an_effect_is_found_where_it_was_planted(intervals):
    wording = [
        estimate for name, estimate, truth in intervals if name == "motivational_wording" and truth > 0.02
    ]
    assert len(wording) == len(SEEDS)
    assert sum(estimate.low > 0 for estimate in wording) >= len(SEEDS) - 1
