"""The truth: what the tables show under the assigned arm is what the potential outcomes say."""

import numpy as np
import pandas as pd
import pytest

from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings

WINDOW = pd.Timedelta(days=14)


@pytest.fixture(scope="module")
def assigned(frames):
    """Assignments with what the tables alone show of each: bookings and opt-outs within the window."""
    rows = frames["assignments"].copy()
    booked = frames["appointments"].rename(columns={"booked_at": "when"})
    consents = frames["consents"]
    out = consents[(consents.channel == "sms") & (consents.status == "opt_out") & (consents.scope == "all")]
    rows["booking"] = _within(rows, booked)
    rows["opt_out"] = _within(rows, out.rename(columns={"changed_at": "when"}))
    return rows


def _within(rows, events):
    pairs = rows[["patient_id", "assigned_at"]].merge(events[["patient_id", "when"]], on="patient_id")
    hit = (pairs.when > pairs.assigned_at) & (pairs.when <= pairs.assigned_at + WINDOW)
    return rows.patient_id.isin(pairs.patient_id[hit])


def _potential(provider, name, outcome, arm=None):
    """The potential outcomes of an experiment's people by pseudonym, under an arm or the assigned one."""
    outcomes = provider.outcomes[name]
    enrollment = outcomes.enrollment
    ids = provider.tables["patients"]["patient_id"].to_pandas()
    column = enrollment.arm if arm is None else enrollment.experiment.names.index(arm)
    values = getattr(outcomes, outcome)[np.arange(enrollment.patient.size), column]
    return pd.Series(values, index=ids.iloc[enrollment.patient])


@pytest.mark.parametrize("name", ["motivational_wording", "evening_send", "personal_greeting"])
@pytest.mark.parametrize("outcome", ["booking", "opt_out"])
def test_observed_is_the_potential_outcome_of_the_assigned_arm(provider, assigned, end, name, outcome):
    rows = assigned[assigned.experiment_id == name].set_index("patient_id")
    potential = _potential(provider, name, outcome).loc[rows.index]
    closed = rows.assigned_at + WINDOW < end
    assert closed.sum() > 100
    assert (rows[outcome][closed] == potential[closed]).all()
    # Where the window is still open, an outcome may come yet, but none is there that will not have been.
    assert (potential[rows[outcome]]).all()
    assert rows[outcome].any()


def test_only_the_last_experiment_still_runs(assigned, end):
    closed = (assigned.assigned_at + WINDOW < end).groupby(assigned.experiment_id).mean()
    assert closed["motivational_wording"] == closed["evening_send"] == 1
    assert 0.1 < closed["personal_greeting"] < 0.6


def test_nobody_is_in_two_experiments(assigned):
    assert assigned.patient_id.is_unique
    assert assigned.assigned_at.notna().all()


def test_sizes_are_the_designed_ones(assigned, provider):
    sizes = assigned.groupby("experiment_id").size() / provider.settings.patients
    assert sizes["motivational_wording"] == pytest.approx(1 / 4, abs=0.001)
    assert sizes["evening_send"] == pytest.approx(1 / 6, abs=0.001)
    assert sizes["personal_greeting"] == pytest.approx(1 / 16, abs=0.001)


def test_arms_are_balanced_within_strata_and_have_their_probability(assigned):
    for _, rows in assigned.groupby(["experiment_id", "stratum"]):
        counts = rows.arm.value_counts()
        assert counts.max() - counts.min() <= 2
        assert (rows.probability == 1 / counts.size).all()


def test_the_truth_counts_who_is_eligible_by_the_tables(provider, frames, assigned, consented, end):
    birth_year = frames["patients"].set_index("patient_id").birth_year
    adult = end.year - birth_year.loc[assigned.patient_id].to_numpy() >= 19
    agreed = consented(frames["consents"], assigned, "assigned_at").to_numpy()
    eligible = assigned[adult & agreed]
    assert 0.95 < len(eligible) / len(assigned) < 0.99
    assert (~adult).sum() > 10
    assert (~agreed).sum() > 10
    known = frames["patient_states"].sort_values("known_at")
    asked = eligible.sort_values("assigned_at")
    state = pd.merge_asof(asked, known, left_on="assigned_at", right_on="known_at", by="patient_id")
    assert (state.stratum == state.treatment_phase).all()
    for name, rows in state.groupby("experiment_id"):
        truth = provider.truth["experiments"][name]
        assert truth["overall"]["people"] == len(rows)
        for key, column in (
            ("by_diagnosis_group", "diagnosis_group"),
            ("by_treatment_phase", "treatment_phase"),
        ):
            people = {segment: cell["people"] for segment, cell in truth[key].items()}
            assert {segment: n for segment, n in people.items() if n} == rows[column].value_counts().to_dict()


def test_rates_and_differences_are_those_of_everybody_under_every_arm(provider, assigned, frames, consented):
    name = "motivational_wording"
    truth = provider.truth["experiments"][name]["by_treatment_phase"]["lapsed"]
    rows = assigned[(assigned.experiment_id == name) & (assigned.stratum == "lapsed")]
    birth_year = frames["patients"].set_index("patient_id").birth_year.loc[rows.patient_id].to_numpy()
    rows = rows[(birth_year <= 2007) & consented(frames["consents"], rows, "assigned_at").to_numpy()]
    rates = {
        arm: _potential(provider, name, "booking", arm).loc[rows.patient_id].mean() for arm in truth["arms"]
    }
    for arm, rate in rates.items():
        assert truth["arms"][arm]["booking"] == pytest.approx(rate)
    lift = rates["motivational"] - rates["generic"]
    assert truth["differences"]["motivational"]["booking"] == pytest.approx(lift)


def test_effects_are_near_the_design(provider):
    truth = {name: each["overall"] for name, each in provider.truth["experiments"].items()}
    wording = truth["motivational_wording"]
    assert 0.05 < wording["arms"]["generic"]["booking"] < 0.09
    assert 0.02 < wording["differences"]["motivational"]["booking"] < 0.05
    assert -0.005 < wording["differences"]["short"]["booking"] < 0.015
    assert wording["differences"]["motivational"]["opt_out"] == 0
    sending = truth["evening_send"]
    assert abs(sending["differences"]["evening"]["booking"]) < 0.003
    assert 0.007 < sending["arms"]["morning"]["opt_out"] < 0.025
    assert 0.03 < sending["arms"]["evening"]["opt_out"] < 0.06
    assert -0.005 < truth["personal_greeting"]["differences"]["personalized"]["booking"] < 0.03


def test_effects_differ_by_segment(provider):
    by_diagnosis = provider.truth["experiments"]["motivational_wording"]["by_diagnosis_group"]
    lift = {name: cell["differences"]["motivational"]["booking"] for name, cell in by_diagnosis.items()}
    assert lift["depression"] > lift["psychosis"] + 0.01


def test_observed_rates_by_arm_are_near_the_truth(provider, assigned):
    for name in ("motivational_wording", "evening_send"):
        rows = assigned[assigned.experiment_id == name].groupby("arm")
        for arm, rates in provider.truth["experiments"][name]["overall"]["arms"].items():
            for outcome, rate in rates.items():
                seen, size = rows[outcome].mean()[arm], rows.size()[arm]
                assert abs(seen - rate) < 5 * np.sqrt(rate / size)


def test_some_book_after_the_window(provider, frames, assigned):
    """Else the window would not matter."""
    booked = frames["appointments"].dropna(subset="message_id").merge(assigned, on="patient_id")
    late = booked.booked_at > booked.assigned_at + WINDOW
    assert 0.01 < late.mean() < 0.2


def test_where_nothing_works_all_differences_are_exactly_zero():
    provider = simulate_provider(ProviderSettings(patients=3_000, seed=5, scenario="nothing"))
    for truth in provider.truth["experiments"].values():
        cells = [truth["overall"], *truth["by_diagnosis_group"].values(), *truth["by_treatment_phase"].values()]
        for cell in cells:
            for difference in cell["differences"].values():
                assert all(value == 0 for value in difference.values() if value is not None)
        assert truth["overall"]["arms"][truth["control"]]["booking"] > 0
    for outcomes in provider.outcomes.values():
        assert (outcomes.booking == outcomes.booking[:, :1]).all()
        assert (outcomes.opt_out == outcomes.opt_out[:, :1]).all()
