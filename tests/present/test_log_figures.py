"""Figures of logs: what they say to who cannot see them, and that nothing hidden is drawn."""

import re
from datetime import date, timedelta

import pytest

from workbench.present.blocks import FigureBlock
from workbench.present.figures import HourBar, ShareRow, WeekPanel, hours_figure, shares_figure, weeks_figure

WORDS = {"id": "f", "title": "A title", "caption": "What it shows.", "source": ["t"]}
MONDAY = date(2026, 1, 5)


def hours(counts):
    bars = [HourBar(hour, counts.get(hour, 0)) for hour in range(24)]
    return hours_figure(bars=bars, quiet_until=8, quiet_from=21, counted="texts", **WORDS)


def shares(rows, months=("Oct 26", "Nov 26", "Dec 26", "Jan 27")):
    return shares_figure(months=months, rows=rows, **WORDS)


def weeks(*panels):
    return weeks_figure(panels=panels, **WORDS)


def panel(rows, gaps=()):
    return WeekPanel("Texts", [MONDAY + timedelta(weeks=at) for at in range(len(rows))], rows, gaps)


def drawn(figure: FigureBlock) -> str:
    return " ".join(re.findall(r"<text[^>]*>([^<]*)", figure.wide))


def test_hours_are_told_with_the_quiet_ones():
    figure = hours({9: 1_200, 22: None})
    assert "before 8 and from 21 h are shaded" in figure.alt
    assert "09 h 1,200; 22 h not shown. All other hours: none." in figure.alt
    assert "quiet" in drawn(figure)


def test_an_hour_that_is_hidden_has_a_mark_and_no_bar():
    empty, hidden, shown = (hours(counts).wide for counts in ({}, {22: None}, {22: 40}))
    assert len({empty, hidden, shown}) == 3


def test_no_texts_at_all_can_be_drawn():
    assert "None. All other hours: none." in hours({}).alt


def test_shares_stand_in_their_cells_without_the_percent_sign():
    row = ShareRow("messages.error_code", (0.95, None, 0.0, None), ("95 %", "few", "0 %", "–"))
    figure = shares([row])
    assert drawn(figure).endswith("messages.error_code 95 few 0 –")
    assert "messages.error_code: Oct 26 95 %, Nov 26 few, Dec 26 0 %, Jan 27 –" in figure.alt


def test_a_phone_shows_the_last_six_months_alone():
    months = [f"{name} 26" for name in ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug")]
    row = ShareRow("a.b", [0.5] * 8, [f"{at} %" for at in range(8)])
    figure = shares([row], months)
    assert ">Feb<" in figure.wide
    assert ">Feb<" not in figure.narrow
    assert ">Mar<" in figure.narrow


def test_years_are_named_at_the_first_month_and_at_january():
    assert drawn(shares([ShareRow("a.b", [0.1] * 4, ["10 %"] * 4)])).startswith("Oct ’26 Nov Dec Jan ’27")


@pytest.mark.parametrize("gaps", [(), (date(2026, 1, 14),)])
def test_weeks_and_silent_days_are_told(gaps):
    figure = weeks(panel([300, None, 410], gaps))
    assert "Texts: 300 to 410 a week" in figure.alt
    assert ("days without any: 14 Jan 2026" in figure.alt) == bool(gaps)


def test_hidden_weeks_alone_can_be_drawn():
    assert "Texts: not shown" in weeks(panel([None])).alt


def test_the_same_input_gives_the_same_bytes():
    assert weeks(panel([1, 2])).wide == weeks(panel([1, 2])).wide
