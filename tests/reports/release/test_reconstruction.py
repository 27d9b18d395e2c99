"""Hidden counts worked out of what is published, this version and the last one together."""

from typing import Any

import pytest

from workbench.present.disclosure import CMS, NHS
from workbench.present.result import Column, Metric, Table
from workbench.reports.release.reconstruction import Exposure, exposures

KINDS = {"people": "people", "events": "events", "step": "label", "excluded": "people"}


def table(name: str, columns: str, *rows: list[Any], groups: str = "attributes") -> Table:
    return Table(
        id=name,
        caption=name,
        columns=[
            Column(name=column, title=column, kind=KINDS.get(column, "label")) for column in columns.split()
        ],
        rows=[list(row) for row in rows],
        groups=groups,
    )


@pytest.fixture
def solved(examined):
    def result_of(tables, metrics):
        return examined.candidate().result.model_copy(update={"tables": tables, "metrics": metrics})

    def solve(
        *tables: Table, last: list[Table] | None = None, metrics: list[Metric] | None = None, profile=CMS
    ):
        previous = None if last is None else result_of(last, [])
        return exposures(result_of(list(tables), metrics or []), previous, profile)

    return solve


HIDDEN = [["A", None], ["B", None], ["C", 500]]


@pytest.mark.parametrize(("whole", "told"), [(501, True), (510, True), (511, False), (900, False)])
def test_the_flow_s_end_is_a_total(solved, whole, told):
    flow = table("cohort_flow", "step people excluded", ["all", whole, 0], groups="arm")
    assert bool(solved(table("groups", "segment people", *HIDDEN), flow)) is told


@pytest.mark.parametrize(("whole", "told"), [(506, True), (560, False)])
def test_people_of_metrics_are_a_total(solved, whole, told):
    arms = [
        Metric(name="rate", of={"arm": arm}, value=0.2, unit="probability", n=n)
        for arm, n in (("a", 300), ("b", whole - 300))
    ]
    assert bool(solved(table("groups", "segment people", *HIDDEN), metrics=arms)) is told


def test_each_value_of_a_label_may_hold_everybody(solved):
    groups = [
        ["sex", "f", 300],
        ["sex", "m", 200],
        ["age", "young", 495],
        ["age", "old", None],
        ["age", "oldest", None],
    ]
    arms = table("arms", "arm people", ["new", 250], ["old", 250], groups="arm")
    assert Exposure((1, 2)) in solved(table("groups", "by group people", *groups), arms)
    assert (
        solved(table("groups", "by group people", *groups[:2], ["age", "young", 440], *groups[3:]), arms) == []
    )


def test_a_chain_of_tables_is_solved_together(solved):
    # 20 in the north, 11 women and 11 men: each sum alone leaves enough open, all together 9 to 11 of either sex there.
    fine = table("fine", "clinic sex people", *[[clinic, sex, None] for clinic in "ns" for sex in "fm"])
    clinics, sexes = (
        table("clinics", "clinic people", ["n", 20]),
        table("sexes", "sex people", ["f", 11], ["m", 11]),
    )
    assert solved(fine, clinics) == solved(fine, sexes) == []
    assert solved(fine, clinics, sexes) == [Exposure((1,))]


def test_rounding_leaves_room(solved):
    arms = table("arms", "arm people", ["new", 250], ["old", 258], groups="arm")
    groups = table("groups", "segment people", ["A", None], ["B", None], ["C", 500])
    assert solved(groups, arms)
    assert solved(groups, arms, profile=NHS) == []


def test_tables_of_other_people_tell_nothing(solved):
    other = table("other", "segment people", ["A", 70], ["B", 60], ["C", 480])
    assert solved(table("groups", "segment people", *HIDDEN), other) == []


def test_a_group_hidden_until_now_follows_from_what_came(solved):
    arms = [table("arms", "arm people", ["new", 250], ["old", n], groups="arm") for n in (262, 263)]
    before = table("groups", "segment people", ["A", None], ["B", None], ["C", 500])
    # Of A and B together there were 12; A, which only grew, has 1 now.
    now = table("groups", "segment people", ["A", None], ["B", 12], ["C", 500])
    assert solved(arms[0], before) == []
    assert any(each.last for each in solved(arms[1], now, last=[arms[0], before]))


def test_who_came_to_two_groups_together_is_few(solved):
    def version(arm, *people):
        return [
            table("arms", "arm people", ["new", 500], ["old", arm], groups="arm"),
            table("groups", "segment people", *zip("ABC", people, strict=True)),
        ]

    last = version(500, 300, 300, 400)
    assert solved(*version(600, 300, 300, 497), last=last) == [Exposure((2,), last=True)]
    assert solved(*version(600, 300, 300, 450), last=last) == []
    assert solved(*version(503, 300, 300, 400), last=last) == []  # the whole alone tells
