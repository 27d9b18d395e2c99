"""The history of a number: one point a day, broken where there is none, told in words."""

import re
from datetime import date, timedelta

import pytest

from workbench.present.headline_number import HeadlineNumber
from workbench.present.result import HeadlineMetric
from workbench.reports.sparkline import HEIGHT, WIDTH, Point, history_of, in_words, sparkline

LAST = date(2026, 11, 23)


def number(value, half=0.01, of=None, no_effect=0.0):
    metric = HeadlineMetric(
        name="difference", of=of or {}, label="More per 1,000", scale=1000, no_effect=no_effect
    )
    low, high = (None, None) if value is None or half is None else (value - half, value + half)
    level, interval = (None, None) if low is None else (0.95, "credible")
    return HeadlineNumber(metric=metric, value=value, low=low, high=high, level=level, interval=interval)


def points(*values, **given):
    """Points a week apart, the newest first, as versions come."""
    made = [value if isinstance(value, HeadlineNumber) else number(value, **given) for value in values]
    return [Point(LAST - timedelta(weeks=week), each) for week, each in enumerate(made)]


def drawn(*values, **given):
    return sparkline(history_of(points(*values, **given)))


def test_the_oldest_comes_first_and_of_a_day_the_newest_version_counts():
    newest, again = Point(LAST, number(0.03)), Point(LAST, number(0.02))
    older = Point(LAST - timedelta(days=7), number(0.01))
    assert history_of([newest, again, older]) == [older, newest]


def test_another_number_and_none_are_gaps():
    other = Point(LAST - timedelta(days=7), number(0.01, of={"arm": "short"}))
    none = Point(LAST - timedelta(days=14), None)
    first = Point(LAST - timedelta(days=21), number(0.02))
    history = history_of([Point(LAST, number(0.03)), other, none, first])
    assert [point.number is not None for point in history] == [True, False, False, True]


@pytest.mark.parametrize("told", [[], [Point(LAST, None)], [Point(LAST, None), *points(0.01)]])
def test_without_a_number_today_there_is_no_history(told):
    assert history_of(told) == []


@pytest.mark.parametrize("values", [(), (0.01,), (0.01, None), (None, 0.01, None)])
def test_fewer_than_two_values_are_not_drawn(values):
    assert drawn(*values) is None


def test_line_and_band_follow_the_values_within_the_drawing():
    svg = drawn(0.03, 0.02, 0.01)
    places = [float(text) for text in re.findall(r"-?\d+\.\d", " ".join(re.findall(r' d="([^"]*)"', svg)))]
    assert min(places) >= 0
    assert max(places) <= max(WIDTH, HEIGHT)
    (line,) = re.findall(r'd="M([^"]*)" fill="none" stroke="var\(--s1\)"', svg)
    heights = [float(text) for text in line.split()[1::2]]
    assert heights == sorted(heights, reverse=True)
    assert svg.count("fill-opacity") == 1


def test_a_hidden_value_breaks_the_line_and_a_point_alone_keeps_its_interval():
    svg = drawn(0.03, 0.02, None, 0.01)
    assert svg.count("fill-opacity") == 1
    assert svg.count("stroke-opacity") == 1
    assert svg.count("<circle") == 2


def test_without_interval_there_is_no_band():
    assert "fill-opacity" not in drawn(0.03, 0.02, half=None)


@pytest.mark.parametrize(
    ("values", "seen"), [((0.03, 0.005), True), ((0.9, 0.91), False), ((-0.02, -0.03), True)]
)
def test_no_effect_is_drawn_where_it_is_near(values, seen):
    assert ("stroke-dasharray" in drawn(*values)) == seen
    assert "stroke-dasharray" not in drawn(*values, no_effect=None)


@pytest.mark.parametrize("value", [0.0, 79.0, -3.0])
def test_a_number_that_never_changes_is_a_level_line(value):
    svg = drawn(value, value, half=None, no_effect=None)
    (line,) = re.findall(r'd="M([^"]*)" fill="none" stroke="var\(--s1\)"', svg)
    assert set(line.split()[1::2]) == {f"{HEIGHT / 2:.1f}"}


def test_it_is_told_in_words_and_words_stay_words():
    history = history_of(points(0.03, 0.01, 0.02))
    told = (
        "More per 1,000, of 3 days: first 20 (10 to 30) on 9 Nov 2026, last 30 (20 to 40) on 23 Nov 2026; "
        "lowest 10 (0 to 20) on 16 Nov 2026, highest 30 (20 to 40) on 23 Nov 2026."
    )
    assert in_words(history) == told
    svg = sparkline(history)
    assert f'role="img" aria-label="{told}"' in svg
    hostile = number(0.01).model_copy(
        update={"metric": HeadlineMetric(name="difference", of={}, label='"><script>x</script>')}
    )
    attacked = sparkline(history_of(points(hostile, hostile)))
    assert "<script" not in attacked
    assert len(re.findall("<svg", attacked)) == 1
