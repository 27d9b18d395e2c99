"""Figures: the same bytes each time, text that can be read, colors a page can turn, nothing a page may not hold."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from workbench.present.drawing import INK, NARROW, PALETTE, SERIES, WIDE, plot_area, write
from workbench.present.figures import (
    Curve,
    Density,
    Exceedance,
    IntervalRow,
    accrual_figure,
    delay_figure,
    draw_figure,
    exceedance_figure,
    interval_figure,
    posterior_figure,
)
from workbench.present.svg import checked
from workbench.refusal import Refused

ROWS = [
    IntervalRow("Motivational", 31, 18, 44, 24.5, 37.5, "n 2,104"),
    IntervalRow("Short", 9, -4, 22, 2, 15.5, series=1),
    IntervalRow("Few people", None, series=2),
]
WORDS = {"id": "effect", "title": "The new text is better", "caption": "Thin: 95 %.", "source": ["arms"]}


def intervals(**given):
    return interval_figure(
        **(WORDS | {"rows": ROWS, "axis": "more bookings per 1,000", "rope": (-5, 5)} | given)
    )


def posteriors():
    x = [float(place) for place in range(-30, 71)]
    height = [max(0.0, 1 - abs(place - 20) / 25) for place in x]
    curves = [
        Density("Motivational", x, height, 20, 2, 38, "99 % better"),
        Density("Short", x, height, 20, 2, 38),
    ]
    return posterior_figure(**WORDS, curves=curves, axis="more bookings per 1,000", rope=(-5, 5))


def accrual():
    weeks = [date(2026, 8, 17) + timedelta(weeks=week) for week in range(12)]
    counts = [100 * week for week in range(12)]
    return accrual_figure(
        **WORDS, weeks=weeks, assigned=counts, complete=[0, 0, *counts[:-2]], planned_end=date(2026, 11, 16)
    )


def delays():
    days = list(range(15))
    curves = [
        Curve("New", days, [0.01 * day for day in days]),
        Curve("Old", days, [0.008 * day for day in days], 1),
    ]
    return delay_figure(**WORDS, curves=curves, window=14)


def exceedances():
    x = [float(place) for place in range(-20, 61, 2)]
    falling = [1 - (place + 20) / 80 for place in x]
    curves = [Exceedance("Motivational", x, falling, 1), Exceedance("Short", x, [p**3 for p in falling], 2)]
    return exceedance_figure(**WORDS, curves=curves, axis="more bookings per 1,000", smallest=20)


ALL = pytest.mark.parametrize("make", [intervals, posteriors, accrual, delays, exceedances])


@ALL
def test_the_same_numbers_give_the_same_bytes(make):
    assert make() == make()


@ALL
def test_a_drawing_is_an_image_with_a_name_that_scales(make):
    figure = make()
    for drawn, form in ((figure.wide, WIDE), (figure.narrow, NARROW)):
        root = ET.fromstring(drawn)
        assert root.get("role") == "img"
        assert root.get("aria-label") == figure.alt
        assert root.get("viewBox").split()[2] == str(int(form.width))
        assert root.get("width") is None
        assert root.get("class") == form.name


@ALL
def test_no_text_is_under_11_px_where_it_is_shown_smallest(make):
    figure = make()
    # The wide form shows from 600 px on; the narrow one in 288 px on the smallest phones.
    for drawn, form, smallest in ((figure.wide, WIDE, 600), (figure.narrow, NARROW, 288)):
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', drawn)]
        assert sizes
        assert min(sizes) * smallest / form.width >= 11


@ALL
def test_text_stays_within_the_drawing(make):
    figure = make()
    for drawn, form in ((figure.wide, WIDE), (figure.narrow, NARROW)):
        for text in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text"):
            # Half an em is more than the mean width of a letter in the fonts a page names first.
            width = 0.5 * form.text * len(text.text)
            begin = float(text.get("x")) - {None: 0, "middle": width / 2, "end": width}[text.get("text-anchor")]
            assert begin >= -6, text.text
            assert begin + width <= form.width + 6, text.text


@ALL
def test_colors_are_the_page_s_variables_and_ids_the_figure_s_own(make):
    figure = make()
    assert "#" not in re.sub(r'(href="#|url\(#)[\w-]+', "", figure.wide)
    wide, narrow = (set(re.findall(r' id="([^"]+)"', drawn)) for drawn in (figure.wide, figure.narrow))
    assert wide
    assert not wide & narrow
    assert all(name.startswith("effect-") for name in wide | narrow)


@ALL
def test_a_drawing_is_small(make):
    figure = make()
    assert len(figure.wide) < 8_000
    assert len(figure.narrow) < 8_000


@ALL
def test_matplotlib_s_settings_are_left_as_they_were_and_not_obeyed(make):
    plain = make()
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "pink", "lines.linewidth": 9}):
        before = dict(mpl.rcParams)
        assert make() == plain
        assert dict(mpl.rcParams) == before


def test_series_are_told_apart_by_marks_and_dashes_too():
    assert delays().wide.count("stroke-dasharray") == 1
    marks = re.findall(r'<path id="[^"]+" d="([^"]+)"', intervals().wide)
    assert len(set(marks)) == 2


def test_the_alternative_text_tells_the_numbers():
    alt = intervals().alt
    assert "Motivational: +31 (18 to 44)" in alt
    assert "Short: +9 (−4 to 22)" in alt
    assert "Few people: not shown" in alt
    assert "−5 to 5" in alt


def test_an_exceedance_s_alternative_text_tells_the_probability_at_the_smallest_effect():
    alt = exceedances().alt
    assert "At the smallest effect that matters, 20: Motivational 50.0 %; Short 12.5 %" in alt
    assert "Motivational from > 99.9 % at −20 to < 0.1 % at 60" in alt
    assert "more than 20: 12.5 %" in exceedances().narrow


def test_a_row_that_is_not_shown_says_so_and_draws_nothing():
    drawn = intervals(rows=[ROWS[0], ROWS[2]]).wide
    assert ">not shown</text>" in drawn
    assert "var(--s3)" not in drawn


@pytest.mark.parametrize("missing", [{"alt": ""}, {"alt": "  \n"}, {"title": " "}])
def test_a_figure_without_words_is_refused(missing):
    with pytest.raises(Refused, match="Say in words"):
        intervals(**missing)


def test_hostile_labels_are_text():
    figure = intervals(rows=[IntervalRow('<script>alert("1")</script> & $x$', 1, 0, 2)], alt='"><script>')
    for drawn in (figure.wide, figure.narrow):
        assert "<script" not in drawn
        assert "$x$" in drawn
        ET.fromstring(drawn)


def drawn_by(draw):
    return draw_figure(**WORDS, alt="A line.", draw=draw)


def test_a_color_outside_the_palette_is_refused():
    def draw(figure, form):
        plot_area(figure, form, height=100, left=10, right=10, top=10, bottom=30).plot([1, 2], color="#ff0000")

    with pytest.raises(Refused, match="palette"):
        drawn_by(draw)


def test_text_too_small_to_read_is_refused():
    with pytest.raises(Refused, match="under 1"):
        drawn_by(lambda figure, form: write(figure, 5, 20, "tiny", fontsize=9))


def test_an_image_in_a_drawing_is_refused():
    def draw(figure, form):
        axes = plot_area(figure, form, height=100, left=10, right=10, top=10, bottom=30)
        axes.imshow([[1, 2], [3, 4]], cmap="gray")

    with pytest.raises(Refused, match="<image>"):
        drawn_by(draw)


def test_a_line_that_leaves_the_plot_is_clipped():
    def draw(figure, form):
        axes = plot_area(figure, form, height=100, left=10, right=10, top=10, bottom=30)
        axes.plot([0, 10], [0, 10], color=SERIES[0])
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)

    figure = drawn_by(draw)
    assert 'clip-path="url(#effect-wide-' in figure.wide
    assert "<clipPath" in figure.wide
    assert "clipPath" not in intervals().wide


@pytest.mark.parametrize(
    "svg",
    [
        "<svg><script>1</script></svg>",
        '<svg onload="x()"></svg>',
        '<svg><path style="fill:url(http://a.b)"/></svg>',
        '<svg><use href="http://a.b#c"/></svg>',
        '<svg><path fill="url(https://a.b/c)"/></svg>',
        '<svg><path fill="url(#a) url(//b.c)"/></svg>',
        "<svg><foreignObject/></svg>",
        "<svg><!-- x --></svg>",
        "<svg><path d='M0 0'/></svg>",
        "<svg><path",
        "<!DOCTYPE svg><svg></svg>",
    ],
)
def test_only_a_drawing_comes_into_a_page(svg):
    with pytest.raises(Refused):
        checked(svg)


def test_every_color_has_one_name():
    assert len(set(PALETTE.values())) == len(PALETTE)
    assert PALETTE[INK] == "ink"
