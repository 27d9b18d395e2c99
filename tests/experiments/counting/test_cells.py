"""Cells of every kind of metric: who counts with which value, by hand; followed days; composite events."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.experiments.counting.counts import check_experiment, count_experiment
from workbench.experiments.estimand import IntercurrentEvents
from workbench.experiments.metrics import (
    USUAL_METRICS,
    CountMetric,
    DurationMetric,
    EventMetric,
    RatioMetric,
    ScoreMetric,
)
from workbench.refusal import Refused

START = pd.Timestamp("2026-03-02 09:00")
BOOKED = USUAL_METRICS[0]
DAY = pd.Timedelta(days=1)


def after(days: float) -> str:
    return str(START + days * DAY)


def values(counts, metric, arm="warm"):
    """The cells of one arm: (value, of, people), None where there is no value."""
    cells = counts.cells[(counts.cells["metric"] == metric.name) & (counts.cells["arm"] == arm)]
    return [
        (None if np.isnan(row.value) else row.value, None if np.isnan(row.of) else row.of, row.people)
        for row in cells.itertuples()
    ]


@pytest.fixture
def warm(tables):
    """Somebody in the arm that is looked at, beside one in the control."""
    tables.person("plain")
    return tables.person("warm")


def test_an_event_and_a_duration_are_told_by_the_day_of_the_first(tables, parameters, warm):
    for days in (3.5, 2.25, 9):
        tables.booking(warm, after(days))
    tables.person("warm")
    waited = DurationMetric(kind="duration", of="days_to_booking")
    counts = count_experiment(tables.known(), parameters(metrics=(BOOKED, waited)))
    assert values(counts, BOOKED) == values(counts, waited) == [(2, None, 1), (None, None, 1)]


def test_counts_are_of_everybody_also_of_who_did_nothing(tables, parameters, warm):
    tables.person("warm")
    for days in (1, 2, 13.9, 14.1):
        tables.booking(warm, after(days), starts_at=after(days + 1), status="attended")
        tables.reply(warm, after(days))
        tables.text(warm, after(days), campaign="another")
    tables.text(warm, after(5), status="undelivered")
    tables.text(warm, after(-1))
    metrics = [CountMetric(kind="count", of=of) for of in ("bookings", "attended", "replies", "texts")]
    counts = count_experiment(tables.known(), parameters(metrics=(BOOKED, *metrics)))
    found = {metric.of: values(counts, metric) for metric in metrics}
    assert found == {
        "bookings": [(0, None, 1), (3, None, 1)],
        # The one booked on day 13 starts on day 14.9, after the window.
        "attended": [(0, None, 1), (2, None, 1)],
        "replies": [(0, None, 1), (3, None, 1)],
        "texts": [(0, None, 1), (3, None, 1)],
    }


def test_a_ratio_keeps_numerator_and_denominator_of_each_person(tables, parameters, warm):
    for days, status in ((1, "attended"), (2, "no_show"), (3, "canceled"), (4, "attended")):
        tables.booking(warm, after(-9), starts_at=after(days), status=status)
    tables.person("warm")
    shown = RatioMetric(kind="ratio", of="attended_of_started")
    counts = count_experiment(tables.known(), parameters(metrics=(BOOKED, shown)))
    assert values(counts, shown) == [(0, 0, 1), (2, 3, 1)]
    arm = counts.measured(shown)[1]
    assert (arm.total, arm.of, arm.people) == (2, 3, 2)


def test_replies_and_texts_of_a_ratio_stand_in_two_tables(tables, parameters, warm):
    tables.text(warm, after(1))
    tables.text(warm, after(2))
    tables.reply(warm, after(2.5))
    answered = RatioMetric(kind="ratio", of="replies_per_text")
    counts = count_experiment(tables.known(), parameters(metrics=(BOOKED, answered)))
    assert values(counts, answered) == [(1, 2, 1)]


def test_a_score_is_the_last_answer_to_its_instrument(tables, parameters, warm):
    tables.answer(warm, after(-1), 20)
    tables.answer(warm, after(2), 15)
    tables.answer(warm, after(5), 12)
    tables.answer(warm, after(5), 9)
    tables.answer(warm, after(6), 3, "GAD-7")
    tables.answer(warm, after(15), 1)
    tables.person("warm")
    scores = (ScoreMetric(kind="score", of="PHQ-9"), ScoreMetric(kind="score", of="GAD-7"))
    counts = count_experiment(tables.known(), parameters(metrics=(BOOKED, *scores)))
    assert values(counts, scores[0]) == [(12, None, 1), (None, None, 1)]
    assert values(counts, scores[1]) == [(3, None, 1), (None, None, 1)]


def test_events_of_every_table_are_found(tables, parameters, warm):
    gone = tables.person("warm", ended_at=after(4))
    tables.person("warm", ended_at=after(20))
    tables.booking(warm, after(-3), starts_at=after(6), status="attended")
    tables.reply(warm, after(7))
    tables.consent(gone, "opt_in", after(8))
    metrics = [EventMetric(kind="event", of=of) for of in ("attendance", "reply", "discharge", "opt_in")]
    counts = count_experiment(tables.known(), parameters(metrics=(BOOKED, *metrics)))
    days = [values(counts, metric)[0][0] for metric in metrics]
    assert days == [6, 7, 4, 8]
    assert [counts.measured(metric)[1].told for metric in metrics] == [1, 1, 1, 1]


def test_an_event_counts_only_once_its_day_is_wholly_past(tables, parameters):
    """Five days and one hour after the assignment, with a day for recording: four days are followed."""
    tables.person("plain", "2026-03-26 23:00")
    for hours in (95, 97):
        name = tables.person("warm", "2026-03-26 23:00")
        tables.booking(name, str(pd.Timestamp("2026-03-26 23:00") + pd.Timedelta(hours=hours)))
    counts = count_experiment(tables.known("2026-04-01"), parameters(as_of=date(2026, 4, 1)))
    cells = counts.cells[(counts.cells["metric"] == "bookings") & (counts.cells["arm"] == "warm")]
    assert set(cells["followed"]) == {4}
    assert values(counts, BOOKED) == [(3, None, 1), (None, None, 1)]
    assert counts.arms[1].closed == 0


@pytest.mark.parametrize(
    ("second", "followed"), [("2026-03-25 00:00:00", 6), ("2026-03-25 00:00:01", 5), ("2026-03-31 12:00", 0)]
)
def test_followed_days_are_whole_and_never_below_0(tables, parameters, second, followed):
    tables.person("plain", "2026-03-01")
    tables.person("warm", second)
    counts = count_experiment(tables.known("2026-04-01"), parameters(as_of=date(2026, 4, 1)))
    assert set(counts.cells.loc[counts.cells["arm"] == "warm", "followed"]) == {followed}


def test_metrics_have_windows_of_their_own(tables, parameters, warm):
    tables.booking(warm, after(20))
    month = EventMetric(kind="event", of="booking", name="later bookings", window_days=28)
    counts = count_experiment(tables.known(), parameters(metrics=(BOOKED, month)))
    assert (counts.measured(BOOKED)[1].told, counts.measured(month)[1].told) == (0, 1)
    people = counts.cells.groupby(["metric", "arm"])["people"].sum()
    assert (people == 1).all()


ENDS = {
    "opt_out": lambda tables, name: tables.consent(name, "opt_out", after(3)),
    "undelivered": lambda tables, name: tables.text(name, after(3), status="undelivered"),
    "death": lambda tables, name: tables.rows["patients"][-1].update(deceased_at=after(3)),
    "discharge": lambda tables, name: tables.rows["patients"][-1].update(ended_at=after(3)),
}


@pytest.mark.parametrize("event", ENDS)
def test_what_follows_a_composite_event_counts_as_no_outcome(tables, parameters, event):
    tables.person("plain")
    for day in (2, 4):
        name = tables.person("warm")
        tables.booking(name, after(day))
        ENDS[event](tables, name)
    known = tables.known()
    assert count_experiment(known, parameters()).arms[1].events == 2
    settings = parameters(intercurrent_events=IntercurrentEvents(**{event: "composite"}))
    counts = count_experiment(known, settings)
    assert counts.arms[1].events == 1
    # Harm is counted whatever lies before it.
    assert counts.measured(USUAL_METRICS[1])[1].told == (2 if event == "opt_out" else 0)


def test_a_guardrail_counts_after_a_composite_event_too(tables, parameters):
    tables.person("plain")
    name = tables.person("warm", ended_at=after(2))
    tables.consent(name, "opt_out", after(3))
    settings = parameters(intercurrent_events=IntercurrentEvents(discharge="composite"))
    assert count_experiment(tables.known(), settings).measured(USUAL_METRICS[1])[1].told == 1


@pytest.mark.parametrize("act", [count_experiment, check_experiment])
def test_an_instrument_nobody_answered_is_refused(tables, parameters, warm, act):
    tables.answer(warm, after(2), 15)
    score = ScoreMetric(kind="score", of="PHQ9")
    with pytest.raises(Refused, match=r'nobody had answered "PHQ9".* Did you mean "PHQ-9"'):
        act(tables.known(), parameters(metrics=(BOOKED, score)))
