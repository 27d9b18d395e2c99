"""Every rule of the cohort and of the outcomes at its edge: each case is an arm of its own, of one person."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from workbench.experiments.counting.counts import check_experiment, count_experiment
from workbench.experiments.counting.needs import needed_columns
from workbench.experiments.counting.people import CLOSED
from workbench.experiments.metrics import USUAL_METRICS, EventMetric
from workbench.refusal import Refused
from workbench.tables.cohort import Step

SECOND = pd.Timedelta(seconds=1)
START = pd.Timestamp("2026-03-02 09:00")
WINDOW = pd.Timedelta(days=14)
BOOKINGS_ALONE, OPT_OUTS = USUAL_METRICS[:1], USUAL_METRICS[1]


def booked_within(days):
    """Bookings alone, within so many days."""
    return (EventMetric(kind="event", of="booking", role="primary", window_days=days),)


def enrolled(counts):
    """People in the cohort by arm, but for the control."""
    return {arm.arm: arm.enrolled for arm in counts.arms if arm.arm != counts.control}


def events(counts):
    """People with the outcome by arm, but for the control."""
    return {arm.arm: arm.events for arm in counts.arms if arm.arm != counts.control}


def guardrail_events(counts):
    """People with the guardrail's event by arm, but for the control."""
    return {arm.arm: arm.told for arm in counts.measured(OPT_OUTS) if arm.arm != counts.control}


def steps(counts):
    """People left after each step of the flow."""
    return {step.label: step.left for step in counts.flow}


AGES = {"of 19 by the calendar": 2007, "of 18 by the calendar": 2008, "of 60": 1966, "of no age known": None}


@pytest.mark.parametrize(
    ("minors", "kept"), [("exclude", (1, 0, 1, 0)), ("only", (0, 1, 0, 0)), ("include", (1, 1, 1, 1))]
)
def test_a_person_is_adult_once_the_year_less_the_birth_year_is_19(tables, parameters, minors, kept):
    for birth_year in (1970, 2015):
        tables.person("plain", birth_year=birth_year)
    for case, birth_year in AGES.items():
        tables.person(case, birth_year=birth_year)
    counts = count_experiment(tables.known(minors=minors), parameters(minors=minors))
    assert enrolled(counts) == dict(zip(AGES, kept, strict=True))
    label = {"exclude": "adults", "only": "minors"}.get(minors)
    assert steps(counts).get(label) == ({"exclude": 3, "only": 2}.get(minors))


def test_age_is_that_of_the_year_looked_from(tables, parameters):
    tables.person("plain")
    tables.person("born in 2008", birth_year=2008)
    for as_of, kept in (("2026-12-31", 0), ("2027-01-01", 1)):
        counts = count_experiment(tables.known(as_of), parameters(as_of=date.fromisoformat(as_of)))
        assert enrolled(counts) == {"born in 2008": kept}


def test_where_age_is_not_recorded_everybody_is_of_age(tables, parameters):
    tables.person("plain")
    tables.person("a child", birth_year=2020)
    counts = count_experiment(tables.known(age="It has none."), parameters())
    assert enrolled(counts) == {"a child": 1}
    assert "adults" not in steps(counts)


CONSENTS = {
    "never asked": ([], 0),
    "in before": ([("opt_in", START - SECOND)], 1),
    "in at the moment": ([("opt_in", START)], 1),
    "in too late": ([("opt_in", START + SECOND)], 0),
    "in, then out": ([("opt_in", "2026-01-01"), ("opt_out", "2026-02-01")], 0),
    "out, then in": ([("opt_out", "2026-01-01"), ("opt_in", "2026-02-01")], 1),
    "out, then in again, then out": (
        [("opt_out", "2026-01-01"), ("opt_in", "2026-02-01"), ("opt_out", "2026-02-02")],
        0,
    ),
    "both at once": ([("opt_in", "2026-02-01"), ("opt_out", "2026-02-01")], 0),
    "both at once, told the other way": ([("opt_out", "2026-02-01"), ("opt_in", "2026-02-01")], 0),
    "out later is kept": ([("opt_in", "2026-01-01"), ("opt_out", START + SECOND)], 1),
    "in for surveys alone": ([("opt_in", "2026-01-01", "survey")], 0),
    "in for all": ([("opt_in", "2026-01-01", "marketing", "all")], 1),
    "out of surveys alone": ([("opt_in", "2026-01-01"), ("opt_out", "2026-02-01", "survey")], 1),
    "out of all, said of surveys": ([("opt_in", "2026-01-01"), ("opt_out", "2026-02-01", "survey", "all")], 0),
    "in by e-mail": ([("opt_in", "2026-01-01", "care", "this_kind", "email")], 0),
    "out of e-mail": ([("opt_in", "2026-01-01"), ("opt_out", "2026-02-01", "care", "all", "email")], 1),
}


def test_consent_is_the_last_change_up_to_the_assignment(tables, parameters):
    tables.person("plain")
    for case, (changes, _) in CONSENTS.items():
        name = tables.person(case, consented=False)
        for status, at, *rest in changes:
            tables.consent(name, status, str(at), *rest)
    counts = count_experiment(tables.known(), parameters())
    assert enrolled(counts) == {case: kept for case, (_, kept) in CONSENTS.items()}
    kept = 1 + sum(kept for _, kept in CONSENTS.values())
    assert steps(counts)["with consent at assignment"] == kept


def test_consent_is_that_for_the_purpose_asked(tables, parameters):
    tables.consent(tables.person("plain", consented=False), "opt_in", "2026-01-01", "survey")
    tables.consent(tables.person("survey", consented=False), "opt_in", "2026-01-01", "survey")
    tables.person("care")
    counts = count_experiment(tables.known(purpose="survey"), parameters(consent_purpose="survey"))
    assert enrolled(counts) == {"survey": 1, "care": 0}


def test_where_consent_is_not_recorded_everybody_passes(tables, parameters):
    tables.person("plain", consented=False)
    tables.person("warm", consented=False)
    counts = count_experiment(tables.known(consent="It has none."), parameters(metrics=BOOKINGS_ALONE))
    assert enrolled(counts) == {"warm": 1}
    assert "with consent at assignment" not in steps(counts)


BOOKINGS = {
    "nothing": ([], 0),
    "before": ([START - SECOND], 0),
    "at the moment": ([START], 0),
    "one second after": ([START + SECOND], 1),
    "at the window's last moment": ([START + WINDOW], 1),
    "one second after the window": ([START + WINDOW + SECOND], 0),
    "twice": ([START + SECOND, START + WINDOW], 1),
    "before and inside": ([START - SECOND, START + pd.Timedelta(days=3)], 1),
}


def test_a_booking_counts_after_the_assignment_and_up_to_the_end_of_the_window(tables, parameters):
    tables.person("plain")
    for case, (moments, _) in BOOKINGS.items():
        name = tables.person(case)
        for moment in moments:
            tables.booking(name, str(moment))
    counts = count_experiment(tables.known(), parameters())
    assert events(counts) == {case: happened for case, (_, happened) in BOOKINGS.items()}
    days = {(row.arm, row.day): row.events for row in counts.delays.itertuples()}
    assert days == {
        ("one second after", 0): 1,
        ("at the window's last moment", 13): 1,
        ("twice", 0): 1,
        ("before and inside", 3): 1,
    }


def test_the_window_is_as_long_as_the_parameters_say(tables, parameters):
    tables.booking(tables.person("plain"), str(START + pd.Timedelta(days=30)))
    tables.booking(tables.person("warm"), str(START + pd.Timedelta(days=30)))
    assert events(count_experiment(tables.known(), parameters(metrics=booked_within(29)))) == {"warm": 0}
    assert events(count_experiment(tables.known(), parameters(metrics=booked_within(30)))) == {"warm": 1}


def test_a_booking_counts_whatever_becomes_of_the_appointment(tables, parameters):
    tables.person("plain")
    booked = str(START + pd.Timedelta(days=2))
    for status in ("scheduled", "attended", "no_show", "canceled", "rescheduled"):
        name = tables.person(status)
        tables.booking(name, booked, key=status)
        tables.booking(name, booked, "2026-03-20", status, key=status)
    counts = count_experiment(tables.known(), parameters())
    assert set(events(counts).values()) == {1}


def test_a_booking_made_by_moving_an_older_one_counts(tables, parameters):
    """The older appointment ends as rescheduled; the new one, booked in the window, is an appointment of its own."""
    tables.person("plain")
    name = tables.person("moved")
    tables.booking(name, "2026-02-01", key="old")
    tables.booking(name, "2026-02-01", "2026-03-05", "rescheduled", key="old")
    tables.booking(name, "2026-03-05", key="new")
    only_old = tables.person("called off")
    tables.booking(only_old, "2026-02-01", key="other")
    tables.booking(only_old, "2026-02-01", "2026-03-05", "rescheduled", key="other")
    assert events(count_experiment(tables.known(), parameters())) == {"moved": 1, "called off": 0}


WITHDRAWALS = {
    "stays": ([], 0),
    "one second after": ([START + SECOND], 1),
    "at the window's last moment": ([START + WINDOW], 1),
    "one second after the window": ([START + WINDOW + SECOND], 0),
    "of surveys alone": ([(START + SECOND, "survey", "this_kind")], 0),
    "of all": ([(START + SECOND, "survey", "all")], 1),
    "twice": ([START + SECOND, START + WINDOW], 1),
}


def test_an_opt_out_counts_inside_the_window(tables, parameters):
    tables.person("plain")
    for case, (moments, _) in WITHDRAWALS.items():
        name = tables.person(case)
        for given in moments:
            moment, *rest = given if isinstance(given, tuple) else (given,)
            tables.consent(name, "opt_out", str(moment), *rest)
    back = tables.person("out and in again")
    tables.consent(back, "opt_out", str(START + SECOND))
    tables.consent(back, "opt_in", str(START + 2 * SECOND))
    counts = count_experiment(tables.known(), parameters())
    expected = {case: happened for case, (_, happened) in WITHDRAWALS.items()}
    assert guardrail_events(counts) == {**expected, "out and in again": 1}
    # Nobody is re-checked after the assignment.
    assert set(enrolled(counts).values()) == {1}


def test_enrollment_ends_with_the_day_before(tables, parameters):
    tables.person("plain")
    tables.person("last second", "2026-03-31 23:59:59")
    tables.person("first second after", "2026-04-01 00:00:00")
    counts = count_experiment(tables.known(), parameters())
    assert enrolled(counts) == {"last second": 1, "first second after": 0}
    assert counts.flow[:2] == (Step("assigned", 3), Step("enrolled by the planned end", 2))


def test_a_window_has_closed_once_its_outcomes_have_surely_been_recorded(tables, parameters):
    tables.person("plain", "2026-03-01")
    tables.person("closed at the moment", "2026-03-17 00:00:00")
    tables.person("closed a second later", "2026-03-17 00:00:01")
    settings = parameters(as_of=date(2026, 4, 1))
    counts = count_experiment(tables.known("2026-04-01"), settings)
    closed = {arm.arm: arm.closed for arm in counts.arms}
    assert closed == {"plain": 1, "closed at the moment": 1, "closed a second later": 0}
    assert counts.maturity == pytest.approx(2 / 3)
    assert counts.flow[-1] == Step(CLOSED, 2)
    longer = parameters(as_of=date(2026, 4, 1), recording_lag_days=2)
    assert count_experiment(tables.known("2026-04-01"), longer).flow[-1] == Step(CLOSED, 1)


def test_an_outcome_of_an_open_window_does_not_count_yet(tables, parameters):
    tables.person("plain", "2026-03-01")
    name = tables.person("open", "2026-03-25")
    tables.booking(name, "2026-03-26")
    tables.consent(name, "opt_out", "2026-03-26")
    counts = count_experiment(tables.known("2026-04-01"), parameters(as_of=date(2026, 4, 1)))
    assert (events(counts), guardrail_events(counts)) == ({"open": 0}, {"open": 0})
    assert counts.delays.empty


def test_who_is_in_two_arms_is_counted_in_the_first(tables, parameters):
    tables.booking(tables.person("plain"), "2026-03-05")
    name = tables.person("warm", "2026-03-04")
    tables.assign(name, "plain", "2026-03-03")
    tables.booking(name, "2026-03-06")
    tables.person("warm")
    twice = tables.person("warm")
    tables.assign(twice, "warm", "2026-03-20")
    counts = count_experiment(tables.known(), parameters())
    assert {arm.arm: (arm.enrolled, arm.events) for arm in counts.arms} == {"plain": (2, 2), "warm": (2, 0)}
    # Twice in the same arm is no second arm.
    assert counts.in_two_arms == 1
    assert counts.flow[0].left == 4


def test_other_experiments_do_not_count(tables, parameters):
    tables.person("plain")
    tables.person("warm")
    tables.person("warm", experiment="another")
    assert count_experiment(tables.known(), parameters()).flow[0].left == 2


def test_an_arm_with_nobody_in_the_cohort_stays_an_arm(tables, parameters):
    tables.person("plain")
    tables.person("warm")
    tables.person("cold", consented=False)
    counts = count_experiment(tables.known(), parameters())
    assert [(arm.arm, arm.enrolled, arm.closed) for arm in counts.arms] == [
        ("plain", 1, 1),
        ("cold", 0, 0),
        ("warm", 1, 1),
    ]
    assert counts.arms[1].share == 0.5


def test_shares_are_the_designed_ones_and_a_change_of_them_is_seen(tables, parameters):
    tables.person("plain", probability=0.25)
    tables.person("warm", probability=0.75)
    counts = count_experiment(tables.known(), parameters())
    assert [arm.share for arm in counts.arms] == [0.25, 0.75]
    assert not counts.shares_vary
    tables.person("warm", probability=0.5)
    assert count_experiment(tables.known(), parameters()).shares_vary


STATES = {
    "one": [("anxiety", "2026-01-01")],
    "newest before": [("anxiety", "2026-01-01"), ("trauma", "2026-02-01")],
    "at the moment": [("anxiety", "2026-01-01"), ("trauma", str(START))],
    "valid later": [("anxiety", "2026-01-01"), ("trauma", str(START + SECOND))],
    "known later": [("anxiety", "2026-01-01"), ("trauma", "2026-02-01", str(START + SECOND))],
    "corrected before": [("anxiety", "2026-01-01"), ("trauma", "2026-01-01", "2026-01-05")],
    "none": [],
}
SEGMENTS = ["anxiety", "trauma", "trauma", "anxiety", "anxiety", "trauma", "not recorded"]


def test_a_segment_is_the_state_valid_and_known_at_assignment(tables, parameters):
    tables.state(tables.person("plain"), "anxiety", "2026-01-01")
    for case, states in STATES.items():
        name = tables.person(case)
        tables.booking(name, "2026-03-05")
        for state in states:
            tables.state(name, *state)
    counts = count_experiment(tables.known(), parameters(segment_by="diagnosis_group"))
    cells = counts.segments.set_index("arm").drop(index="plain")
    assert cells["segment"].to_dict() == dict(zip(STATES, SEGMENTS, strict=True))
    assert (cells["people"] == 1).all()
    assert (cells["events"] == 1).all()


def test_segments_hold_closed_windows_alone_and_may_be_the_stratum(tables, parameters):
    tables.person("plain", "2026-03-01", stratum="lapsed")
    tables.person("warm", "2026-03-01", stratum="active")
    tables.person("warm", "2026-03-25", stratum="active")
    settings = parameters(as_of=date(2026, 4, 1), segment_by="stratum")
    counts = count_experiment(tables.known("2026-04-01"), settings)
    rows = [tuple(row) for row in counts.segments.itertuples(index=False)]
    assert rows == [("active", "warm", 1, 0), ("lapsed", "plain", 1, 0)]
    assert count_experiment(tables.known(), parameters()).segments.empty


def test_enrollment_is_told_by_week(tables, parameters):
    tables.person("plain", "2026-03-01 23:59")
    tables.person("plain", "2026-03-02 00:00")
    tables.person("warm", "2026-03-25")
    counts = count_experiment(tables.known("2026-04-01"), parameters(as_of=date(2026, 4, 1)))
    told = [(week.week, week.enrolled, week.closed) for week in counts.enrollment]
    assert told == [(date(2026, 2, 23), 1, 1), (date(2026, 3, 2), 1, 1), (date(2026, 3, 23), 1, 0)]


def test_the_newest_moment_known_is_told(tables, parameters):
    name = tables.person("plain")
    tables.person("warm")
    tables.booking(name, "2026-03-10 12:00")
    tables.booking(name, "2026-07-01")
    counts = count_experiment(tables.known(), parameters())
    assert counts.data_until == datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_without_times_everything_counts(tables, parameters):
    """Whoever is in the file is enrolled and closed; whatever outcome it holds is one."""
    tables.booking(tables.person("plain"), "2020-01-01")
    tables.person("plain")
    tables.booking(tables.person("warm"), "2030-01-01")
    settings = parameters(
        enrollment_ends=None,
        metrics=BOOKINGS_ALONE,
        segment_by="stratum",
        goes_on_without={"time": "The experiment is over.", "consent": "All had agreed."},
    )
    known = tables.known(untimed=True, consent="It has none.")
    counts = count_experiment(known, settings)
    assert [(arm.arm, arm.closed, arm.events) for arm in counts.arms] == [("plain", 2, 1), ("warm", 1, 1)]
    assert counts.maturity == 1
    assert counts.enrollment == ()
    assert counts.delays.empty
    assert counts.data_until is None
    assert counts.segments["people"].sum() == 3


def test_without_times_nobody_can_say_when_somebody_opted_out(tables, parameters):
    tables.person("plain")
    tables.person("warm")
    settings = parameters(
        enrollment_ends=None, goes_on_without={"time": "It is over.", "consent": "All had agreed."}
    )
    with pytest.raises(Refused, match=r"the source records no time.* Remove opt_out from metrics"):
        count_experiment(tables.known(untimed=True, consent="It has none."), settings)


def test_what_became_known_later_changes_nothing(tables, parameters):
    rng = np.random.default_rng(11)
    names = []
    for n in range(120):
        day = pd.Timestamp("2026-03-01") + pd.Timedelta(hours=int(rng.integers(0, 24 * 28)))
        names.append(
            tables.person(("plain", "warm")[n % 2], str(day), birth_year=int(rng.integers(1990, 2010)))
        )
        if rng.random() < 0.3:
            tables.booking(names[-1], str(day + pd.Timedelta(hours=int(rng.integers(1, 500)))), key=f"x{n}")
        if rng.random() < 0.2:
            tables.consent(names[-1], "opt_out", str(day + pd.Timedelta(hours=int(rng.integers(-90, 500)))))
        tables.state(names[-1], str(rng.choice(["anxiety", "trauma"])), "2026-01-01")
    settings = parameters(
        as_of=date(2026, 4, 6), enrollment_ends=date(2026, 4, 20), segment_by="diagnosis_group"
    )
    # Of the rows above too, some are of the future.
    before = count_experiment(tables.known("2026-04-06"), settings)
    assert 0 < before.maturity < 1
    assert sum(arm.events for arm in before.arms) > 0
    for n, name in enumerate(rng.choice(names, 80)):
        later = str(pd.Timestamp("2026-04-06") + pd.Timedelta(hours=int(rng.integers(0, 900))))
        tables.assign(name, "warm", later)
        tables.booking(name, str(later))
        tables.booking(name, "2026-03-10", later)
        tables.booking(name, "2020-01-01", later, "canceled", key=f"x{n}")
        tables.consent(name, str(rng.choice(["opt_in", "opt_out"])), later, scope="all")
        tables.state(name, "psychosis", "2026-01-02", later)
        tables.person("surprise", later)
    after = count_experiment(tables.known("2026-04-06"), settings)
    for field in ("arms", "flow", "enrollment", "in_two_arms", "shares_vary", "data_until"):
        assert getattr(after, field) == getattr(before, field)
    pd.testing.assert_frame_equal(after.segments, before.segments)
    pd.testing.assert_frame_equal(after.delays, before.delays)
    # Once they are known, they do change it.
    assert count_experiment(tables.known("2026-06-01"), settings).arms != before.arms


def refusal(known, settings, act=count_experiment) -> str:
    with pytest.raises(Refused) as refused:
        act(known, settings)
    return str(refused.value)


@pytest.mark.parametrize("act", [count_experiment, check_experiment])
def test_an_unknown_experiment_is_refused_with_what_was_known_by_then(tables, parameters, act):
    tables.person("plain")
    tables.person("warm")
    tables.person("plain", "2026-07-01", experiment="secret_plan")
    told = refusal(tables.known(), parameters(experiment="greetings"), act)
    assert 'Did you mean "greeting"?' in told
    assert "Experiments known by then: greeting." in told
    assert "secret_plan" not in told
    told = refusal(tables.known("2026-01-15"), parameters(as_of=date(2026, 1, 15)), act)
    assert "Experiments known by then: none." in told


@pytest.mark.parametrize("act", [count_experiment, check_experiment])
def test_one_arm_is_refused(tables, parameters, act):
    tables.person("plain")
    assert 'it has one arm, "plain"' in refusal(tables.known(), parameters(), act)


@pytest.mark.parametrize("act", [count_experiment, check_experiment])
def test_an_unknown_control_is_refused(tables, parameters, act):
    tables.person("plain")
    tables.person("warm")
    told = refusal(tables.known(), parameters(control="plane"), act)
    assert 'its control "plane" is none of its arms. Did you mean "plain"? Its arms: plain, warm.' in told


EMPTIED = {
    "enrolled by the planned end": {"at": "2026-05-01"},
    "adults": {"birth_year": 2015},
    "with consent at assignment": {"consented": False},
}


@pytest.mark.parametrize("act", [count_experiment, check_experiment])
@pytest.mark.parametrize("step", EMPTIED)
def test_an_empty_cohort_is_refused_at_its_step(tables, parameters, step, act):
    given = {"at": "2026-03-02 09:00", **EMPTIED[step]}
    names = [tables.person(arm, **given) for arm in ("plain", "warm", "warm")]
    told = refusal(tables.known(), parameters(), act)
    assert f'nobody is left at the step "{step}"' in told
    # Neither how few there were, nor who.
    assert not any(name in told for name in names)
    assert not any(word in told.split() for word in ("1", "2", "3"))


def test_nobody_with_a_closed_window_is_no_empty_cohort(tables, parameters):
    tables.person("plain", "2026-03-30")
    tables.person("warm", "2026-03-30")
    settings = parameters(as_of=date(2026, 4, 1))
    check_experiment(tables.known("2026-04-01"), settings)
    counts = count_experiment(tables.known("2026-04-01"), settings)
    assert counts.maturity == 0
    assert [arm.closed for arm in counts.arms] == [0, 0]


def test_needed_columns_follow_what_is_asked_and_what_is_recorded(parameters):
    everything = {"consent": True, "age": True, "time": True}
    needed = needed_columns(parameters(segment_by="clinic_id"), everything)
    assert set(needed) == {"assignments", "appointments", "patients", "consents", "patient_states"}
    assert needed["patient_states"] == ("patient_id", "clinic_id", "valid_from", "known_at")
    nothing = {"consent": False, "age": False, "time": False}
    needed = needed_columns(parameters(segment_by="stratum", metrics=BOOKINGS_ALONE), nothing)
    assert set(needed) == {"assignments", "appointments"}
    assert "stratum" in needed["assignments"]
    assert "assigned_at" not in needed["assignments"]
    assert "booked_at" not in needed["appointments"]
    assert "consents" in needed_columns(parameters(), {**everything, "consent": False})
