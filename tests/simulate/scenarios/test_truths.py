"""The designed figures are met in the truth, by one person more or less, whatever the seed."""

import json

import pytest

from workbench.simulate.provider import simulate_blocks
from workbench.simulate.scenarios.catalog import SCENARIOS
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.storage import write_blocks

SEEDS = (1, 2, 3)
PATIENTS = 6_000
DESIGNED = [scenario.name for scenario in SCENARIOS.values() if scenario.truth]
# Of a ratio: one appointment more or less among some 200 of patients at risk, or a slot of 40 minutes.
RATIO_WITHIN = 0.02


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DESIGNED)
def test_the_truth_meets_the_design(estimands, name, seed):
    stated = {each.name: each for each in SCENARIOS[name].truth}
    told = estimands(name, seed, PATIENTS)
    assert list(told) == list(stated)
    for estimand in told.values():
        for side in ("control", "treated"):
            designed, mean = estimand["designed"][side], estimand[side]["mean"]
            if designed is not None:
                assert abs(mean - designed) <= 1 / mean.weight, estimand
        ratio = estimand["designed"]["ratio"]
        if ratio is not None and estimand["designed"]["treated"] is None:
            assert estimand["ratio"] == pytest.approx(ratio, abs=RATIO_WITHIN)
        assert estimand["difference"] == estimand["treated"]["mean"] - estimand["control"]["mean"]


@pytest.mark.parametrize("seed", SEEDS)
def test_relative_figures_have_their_base(estimands, seed):
    told = estimands("re_engagement", seed, PATIENTS)["re_engagement"]
    assert told["control"]["mean"] == pytest.approx(0.125, abs=0.002)
    assert told["ratio"] == pytest.approx(1.28, abs=0.02)
    at_risk = estimands("segmented_reminders", seed, PATIENTS)["attendance_at_risk"]
    assert 0.5 < at_risk["control"]["mean"] < 0.7
    everybody = estimands("segmented_reminders", seed, PATIENTS)["attendance"]
    assert 1 < everybody["ratio"] < 1.05


@pytest.mark.parametrize("seed", SEEDS)
def test_worlds_without_an_effect_have_none_and_mislead_by_as_much_as_is_told(estimands, seed):
    broken = estimands("broken_randomizer", seed, PATIENTS)
    assert broken["booking"]["difference"] == 0
    assert 0.005 < broken["naive_difference"]["difference"] < 0.04
    assert not broken["naive_difference"]["is_effect"]
    drifting = estimands("drifting_base", seed, PATIENTS)
    assert drifting["booking_epoch_0"]["difference"] == drifting["booking_epoch_1"]["difference"] == 0
    assert 0.01 < drifting["pooled_without_regard_to_epochs"]["difference"] < 0.02
    late = estimands("late_outcomes", seed, PATIENTS)
    assert late["merely_faster"]["difference"] == 0
    assert late["merely_faster_after_14_days"]["difference"] > 0.01
    assert late["slow_and_better"]["difference"] == pytest.approx(0.04, abs=0.002)


@pytest.mark.parametrize("seed", SEEDS)
def test_frequency_saturates_and_opt_outs_rise(estimands, seed):
    told = estimands("over_messaging", seed, PATIENTS)
    booking, opt_out = (
        [told[f"{outcome}_{name}"]["difference"] for name in ("twice_weekly", "alternate_days", "daily")]
        for outcome in ("booking", "opt_out")
    )
    assert 0 < opt_out[0] < opt_out[1] < opt_out[2]
    # Opt-outs per text rise too: seven times the texts, more than seven times the further opt-outs.
    assert opt_out[2] / 24 > opt_out[0] / 4
    assert booking[2] < booking[0] < 0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_randomizing_persons_understates_what_a_text_does_to_all(estimands, seed):
    told = estimands("households", seed, PATIENTS)
    total, direct = told["by_person_total"]["difference"], told["by_person_direct"]["difference"]
    assert direct < told["by_person_naive_difference"]["difference"] < total
    assert told["by_household_naive_difference"]["difference"] == pytest.approx(
        told["by_household_total"]["difference"]
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fading_effect_and_missing_outcomes_are_told(estimands, seed):
    fading = estimands("fading_effect", seed, PATIENTS)
    first, last = fading["booking_first_weeks"]["difference"], fading["booking_last_weeks"]["difference"]
    assert first > 0.05
    assert 0 <= last < 0.015
    dropout = estimands("informative_dropout", seed, PATIENTS)
    assert dropout["booking_anywhere"]["difference"] > dropout["booking"]["difference"] > 0.015
    assert dropout["left"]["difference"] > 0.05


def test_as_many_reminders_go_out_by_lot_as_by_risk(estimands):
    told = estimands("risk_targeted_reminders", 1, PATIENTS)["further_reminders"]
    assert told["difference"] == 0
    assert told["control"]["mean"].total > 100


@pytest.mark.parametrize("name", ["staged_rollout", "households", "risk_targeted_reminders", "consent_prompts"])
def test_truths_of_blocks_become_one(tmp_path, name):
    settings = ProviderSettings(patients=5_000, seed=2, scenario=name)
    blocks = list(simulate_blocks(settings, largest=2_600))
    assert len(blocks) == 2
    write_blocks(blocks, tmp_path / "all")
    whole = json.loads((tmp_path / "all" / "truth.json").read_text())["laboratory"]["estimands"]
    for key, estimand in whole.items():
        parts = [block.truth["laboratory"]["estimands"][key] for block in blocks]
        for side in ("control", "treated"):
            means = [part[side]["mean"] for part in parts]
            pooled = sum(each.total for each in means) / sum(each.weight for each in means)
            assert estimand[side]["mean"] == pytest.approx(pooled)
        assert estimand["ratio"] == pytest.approx(estimand["treated"]["mean"] / estimand["control"]["mean"])
