"""Numbers and dates as text, at the edges where rounding would mislead."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from workbench.present import numbers


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [
        (0, 0, False, "0"),
        (0.0, 1, True, "0.0"),
        (-0.04, 1, True, "0.0"),
        (-0.0, 2, False, "0.00"),
        (1204, 0, False, "1,204"),
        (-12345.678, 1, False, "−12,345.7"),
        (3.14, 1, True, "+3.1"),
        (-3.14, 1, True, "−3.1"),
        (999_999.6, 0, False, "1,000,000"),
    ],
)
def test_number_has_a_true_minus_thousands_and_no_signed_zero(value, digits, signed, text):
    assert numbers.number(value, digits, signed=signed) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_is_not_shown(value):
    with pytest.raises(ValueError, match="finite"):
        numbers.number(value)


def test_shares_and_differences_say_their_unit():
    assert numbers.percent(0.0983) == "9.8 %"
    assert numbers.percent(1) == "100.0 %"
    assert numbers.percent(0.5, 0) == "50 %"
    assert numbers.points(-0.0312) == "−3.1 points"
    assert numbers.points(0.0312, signed=True) == "+3.1 points"
    assert numbers.per_thousand(0.0312) == "31 per 1,000"
    assert numbers.per_thousand(-0.0004, 1) == "−0.4 per 1,000"
    assert numbers.count(12480) == "12,480"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.996, "99.6 %"),
        (0.9994, "99.9 %"),
        (0.9996, "> 99.9 %"),
        (1 - 1e-16, "> 99.9 %"),
        (1.0, "> 99.9 %"),
        (0.5, "50.0 %"),
        (0.0006, "0.1 %"),
        (0.0004, "< 0.1 %"),
        (0.0, "< 0.1 %"),
    ],
)
def test_a_probability_is_never_certain(value, text):
    assert numbers.probability(value) == text


def test_a_probability_without_decimals_keeps_its_bounds():
    assert numbers.probability(0.997, 0) == "> 99 %"
    assert numbers.probability(0.001, 0) == "< 1 %"


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_refused(value):
    with pytest.raises(ValueError, match="0 to 1"):
        numbers.probability(value)


def test_intervals_are_told_in_words():
    assert numbers.interval(12, 31) == "12 to 31"
    assert numbers.interval(-0.004, 0.022, 1, scale=100, unit="%") == "−0.4 to 2.2 %"
    assert numbers.interval(-0.2, 0.2) == "0 to 0"


def test_dates_are_told_without_a_locale():
    assert numbers.day(date(2026, 11, 3)) == "3 Nov 2026"
    assert numbers.day("2026-11-23") == "23 Nov 2026"
    assert numbers.day("last Monday") == "last Monday"
    assert numbers.short_day(date(2026, 3, 1)) == "1 Mar"


def test_moments_are_told_in_utc():
    there = datetime(2026, 11, 22, 13, 5, tzinfo=timezone(timedelta(hours=-5)))
    assert numbers.moment(there) == "22 Nov 2026, 18:05 UTC"
    assert numbers.moment("2026-11-22T18:00:00+00:00") == "22 Nov 2026, 18:00 UTC"
    assert numbers.moment("2026-11-22") == "22 Nov 2026"
    assert numbers.moment(date(2026, 11, 22)) == "22 Nov 2026"
    assert numbers.moment(datetime(2026, 11, 22, 7, 0)) == "22 Nov 2026, 07:00"
    assert numbers.moment("some time in autumn") == "some time in autumn"
    assert numbers.moment(datetime(2026, 11, 22, tzinfo=UTC)) == "22 Nov 2026, 00:00 UTC"
