"""Small cells as a reader could find them in what is about to be published."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.present.blocks import BLOCK_TYPE
from workbench.present.disclosure import CMS, NHS, FlowStep, cohort_flow, hide_metrics, hide_small_cells
from workbench.present.result import Column, Metric, Table
from workbench.reports.release.small_cells import find_small_cells

KINDS = {
    "segment": "label",
    "age": "label",
    "arm": "label",
    "step": "label",
    "people": "people",
    "excluded": "people",
    "events": "events",
    "share": "share",
    "estimate": "estimate",
}


def table(name: str, columns: str, *rows: list[Any], groups: str = "attributes") -> Table:
    return Table(
        id=name,
        caption=name,
        columns=[Column(name=column, title=column, kind=KINDS[column]) for column in columns.split()],
        rows=[list(row) for row in rows],
        groups=groups,
    )


@pytest.fixture
def found(examined):
    def places(*tables: Table, metrics: list[Metric] | None = None, profile=CMS) -> list[str]:
        study = examined.candidate().result.model_copy(
            update={"tables": list(tables), "metrics": metrics or []}
        )
        return [finding.where for finding in find_small_cells(examined.candidate(study=study), profile)]

    return places


@pytest.mark.parametrize(
    ("profile", "people", "events", "clean"),
    [
        (CMS, 0, 0, True),
        (CMS, 1, 0, False),
        (CMS, 10, 0, False),
        (CMS, 11, None, False),  # one row of which a count is not shown follows from the total
        (CMS, 500, 0, False),
        (CMS, 500, 1, False),
        (CMS, 500, 10, False),
        (CMS, 500, 11, True),
        (CMS, 500, 490, False),
        (CMS, 500, 489, True),
        (CMS, 500, 500, False),
        (NHS, 5, 0, False),
        (NHS, 500, 5, False),
        (NHS, 500, 10, True),
        (NHS, 500, 12, False),  # not rounded
        (NHS, 498, 10, False),
        (NHS, 500, 495, False),
    ],
)
def test_groups_at_the_edges(found, profile, people, events, clean):
    groups = table("groups", "segment people events", ["A", people, events], ["B", 400, 60])
    assert (found(groups, profile=profile) == []) is clean


@pytest.mark.parametrize(
    ("share", "clean"), [(0.0, False), (0.02, False), (0.022, True), (0.98, False), (1.0, False)]
)
def test_a_share_that_gives_a_small_count_back(found, share, clean):
    groups = table("groups", "segment people share", ["A", 500, share], ["B", 400, 0.2])
    assert (found(groups) == []) is clean


@pytest.mark.parametrize(("people", "clean"), [(99, False), (100, True)])
def test_arms_of_fewer_than_a_hundred(found, people, clean):
    arms = table("arms", "arm people events", ["new", people, 3], ["old", 2000, 100], groups="arm")
    assert (found(arms) == []) is clean


def test_a_single_hidden_row_follows_from_the_total(found):
    assert found(table("groups", "segment people", ["A", None], ["B", 400], ["C", 500])) == [
        "results.json, table 1"
    ]


def test_two_hidden_rows_do_not(found):
    assert found(table("groups", "segment people", ["A", None], ["B", None], ["C", 500])) == []


def test_a_row_half_hidden_is_found(found):
    groups = table("groups", "segment people estimate", ["A", None, 3.1], ["B", None, None], ["C", 500, 2.0])
    assert found(groups) == ["results.json, table 1, row 1"]


def test_a_row_that_follows_from_a_margin_by_another_label(found):
    rows = [["A", "t", None], ["A", "c", 60], ["B", "t", None], ["B", "c", 80]]
    assert "results.json, table 1" in found(table("groups", "segment arm people", *rows))


def test_the_same_groups_shown_in_another_table(found):
    first = table("first", "segment people", ["A", None], ["B", None], ["C", 500])
    second = table("second", "segment people", ["A", None], ["B", 60], ["C", 500])
    assert "results.json, tables 1 and 2" in found(first, second)


def test_the_same_groups_by_finer_ones(found):
    coarse = table("coarse", "segment people", ["A", None], ["B", None], ["C", 500])
    finer = [
        ["B", "t", 30],
        ["B", "c", 30],
        ["A", "t", None],
        ["A", "c", None],
        ["C", "t", 250],
        ["C", "c", 250],
    ]
    assert "results.json, tables 1 and 2" in found(coarse, table("fine", "segment arm people", *finer))


def test_other_people_under_the_same_labels_give_nothing_back(found):
    first = table("first", "segment people", ["A", None], ["B", None], ["C", 500])
    second = table("second", "segment people", ["A", 70], ["B", 60], ["C", 480])
    assert found(first, second) == []


@pytest.mark.parametrize(("arm", "clean"), [(501, False), (510, False), (511, True)])
def test_the_total_of_the_arms_leaves_few(found, arm, clean):
    groups = table("groups", "segment people", ["A", None], ["B", None], ["C", 500])
    arms = table("arms", "arm people", ["new", 0], ["old", arm], groups="arm")
    assert (found(groups, arms) == []) is clean


def test_a_coarser_group_leaves_few(found):
    finer = table(
        "fine", "segment arm people", ["A", "t", None], ["A", "c", None], ["A", "n", 60], ["B", "t", 90]
    )
    coarse = table("coarse", "segment people", ["A", 66], ["B", 90])
    assert "results.json, tables 1 and 2" in found(finer, coarse)


def test_the_total_of_events_leaves_none(found):
    groups = table("groups", "segment people events", ["A", None, None], ["B", None, None], ["C", 500, 90])
    arms = table("arms", "arm people events", ["new", 300, 40], ["old", 400, 50], groups="arm")
    assert found(groups, arms) == ["results.json, tables 1 and 2"]


def test_groups_whose_people_are_not_counted_are_found(found):
    assert found(table("groups", "segment estimate", ["A", 3.0])) == ["results.json, table 1"]


@pytest.mark.parametrize(
    ("rows", "clean"),
    [
        ([["all", 1000, 0], ["adults", 1000, 0]], True),
        ([["all", 1000, 0], ["adults", 990, 10]], False),
        ([["all", 1000, 0], ["adults", 989, 11]], True),
        ([["all", 1000, None], ["adults", 995, None]], False),
        ([["all", None, None], ["adults", 995, None]], True),
        ([["all", 1000, 0], ["adults", 10, 990]], False),
    ],
)
def test_flows(found, rows, clean):
    assert (found(table("flow", "step people excluded", *rows, groups="arm")) == []) is clean


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.sampled_from([CMS, NHS]))
def test_flows_made_by_cohort_flow_pass(examined, excluded, profile):
    remaining = [sum(excluded[at:]) for at in range(len(excluded) + 1)]
    flow = cohort_flow([FlowStep("step", people) for people in remaining], profile)
    study = examined.candidate().result.model_copy(update={"tables": [flow], "metrics": []})
    assert list(find_small_cells(examined.candidate(study=study), profile)) == []


@settings(deadline=None, max_examples=50)
@given(st.data(), st.sampled_from([CMS, NHS]))
def test_what_was_hidden_passes_beside_the_whole_arms(examined, data, profile):
    segments, arms = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    people = {(s, a): data.draw(st.integers(0, 90)) for s in range(segments) for a in range(arms)}
    events = {key: data.draw(st.integers(0, count)) for key, count in people.items()}
    groups = [[f"s{s}", f"a{a}", people[s, a], events[s, a]] for s, a in people]
    whole = [
        [f"a{a}", sum(people[s, a] for s in range(segments)), sum(events[s, a] for s in range(segments))]
        for a in range(arms)
    ]
    tables = [
        hide_small_cells(table("groups", "segment arm people events", *groups), profile),
        hide_small_cells(table("arms", "arm people events", *whole, groups="arm"), profile),
    ]
    rates = [
        Metric(name="rate", of={"segment": s, "arm": a}, value=k / n, unit="probability", n=n)
        for s, a, n, k in groups
        if n
    ]
    changes = {"tables": tables, "metrics": hide_metrics(rates, tables, profile)}
    study = examined.candidate().result.model_copy(update=changes)
    assert list(find_small_cells(examined.candidate(study=study), profile)) == []


@pytest.mark.parametrize(
    ("of", "n", "value", "clean"),
    [
        ({"segment": "A"}, 500, 0.1, True),
        ({"segment": "A"}, 10, 0.5, False),
        ({"segment": "A"}, 11, 0.5, False),  # 6 of 11
        ({"clinic": "north"}, 500, 0.02, False),
        ({"segment": "A", "arm": "t", "versus": "c"}, 500, 0.001, True),
        ({"arm": "t"}, 500, 0.001, True),
    ],
)
def test_metrics(found, of, n, value, clean):
    metric = Metric(name="rate", of=of, value=value, unit="probability", n=n)
    arms = table("arms", "arm people", ["t", 500], ["c", 500], groups="arm")
    assert found(arms, metrics=[metric]) == ([] if clean else ["results.json, metric 1"])


def test_a_table_that_claims_to_count_nobody_is_found(found):
    assert found(table("plain", "segment people", ["A", 3], groups="none")) == ["results.json, table 1"]


def test_a_table_shown_that_is_not_the_results(examined):
    candidate = examined.candidate()
    candidate.notebook.cells[1].outputs[1].data[BLOCK_TYPE]["table"]["rows"][0][1] = 3
    (finding,) = find_small_cells(candidate, CMS)
    assert finding.where == "notebook.ipynb, cell 2"


def test_what_is_folded_is_found_too(examined):
    candidate = examined.candidate()
    figure, table, published = candidate.notebook.cells[1].outputs
    blocks = [figure.data[BLOCK_TYPE], table.data[BLOCK_TYPE]]
    figure.data[BLOCK_TYPE] = {"kind": "fold", "summary": "In numbers", "blocks": blocks}
    candidate.notebook.cells[1].outputs = [figure, published]
    assert list(find_small_cells(candidate, CMS)) == []
    inner = figure.data[BLOCK_TYPE]["blocks"]
    inner[0]["source"], inner[1]["table"]["rows"][0][1] = ["nowhere"], 3
    assert [each.where for each in find_small_cells(candidate, CMS)] == ["notebook.ipynb, cell 2"] * 2


@pytest.mark.parametrize("source", [[], ["nowhere"]])
def test_a_figure_whose_numbers_stand_nowhere(examined, source):
    candidate = examined.candidate()
    candidate.notebook.cells[1].outputs[0].data[BLOCK_TYPE]["source"] = source
    (finding,) = find_small_cells(candidate, CMS)
    assert "figure" in finding.advice


def test_findings_do_not_repeat_labels_or_numbers(examined):
    groups = table("groups", "segment people", ["Maria", 7], ["B", 500])
    study = examined.candidate().result.model_copy(update={"tables": [groups]})
    findings = list(find_small_cells(replace(examined.candidate(study=study)), CMS))
    assert findings
    assert not any("Maria" in str(finding) or "7" in str(finding) for finding in findings)
