"""The risk per text: where people differ, a constant risk looks like a load that harms, but not to the model."""

from datetime import timedelta

import numpy as np
import pytest

from workbench.message_load.analysis import estimate_risk
from workbench.message_load.bands import LOAD
from workbench.message_load.counts import load_counts
from workbench.message_load.exposure import STATES, exposure_of
from workbench.message_load.hazard import hazard_data
from workbench.sampling.nuts import Effort
from workbench.simulate.texting import TextingWorld, simulate_texting

QUICK = Effort(draws=400, tune=500, target_accept=0.9, correlated=True)
# Everybody's risk is constant, people differ, and texts come thickest while the frail are still there.
DEPLETED = TextingWorld(people=2_500, weeks=44, frailty="gamma", variance=3.0, risk=0.03, schedule="early")
HARMFUL = TextingWorld(people=2_500, weeks=26, power=0.6)
FOUR = LOAD.place_of(4)


@pytest.fixture(scope="module")
def counted(settings_for, known_for):
    def count(world):
        settings = settings_for(as_of=world.as_of.date() + timedelta(days=1))
        return load_counts(known_for(simulate_texting(world, 1), settings), settings), settings

    return count


@pytest.fixture(scope="module")
def depleted(counted):
    counts, settings = counted(DEPLETED)
    return counts, estimate_risk(counts, settings, effort=QUICK)


def test_depletion_makes_the_naive_curve_rise_and_not_the_model_s(depleted):
    _, risk = depleted
    single, four = risk.curve[0], risk.curve[FOUR]
    assert four.naive.low > single.naive.high
    assert four.ratio.low < 1 < four.ratio.high
    assert four.ratio.value < four.naive.value / single.naive.value
    assert risk.frailty.low > 0.2


def test_what_the_model_expects_adds_up_to_what_happened(depleted):
    counts, risk = depleted
    expected = sum(point.expected * point.ratio.value for point in risk.curve)
    assert expected == pytest.approx(counts.answered, rel=0.1)


def test_a_load_that_harms_is_found(counted):
    counts, settings = counted(HARMFUL)
    four = estimate_risk(counts, settings, effort=QUICK).curve[FOUR]
    assert four.ratio.low > 1
    assert four.ratio.low < 4**0.6 < four.ratio.high


def test_the_data_hold_every_text_and_every_opt_out_once(depleted):
    counts, _ = depleted
    data = hazard_data(exposure_of(counts.cells))
    assert data["texts"].shape[0] % STATES == 0
    assert data["texts"].sum() == pytest.approx(counts.texts - counts.answered / 2)
    assert data["by_state"].sum() == data["by_setting"].sum() == counts.answered
    # Everything is centered over the texts, so that mu is about their mean.
    weights = exposure_of(counts.cells).texts.sum(axis=1)
    assert np.allclose(weights @ data["design"] / weights.sum(), 0)
