"""Figures of predictions: scores by model, calibration curves, and curves over a threshold or a capacity."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.drawing import (
    DASHES,
    INK,
    LINE,
    SERIES,
    SOFT,
    Form,
    draw_figure,
    mark,
    plot_area,
    text_width,
    write,
)


@dataclass(frozen=True)
class ScoreRow:
    """A score with its 95 % interval; None is written as "not shown". `note` stands beneath the label."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    series: int = 0


@dataclass(frozen=True)
class Observed:
    """A group of a calibration curve: mean prediction, observed share and its interval, all 0 to 1."""

    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """A line over x, of equal length, with a band where low and high are given."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    series: int = 0


def score_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    rows: Sequence[ScoreRow],
    axis: str,
    reference: tuple[float, str],
    digits: int = 3,
    alt: str | None = None,
) -> FigureBlock:
    """Scores with intervals, one row each, against a reference such as .5, "no better than chance".

    Args:
        id, title, caption, source, alt: as in `interval_figure`.
        rows: from top to bottom.
        axis: what the axis shows.
        reference: the value a useless model has, and its name.
        digits: decimals of the numbers written beside the marks.
    """

    def shown(row: ScoreRow) -> str:
        if row.value is None:
            return "not shown"
        value = numbers.number(row.value, digits)
        if row.low is None or row.high is None or row.low == row.high:
            return value
        return f"{value} ({numbers.interval(row.low, row.high, digits)})"

    def draw(figure: Any, form: Form) -> None:
        step = 44.0 if form.is_wide else 66.0
        left, right, top, bottom = (172, 160, 30, 48) if form.is_wide else (8, 8, 30, 48)
        height = top + step * len(rows) + bottom
        axes = plot_area(figure, form, height=height, left=left, right=right, top=top, bottom=bottom)
        axes.set_ylim(step * len(rows), 0)
        ends = [end for row in rows for end in (row.value, row.low, row.high) if end is not None]
        low, high = min(*ends, reference[0]), max(*ends, reference[0])
        room = 0.06 * (high - low) or 0.05
        axes.set_xlim(low - room, high + room)
        axes.xaxis.set_major_locator(MaxNLocator(6 if form.is_wide else 4, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(lambda value, _: numbers.number(value, 2))
        axes.set_yticks([])
        axes.set_xlabel(axis, labelpad=6)
        middles = [place * step + (step / 2 if form.is_wide else 46) for place in range(len(rows))]
        strips = [(0, step * len(rows))] if form.is_wide else [(y - 12, y + 12) for y in middles]
        for strip in strips:
            axes.plot([reference[0]] * 2, strip, color=SOFT, linewidth=1.4, zorder=0.6)
        at = left + (reference[0] - low + room) / (high - low + 2 * room) * (form.width - left - right)
        half = text_width(reference[1], form) / 2
        at = min(max(at, half), form.width - half)
        write(figure, at, top - 11, reference[1], ha="center", color=SOFT)
        for row, middle in zip(rows, middles, strict=True):
            if row.value is not None:
                _whisker(axes, row, middle)
            y = top + middle
            if form.is_wide:
                write(figure, 0, y - (4 if row.note else -5), row.label, weight="bold")
                write(figure, 0, y + 14, row.note, color=SOFT)
                write(figure, form.width, y + 5, shown(row), ha="right", color=INK)
            else:
                write(figure, 0, y - 22, row.label, weight="bold")
                write(figure, form.width, y - 22, shown(row), ha="right")

    told = "; ".join(f"{row.label}: {shown(row)}" for row in rows)
    made = f"Interval plot of {axis}: {told}. In brackets the 95 % interval. {reference[1].capitalize()}: "
    made += f"{numbers.number(reference[0], 1)}."
    return draw_figure(
        id=id, title=title, alt=made if alt is None else alt, caption=caption, source=source, draw=draw
    )


def calibration_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    points: Sequence[Observed],
    curve: Sequence[Observed] = (),
    axis: str = "predicted risk",
    observed: str = "share that was missed",
    alt: str | None = None,
) -> FigureBlock:
    """Observed shares against mean predictions, with a band, and the diagonal where both are the same.

    Args:
        id, title, caption, source, alt: as in `interval_figure`.
        points: rising in their predictions.
        curve: a smooth curve through all predictions, drawn with its band in place of lines between the points.
        axis, observed: what the two axes show.
    """
    drawn = curve or points
    most = min(1.08 * max(max(point.high, point.predicted) for point in drawn), 1.0)

    def draw(figure: Any, form: Form) -> None:
        left, right, top, bottom = (64, 150, 34, 48) if form.is_wide else (50, 14, 34, 48)
        height = top + (300 if form.is_wide else 260) + bottom
        axes = plot_area(figure, form, height=height, left=left, right=right, top=top, bottom=bottom)
        axes.set_xlim(0, most)
        axes.set_ylim(0, most)
        axes.grid(color=LINE, linewidth=1)
        for ticks in (axes.xaxis, axes.yaxis):
            ticks.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
            ticks.set_major_formatter(lambda value, _: numbers.percent(value, 0))
        axes.set_xlabel(axis, labelpad=6)
        axes.plot([0, most], [0, most], color=SOFT, linewidth=1.4, linestyle=(0, (4, 4)))
        x = [point.predicted for point in drawn]
        _band(axes, x, [point.low for point in drawn], [point.high for point in drawn], 0)
        axes.plot(x, [point.observed for point in drawn], color=SERIES[0], linewidth=2.4)
        for point in points:
            mark(axes, point.predicted, point.observed, 0)
        write(figure, 0, 14, observed, color=SOFT)
        if form.is_wide:
            write(figure, form.width - 140, top + 16, "perfect", color=SOFT)

    told = "; ".join(
        f"predicted {numbers.percent(point.predicted)}, observed {numbers.percent(point.observed)} "
        f"({numbers.interval(point.low, point.high, 1, scale=100, unit='%')})"
        for point in points
    )
    made = f"Calibration curve: {told}."
    return draw_figure(
        id=id, title=title, alt=made if alt is None else alt, caption=caption, source=source, draw=draw
    )


def lines_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    lines: Sequence[Line],
    axis: str,
    measure: str,
    x_words: Callable[[float], str],
    y_words: Callable[[float], str],
    asked: tuple[float, str] | None = None,
    within: tuple[float, float] | None = None,
    lowest: float = 0.0,
    alt: str | None = None,
) -> FigureBlock:
    """Lines over a threshold or a capacity, with bands where they are given.

    Args:
        id, title, caption, source, alt: as in `interval_figure`.
        lines: one for each rule, over the same x.
        axis, measure: what the two axes show.
        x_words, y_words: how a value on each axis is written.
        asked: a place on the x-axis that is marked, and its name.
        within: the range of the x-axis in which that place may plausibly lie, shaded.
        lowest: where the y-axis begins.
    """
    highest = max(max(line.high or line.y) for line in lines)

    def draw(figure: Any, form: Form) -> None:
        top = 52 if form.is_wide else 52 + 20 * len(lines)
        left, right, bottom = (64, 150, 48) if form.is_wide else (54, 16, 48)
        height = top + 230 + bottom
        axes = plot_area(figure, form, height=height, left=left, right=right, top=top, bottom=bottom)
        axes.set_xlim(0, 1.01 * max(max(line.x) for line in lines))
        axes.set_ylim(lowest, 1.06 * highest if highest > lowest else lowest + 1)
        axes.grid(axis="y", color=LINE, linewidth=1)
        axes.xaxis.set_major_locator(MaxNLocator(6 if form.is_wide else 4, steps=[1, 2, 2.5, 5, 10]))
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(lambda value, _: x_words(value))
        axes.yaxis.set_major_formatter(lambda value, _: y_words(value))
        axes.set_xlabel(axis, labelpad=6)
        for line in lines:
            if line.low is not None and line.high is not None:
                _band(axes, line.x, line.low, line.high, line.series)
            axes.plot(
                line.x,
                line.y,
                color=SERIES[line.series % len(SERIES)],
                linewidth=2.4,
                linestyle=DASHES[line.series % len(DASHES)],
            )
        if within is not None:
            axes.axvspan(*within, color=LINE, alpha=0.5, linewidth=0, zorder=0.3)
        if asked is not None:
            axes.axvline(asked[0], color=INK, linewidth=1.2)
            at = left + asked[0] / axes.get_xlim()[1] * (form.width - left - right)
            half = text_width(asked[1], form) / 2
            write(figure, min(max(at, half), form.width - half), top - 8, asked[1], ha="center")
        write(figure, 0, 14, measure, color=SOFT)
        _name_lines(figure, form, lines, top)

    told = ". ".join(
        f"{line.label}: " + "; ".join(f"{x_words(x)}: {y_words(y)}" for x, y in _some(line)) for line in lines
    )
    made = f"Line chart of {measure} by {axis}. {told}."
    return draw_figure(
        id=id, title=title, alt=made if alt is None else alt, caption=caption, source=source, draw=draw
    )


def _some(line: Line) -> list[tuple[float, float]]:
    """At most seven points of a line, its ends among them."""
    places = sorted({round(step * (len(line.x) - 1) / 6) for step in range(7)})
    return [(line.x[place], line.y[place]) for place in places]


def _whisker(axes: Any, row: ScoreRow, y: float) -> None:
    if row.low is not None and row.high is not None:
        color = SERIES[row.series % len(SERIES)]
        axes.plot([row.low, row.high], [y, y], color=color, linewidth=2.2, solid_capstyle="round")
    mark(axes, row.value or 0.0, y, row.series)


def _band(axes: Any, x: Sequence[float], low: Sequence[float], high: Sequence[float], series: int) -> None:
    # One polygon: matplotlib writes it shorter than the collection that fill_between makes.
    axes.fill(
        [*x, *reversed(x)], [*low, *reversed(high)], color=SERIES[series % len(SERIES)], alpha=0.14, linewidth=0
    )


def _name_lines(figure: Any, form: Form, lines: Sequence[Line], top: float) -> None:
    """A key: beside the plot where it is wide, above it where it is narrow."""
    width, height = 72 * figure.get_size_inches()
    for place, line in enumerate(lines):
        x, y = (form.width - 138, top + 16 + 22 * place) if form.is_wide else (0, 36 + 20 * place)
        color = SERIES[line.series % len(SERIES)]
        figure.add_artist(_key(x, y - 5, width, height, color, DASHES[line.series % len(DASHES)]))
        write(figure, x + 30, y, line.label, color=color, weight="bold")


def _key(x: float, y: float, width: float, height: float, color: str, dashes: Any) -> Any:
    places = [x / width, (x + 24) / width], [1 - y / height] * 2
    return Line2D(*places, color=color, linewidth=2.4, linestyle=dashes)
