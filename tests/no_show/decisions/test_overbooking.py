"""The queue of a session by hand; the book; policies within their caps; types that are never doubled."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.decisions.book import book_of
from workbench.no_show.decisions.overbooking import Draws, beside, draw, go_through, overbooked, policies
from workbench.no_show.decisions.queue import see
from workbench.no_show.decisions.recommendation import recommended, within_caps
from workbench.no_show.parameters import Overbooking


def sessions(number=40, capacity=3, booked=3, kind="check-in", minutes=60.0, length=180.0):
    """Full sessions of hourly appointments."""
    place = np.tile(np.arange(booked), number)
    return pd.DataFrame(
        {
            "session": np.repeat(np.arange(number), booked).astype(float),
            "into_session": 60.0 * place,
            "duration": minutes,
            "session_minutes": length,
            "session_capacity": float(capacity),
            "type": kind,
            "patient": np.arange(place.size),
            "sex": np.where(place == booked - 1, "female", "male"),
        }
    )


def test_queue_by_hand():
    seen = see(
        due=np.array([[0.0, 60.0, 60.0, 120.0]]),
        minutes=np.array([[70.0, 30.0, 50.0, 45.0]]),
        came=np.array([[True, True, True, True]]),
        length=np.array([180.0]),
    )
    # 0 to 70, 70 to 100, 100 to 150, 150 to 195.
    assert seen.wait.tolist() == [[0, 10, 40, 30]]
    assert seen.idle.tolist() == [0]
    assert seen.overtime.tolist() == [15]
    assert seen.late.tolist() == [[False, False, False, True]]


def test_who_does_not_come_leaves_the_slot_idle():
    seen = see(
        np.array([[0.0, 60.0, 120.0]]),
        np.full((1, 3), 60.0),
        np.array([[True, False, True]]),
        np.array([180.0]),
    )
    assert (seen.idle.tolist(), seen.overtime.tolist(), seen.wait.sum()) == ([60], [0], 0)


def test_nobody_comes():
    seen = see(np.zeros((1, 2)), np.ones((1, 2)), np.zeros((1, 2), bool), np.array([100.0]))
    assert (seen.idle.tolist(), seen.overtime.tolist()) == ([100], [0])


def test_minutes_of_a_session_are_busy_or_idle():
    rng = np.random.default_rng(3)
    due, minutes = np.sort(rng.uniform(0, 240, (500, 5)), axis=1), rng.uniform(5, 90, (500, 5))
    came = rng.random((500, 5)) < 0.7
    seen = see(due, minutes, came, np.full(500, 240.0))
    assert 240 - seen.idle + seen.overtime == pytest.approx((minutes * came).sum(1))


def test_book_is_in_the_order_of_the_clock_and_leaves_out_what_lies_in_no_session():
    rows = sessions(2).iloc[::-1].reset_index(drop=True)
    rows.loc[0, "session"] = np.nan
    book = book_of(rows, np.linspace(0.1, 0.6, 6), ())
    assert book.booked.tolist() == [3, 2]
    assert (np.diff(book.due[0]) > 0).all()
    assert book.full.tolist() == [True, False]
    assert book.row[1].tolist() == [2, 1, -1]


@pytest.mark.parametrize("column", ["session", "duration", "session_minutes"])
def test_without_sessions_there_is_no_book(column):
    assert book_of(sessions(2).assign(**{column: np.nan}), np.full(6, 0.2), ()) is None


@pytest.mark.parametrize("kind", ["therapy", None])
def test_nothing_is_booked_beside_therapy_or_an_unknown_type(kind, settings):
    rows = sessions(kind=kind)
    asked = Overbooking()
    book = book_of(rows, np.full(len(rows), 0.5), asked.never)
    assert not book.double.any()
    found = overbooked(book, 0.5, None, rows, settings(subgroups=("sex",)), asked)
    assert {policy.added for policy in found} == {0.0}
    assert all(policy.gain.value == 0 for policy in found)


def test_by_risk_stands_beside_the_highest_risks_and_lot_beside_any():
    rows = sessions(1)
    rows.loc[2, "type"] = "therapy"
    book = book_of(rows, np.array([0.1, 0.4, 0.9]), ("therapy",))
    luck = np.array([[0.8, 0.3, 0.9]])
    assert beside(book, "by risk", luck).tolist() == [[1, 0, -1]]
    assert beside(book, "by lot", luck).tolist() == [[0, 1, -1]]


def test_extra_patient_waits_or_keeps_the_other_waiting():
    rows = sessions(1, capacity=1, booked=1)
    book = book_of(rows, np.array([0.0]), ())
    asked = Overbooking(limit=1, visit_variation=0.0)
    places = beside(book, "by lot", np.array([[0.5]]))
    came = np.ones((1, 1, 2), bool)
    minutes = np.array([[[60.0, 1.0]]])
    for order, place in ((np.array([[[0.1, 0.9]]]), 1), (np.array([[[0.9, 0.1]]]), 0)):
        ran = go_through(book, Draws(came, minutes, order), 1, places)
        assert ran.seen.wait[0, 0].tolist() == [0, 60]
        assert ran.order[0, 0, 1] == place
    assert asked.limit == 1


def test_draws_come_as_often_as_the_risks_say():
    rows = sessions(200)
    book = book_of(rows, np.full(len(rows), 0.3), ())
    drawn = draw(book, 0.6, None, Overbooking(limit=1, visit_variation=0.5), np.random.default_rng(2))
    assert 1 - drawn.came[:, :, :3].mean() == pytest.approx(0.3, abs=0.01)
    assert 1 - drawn.came[:, :, 3].mean() == pytest.approx(0.6, abs=0.01)
    assert drawn.minutes[:, :, :3].mean() == pytest.approx(60, rel=0.01)
    assert drawn.minutes[:, :, :3].std() == pytest.approx(30, rel=0.03)


def run(empty, asked, settings, **given):
    rows = sessions(**given)
    book = book_of(rows, np.full(len(rows), empty), asked.never)
    return overbooked(book, empty, None, rows, settings(subgroups=("sex",)), asked)


def test_idle_time_falls_and_waiting_and_overtime_rise_with_extra_bookings(settings):
    found = [policy for policy in run(0.4, Overbooking(limit=3), settings) if policy.beside == "by lot"]
    assert [policy.extra for policy in found] == [0, 1, 2, 3]
    for name, sign in (("idle", -1), ("wait", 1), ("overtime", 1), ("late", 1)):
        assert (sign * np.diff([getattr(policy, name) for policy in found]) > 0).all()
    # Three slots of an hour in three hours, 40 % of them empty.
    assert found[0].idle == pytest.approx(0.4 * 180 + 3, abs=6)


def test_recommended_where_half_stay_empty_and_waiting_is_cheap(settings):
    asked = Overbooking(
        longest_wait=60, longest_overtime=60, largest_late=0.9, waiting_minute=0.0, overtime_minute=0.1
    )
    assert recommended(run(0.5, asked, settings), asked, set()).extra == 2


def test_not_recommended_where_everybody_comes(settings):
    asked = Overbooking(longest_wait=200, longest_overtime=200, largest_late=1.0)
    assert recommended(run(0.02, asked, settings), asked, set()).extra == 0


def test_group_over_the_cap_stops_it_unless_it_is_few(settings):
    asked = Overbooking(
        longest_wait=60, longest_overtime=60, largest_late=0.9, waiting_minute=0.0, overtime_minute=0.1
    )
    found = run(0.5, asked, settings)
    one = next(policy for policy in found if (policy.extra, policy.beside) == (1, "by lot"))
    waits = {group.group: group.wait for group in one.groups}
    assert waits["female"] > waits["male"]
    between = asked.model_copy(update={"longest_wait": (waits["female"] + waits["male"]) / 2})
    one = replace(one, wait=0.0)
    assert not within_caps(one, between, set())
    assert within_caps(one, between.model_copy(update={"longest_wait": waits["female"] + 9}), set())
    assert within_caps(one, between, {("sex", "female"), ("sex", "male")})


def test_too_few_full_sessions_are_not_simulated(settings):
    assert run(0.3, Overbooking(), settings, number=29) == ()
    assert run(0.3, Overbooking(), settings, capacity=4) == ()


def test_same_seed_gives_the_same_policies(settings):
    assert run(0.3, Overbooking(), settings) == run(0.3, Overbooking(), settings)


def test_targeting_saves_more_idle_time_where_risks_differ_much():
    """Truth known: half of the slots are always empty. Beside these an extra patient disturbs nobody."""
    rows = sessions(60, capacity=4, booked=4, length=240.0)
    empty = np.where(np.arange(len(rows)) % 4 < 2, 1.0, 0.0)
    book = book_of(rows, empty, ())
    asked = Overbooking(limit=2, visit_variation=0.0)
    rng = np.random.default_rng(1)
    drawn = draw(book, 0.0, None, asked, rng)
    found = policies(book, drawn, asked, rng.random(book.there.shape), rows, ())
    at = {(policy.extra, policy.beside): policy for policy in found}
    assert at[2, "by risk"].idle == pytest.approx(0, abs=0.01)
    assert at[2, "by risk"].wait == pytest.approx(0, abs=0.01)
    assert at[2, "by lot"].wait > 5


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 9}, "limit"),
        ({"longest_wait": -1.0}, "longest_wait"),
        ({"visit_variation": 3.0}, "visit_variation"),
        ({"extra": 1}, "extra"),
    ],
)
def test_bounds_of_what_is_asked(given, words):
    with pytest.raises(ValueError, match=words):
        Overbooking.model_validate(given)


def test_overbooking_is_off_unless_asked_for(settings):
    assert settings().overbooking is None
    assert "therapy" in Overbooking().never
