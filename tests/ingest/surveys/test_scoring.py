"""Answers become scores by the rules that settings give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ingest.surveys.scoring import Outcome, scoring
from workbench.ingest.surveys.settings import Coded, Items, ScoreColumn

POINTS = {"Not at all": 0.0, "Several days": 1.0, "Nearly every day": 3.0}


def items(count: int, **more):
    columns = tuple(f"Q{number}" for number in range(count))
    return scoring(Items(instrument="PHQ", items=columns, **more))


@given(st.lists(st.sampled_from(list(POINTS)), min_size=1, max_size=9))
def test_points_are_summed(answers):
    outcome = items(len(answers), values=POINTS)(answers)
    assert outcome == Outcome((("", sum(POINTS[answer] for answer in answers)),))


def test_items_without_an_answer_count_as_the_mean_of_the_others_up_to_a_number():
    cells = ["3", "1", "", " "]
    assert items(4)(cells) == Outcome(incomplete=True)
    assert items(4, unanswered_at_most=1)(cells) == Outcome(incomplete=True)
    assert items(4, unanswered_at_most=2)(cells) == Outcome((("", 8.0),))


def test_nothing_answered_is_no_score_and_not_incomplete():
    assert items(2, unanswered_at_most=2)(["", " "]) == Outcome()


def test_an_answer_without_points_is_told_by_its_place():
    assert items(3, values=POINTS)(["Not at all", "Sometimes", "Several  days"]) == Outcome(unread=(1,))
    assert items(2)(["2", "inf"]) == Outcome(unread=(1,))


@pytest.mark.parametrize(("cell", "score"), [("8", 8.0), (" 2.5 ", 2.5), ("-1", -1.0)])
def test_a_score_that_stands_there(cell, score):
    assert scoring(ScoreColumn(instrument="x", score="SC0"))([cell]) == Outcome((("", score),))


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        (["Too many"], Outcome((("1", 1.0),))),
        (["No, thanks"], Outcome((("2", 2.0),))),
        (["Too many,Private"], Outcome((("1", 1.0), ("3", 3.0)))),
        (["Too many", "Private"], Outcome((("1", 1.0), ("3", 3.0)))),
        (["Too many", "Too many"], Outcome((("1", 1.0),))),
        (["", " "], Outcome()),
        (["Too many", "else"], Outcome(unread=(1,))),
        (["Too many,else"], Outcome(unread=(0,))),
    ],
)
def test_codes_of_a_closed_list(cells, outcome):
    values = {"Too many": 1.0, "No, thanks": 2.0, "Private": 3.0}
    coded = Coded(instrument="reason", coded=tuple(f"Q{place}" for place in range(len(cells))), values=values)
    assert scoring(coded)(cells) == outcome
