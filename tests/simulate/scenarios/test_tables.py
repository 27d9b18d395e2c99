"""Every scenario writes valid tables, and what they show is what the truth says would happen."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.simulate.provider import simulate_provider
from workbench.simulate.scenarios.catalog import SCENARIOS
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.storage import write_provider
from workbench.tables.opening import open_tables
from workbench.tables.schema import TABLES
from workbench.tables.source import Source
from workbench.tables.validation import table_faults

OTHERS = [name for name in SCENARIOS if name not in ("default", "nothing")]
WITH_TEXTS = [scenario.name for scenario in SCENARIOS.values() if scenario.experiments]
DAY = pd.Timedelta(days=1)
# For sources without a log of messages, that keep versions of people, or that know homes, payers and the like.
NOT_SIMULATED = {("appointments", "reminded")} | {
    ("patients", column) for column in ("known_at", "household_id", "ethnicity", "disability", "payer")
}


@pytest.mark.parametrize("name", OTHERS)
def test_tables_have_no_faults(simulated, tmp_path, name):
    write_provider(simulated(name), tmp_path / "provider")
    tables = open_tables(Source(title="p", description="p", location="provider", simulated=True), tmp_path)
    needed = {
        table: [column for column in schema.columns if (table, column) not in NOT_SIMULATED]
        for table, schema in TABLES.items()
    }
    assert table_faults(tables, needed) == ()


@pytest.mark.parametrize("name", OTHERS)
def test_the_smallest_providers_are_whole(name):
    """Where hardly anybody is in an experiment, designs may be out of reach, and nothing breaks."""
    provider = simulate_provider(
        ProviderSettings(patients=200, seed=0, starts_on=date(2026, 4, 20), scenario=name)
    )
    assert provider.tables["patients"].num_rows == 200
    assert json.dumps(provider.truth, allow_nan=False)


@pytest.mark.parametrize("name", OTHERS)
def test_references_hold(frames_of, name):
    frames = frames_of(name)
    known = set(frames["patients"].patient_id)
    messages = frames["messages"].set_index("message_id")
    for table, frame in frames.items():
        if "patient_id" in frame:
            assert set(frame.patient_id) <= known, table
    for table, when in (("appointments", "booked_at"), ("replies", "received_at"), ("surveys", "responded_at")):
        linked = frames[table].dropna(subset="message_id")
        assert len(linked) > 0 or (table == "appointments" and name not in WITH_TEXTS)
        texts = messages.loc[linked.message_id]
        assert (texts.patient_id.to_numpy() == linked.patient_id.to_numpy()).all()
        assert (texts.sent_at.to_numpy() < linked[when].to_numpy()).all()
    consents, replies = frames["consents"], frames["replies"]
    outs = consents[(consents.source == "keyword") & (consents.status == "opt_out")]
    stops = replies[replies.intent == "stop"]
    pairs = outs.merge(stops, left_on=["patient_id", "changed_at"], right_on=["patient_id", "received_at"])
    assert len(pairs) == len(outs) == len(stops) > 0


@pytest.mark.parametrize("name", OTHERS)
def test_texts_go_to_patients_who_have_agreed_by_day(frames_of, consented, name):
    frames = frames_of(name)
    messages = frames["messages"].merge(frames["patients"], on="patient_id")
    messages = messages[(messages.status != "canceled") & (messages.kind != "consent_prompt")]
    assert not messages.do_not_text.any()
    assert consented(frames["consents"], messages, "sent_at").all()
    for gone in (messages.ended_at, messages.deceased_at):
        assert not (messages.sent_at >= gone).any()
    for zone, sent in messages.groupby("time_zone").sent_at:
        assert sent.dt.tz_convert(zone).dt.hour.between(8, 20).all()


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_happens_to_patients_who_have_left_or_after_the_end(simulated, frames_of, name):
    frames = frames_of(name)
    end = pd.Timestamp(simulated(name).settings.ends_on, tz="UTC")
    people = frames["patients"].set_index("patient_id")
    gone = people.ended_at.fillna(people.deceased_at)
    for table, column in (
        ("consents", "changed_at"),
        ("replies", "received_at"),
        ("surveys", "responded_at"),
        ("assignments", "assigned_at"),
        ("appointments", "booked_at"),
        ("patient_states", "valid_from"),
    ):
        frame = frames[table]
        assert not (frame[column] >= gone.loc[frame.patient_id].to_numpy()).any(), table
        assert (frame[column] < end).all(), table
    kept = frames["appointments"][frames["appointments"].status.isin(("attended", "no_show"))]
    assert not (kept.starts_at > gone.loc[kept.patient_id].to_numpy() + pd.Timedelta(hours=2)).any()


def _within(rows: pd.DataFrame, events: pd.DataFrame, when: str, days: int) -> pd.Series:
    pairs = rows[["patient_id", "assigned_at"]].merge(events[["patient_id", when]], on="patient_id")
    hit = (pairs[when] > pairs.assigned_at) & (pairs[when] <= pairs.assigned_at + days * DAY)
    return rows.patient_id.isin(pairs.patient_id[hit])


@pytest.mark.parametrize("name", WITH_TEXTS)
def test_the_tables_show_the_world_that_came_to_pass(simulated, frames_of, name):
    """Person by person: booking and opting out, within each experiment's window, under the assigned arm."""
    provider, frames = simulated(name), frames_of(name)
    consents = frames["consents"]
    out = consents[(consents.channel == "sms") & (consents.status == "opt_out") & (consents.scope == "all")]
    ids = frames["patients"].patient_id
    end = pd.Timestamp(provider.settings.ends_on, tz="UTC")
    for experiment in SCENARIOS[name].experiments:
        outcomes = provider.outcomes[experiment.experiment_id]
        enrollment = outcomes.enrollment
        place = np.arange(enrollment.patient.size)
        rows = frames["assignments"]
        rows = rows[rows.experiment_id == experiment.experiment_id].reset_index(drop=True)
        closed = (rows.assigned_at + experiment.window_days * DAY < end).to_numpy()
        assert closed.sum() > 50
        for potential, events, when in (
            (outcomes.booking, frames["appointments"], "booked_at"),
            (outcomes.opt_out, out, "changed_at"),
        ):
            expected = pd.Series(potential[place, enrollment.arm], index=ids.iloc[enrollment.patient])
            seen = _within(rows, events, when, experiment.window_days)
            assert (seen[closed] == expected.loc[rows.patient_id].to_numpy()[closed]).all()


@pytest.mark.parametrize("name", [name for name in WITH_TEXTS if SCENARIOS[name].truth])
def test_observed_differences_are_near_what_is_expected(simulated, frames_of, name):
    """Within four standard errors of the effect, or of the difference that a broken trial leads one to expect."""
    provider, frames = simulated(name, 5, 6_000), frames_of(name, 5, 6_000)
    told = provider.truth["laboratory"]["estimands"]
    stated = SCENARIOS[name].truth
    misleading = {each.experiment for each in stated if each.naive}
    checked = 0
    for each in stated:
        # Nobody observes what households would do if all were treated alike, nor bookings elsewhere.
        if each.outcome == "booking_anywhere" or (each.experiment in misleading and not each.naive):
            continue
        rows = _observed(provider, frames, each)
        arms = rows.groupby("arm").event
        mean, size = arms.mean(), arms.size()
        seen = mean[each.treated] - mean[each.control]
        error = np.sqrt(sum(mean[arm] * (1 - mean[arm]) / size[arm] for arm in (each.control, each.treated)))
        # Members of one household do as the others do.
        clustered = np.sqrt(1.5) if name == "households" else 1
        assert abs(seen - told[each.name]["difference"]) < 4 * clustered * error, each.name
        checked += 1
    assert checked


def _observed(provider, frames, stated):
    """Eligible people of an experiment, with what the tables show of the outcome."""
    enrollment = provider.outcomes[stated.experiment].enrollment
    ids = frames["patients"].patient_id.iloc[enrollment.patient[enrollment.eligible]]
    rows = frames["assignments"]
    rows = rows[(rows.experiment_id == stated.experiment) & rows.patient_id.isin(ids)].reset_index(drop=True)
    if stated.days is not None:
        day = (rows.assigned_at - pd.Timestamp(provider.settings.ends_on, tz="UTC")).dt.days
        rows = rows[day.between(*stated.days)].reset_index(drop=True)
    consents = frames["consents"]
    window = 14 if stated.outcome.endswith("14_days") else enrollment.experiment.window_days
    events, when = {
        "opt_out": (consents[(consents.status == "opt_out") & (consents.scope == "all")], "changed_at"),
        "left": (frames["patients"].dropna(subset="ended_at"), "ended_at"),
    }.get(stated.outcome, (frames["appointments"], "booked_at"))
    return rows.assign(event=_within(rows, events, when, window))
