"""The tables below the lines."""

import pytest

from workbench.reports.differences.comparison import compare
from workbench.reports.differences.tables import difference_tables, parameter_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (14, "14"),
        (0.5, "0.5"),
        (True, "true"),
        ("Anna’s team", "Anna’s team"),
        (["a", "b"], "a, b"),
        ([], "none"),
        ({"cron": "0 6 * * 1"}, '{"cron": "0 6 * * 1"}'),
    ],
)
def test_a_parameter_is_told_on_one_line(value, text):
    assert parameter_text(value) == text


def test_tables_without_rows_are_left_out(side):
    assert difference_tables(compare(side(), side(decision="adopt")), whole=True) == ()


def test_a_cohort_that_stayed_has_no_table(side, flow):
    sides = [
        side(tables=(flow(("known", 900), ("studied", 500)),), parts=parts)
        for parts in ({}, {"data": "1" * 64})
    ]
    assert difference_tables(compare(*sides), whole=True) == ()


def test_each_kind_of_difference_has_its_table(side, metric, flow):
    before = side(
        metrics=(metric(0.0, 1.0),), tables=(flow(("known", 900), ("studied", 500)),), checks={"A": True}
    )
    after = side(
        metrics=(metric(0.1, 1.0),),
        tables=(flow(("known", 1000), ("studied", 550)),),
        checks={"A": False},
        parts={"data": "1" * 64},
        parameters={"owner": "Others"},
        packages={"pandas": "3.0.0"},
        data_until=None,
    )
    tables = {table.id: table.rows for table in difference_tables(compare(before, after), whole=True)}
    assert tables == {
        "numbers": [
            [
                "Difference: new against old",
                "0.100 (−0.900 to 1.100)",
                "0.000 (−1.000 to 1.000)",
                "up; within chance",
            ]
        ],
        "steps": [["known", "1,000", "+100"], ["studied", "550", "+50"]],
        "checks": [["A", "failed", "passed"]],
        "parameters": [["owner", "Others", "Outreach analytics"]],
        "code": [["pandas", "3.0.0", "2.2.0"], ["data until", "unknown", "15 Nov 2026, 18:00 UTC"]],
    }
    assert "numbers" not in [table.id for table in difference_tables(compare(before, after), whole=False)]
