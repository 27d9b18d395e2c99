"""Ceilings from the simulated provider's randomized frequencies, from counts, and the experiment proposed instead."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import binomtest

from workbench.message_load.causal.ceiling import (
    find_ceiling,
    hypothesis,
    people_per_arm,
    propose_experiment,
    score_difference,
    unfit,
)
from workbench.message_load.causal.effects import effects_of
from workbench.message_load.causal.frequency import ArmCounts, frequency_arms, refuse_unknown_experiment
from workbench.message_load.causal.panel import panel_of
from workbench.message_load.causal.settings import CausalSettings, Worth
from workbench.message_load.estimate import exact_share
from workbench.refusal import Refused
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.storage import write_provider
from workbench.tables.cohort import Cohort, NeededConsent
from workbench.tables.opening import open_tables
from workbench.tables.source import Source

SETTINGS = CausalSettings(replicates=3)
COHORT = Cohort(consent=NeededConsent("care", "assigned_at", "assignment"))
ORDER = ("weekly", "twice_weekly", "alternate_days", "daily")
WINDOW = 35


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("provider") / "over"
    write_provider(simulate_provider(ProviderSettings(patients=6_000, seed=5, scenario="over_messaging")), made)
    return made


@pytest.fixture(scope="module")
def known(folder):
    source = Source(title="made up", description="made up", location=str(folder), simulated=True)
    return open_tables(source, Path("/")).known(date(2026, 11, 16), COHORT)


@pytest.fixture(scope="module")
def arms(known):
    return frequency_arms(known, "frequency", SETTINGS, WINDOW)[0]


@pytest.fixture(scope="module")
def effects(made_rows):
    return effects_of(panel_of(made_rows(1, 600)), SETTINGS)


def counts(*of: tuple[float, int, int], people: int = 4_000) -> list[ArmCounts]:
    return [ArmCounts(f"arm {place}", people, *each, 0) for place, each in enumerate(of)]


def test_an_experiment_that_nobody_is_in_is_refused_before_anything_long_starts(known):
    refuse_unknown_experiment(known, "frequency")
    with pytest.raises(
        Refused, match=r'nobody was assigned in "frequencies" by then\. Did you mean "frequency"'
    ):
        refuse_unknown_experiment(known, "frequencies")


def test_arms_are_those_of_the_tables(folder, arms):
    rows = pd.read_parquet(folder / "assignments.parquet")
    rows = rows[rows["experiment_id"] == "frequency"].set_index("patient_id")
    told = json.loads((folder / "truth.json").read_text())["experiments"]["frequency"]["overall"]
    assert sum(arm.people for arm in arms) == told["people"]
    visits = pd.read_parquet(folder / "appointments.parquet").drop_duplicates("appointment_id")
    visits = visits.join(rows["assigned_at"], on="patient_id", how="inner")
    after = visits["booked_at"] - visits["assigned_at"]
    booked = visits[(after > pd.Timedelta(0)) & (after <= pd.Timedelta(days=WINDOW))]["patient_id"].nunique()
    # Minors and people without consent book too, and are not counted.
    assert 0.9 * booked < sum(arm.booked for arm in arms) <= booked


def test_exact_intervals_hold_the_truth_of_every_arm(folder, arms, effects):
    told = json.loads((folder / "truth.json").read_text())["experiments"]["frequency"]["overall"]["arms"]
    found = find_ceiling(arms, "frequency", WINDOW, effects, replace(SETTINGS, level=0.99))
    assert [arm.arm for arm in found.arms] == list(ORDER)
    for arm in found.arms:
        assert arm.booking.low < told[arm.arm]["booking"] < arm.booking.high
        assert arm.opt_out.low < told[arm.arm]["opt_out"] < arm.opt_out.high


def test_a_text_a_day_is_too_much_by_the_randomized_frequencies(arms, effects):
    found = find_ceiling(arms, "frequency", WINDOW, effects, replace(SETTINGS, worth=Worth(0.5, 1.5, 3)))
    assert found.answer == "ceiling"
    sent = {arm.arm: arm.texts_a_week for arm in found.arms}
    assert sent["weekly"] == pytest.approx(1, abs=0.4)
    assert sent["daily"] == pytest.approx(7, abs=0.5)
    # The step to one a day drives 9 of 100 out and brings nothing (truth.json).
    assert sent["weekly"] < found.texts_a_week <= sent["alternate_days"]
    assert found.steps[-1].net.high < 0
    assert found.proposed is None


def test_the_ceiling_stands_below_the_first_step_that_costs_more(effects):
    arms = counts((1.0, 400, 40), (2.0, 600, 80), (4.0, 610, 300), (7.0, 620, 700))
    found = find_ceiling(arms[::-1], "frequency", WINDOW, effects, SETTINGS)
    assert (found.answer, found.texts_a_week) == ("ceiling", 2.0)
    assert [(step.lower, step.higher) for step in found.steps] == [
        ("arm 0", "arm 1"),
        ("arm 1", "arm 2"),
        ("arm 2", "arm 3"),
    ]
    first = found.steps[0]
    assert first.net.value == pytest.approx(first.booking.value - 3 * first.opt_out.value)


def test_an_opt_out_that_is_worth_little_lifts_the_ceiling(effects):
    arms = counts((1.0, 400, 40), (2.0, 600, 160), (4.0, 610, 300))
    found = find_ceiling(arms, "frequency", WINDOW, effects, SETTINGS)
    assert found.at_worths[1] == 1.0
    assert found.at_worths[0] == 2.0


def test_no_ceiling_is_found_where_no_step_is_shown_to_cost_more(effects):
    found = find_ceiling(counts((1.0, 400, 40), (2.0, 600, 41)), "frequency", WINDOW, effects, SETTINGS)
    assert (found.answer, found.texts_a_week) == ("none_found", None)
    assert found.experiment == "frequency"


@pytest.mark.parametrize(
    ("arms", "reason"),
    [
        (counts((1.0, 400, 40), (1.4, 600, 41)), "same_frequency"),
        (counts((1.0, 40, 4), (7.0, 60, 41), people=99), "too_few_people"),
        (counts((1.0, 40, 4)), "too_few_people"),
        ([], "too_few_people"),
    ],
)
def test_without_randomized_frequency_it_is_a_hypothesis_with_its_experiment(arms, reason, effects):
    assert unfit(arms).reason == reason
    found = find_ceiling(arms, "wording", WINDOW, effects, SETTINGS)
    assert found == hypothesis(effects, SETTINGS, WINDOW)
    assert found.answer == "hypothesis_to_test"
    assert found.texts_a_week is None
    assert found.proposed.people > 100


def test_the_experiment_goes_one_beyond_what_was_sent_and_is_large_enough(effects):
    proposed = propose_experiment(effects, SETTINGS)
    assert proposed.texts_a_week == (1, 2, 3, 4)
    assert proposed.detectable == pytest.approx(1.5 * proposed.opt_out)
    weekly = effects.chances[1, 0, 1]
    assert proposed.opt_out == pytest.approx(1 - (1 - weekly) ** 5)
    assert proposed.people == people_per_arm(proposed.opt_out, proposed.detectable, 0.8, 1 - 0.05 / 3)
    lacking = replace(effects, support=tuple(replace(each, supported=False) for each in effects.support))
    assert propose_experiment(lacking, SETTINGS).texts_a_week == (1, 2)


def test_people_for_two_shares_are_those_published():
    # Fleiss, Levin and Paik (2003), table A.4: .2 against .3, two-sided 5 %, power .8, without continuity correction.
    assert people_per_arm(0.2, 0.3, 0.8, 0.95) == 294
    with pytest.raises(ValueError, match="rise"):
        people_per_arm(0.3, 0.3, 0.8, 0.95)


@pytest.mark.parametrize("events", [0, 3, 97, 100])
def test_exact_intervals_are_scipys(events):
    known = binomtest(events, 100).proportion_ci(0.95)
    found = exact_share(events, 100, 0.95)
    assert (found.low, found.high) == pytest.approx((known.low, known.high))


def test_differences_are_newcombes():
    # Newcombe (1998), table II: 56 of 70 less 48 of 80, method 10.
    found = score_difference(56, 70, 48, 80, 0.95)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_an_experiment_without_anybody_is_refused(known):
    with pytest.raises(Refused, match='nobody is left after the step "assigned"'):
        frequency_arms(known, "another", SETTINGS, WINDOW)
