"""The rule of privacy at its edges, and that nothing hidden can be worked out."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.present.disclosure import (
    CMS,
    NHS,
    PROFILES,
    FlowStep,
    cohort_flow,
    hide_metrics,
    hide_small_cells,
    may_show,
    metric_may_show,
    told_count,
    told_whole,
)
from workbench.present.result import Column, Metric, Table
from workbench.refusal import Refused

KINDS = {
    "segment": "label",
    "arm": "label",
    "people": "people",
    "events": "events",
    "share": "share",
    "interval": "interval",
    "about": "text",
    "control": "people",
    "control_events": "events",
}


def table(columns: str, *rows: list[Any], groups: str = "attributes", note: str = "") -> Table:
    return Table(
        id="groups",
        caption="Groups",
        columns=[Column(name=name, title=name, kind=KINDS[name]) for name in columns.split()],
        rows=[list(row) for row in rows],
        groups=groups,
        note=note,
    )


def hidden(shown: Table) -> list[Any]:
    """The labels of the rows whose people are not shown."""
    at = next(place for place, column in enumerate(shown.columns) if column.kind == "people")
    return [row[0] for row in shown.rows if row[at] is None]


OTHERS = [["B", 500, 60], ["C", 700, 80], ["D", 900, 90]]


@pytest.mark.parametrize(
    ("profile", "people", "events", "shown"),
    [
        (CMS, 0, 0, True),
        (CMS, 1, None, False),
        (CMS, 10, None, False),
        (CMS, 11, None, True),
        (CMS, 100, 0, False),
        (CMS, 100, 1, False),
        (CMS, 100, 10, False),
        (CMS, 100, 11, True),
        (CMS, 100, 89, True),
        (CMS, 100, 90, False),
        (CMS, 100, 99, False),
        (CMS, 100, 100, False),
        (NHS, 1, None, False),
        (NHS, 7, None, False),
        (NHS, 8, None, True),
        (NHS, 100, 0, False),
        (NHS, 100, 7, False),
        (NHS, 100, 8, True),
        (NHS, 100, 92, True),
        (NHS, 100, 93, False),
        (NHS, 100, 100, False),
        # 9 people without the event would be rounded to 5, as if they were few.
        (NHS, 102, 93, False),
    ],
)
def test_may_show_at_the_edges(profile, people, events, shown):
    assert may_show(people, events, profile) is shown


def test_profiles_are_known_by_name():
    assert PROFILES == {"cms": CMS, "nhs": NHS}


@pytest.mark.parametrize("people", [1, 10])
def test_few_people_are_hidden_with_the_next_smallest(people):
    shown = hide_small_cells(table("segment people events", ["A", people, 0], *OTHERS), CMS)
    assert hidden(shown) == ["A", "B"]
    assert shown.rows[0] == ["A", None, None]
    assert "fewer than 11 people or events" in shown.note


def test_eleven_people_are_shown():
    whole = table("segment people", ["A", 11], ["B", 500])
    assert hide_small_cells(whole, CMS) == whole


@pytest.mark.parametrize("events", [0, 1, 10, 490, 499, 500])
def test_few_events_few_without_them_nobody_and_everybody_are_hidden(events):
    shown = hide_small_cells(table("segment people events", ["A", 500, events], *OTHERS), CMS)
    assert hidden(shown) == ["A", "B"]


def test_a_share_alone_gives_the_count_back():
    rows = [["A", 1000, 0.01], ["B", 1100, 0.2], ["C", 1200, 0.3]]
    assert hidden(hide_small_cells(table("segment people share", *rows), CMS)) == ["A", "B"]


def test_texts_and_labels_stay_and_every_number_goes():
    rows = [["A", "often away", 5, "3 to 9"], ["B", "steady", 80, "1 to 2"], ["C", "new", 90, "4 to 5"]]
    shown = hide_small_cells(table("segment about people interval", *rows), CMS)
    assert shown.rows[0] == ["A", "often away", None, None]
    assert shown.rows[2] == rows[2]


def test_two_hidden_rows_that_are_few_together_take_a_third():
    rows = [["A", 3], ["B", 4], ["C", 200], ["D", 300]]
    assert hidden(hide_small_cells(table("segment people", *rows), CMS)) == ["A", "B", "C"]


def test_two_hidden_rows_that_are_enough_together_stay_two():
    rows = [["A", 6], ["B", 7], ["C", 200], ["D", 300]]
    assert hidden(hide_small_cells(table("segment people", *rows), CMS)) == ["A", "B"]


def test_an_empty_group_is_shown_and_hides_nobody():
    rows = [["A", 0, 0], ["B", 5, 0], ["C", 200, 30], ["D", 300, 40]]
    assert hidden(hide_small_cells(table("segment people events", *rows), CMS)) == ["B", "C"]


def test_events_are_counted_among_the_people_to_their_left():
    rows = [["A", 500, 60, 12, 11], ["B", 500, 60, 700, 80], ["C", 500, 60, 800, 90]]
    shown = hide_small_cells(table("segment people events control control_events", *rows), CMS)
    assert hidden(shown) == ["A", "B"]


def test_by_two_labels_no_row_follows_from_either_margin():
    cells = {("A", "t"): 5, ("A", "c"): 60, ("B", "t"): 70, ("B", "c"): 80, ("C", "t"): 90, ("C", "c"): 95}
    rows = [[*labels, people] for labels, people in cells.items()]
    shown = hide_small_cells(table("segment arm people", *rows), CMS)
    gone = {(row[0], row[1]) for row in shown.rows if row[2] is None}
    assert gone == {("A", "t"), ("A", "c"), ("B", "t"), ("B", "c")}


def test_rows_hidden_for_few_people_are_the_same_in_every_table_of_the_groups():
    few_events = [["A", 5, 0], ["B", 50, 20], ["C", 60, 20], ["D", 70, 3]]
    enough_events = [["A", 5, 0], ["B", 50, 20], ["C", 60, 20], ["D", 70, 30]]
    first, second = (
        set(hidden(hide_small_cells(table("segment people events", *rows), CMS)))
        for rows in (few_events, enough_events)
    )
    assert {"A", "B"} <= first & second


def test_whole_arms_of_a_hundred_show_their_counts():
    arms = table("arm people events", ["new", 100, 3], ["old", 2000, 0], groups="arm")
    assert hide_small_cells(arms, CMS) == arms
    assert hide_small_cells(arms, NHS) == arms


def test_a_smaller_arm_is_treated_like_any_group():
    arms = table("arm people events", ["new", 99, 3], ["old", 2000, 90], ["none", 3000, 70], groups="arm")
    assert hidden(hide_small_cells(arms, CMS)) == ["new", "old"]


def test_nhs_rounds_counts_and_shares_to_fives():
    rows = [["A", 102, 33, 33 / 102], ["B", 203, 58, 58 / 203]]
    shown = hide_small_cells(table("segment people events share", *rows), NHS)
    assert shown.rows == [["A", 100, 35, 0.35], ["B", 205, 60, 60 / 205]]
    assert "nearest 5" in shown.note


def test_rows_that_count_nobody_stay():
    plain = table("segment about", ["A", "x"], groups="none")
    assert hide_small_cells(plain, CMS) == plain


@pytest.mark.parametrize("columns", ["segment interval", "segment events", "segment share people"])
def test_groups_without_a_count_of_people_are_refused(columns):
    with pytest.raises(Refused, match="without counting them"):
        hide_small_cells(table(columns), CMS)


def test_a_count_that_is_no_whole_number_is_refused_and_not_repeated():
    with pytest.raises(Refused, match="whole numbers") as refused:
        hide_small_cells(table("segment people", ["A", "Maria"]), CMS)
    assert "Maria" not in str(refused.value)


people = st.integers(0, 60)


@st.composite
def groups(draw: st.DrawFn) -> Table:
    """Up to four segments by up to three arms, with counts around the limits."""
    segments, arms = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    rows = []
    for segment in range(segments):
        for arm in range(arms):
            count = draw(people)
            rows.append([f"s{segment}", f"a{arm}", count, draw(st.integers(0, count))])
    return table("segment arm people events", *rows)


def follows(unknown: list[int], lines: list[set[int]]) -> set[int]:
    """The unknown rows that Gaussian elimination on exact fractions determines."""
    system = [[Fraction(row in line) for row in unknown] for line in lines]
    done = 0
    for column in range(len(unknown)):
        pivot = next((at for at in range(done, len(system)) if system[at][column]), None)
        if pivot is None:
            continue
        system[done], system[pivot] = system[pivot], system[done]
        system[done] = [value / system[done][column] for value in system[done]]
        for at, row in enumerate(system):
            if at != done and row[column]:
                factor = row[column]
                system[at] = [value - factor * first for value, first in zip(row, system[done], strict=True)]
        done += 1
    nonzero = [[at for at, value in enumerate(row) if value] for row in system[:done]]
    return {unknown[row[0]] for row in nonzero if len(row) == 1}


@settings(deadline=None)
@given(groups(), st.sampled_from([CMS, NHS]))
def test_no_hidden_row_follows_from_the_rest(whole, profile):
    shown = hide_small_cells(whole, profile)
    unknown = [at for at, row in enumerate(shown.rows) if row[2] is None]
    if len(unknown) == len(shown.rows):
        return  # nothing is shown at all
    lines = [set(range(len(shown.rows)))]
    for label in (0, 1):
        for value in {row[label] for row in shown.rows}:
            lines.append({at for at, row in enumerate(shown.rows) if row[label] == value})
    assert not follows(unknown, [line for line in lines if len(line) > 1])
    for line in lines:
        gone = line & set(unknown)
        if gone and gone < line:
            together = [sum(whole.rows[at][column] for at in gone) for column in (2, 3)]
            assert may_show(*together, profile) or together[0] == 0


@settings(deadline=None)
@given(groups(), st.sampled_from([CMS, NHS]))
def test_hiding_twice_changes_nothing(whole, profile):
    once = hide_small_cells(whole, profile)
    assert hide_small_cells(once, profile) == once


@settings(deadline=None)
@given(groups(), st.sampled_from([CMS, NHS]))
def test_what_is_shown_may_be_shown(whole, profile):
    for row in hide_small_cells(whole, profile).rows:
        assert row[2] is None or may_show(row[2], row[3], profile)


class TestCohortFlow:
    @pytest.mark.parametrize(("excluded", "merged"), [(0, False), (1, True), (10, True), (11, False)])
    def test_steps_that_exclude_few_are_merged(self, excluded, merged):
        steps = [FlowStep("all", 1000), FlowStep("adults", 1000 - excluded), FlowStep("consented", 600)]
        flow = cohort_flow(steps, CMS)
        assert [row[0] for row in flow.rows] == (
            ["all", "adults; consented"] if merged else ["all", "adults", "consented"]
        )
        assert flow.rows[-1][1] == 600
        assert sum(row[2] for row in flow.rows) == 400

    def test_few_at_the_end_are_merged_backward(self):
        steps = [FlowStep("all", 1000), FlowStep("adults", 800), FlowStep("mature", 795)]
        assert cohort_flow(steps, CMS).rows == [["all", 1000, 0], ["adults; mature", 795, 205]]

    @pytest.mark.parametrize("last", [999, 990])
    def test_few_in_all_hide_the_starting_count(self, last):
        flow = cohort_flow([FlowStep("all", 1000), FlowStep("adults", last), FlowStep("mature", last)], CMS)
        assert flow.rows == [["all", None, None], ["adults; mature", last, None]]
        assert "fewer than 11 were excluded" in flow.note

    @pytest.mark.parametrize("remaining", [1, 10])
    def test_few_who_remain_are_hidden(self, remaining):
        steps = [
            FlowStep("all", 1000),
            FlowStep("adults", 500),
            FlowStep("mature", remaining),
            FlowStep("end", 0),
        ]
        assert cohort_flow(steps, CMS).rows[1:] == [["adults", 500, 500], ["mature; end", None, None]]

    def test_few_from_the_start_show_nothing(self):
        assert cohort_flow([FlowStep("all", 5)], CMS).rows == [["all", None, None]]

    def test_nhs_rounds(self):
        flow = cohort_flow([FlowStep("all", 1003), FlowStep("adults", 801)], NHS)
        assert flow.rows == [["all", 1005, 0], ["adults", 800, 205]]

    @pytest.mark.parametrize("steps", [[], [FlowStep("all", 5), FlowStep("adults", 6)]])
    def test_steps_that_make_no_flow_are_refused(self, steps):
        with pytest.raises(Refused, match="cohort flow"):
            cohort_flow(steps, CMS)

    @given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.sampled_from([CMS, NHS]))
    def test_no_difference_of_shown_steps_is_few(self, excluded, profile):
        remaining = sum(excluded)
        steps = [FlowStep("all", remaining)]
        for count in excluded:
            remaining -= count
            steps.append(FlowStep("next", remaining))
        shown = [row[1] for row in cohort_flow(steps, profile).rows if row[1] is not None]
        differences = [a - b for at, a in enumerate(shown) for b in shown[at + 1 :]]
        assert not any(profile.is_few(count) for count in shown + differences)


class TestMetrics:
    def rate(self, **changes: Any) -> Metric:
        given = {"name": "rate", "of": {"segment": "A"}, "value": 0.1, "unit": "probability", "n": 500}
        return Metric(**(given | changes))

    @pytest.mark.parametrize(
        ("changes", "shown"),
        [
            ({}, True),
            ({"n": None}, True),
            ({"n": 10}, False),
            ({"value": 0.02}, False),
            ({"value": 0.022}, True),
            ({"value": 0.0}, False),
            ({"value": 0.98}, False),
            ({"value": 0.99, "of": {"segment": "A", "arm": "t", "versus": "c"}}, True),
            ({"value": 0.02, "of": {"arm": "t"}}, True),
            ({"value": 0.02, "of": {"arm": "t"}, "n": 99}, False),
            ({"value": 0.02, "of": {"clinic": "north"}}, False),
            ({"value": None, "n": None}, True),
        ],
    )
    def test_at_the_edges(self, changes, shown):
        assert metric_may_show(self.rate(**changes), [], CMS) is shown

    def test_no_metric_shows_a_group_that_a_table_hides(self):
        rows = hide_small_cells(table("segment people events", ["A", 500, 4], *OTHERS), CMS)
        metrics = [self.rate(of={"segment": name}) for name in "ABCD"]
        shown = [metric.value is not None for metric in hide_metrics(metrics, [rows], CMS)]
        assert shown == [False, False, True, True]

    def test_nhs_rounds_the_people_of_a_group(self):
        (metric,) = hide_metrics([self.rate(n=502)], [], NHS)
        assert metric.n == 500


@pytest.mark.parametrize(
    ("count", "whole", "people", "told"),
    [
        (0, 500, 0, "none"),
        (1, 500, 1, "10 or fewer"),
        (10, 500, 10, "10 or fewer"),
        (11, 500, 11, "11"),
        (400, 5_000, 3, "10 or fewer"),
        (400, 5_000, None, "400"),
        (490, 500, 200, "nearly all"),
        (489, 500, 200, "489"),
        (500, 500, 200, "all"),
        (12_345, 90_000, 700, "12,345"),
    ],
)
def test_rows_that_break_a_rule_are_counted_unless_few(count, whole, people, told):
    assert told_count(count, whole, people, CMS) == told


def test_rows_are_rounded_where_the_profile_rounds():
    assert told_count(8, 500, 8, NHS) == "10"
    assert told_count(7, 500, 7, NHS) == "7 or fewer"


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "none"),
        (10, "10 or fewer"),
        (11, "about 10"),
        (97, "about 100"),
        (1_234, "about 1,200"),
        (320_498, "about 320,000"),
    ],
)
def test_a_whole_is_told_so_coarsely_that_differences_tell_nothing(count, told):
    assert told_whole(count, CMS) == told
