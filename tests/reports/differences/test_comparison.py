"""What is compared with what, and what is not compared at all."""

from datetime import date

import pytest

from workbench.present.result import Column, Table
from workbench.refusal import Refused
from workbench.reports.differences.comparison import Pair, compare

OTHER_DATA = {"data": "1" * 64}


def groups(name):
    columns = [("group", "label"), ("name", "text"), ("people", "people")]
    return Table(
        id="groups",
        caption="Groups",
        columns=[Column(name=column, title=column, kind=kind) for column, kind in columns],
        rows=[["A", name, 400]],
        groups="attributes",
    )


def test_a_version_is_the_same_as_itself_under_another_name(side, metric):
    one = side(metrics=(metric(1.0, 0.5),))
    assert compare(one, one).is_same
    difference = compare(one, side(metrics=(metric(1.0, 0.5),), name="greeting", git_commit="b" * 40))
    assert difference.is_same
    assert difference.data.are_same


@pytest.mark.parametrize(
    "change",
    [
        {"parts": OTHER_DATA},
        {"decision": "invalid"},
        {"checks": {"Enough": True}},
        {"parts": {"seed": "1" * 64}},
    ],
)
def test_a_part_or_a_result_that_changed_makes_a_difference(side, change):
    assert not compare(side(), side(**change)).is_same


def test_versions_of_two_studies_are_refused(side):
    with pytest.raises(Refused, match="one is of the study ab_test, the other of no_show"):
        compare(side(), side(study="no_show"))


def test_metrics_are_matched_by_name_unit_and_what_they_are_of(side, metric):
    of = {"arm": "short", "versus": "old"}
    before = side(
        metrics=(metric(0.0, 0.1), metric(5.0, 0.1, of=of), metric(1.0, unit="ratio")), parts=OTHER_DATA
    )
    after = side(
        metrics=(metric(5.0, 0.1, of=dict(reversed(of.items()))), metric(0.4, 0.1), metric(1.0, name="faults"))
    )
    metrics = compare(before, after).metrics
    assert [(change.after.value, change.movement) for change in metrics.changes] == [(0.4, "moved")]
    assert (metrics.compared, metrics.judged) == (2, 2)
    assert metrics.by_chance == pytest.approx(0.1)
    assert [each.name for each in metrics.appeared] == ["faults"]
    assert [each.unit for each in metrics.vanished] == ["ratio"]


def test_metrics_that_share_a_name_are_matched_in_their_order(side, metric):
    before = side(metrics=(metric(0.0, 0.1), metric(5.0, 0.1)), parts=OTHER_DATA)
    assert compare(before, side(metrics=(metric(0.0, 0.1), metric(5.0, 0.1)))).metrics.changes == ()


def test_on_the_same_data_less_is_noise(side, metric):
    pair = side(metrics=(metric(0.0, 1.0),)), side(metrics=(metric(0.5, 1.0),), parts={"package": "1" * 64})
    assert compare(*pair).metrics.changes[0].movement == "moved"
    on_other_data = side(metrics=(metric(0.5, 1.0),), parts=OTHER_DATA)
    assert compare(pair[0], on_other_data).metrics.changes[0].movement == "within_noise"


def test_another_day_looks_at_other_data_though_the_files_are_the_same(side):
    difference = compare(side(), side(as_of=date(2026, 11, 23), parameters={"as_of": "2026-11-23"}))
    assert not difference.data.are_same
    assert not difference.data.contents
    assert difference.data.as_of == Pair("2026-11-16", "2026-11-23")
    assert difference.parameters == {}


@pytest.mark.parametrize(
    ("change", "incomparable"),
    [
        ({"window_days": 21}, ("window_days",)),
        ({"minors": "include"}, ("minors",)),
        ({"goes_on_without": {"consent": "It is not asked."}}, ("goes_on_without",)),
        ({"never_heard_of": 1}, ("never_heard_of",)),
        ({"title": "Another", "owner": "Others", "seed": 2, "valid_days": 7, "who_must_act": "We do."}, ()),
    ],
)
def test_numbers_whose_meaning_changed_are_not_compared(side, metric, change, incomparable):
    one = metric(0.0, 0.1)
    before, after = side(metrics=(one,), parts=OTHER_DATA), side(metrics=(one,), parameters=change)
    difference = compare(before, after)
    assert difference.metrics.incomparable == incomparable
    assert difference.metrics.compared == (0 if incomparable else 1)
    assert set(difference.parameters) == set(change)


def test_another_reason_to_go_on_without_changes_no_meaning(side, metric):
    sides = [
        side(metrics=(metric(0.0),), parameters={"goes_on_without": {"age": reason}})
        for reason in ("A b.", "C d.")
    ]
    assert compare(*sides).metrics.compared == 1


def test_a_hidden_number_stays_hidden(side, metric):
    shown, hidden = metric(0.2, 0.1), metric(None)
    for pair in ((shown, hidden), (hidden, shown)):
        metrics = compare(*(side(metrics=(each,)) for each in pair)).metrics
        assert metrics.changes == ()
        assert len(metrics.unshown) == 1
    nothing = compare(side(metrics=(hidden,)), side(metrics=(hidden,), parts=OTHER_DATA)).metrics
    assert (nothing.unshown, nothing.compared) == ((), 0)


def test_a_group_that_is_described_otherwise_is_another_group(side, metric):
    share = {"name": "group_share", "of": {"segment": "A"}, "unit": "probability", "n": 1000}
    before = side(metrics=(metric(0.4, **share),), tables=(groups("book far ahead"),))
    same = compare(before, side(metrics=(metric(0.6, **share),), tables=(groups("book far ahead"),)))
    assert [change.movement for change in same.metrics.changes] == ["changed"]
    other = compare(before, side(metrics=(metric(0.6, **share),), tables=(groups("miss often"),)))
    assert other.metrics.changes == ()
    assert len(other.metrics.renamed) == 1


def test_few_people_between_two_shares_are_marked(side, metric):
    rate = {"name": "rate", "of": {"arm": "new"}, "unit": "probability"}
    before, after = metric(0.1, 0.001, n=2000, **rate), metric(0.11, 0.001, n=2005, **rate)
    (change,) = compare(side(metrics=(before,)), side(metrics=(after,), parts=OTHER_DATA)).metrics.changes
    assert (change.movement, change.few) == ("moved", True)


def test_checks_that_changed_are_told_by_their_states(side):
    before = side(checks={"Same": True, "Broke": True, "Mended": False, "Gone": None})
    after = side(checks={"Same": True, "Broke": False, "Mended": True, "New": None})
    assert compare(before, after).checks == {
        "Broke": Pair("passed", "failed"),
        "Mended": Pair("failed", "passed"),
        "New": Pair("not there", "noted"),
        "Gone": Pair("noted", "not there"),
    }


def test_code_is_told_by_parts_commit_and_packages(side):
    after = side(
        parts={"package": "1" * 64, "environment": "2" * 64, **OTHER_DATA},
        git_commit="b" * 40,
        packages={"pandas": "3.0.0", "scipy": "1.16"},
        python="3.14.0",
    )
    code = compare(side(), after).code
    assert code.parts == ("environment", "package")
    assert code.commit == Pair("a" * 40, "b" * 40)
    assert code.packages == {
        "python": Pair("3.13.0", "3.14.0"),
        "pandas": Pair("2.2.0", "3.0.0"),
        "scipy": Pair(None, "1.16"),
    }
