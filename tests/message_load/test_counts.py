"""Which texts are at risk, what they met, and which of them an opt-out answers."""

import pytest

from workbench.message_load.bands import BEFORE, EARLIER, HOUR_LABELS, LOAD, NOT_RECORDED
from workbench.refusal import Refused


def margin(counts, by):
    found = counts.margins[counts.margins["by"] == by]
    return {row.place: (row.people, row.texts, row.opt_outs) for row in found.itertuples()}


def opted_out(counts):
    return {(row.answered, row.route, row.reason): row.people for row in counts.opt_outs.itertuples()}


def test_load_counts_the_text_itself_and_those_of_seven_days(few):
    few.person("a")
    for days in (40, 34, 33, 20, 19.5, 19, 13.5):
        few.text("a", days)
    counts = few.counts()
    # 34 has 40 with it, 33 has not, for that lies seven whole days before; 13.5 has the three before it.
    assert margin(counts, "load") == {"0": (1, 2, 0), "1": (1, 3, 0), "2": (1, 1, 0), "3": (1, 1, 0)}
    cells = counts.cells.set_index("before")
    assert counts.cells["texts"].sum() == 7
    newest = cells.loc[BEFORE.place_of(6)]
    # Those of 40 to 33 lie 8 to 28 days before the newest.
    assert newest["earlier"].max() == EARLIER.place_of(4)


def test_prior_texts_stand_in_the_band_of_load_that_they_met(few):
    few.person("a")
    for days in (60, 59, 30):
        few.text("a", days)
    cells = few.counts().cells
    sums = {row.before: (row.before_0, row.before_1) for row in cells.itertuples()}
    assert sums == {0: (0, 0), 1: (1, 0), 2: (1, 1)}


def test_all_texts_that_arrived_are_borne_and_no_others(few):
    few.person("a")
    few.text("a", 21, kind="consent_prompt")
    few.text("a", 20.5, status="failed")
    few.text("a", 20)
    counts = few.counts()
    assert counts.texts == 1
    assert margin(counts, "load") == {str(LOAD.place_of(2)): (1, 1, 0)}


def test_minors_and_those_who_had_not_agreed_are_not_at_risk(few):
    few.person("young", born=2015)
    few.person("late", agreed=30)
    few.text("young", 20)
    few.text("late", 40)
    few.text("late", 20)
    assert few.counts().texts == 1


@pytest.mark.parametrize(
    ("after_hours", "source", "answered"),
    [
        (1, "keyword", "text"),
        (72, "keyword", "text"),
        (72.1, "keyword", "other"),
        (1, "platform_block", "text"),
        (1, None, "text"),
        (1, "staff", "other"),
        (1, "web", "other"),
    ],
)
def test_an_opt_out_answers_the_last_text_if_it_came_by_text_and_soon(few, after_hours, source, answered):
    few.person("a")
    few.text("a", 50)
    few.text("a", 20)
    few.consent("a", "opt_out", 20 - after_hours / 24, source)
    counts = few.counts()
    assert counts.answered == (answered == "text")
    assert opted_out(counts) == {(answered, source or NOT_RECORDED, NOT_RECORDED): 1}
    last = counts.cells[counts.cells["before"] == 1]
    assert last["opt_outs"].sum() == counts.answered


def test_only_the_first_consent_is_followed(few):
    few.person("a")
    few.text("a", 50)
    few.consent("a", "opt_out", 49.9, "keyword")
    few.consent("a", "opt_out", 49.8, "keyword")
    few.text("a", 45)
    few.consent("a", "opt_in", 40, "web")
    few.text("a", 30)
    few.consent("a", "opt_out", 29.9, "keyword")
    counts = few.counts()
    assert (counts.texts, counts.answered, counts.people) == (1, 1, 1)


def test_a_text_counts_once_its_hours_are_over_and_within_the_days_studied(few):
    few.person("a", agreed=500)
    few.text("a", 365)
    few.text("a", 363)
    few.text("a", 3.01)
    few.text("a", 2.99)
    counts = few.counts()
    assert counts.texts == 2
    # The text before the days studied was borne all the same.
    assert set(counts.cells["before"]) == {1, 2}


def test_the_hour_is_told_by_the_patient_s_clock(few):
    few.person("east")
    few.person("west", zone="America/Los_Angeles")
    few.person("nowhere", zone=None)
    for name in ("east", "west", "nowhere"):
        # 17:00 UTC on 1 November: noon in New York, 9:00 in Los Angeles.
        few.text(name, 14 + 7 / 24)
    told = {HOUR_LABELS[int(place)]: texts for place, (_, texts, _) in margin(few.counts(), "hour").items()}
    assert told == {"12:00 to 16:59": 1, "9:00 to 11:59": 1, NOT_RECORDED: 1}


def test_reasons_are_read_where_an_instrument_asks_for_them(few):
    for name, days, score in (("a", 19, 1.0), ("b", 19, 4.0), ("c", 1, 2.0), ("d", 19, 9.0)):
        few.person(name)
        few.text(name, 20)
        few.consent(name, "opt_out", 19.9, "keyword")
        few.answer(name, days, score)
    # c answers too late to be about it, and no reason has the code 9.
    told = {reason: people for (_, _, reason), people in opted_out(few.counts(reasons_from="why_left")).items()}
    assert told == {"too_many": 1, "other_channel": 1, NOT_RECORDED: 2}
    assert {reason for _, _, reason in opted_out(few.counts())} == {NOT_RECORDED}


def test_load_borne_is_that_of_those_who_agree_today(few):
    few.person("many")
    few.person("none")
    few.person("never")
    few.person("gone")
    few.text("none", 90)
    few.consent("gone", "opt_out", 10, "keyword")
    for days in range(1, 7):
        few.text("many", days + 3.5)
    few.text("gone", 11)
    borne = few.counts().borne
    assert dict(zip(borne["texts"], borne["people"], strict=True)) == {0: 1, 2: 1}


def test_no_text_at_all_is_refused(few):
    few.person("a")
    few.text("a", 1)
    with pytest.raises(Refused, match='no text is left at the step "sent in the 364 days studied"'):
        few.counts()
