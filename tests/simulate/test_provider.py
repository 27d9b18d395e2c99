"""The tables: valid, coherent in themselves, and roughly what a provider looks like."""

from datetime import date

import ibis
import ibis.expr.datatypes as dt
import numpy as np
import pandas as pd
import pytest

from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.tables.schema import APPOINTMENT_STATUSES, TABLES, TIME

KEPT = ("attended", "no_show")
# For sources without a log of messages, that keep versions of people, or that know homes, payers and the like.
NOT_SIMULATED = {("appointments", "reminded")} | {
    ("patients", column) for column in ("known_at", "household_id", "ethnicity", "disability", "payer")
}


@pytest.fixture(scope="module")
def visits(frames):
    """Appointments that took place or were missed, one row each."""
    appointments = frames["appointments"]
    kept = appointments[appointments.status.isin(KEPT)].copy()
    kept["lead"] = (kept.starts_at - kept.booked_at) / pd.Timedelta(days=1)
    kept["missed"] = kept.status == "no_show"
    return kept


# Ibis sets this option of pandas whenever it hands over a result.
@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")
@pytest.mark.parametrize("name", TABLES)
def test_tables_have_all_columns_and_validate(provider, name):
    table = ibis.memtable(provider.tables[name])
    expected = [column for column in TABLES[name].columns if (name, column) not in NOT_SIMULATED]
    assert list(table.columns) == expected
    times = {
        column: TIME
        for column, kind in table.schema().items()
        if isinstance(kind, dt.Timestamp) and kind.timezone == "UTC"
    }
    schema = TABLES[name].select_columns(expected)
    schema.unique = [column for column in schema.unique or () if column in expected] or None
    schema.validate(table.cast(times), lazy=True)


def test_all_tables_are_there_and_none_is_empty(provider):
    assert list(provider.tables) == list(TABLES)
    assert all(table.num_rows for table in provider.tables.values())


@pytest.mark.parametrize("patients", [200, 201])
def test_the_smallest_providers_are_whole(patients):
    provider = simulate_provider(ProviderSettings(patients=patients, seed=0, starts_on=date(2026, 4, 20)))
    assert provider.tables["patients"].num_rows == patients
    assert list(provider.truth["experiments"]) == list(provider.outcomes)


def test_people_look_like_a_provider_s(frames, provider):
    patients = frames["patients"]
    age = provider.settings.ends_on.year - patients.birth_year
    assert 0.08 < (age < 19).mean() < 0.12
    assert age.max() == 90
    assert (age == 90).sum() > 1
    assert 0 < patients.do_not_text.mean() < 0.05
    assert 0 < patients.deceased_at.notna().mean() < 0.05
    assert 0.02 < patients.ended_at.notna().mean() < 0.25
    assert not (patients.deceased_at.notna() & patients.ended_at.notna()).any()
    assert frames["clinics"].time_zone.nunique() == 2
    states = frames["patient_states"]
    assert states.groupby("patient_id").treatment_phase.nunique().max() == 4


def test_about_two_in_three_adults_have_opted_in(frames, end, consented):
    patients = frames["patients"].assign(at=end)
    adults = patients[
        (end.year - patients.birth_year >= 19) & patients.deceased_at.isna() & patients.ended_at.isna()
    ]
    assert 0.60 < consented(frames["consents"], adults, "at").mean() < 0.72
    assert (frames["consents"].groupby("patient_id").size() > 4).any()


def test_no_text_goes_out_without_consent(frames, consented):
    messages = frames["messages"]
    sent = messages[(messages.kind != "consent_prompt") & (messages.status != "canceled")]
    assert consented(frames["consents"], sent, "sent_at").all()
    assert (messages.status == "canceled").any()


def test_no_text_goes_out_to_who_has_left_or_may_not_be_texted(frames):
    messages = frames["messages"].merge(frames["patients"], on="patient_id")
    messages = messages[(messages.status != "canceled") & (messages.kind != "consent_prompt")]
    assert not messages.do_not_text.any()
    for gone in (messages.ended_at, messages.deceased_at):
        assert not (messages.sent_at >= gone).any()


def test_texts_keep_quiet_hours(frames):
    messages = frames["messages"].merge(frames["patients"], on="patient_id")
    for zone, sent in messages.groupby("time_zone").sent_at:
        assert sent.dt.tz_convert(zone).dt.hour.between(8, 20).all()


def test_times_are_in_order(frames, end):
    states, messages, appointments = frames["patient_states"], frames["messages"], frames["appointments"]
    assert (states.known_at >= states.valid_from).all()
    assert (messages.known_at >= messages.sent_at).all()
    assert (appointments.starts_at > appointments.booked_at).all()
    assert (appointments.known_at >= appointments.booked_at).all()
    came = appointments.status.isin(KEPT)
    assert (appointments.known_at > appointments.starts_at)[came].all()
    called_off = ~came & (appointments.status != "scheduled")
    assert (appointments.known_at < appointments.starts_at)[called_off].all()
    for table, column in (
        ("patient_states", "known_at"),
        ("consents", "changed_at"),
        ("messages", "known_at"),
        ("replies", "received_at"),
        ("assignments", "assigned_at"),
        ("appointments", "known_at"),
        ("surveys", "responded_at"),
        ("patients", "enrolled_at"),
    ):
        assert (frames[table][column] < end).all()


def test_every_appointment_has_a_scheduled_version_and_at_most_one_outcome(frames):
    appointments = frames["appointments"]
    versions = appointments.groupby("appointment_id")
    assert versions.size().max() == 2
    assert (appointments.status == "scheduled").groupby(appointments.appointment_id).sum().eq(1).all()
    outcome = appointments[appointments.status != "scheduled"].set_index("appointment_id").known_at
    booking = appointments[appointments.status == "scheduled"].set_index("appointment_id").known_at
    assert (outcome > booking.loc[outcome.index]).all()
    assert set(appointments.status) == set(APPOINTMENT_STATUSES)


def test_appointments_lie_in_their_clinician_s_sessions(frames):
    appointments = frames["appointments"].sort_values("starts_at")
    sessions = frames["sessions"].rename(columns={"starts_at": "opens_at"}).sort_values("opens_at")
    found = pd.merge_asof(
        appointments, sessions, left_on="starts_at", right_on="opens_at", by=["clinic_id", "clinician_id"]
    )
    assert (found.starts_at < found.ends_at).all()


def test_references_point_to_texts_of_the_same_patient(frames):
    owner = frames["messages"].set_index("message_id").patient_id
    sent = frames["messages"].set_index("message_id").sent_at
    for table, when in (("appointments", "booked_at"), ("replies", "received_at"), ("surveys", "responded_at")):
        linked = frames[table].dropna(subset="message_id")
        assert len(linked) > 0
        assert (owner.loc[linked.message_id].to_numpy() == linked.patient_id.to_numpy()).all()
        assert (sent.loc[linked.message_id].to_numpy() < linked[when].to_numpy()).all()


def test_identifiers_are_unique_and_patients_are_known(frames):
    known = set(frames["patients"].patient_id)
    assert frames["patients"].patient_id.str.fullmatch("p[a-z2-7]{12}").all()
    for table, frame in frames.items():
        if "patient_id" in frame:
            assert set(frame.patient_id) <= known, table


def test_keyword_opt_outs_have_their_stop_replies(frames):
    consents, replies = frames["consents"], frames["replies"]
    outs = consents[(consents.source == "keyword") & (consents.status == "opt_out")]
    stops = replies[replies.intent == "stop"]
    pairs = outs.merge(stops, left_on=["patient_id", "changed_at"], right_on=["patient_id", "received_at"])
    assert len(pairs) == len(outs) == len(stops) > 0
    assert (outs.scope == "all").all()


def test_longer_leads_are_missed_more(visits):
    rates = visits.groupby(pd.cut(visits.lead, [0, 3, 10, 30, 200]), observed=True).missed.mean()
    assert rates.is_monotonic_increasing
    assert rates.iloc[-1] - rates.iloc[0] > 0.05


def test_who_missed_before_misses_more(visits):
    past = visits.sort_values("starts_at").groupby("patient_id").missed.shift()
    assert visits.missed[past.eq(True)].mean() > 1.3 * visits.missed[past.eq(False)].mean()


def test_no_shows_are_as_frequent_as_their_true_risk(visits, provider):
    truth = provider.truth["no_show"]
    assert abs(visits.missed.mean() - truth["mean_risk"]) < 0.01
    assert -0.15 < truth["reminders"]["difference"] < -0.02


def test_surveys_stay_on_their_scales(frames):
    scores = frames["surveys"].groupby("instrument").score.agg(["min", "max"])
    assert (scores["min"] >= 0).all()
    assert (scores["max"] <= pd.Series({"GAD-7": 21, "PHQ-9": 27, "satisfaction": 10})).all()


def test_another_end_shifts_the_experiments():
    moved = simulate_provider(ProviderSettings(patients=300, ends_on=date(2026, 12, 14)))
    truth = moved.truth["experiments"]
    assert truth["motivational_wording"]["first_assignment_on"] == "2026-08-03"
    assert truth["personal_greeting"]["last_assignment_on"] == "2027-01-17"


def test_progress_is_reported_in_sentences():
    said = []
    simulate_provider(ProviderSettings(patients=200), report=said.append)
    assert len(said) > 3
    assert all(sentence.endswith(".") for sentence in said)


def test_loads_stay_near_capacity(frames, end):
    """Sessions are neither empty nor hopelessly overbooked, or capacity studies would have nothing to find."""
    appointments, sessions = frames["appointments"], frames["sessions"]
    since, until = end - pd.Timedelta(days=300), end
    held = sessions[(sessions.starts_at >= since) & (sessions.starts_at < until)]
    came = appointments[appointments.status.isin(KEPT) & (appointments.starts_at >= since)]
    assert 0.5 < len(came) / held.capacity.sum() < 1.1
    assert np.isin(held.capacity.unique(), [4, 5, 6]).all()
