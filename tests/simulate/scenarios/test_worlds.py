"""What each world is made of, as the tables alone show it."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from workbench.simulate.provider import simulate_provider
from workbench.simulate.scenarios.catalog import SCENARIOS
from workbench.simulate.scenarios.frequency import FREQUENCIES
from workbench.simulate.settings import ProviderSettings

DAY = pd.Timedelta(days=1)
KEPT = ("attended", "no_show")


def near(seen: pd.Series, means: dict[str, float]) -> bool:
    """Whether the means of a true-or-false series, grouped, lie within four standard errors of what is said."""
    size, mean = seen.size(), seen.mean()
    return all(
        abs(mean[key] - told) < 4 * np.sqrt(told * (1 - told) / size[key]) for key, told in means.items()
    )


def test_opt_in_by_wording_is_as_the_truth_says(frames_of, estimands):
    frames, told = frames_of("consent_prompts"), estimands("consent_prompts")["opt_in"]
    asked, consents = frames["assignments"], frames["consents"]
    answers = consents[(consents.source == "intake_prompt") & (consents.purpose == "care")]
    answers = answers[(answers.channel == "sms") & (answers.status == "opt_in")]
    asked = asked.merge(answers[["patient_id", "changed_at", "wording_version"]], on="patient_id", how="left")
    opted_in = asked.changed_at.notna()
    assert (asked.wording_version == asked.arm)[opted_in].all()
    assert (asked.changed_at > asked.assigned_at)[opted_in].all()
    assert near(
        opted_in.groupby(asked.arm),
        {told[side]["world"]: told[side]["mean"] for side in ("control", "treated")},
    )
    prompts = frames["messages"][frames["messages"].kind == "consent_prompt"].set_index("patient_id")
    assert set(prompts.index) == set(asked.patient_id)
    assert (prompts.sent_at.loc[asked.patient_id].to_numpy() > asked.assigned_at.to_numpy()).all()


def _attended(frames, since):
    visits = frames["appointments"]
    visits = visits[visits.status.isin(KEPT) & (visits.starts_at >= since)]
    visits = visits[visits.starts_at - visits.booked_at >= 3 * DAY]
    return visits.merge(frames["assignments"], on="patient_id", suffixes=("", "_of_arm"))


def test_attendance_of_patients_at_risk_is_as_the_truth_says(frames_of, estimands):
    frames = frames_of("segmented_reminders", 5, 9_000)
    told = estimands("segmented_reminders", 5, 9_000)["attendance_at_risk"]
    visits = _attended(frames, frames["assignments"].assigned_at.min() + 3 * DAY)
    at_risk = visits[visits.stratum == "at risk"]
    came = (at_risk.status == "attended").groupby(at_risk.arm)
    assert near(came, {told[side]["world"]: told[side]["mean"] for side in ("control", "treated")})
    others = visits[visits.stratum == "not at risk"]
    rates = (others.status == "attended").groupby(others.arm).mean()
    assert abs(rates["segmented"] - rates["uniform"]) < 0.03


def test_only_patients_at_risk_in_the_segmented_arm_get_a_second_reminder(frames_of):
    frames = frames_of("segmented_reminders")
    texts = frames["messages"].merge(frames["assignments"], on="patient_id", how="left")
    further = texts[texts.template_id.isin(("reminder-eve", "reminder-support"))]
    assert set(further.template_id) == {"reminder-eve", "reminder-support"}
    assert set(further.arm) == {"segmented"}
    assert set(further.stratum) == {"at risk"}
    assert (texts[texts.template_id == "reminder-1"].arm == "uniform").any()


def test_risk_at_assignment_is_what_the_appointments_before_it_say(frames_of):
    frames = frames_of("segmented_reminders")
    moment = frames["assignments"].assigned_at.min()
    visits = frames["appointments"]
    past = visits[visits.status.isin(KEPT) & (visits.known_at < moment)]
    past = past[past.starts_at >= moment - 180 * DAY]
    missed = (past.status == "no_show").groupby(past.patient_id).mean()
    at_risk = set(missed.index[missed >= 0.5])
    rows = frames["assignments"]
    assert set(rows.patient_id[rows.stratum == "at risk"]) == at_risk & set(rows.patient_id)


def test_idle_time_is_as_the_truth_says(frames_of, estimands):
    frames = frames_of("risk_targeted_reminders", 5, 9_000)
    told = estimands("risk_targeted_reminders", 5, 9_000)["idle_minutes"]
    rows = frames["assignments"]
    arms = rows.groupby("cluster_id").arm.agg(["nunique", "first"])
    assert (arms["nunique"] == 1).all()
    assert rows.cluster_id.isin(frames["appointments"].clinician_id).all()
    since = rows.assigned_at.min() + 3 * DAY
    visits = frames["appointments"]
    visits = visits[visits.status.isin(KEPT) & (visits.starts_at >= since)]
    slots = visits.assign(came=visits.status == "attended").groupby(["clinician_id", "starts_at"]).came.any()
    slots = slots.reset_index()
    slots["arm"] = slots.clinician_id.map(arms["first"])
    # The truth is of sessions, of which those without a booked slot are idle for none.
    total = told["control"]["mean"].total, told["treated"]["mean"].total
    booked = len(slots)
    expected = {"uniform": total[0] / 40 / booked, "targeted": total[1] / 40 / booked}
    assert near((~slots.came).groupby(slots.arm), expected)
    texts = frames["messages"]
    assert (texts.template_id == "reminder-eve").sum() == pytest.approx(
        estimands("risk_targeted_reminders", 5, 9_000)["further_reminders"]["control"]["mean"].total, abs=1
    )


def test_a_program_grows_from_500_to_5000_in_epochs():
    provider = simulate_provider(ProviderSettings(seed=1, scenario="staged_rollout"))
    rows = provider.tables["assignments"].to_pandas()
    assert rows.groupby("epoch").size().cumsum().tolist() == [500, 1_000, 2_500, 5_000]
    assert rows.groupby(["epoch", "arm"]).probability.unique().map(list).tolist() == [[0.8], [0.2]] * 4
    ends = rows.groupby("epoch").assigned_at.agg(["min", "max"])
    assert (ends["min"].iloc[1:].to_numpy() > ends["max"].iloc[:-1].to_numpy()).all()
    for name, told in provider.truth["laboratory"]["estimands"].items():
        assert told["treated"]["mean"] == pytest.approx(0.09, abs=0.002), name


def test_the_allocation_ramps_from_10_to_50_percent(frames_of):
    rows = frames_of("drifting_base", 5, 6_000)["assignments"]
    shares = (rows.arm == "new").groupby(rows.epoch).mean()
    assert shares[0] == pytest.approx(0.1, abs=0.02)
    assert shares[1] == pytest.approx(0.5, abs=0.02)
    assert set(rows.stratum) == {"lapsed"}
    told = rows.groupby(["epoch", "arm"]).probability.first()
    assert told.tolist() == [0.1, 0.9, 0.5, 0.5]


def test_frequencies_are_what_the_arms_say(frames_of):
    frames = frames_of("over_messaging")
    rows, consents = frames["assignments"], frames["consents"]
    texts = frames["messages"][frames["messages"].campaign_id == "frequency"]
    count = texts.groupby("patient_id").size().reindex(rows.patient_id, fill_value=0)
    count.index = rows.index
    assert count.groupby(rows.arm).max().to_dict() == FREQUENCIES
    assert count.groupby(rows.arm).median().to_dict() == FREQUENCIES
    # Who opts out in between gets no more.
    out = consents[(consents.status == "opt_out") & (consents.scope == "all")]
    left = rows.patient_id.isin(out.patient_id[out.changed_at > rows.assigned_at.min()])
    assert (count < rows.arm.map(FREQUENCIES))[left].mean() > 5 * (count < rows.arm.map(FREQUENCIES))[
        ~left
    ].mean()


def test_a_broken_randomizer_shows_in_the_counts_and_not_in_the_probabilities(frames_of):
    rows = frames_of("broken_randomizer", 5, 6_000)["assignments"]
    assert (rows.probability == 0.5).all()
    assert binomtest(int((rows.arm == "treated").sum()), len(rows)).pvalue < 0.001


def test_a_slow_text_is_acted_on_weeks_later(frames_of):
    frames = frames_of("late_outcomes", 5, 6_000)
    rows = frames["assignments"]
    booked = frames["appointments"].dropna(subset="message_id").merge(rows, on="patient_id")
    delay = (booked.booked_at - booked.assigned_at).groupby([booked.experiment_id, booked.arm]).median() / DAY
    for experiment, slow, quick in (("merely_faster", "slow", "fast"), ("slow_and_better", "better", "usual")):
        assert delay[experiment, slow] > 7
        assert delay[experiment, quick] < 5


def test_households_are_clusters(frames_of):
    rows = frames_of("households", 5, 6_000)["assignments"]
    assert rows.cluster_id.str.fullmatch("h[a-z2-7]{12}").all()
    shared = {name: each.groupby("cluster_id") for name, each in rows.groupby("experiment_id")}
    assert set(shared) == {"by_person", "by_household"}
    for each in shared.values():
        assert each.size().max() > 2
        assert (each.size() > 1).mean() > 0.15
    assert shared["by_household"].arm.nunique().max() == 1
    assert shared["by_person"].arm.nunique().max() == 2
    assert not set(shared["by_person"].groups) & set(shared["by_household"].groups)


def test_an_effect_that_fades_has_one_allocation(frames_of):
    rows = frames_of("fading_effect")["assignments"]
    assert (rows.epoch == 0).all()
    assert (rows.probability == 0.5).all()


def test_heavy_tails_are_heavy(frames_of):
    counts, delays = {}, {}
    for name in ("heavy_tails", "informative_dropout"):
        frames = frames_of(name)
        booked = frames["appointments"].drop_duplicates("appointment_id")
        counts[name] = booked.groupby("patient_id").size()
        through = booked.dropna(subset="message_id").merge(frames["assignments"], on="patient_id")
        delays[name] = (through.booked_at - through.assigned_at) / DAY
    heavy, usual = counts["heavy_tails"], counts["informative_dropout"]
    assert heavy.var() / heavy.mean() > 1.5 * usual.var() / usual.mean()
    assert delays["heavy_tails"].quantile(0.9) > 1.5 * delays["informative_dropout"].quantile(0.9)


def test_the_keen_are_the_annoyed_where_tails_are_heavy(simulated):
    (outcomes,) = simulated("heavy_tails", 5, 6_000).outcomes.values()
    (usual,) = simulated("fading_effect", 5, 6_000).outcomes.values()

    def more_often_both(each):
        booking, opt_out = each.booking[:, 0], each.opt_out[:, 0]
        return (booking & opt_out).mean() / (booking.mean() * opt_out.mean())

    assert more_often_both(outcomes) > 2
    assert more_often_both(usual) < 1.9


def test_people_leave_over_the_pushy_text(frames_of, estimands):
    frames, told = frames_of("informative_dropout"), estimands("informative_dropout")["left"]
    rows = frames["assignments"].merge(frames["patients"][["patient_id", "ended_at"]], on="patient_id")
    left = rows.ended_at.notna() & (rows.ended_at <= rows.assigned_at + 14 * DAY)
    assert near(
        left.groupby(rows.arm), {told[side]["world"]: told[side]["mean"] for side in ("control", "treated")}
    )


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in ("default", "nothing")])
def test_another_seed_gives_other_people_and_the_same_one_the_same(simulated, name):
    again = simulate_provider(ProviderSettings(patients=4_000, seed=5, scenario=name))
    assert again.tables["assignments"].equals(simulated(name).tables["assignments"])
    assert again.truth == simulated(name).truth
