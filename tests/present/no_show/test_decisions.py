"""What a reader is told of clinic days: off by default, no idle time without sessions, few people in no cell."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.at_risk.frame import Appointments
from workbench.no_show.decisions.clinic_days import study_clinic_days
from workbench.no_show.decisions.outcomes import (
    EMPTY,
    labeled,
    model_of,
    outcomes_of,
    score_label,
    within_bounds,
)
from workbench.no_show.models.training import train, unfitted
from workbench.no_show.parameters import NoShow, Overbooking
from workbench.present.disclosure import PROFILES, hide_small_cells
from workbench.present.no_show.decisions_metrics import clinic_day_metrics
from workbench.present.no_show.decisions_sections import transform_figure
from workbench.present.no_show.decisions_sentences import (
    NO_SESSIONS,
    OFF,
    attendance_in_words,
    idle_in_words,
    overbooking_in_words,
)
from workbench.present.no_show.decisions_tables import clinic_day_tables

ROOMY = Overbooking(
    longest_wait=200, longest_overtime=200, largest_late=1.0, waiting_minute=0.0, overtime_minute=0.0
)


def asked(**given):
    words = {
        "title": "t",
        "question": "q?",
        "audience": ("analysts",),
        "owner": "o",
        "source": "sample",
        "seed": 3,
    }
    dates = {"as_of": pd.Timestamp("2026-11-16").date(), "test_from": pd.Timestamp("2026-09-07").date()}
    return NoShow.model_validate(
        words | dates | {"subgroups": ("sex",), "who_must_act": "Nobody has to act."} | given
    )


def rows(size=6000):
    """Sessions of four an hour apart, full; one in five misses, some call off; of one sex there are few."""
    rng = np.random.default_rng(1)
    session, place = np.arange(size) // 4, np.arange(size) % 4
    day = session // 15
    lead = rng.choice([3, 20], size)
    draw = rng.random(size)
    missed = 0.1 + 0.2 * (lead == 20)
    made = dict.fromkeys(NUMBERS, 0.0) | dict.fromkeys(WORDS)
    made |= {
        "patient": np.arange(size) // 2,
        "day": pd.Timestamp("2026-06-22") + pd.to_timedelta(day, unit="D"),
        "period": np.select([day > 76, day > 50], ["test", "calibration"], "training"),
        "lead_days": lead,
        "outcome": np.select(
            [draw < missed, draw < missed + 0.05, draw < missed + 0.09],
            ["no_show", "late_cancellation", "early_cancellation"],
            "attended",
        ),
        "sex": np.where(np.arange(size) > size - 9, "other", "female"),
        "clinic_id": "c",
        "type": "check-in",
        "session": session.astype(float),
        "into_session": 60.0 * place,
        "duration": 60.0,
        "session_minutes": 240.0,
        "session_capacity": 4.0,
    }
    frame = pd.DataFrame(made)
    return frame.assign(no_show=(frame["outcome"] == "no_show").astype(int))


def analysis_of(frame, settings):
    appointments = Appointments(frame, (), 1.0, (), None, None)
    model = train(unfitted("lead_time", 1), *(appointments.of(name) for name in ("training", "calibration")))
    found = study_clinic_days(appointments, "lead_time", model, settings, lambda _: None)
    return SimpleNamespace(settings=settings, clinic_days=found, chosen="lead_time")


@pytest.fixture(scope="module")
def on():
    return analysis_of(rows(), asked(overbooking=ROOMY))


def shown(analysis, id):
    tables = {table.id: table for table in clinic_day_tables(analysis)}
    return hide_small_cells(tables[id], PROFILES["cms"]) if id in tables else None


def test_outcomes_add_up(on):
    frame = rows()
    found = outcomes_of(frame[frame["period"] == "test"], "test")
    assert sum(found.counts) == (frame["period"] == "test").sum()
    assert [row[0] for row in shown(on, "outcomes").rows] == ["training", "calibration", "test"]
    assert all(sum(row[3:]) == pytest.approx(1) for row in shown(on, "outcomes").rows)


def test_empty_slots_are_more_than_no_shows_and_absences_more_than_both(on):
    found, test = on.clinic_days, rows().query("period == 'test'")
    assert test["no_show"].sum() < found.empty.observed < found.away.observed
    for scores in (found.empty, found.away):
        assert scores.expected == pytest.approx(scores.observed, rel=0.15)
        assert abs(scores.intercept.value) < 0.25
    assert found.usable


def test_label_that_is_the_no_show_alone_is_not_fitted_again():
    frame = rows()
    frame = frame[frame["outcome"].isin(["attended", "no_show"])]
    fitted = object()
    assert model_of(frame, EMPTY, "lead_time", fitted, asked()) is fitted


def test_one_outcome_alone_has_no_slope_and_may_rest_nothing():
    frame = labeled(rows(400).assign(outcome="attended"), EMPTY)
    scores = score_label(frame, np.full(400, 0.2))
    assert (scores.observed, scores.intercept, scores.slope, scores.auroc) == (0, None, None, None)
    assert not within_bounds(scores, asked())


def test_overbooking_is_off_by_default():
    analysis = analysis_of(rows(), asked())
    assert analysis.clinic_days.policies == ()
    assert overbooking_in_words(analysis) == OFF
    assert shown(analysis, "overbooking") is None
    assert "were expected to be idle" in idle_in_words(analysis)


def test_expected_minutes_are_near_those_with_who_came(on):
    times = on.clinic_days.times
    assert (times.full, times.over) == (times.sessions, 0)
    assert times.expected[0] == pytest.approx(times.found[0], rel=0.1)


def test_without_sessions_idle_time_is_not_told():
    analysis = analysis_of(rows().assign(session=np.nan), asked(overbooking=ROOMY))
    assert idle_in_words(analysis) == NO_SESSIONS
    assert "without sessions" in overbooking_in_words(analysis)
    assert shown(analysis, "session_times") is None
    assert {metric.name for metric in clinic_day_metrics(analysis)}.isdisjoint(
        {"idle_minutes", "extra_bookings"}
    )


def test_extra_bookings_are_recommended_with_their_rules(on):
    words = overbooking_in_words(on)
    assert words.startswith("**Up to 2 extra bookings in a full session**")
    assert "beside therapy nothing is booked" in words
    assert "the lot decides and no risk" in words
    (told,) = [metric for metric in clinic_day_metrics(on) if metric.name == "extra_bookings"]
    assert told.value == 2


def test_cap_that_is_passed_is_named(on):
    tight = asked(overbooking=Overbooking(longest_wait=0.5))
    words = overbooking_in_words(SimpleNamespace(settings=tight, clinic_days=on.clinic_days))
    assert words.startswith("**No extra bookings**: waiting, overtime or late ends are over a cap as it is.")


def test_risks_that_are_off_recommend_nothing(on):
    off = SimpleNamespace(settings=on.settings, clinic_days=replace(on.clinic_days, usable=False))
    assert "nothing may rest on it" in overbooking_in_words(off)


def test_types_that_are_never_doubled_are_said():
    analysis = analysis_of(rows().assign(type="therapy"), asked(overbooking=ROOMY))
    assert "beside which nothing may be booked" in overbooking_in_words(analysis)


def test_group_of_few_is_hidden_and_not_judged(on):
    table = shown(on, "overbooking_groups")
    by_group = {row[1]: row for row in table.rows}
    assert by_group["other"][2] is None
    assert by_group["other"][4] is None


def test_attendance_names_level_variance_and_coverage(on):
    words = attendance_in_words(on)
    assert "came on a clinic day" in words
    assert "times as much as those of independent patients" in words
    figure = transform_figure(on.clinic_days)
    assert figure.source == ["attendance_transform"]
    assert sum(row[2] for row in shown(on, "attendance_transform").rows) == pytest.approx(1)


def test_too_few_days_are_said():
    frame = rows(1200)
    frame["period"] = np.select(
        [frame["day"] > "2026-07-09", frame["day"] > "2026-07-05"], ["test", "calibration"], "training"
    )
    analysis = analysis_of(frame.assign(session=np.nan), asked())
    assert "too few days" in attendance_in_words(analysis)
