"""The probability of each verdict, against the lattice of counts, published reach, and what must be so."""

import numpy as np
import pytest
from scipy.stats import binom

from workbench.experiments.planning.assurance import (
    EXPECTED,
    HARM,
    NO_EFFECT,
    arm_sizes,
    chances_by_size,
    people_needed,
)
from workbench.experiments.planning.base_rate import BaseRate
from workbench.experiments.planning.rule import DECISIONS, Experiments, believed, decided
from workbench.experiments.planning.surface import ArmSizes

RARE = BaseRate(1, 0, given=0.004)


def on_the_lattice(plan, people, control, treated):
    """The probability of each verdict, summed over all counts that are not all too rare; nobody opts out."""
    first, second = (
        np.arange(*binom.interval(1 - 1e-5, people, rate)).astype(np.int64) for rate in (control, treated)
    )
    a, b = (grid.ravel() for grid in np.meshgrid(first, second, indexing="ij"))
    none = np.zeros(len(a), dtype=np.int64)
    said = decided(believed(Experiments(ArmSizes(people, people), (a, b), (none, none)), plan), plan)
    chance = binom.pmf(a, people, control) * binom.pmf(b, people, treated)
    return {name: chance[said.decision == place].sum() for place, name in enumerate(DECISIONS)}


@pytest.mark.parametrize("effect", [0.02, 0.03])
def test_drawn_probabilities_are_those_of_the_lattice(planned, effect):
    plan = planned(sizes=(1_000,), expected_effect=effect, guardrail_margin=0.05)
    nobody = BaseRate(1, 0, given=1e-9)
    (size,) = chances_by_size(plan, BaseRate(1, 0, given=0.04), nobody)
    for label, true in ((NO_EFFECT, 0.0), (EXPECTED, effect)):
        exact = on_the_lattice(plan, 1_000, 0.04, 0.04 + true)
        for verdict, share in size.when(label).verdicts.items():
            error = np.sqrt(exact[verdict] * (1 - exact[verdict]) / plan.simulated_experiments)
            assert share == pytest.approx(exact[verdict], abs=4 * error + 2e-3), (label, verdict)


def test_what_a_pilot_cannot_show(planned):
    plan = planned(
        sizes=(500, 10_000, 20_000), simulated_experiments=1_500, smallest_effect=0.005, guardrail_margin=0.005
    )
    pilot, large, largest = (
        size.when(NO_EFFECT)
        for size in chances_by_size(plan, BaseRate(1, 0, given=0.04), BaseRate(1, 0, given=0.015))
    )
    # Equivalence within half a point at 4 %: nothing up to 10,000 per arm, about two in three at 20,000.
    assert pilot.verdicts["equivalent"] == large.verdicts["equivalent"] == 0
    assert largest.verdicts["equivalent"] == pytest.approx(0.65, abs=0.05)
    # Opt-outs at 1.5 % shown within half a point: about nine in ten at 10,000.
    assert large.safe == pytest.approx(0.91, abs=0.03)
    assert pilot.safe < 0.35


def test_verdicts_add_up_and_come_with_their_guardrail(planned):
    plan = planned(sizes=(1_000, 4_000), simulated_experiments=1_000)
    for size in chances_by_size(plan, BaseRate(5_000, 200), BaseRate(5_000, 60)):
        for chances in (size.assurance, *(one for _, one in size.at)):
            assert sum(chances.verdicts.values()) == pytest.approx(1)
            assert chances.safe_and_adopted <= min(chances.safe, chances.verdicts["adopt"])
            assert chances.error <= 0.5 / np.sqrt(plan.simulated_experiments)
        # What raises opt-outs by twice the margin is stopped the more often, the more people there are.
        assert size.when(HARM).verdicts["adopt"] <= size.when(EXPECTED).verdicts["adopt"]


def test_assurance_is_power_averaged_over_the_design_prior(planned):
    # A prior that is all but a point gives the power at that point.
    plan = planned(sizes=(1_000,), effect_sd=1e-6, rise_sd=1e-6)
    (size,) = chances_by_size(plan, BaseRate(1, 0, given=0.04), RARE)
    assert size.assurance.verdicts["adopt"] == pytest.approx(size.when(EXPECTED).verdicts["adopt"], abs=0.04)
    # A wide one lies between what the smallest and the largest effects give.
    (wide,) = chances_by_size(planned(sizes=(1_000,), effect_sd=0.02), BaseRate(1, 0, given=0.04), RARE)
    assert wide.when(NO_EFFECT).verdicts["adopt"] < wide.assurance.verdicts["adopt"] < 0.9


def test_several_arms_split_the_error(planned):
    two = planned(sizes=(1_000,))
    many = planned(sizes=(1_000,), arms={"usual": 0.2, "a": 0.2, "b": 0.2, "c": 0.2, "d": 0.2})
    power = [
        chances_by_size(plan, BaseRate(1, 0, given=0.04), RARE)[0].when(EXPECTED).verdicts["adopt"]
        for plan in (two, many)
    ]
    assert power[1] < power[0] - 0.05


def test_the_same_seed_draws_the_same(planned):
    plan = planned(sizes=(500,), simulated_experiments=1_000)
    given = (plan, BaseRate(2_000, 80), BaseRate(2_000, 20))
    assert chances_by_size(*given) == chances_by_size(*given)


@pytest.mark.parametrize(
    ("changed", "size", "people", "sizes"),
    [
        ({}, 500, 1_000, ArmSizes(500, 500)),
        ({"holdout": 0.2}, 400, 1_000, ArmSizes(400, 400)),
        ({"arms": {"usual": 0.6, "a": 0.2, "b": 0.2}}, 200, 1_000, ArmSizes(600, 200)),
    ],
)
def test_people_needed_count_every_arm_and_the_holdout(planned, changed, size, people, sizes):
    plan = planned(**changed)
    assert people_needed(plan, size) == people
    assert arm_sizes(plan, size) == sizes
    assert arm_sizes(plan, size, design_effect=2.0) == ArmSizes(sizes.control // 2, sizes.treated // 2)
