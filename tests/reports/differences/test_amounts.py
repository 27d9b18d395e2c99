"""Metrics as a reader sees them."""

import pytest

from workbench.reports.differences.amounts import amounts, direction, metric_name, shown_alike


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (
            {"of": {"arm": "new", "outcome": "guardrail", "versus": "old"}},
            "Difference: new against old, guardrail",
        ),
        (
            {
                "name": "auroc",
                "unit": "AUROC",
                "of": {"by": "lead", "group": "1 to 7 days", "model": "own_rate"},
            },
            "AUROC: lead 1 to 7 days, own rate",
        ),
        (
            {"name": "net_benefit", "of": {"model": "all", "threshold": "0.16"}},
            "Net benefit: all, threshold 0.16",
        ),
        ({"of": {"segment": "A"}}, "Difference: segment A"),
        ({"name": "faults", "of": {}}, "Faults"),
    ],
)
def test_a_metric_s_name_says_what_it_is_of(metric, given, name):
    assert metric_name(metric(1.0, **given)) == name


@pytest.mark.parametrize(
    ("unit", "value", "half", "text"),
    [
        ("proportion", 0.0277, 0.01, "2.8 points (1.8 to 3.8)"),
        ("probability", 0.07, 0.01, "7.0 % (6.0 to 8.0)"),
        ("probability", 1.0, None, "> 99.9 %"),
        ("share of calls", 0.508, None, "50.8 %"),
        ("log odds", 0.01234, 0.05, "0.0123 (−0.0377 to 0.0623)"),
        ("rows", 1204.0, None, "1,204"),
        ("ratio", 123.4, None, "123"),
        ("ratio", 0.0, None, "0"),
    ],
)
def test_a_value_is_told_in_its_unit(metric, unit, value, half, text):
    one = metric(value, half, unit=unit)
    assert amounts(one, one) == (text, text)


def test_both_values_have_the_same_digits(metric):
    assert amounts(metric(0.9981), metric(1.01)) == ("0.998", "1.010")
    assert amounts(metric(1.0, 0.5), metric(2.0, 0.5), with_intervals=False) == ("1.00", "2.00")


def test_what_is_beyond_the_digits_shown_is_alike(metric):
    assert shown_alike(metric(0.02771, 0.01, unit="proportion"), metric(0.02774, 0.01, unit="proportion"))
    assert not shown_alike(metric(0.0277, 0.01, unit="proportion"), metric(0.0277, 0.02, unit="proportion"))


@pytest.mark.parametrize(
    ("which", "up", "down"),
    [
        ("higher_is_better", "up (better)", "down (worse)"),
        ("lower_is_better", "up (worse)", "down (better)"),
        ("neither", "up", "down"),
    ],
)
def test_the_direction_says_what_is_for_the_better(metric, which, up, down):
    low, high = metric(1.0, direction=which), metric(2.0, direction=which)
    assert (direction(low, high), direction(high, low)) == (up, down)
    assert direction(low, metric(1.0000001, direction=which)) == "as before"
