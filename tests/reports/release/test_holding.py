"""Numbers of the last version stand in for new ones until more than few have changed."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.present.blocks import FigureBlock, FoldBlock, ProseBlock, TableBlock
from workbench.present.counted import Counted
from workbench.present.disclosure import CMS, hide_small_cells
from workbench.present.result import Column, Metric, StudyResult, Table, Verdict
from workbench.reports.release.changes import change_may_show, comparable
from workbench.reports.release.holding import hold
from workbench.reports.release.small_cells import find_small_cells


def segments(*rows: list[Any]) -> Table:
    columns = [("segment", "label"), ("people", "people"), ("events", "events"), ("more", "estimate")]
    return Table(
        id="segments",
        caption="Segments",
        columns=[Column(name=name, title=name, kind=kind) for name, kind in columns],
        rows=[[*row, 1.5 + row[1] / 1000] for row in rows],
        groups="attributes",
    )


def arms(people: int, events: int) -> Table:
    columns = [("arm", "label"), ("people", "people"), ("events", "events")]
    return Table(
        id="arms",
        caption="Arms",
        columns=[Column(name=name, title=name, kind=kind) for name, kind in columns],
        rows=[["new", people, events]],
        groups="arm",
    )


def version(*rows: list[Any], metrics: tuple[Metric, ...] = (), headline: str = "Send it.") -> StudyResult:
    groups = segments(*rows)
    whole = arms(sum(row[1] for row in rows), sum(row[2] for row in rows))
    return StudyResult(
        study="ab_test",
        as_of="2026-11-23",
        verdict=Verdict(decision="describe", headline=headline, reasons=["So it is."]),
        metrics=list(metrics),
        checks=[],
        tables=[whole, groups],
    )


LAST = version(["A", 300, 60], ["B", 200, 40], ["C", 500, 90])


def held_rows(now: StudyResult, last: StudyResult = LAST) -> str:
    shown, before = hold(now, last, CMS).result.table("segments"), last.table("segments")
    return "".join(str(row[0]) for row, old in zip(shown.rows, before.rows, strict=True) if row == old)


@pytest.mark.parametrize(
    ("people", "events", "clear"),
    [
        (0, 0, True),
        (5, 0, False),
        (11, 0, False),  # nobody of those who came
        (30, 30, False),  # everybody
        (30, 5, False),
        (30, 25, False),
        (30, 15, True),
        (0, 5, False),
        (0, 11, True),
        (-5, 0, False),
        (-30, -15, True),
    ],
)
def test_which_change_may_be_known(people, events, clear):
    assert change_may_show(Counted(people, (events,)), CMS) is clear


@pytest.mark.parametrize(
    ("now", "held"),
    [
        ([["A", 340, 75], ["B", 240, 55], ["C", 560, 110]], ""),
        # B alone would follow from the whole arm, so the next smallest is held with it.
        ([["A", 340, 75], ["B", 203, 41], ["C", 560, 110]], "AB"),
        # Of A and B together 30 came, 8 with the event: C is held too.
        ([["A", 327, 67], ["B", 203, 41], ["C", 560, 110]], "ABC"),
        ([["A", 300, 60], ["B", 200, 40], ["C", 503, 90]], "ABC"),
    ],
)
def test_groups_are_held_that_would_tell_who_came(now, held):
    assert held_rows(version(*now)) == held


def test_a_note_names_the_groups_that_are_held():
    table = hold(version(["A", 340, 75], ["B", 203, 41], ["C", 560, 110]), LAST, CMS).result.table("segments")
    assert table.note.endswith("could be worked out: A; B.")
    assert table.rows[2] == ["C", 560, 110, 2.06]


def test_held_groups_are_told_once_enough_came():
    shown = [LAST]
    for week in range(1, 8):
        now = version(
            ["A", 300 + 4 * week, 60 + 2 * week], ["B", 200 + 4 * week, 40 + 2 * week], ["C", 500, 90]
        )
        shown.append(hold(now, shown[-1], CMS).result)
    people = [each.table("segments").rows[0][1] for each in shown]
    assert people == [300, 300, 300, 300, 300, 300, 324, 324]


def test_a_study_that_is_run_again_without_new_people_is_not_changed():
    again = hold(LAST, LAST, CMS)
    assert (again.result, again.tables, again.superseded) == (LAST, frozenset(), frozenset())


def test_metrics_of_held_groups_are_the_last_version_s():
    def rate(value, n):
        return Metric(name="rate", of={"segment": "B"}, value=value, unit="probability", n=n)

    last = version(["A", 300, 60], ["B", 200, 40], metrics=(rate(0.2, 200),))
    now = version(["A", 340, 75], ["B", 203, 41], metrics=(rate(0.202, 203),))
    assert hold(now, last, CMS).result.metrics == [rate(0.2, 200)]


def test_figures_and_sentences_do_not_tell_what_is_held():
    now = version(["A", 340, 75], ["B", 203, 41], ["C", 560, 110])
    held = hold(now, LAST, CMS)
    figure = FigureBlock(
        id="by_segment",
        title="x",
        alt="x",
        caption="",
        source=["segments"],
        wide="<svg></svg>",
        narrow="<svg></svg>",
    )
    assert held.shows(TableBlock(table=now.table("segments"))) == TableBlock(
        table=held.result.table("segments")
    )
    assert held.shows(TableBlock(table=now.table("arms"))) == TableBlock(table=now.table("arms"))
    assert held.shows(figure).kind == "prose"
    assert held.shows(figure.model_copy(update={"source": ["arms"]})).kind == "figure"
    assert "203" not in held.shows(ProseBlock(text="B has 203 people.")).text
    assert held.shows(ProseBlock(text="C has 1,203 people, 560 now.")).text == "C has 1,203 people, 560 now."
    fold = FoldBlock(
        summary="More", blocks=[TableBlock(table=now.table("segments")), ProseBlock(text="B has 203 people.")]
    )
    table, said = held.shows(fold).blocks
    assert table.table == held.result.table("segments")
    assert "203" not in said.text


def test_a_verdict_that_tells_what_is_held_is_found(examined):
    now = version(["A", 340, 75], ["B", 203, 41], ["C", 560, 110], headline="B has 203 people.")
    held = hold(now, LAST, CMS)
    candidate = examined.candidate(study=held.result, previous=LAST, superseded=held.superseded)
    assert [each.where for each in find_small_cells(candidate, CMS)] == ["results.json, verdict"]


def test_a_number_that_was_said_before_of_something_else_tells_nothing(examined):
    last = version(["A", 300, 60], ["B", 200, 40], ["C", 500, 90], headline="In the 203 days it was tried.")
    now = version(["A", 340, 75], ["B", 203, 41], ["C", 560, 110], headline="In the 203 days it was tried.")
    held = hold(now, last, CMS)
    assert "203" in held.superseded
    candidate = examined.candidate(study=held.result, previous=last, superseded=held.superseded)
    assert list(find_small_cells(candidate, CMS)) == []


def test_a_small_change_that_was_not_held_is_found(examined):
    now = version(["A", 340, 75], ["B", 203, 41], ["C", 560, 110])
    candidate = examined.candidate(study=now, previous=LAST)
    assert "results.json, table 2, beside the last version" in [
        each.where for each in find_small_cells(candidate, CMS)
    ]


def test_a_flow_that_excludes_a_few_more_is_the_last_version_s():
    def flow(*people):
        rows = [["all", people[0], 0], ["adults", people[1], people[0] - people[1]]]
        columns = [("step", "label"), ("people", "people"), ("excluded", "people")]
        return LAST.model_copy(
            update={
                "tables": [
                    Table(
                        id="cohort_flow",
                        caption="x",
                        columns=[Column(name=name, title=name, kind=kind) for name, kind in columns],
                        rows=rows,
                        groups="arm",
                    )
                ]
            }
        )

    def shown(now, last):
        return hold(flow(*now), flow(*last), CMS).result.tables[0].rows[0][1]

    assert shown((1043, 990), (1000, 950)) == 1000
    assert shown((1061, 1000), (1000, 950)) == 1061
    assert shown((1043, 840), (1000, 800)) == 1043  # a whole cohort of 200 is excluded


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_whatever_comes_what_is_held_passes_beside_the_last_version(examined, data):
    people = [data.draw(st.integers(0, 120)) for _ in range(4)]
    events = [data.draw(st.integers(0, count)) for count in people]
    versions = []
    for _ in range(3):
        people = [count + data.draw(st.integers(0, 25)) for count in people]
        events = [
            min(count + data.draw(st.integers(0, 15)), most) for count, most in zip(events, people, strict=True)
        ]
        made = version(*([name, *row] for name, *row in zip("ABCD", people, events, strict=True)))
        tables = [hide_small_cells(table, CMS) for table in made.tables]
        now = made.model_copy(update={"tables": tables})
        versions.append(hold(now, versions[-1], CMS).result if versions else now)
    for last, now in pairwise(versions):
        candidate = examined.candidate(study=now, previous=last)
        assert [each for each in find_small_cells(candidate, CMS) if "last" in each.where] == []


def test_groups_that_a_version_fits_anew_are_not_held_to_the_last_one_s():
    def fitted(*rows: list[Any], metrics: tuple[Metric, ...] = ()) -> StudyResult:
        made = version(*rows, metrics=metrics)
        return made.model_copy(
            update={
                "tables": [table.model_copy(update={"fitted": table.id == "segments"}) for table in made.tables]
            }
        )

    share = Metric(name="share", of={"segment": "A"}, value=0.3, unit="probability", n=303)
    now = fitted(["A", 303, 61], ["B", 200, 40], ["C", 620, 120], metrics=(share,))
    last = fitted(
        ["A", 300, 60], ["B", 200, 40], ["C", 500, 90], metrics=(share.model_copy(update={"n": 300}),)
    )
    assert hold(now, last, CMS).result == now
    assert comparable(now, last).tables == [last.table("arms")]
    assert hold(version(["A", 303, 61], ["B", 200, 40], ["C", 620, 120]), last, CMS).superseded


def test_the_arms_beside_fitted_groups_are_still_compared():
    now, last = version(["A", 303, 61]), version(["A", 300, 60])
    tables = [table.model_copy(update={"fitted": table.id == "segments"}) for table in now.tables]
    assert comparable(now.model_copy(update={"tables": tables}), last).has_table("arms")
    assert not comparable(now.model_copy(update={"tables": tables}), last).has_table("segments")
