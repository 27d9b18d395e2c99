"""Figures over time: how people came into the experiment, and how long their outcomes took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.drawing import (
    DASHES,
    INK,
    LINE,
    MARKS,
    SERIES,
    SOFT,
    Form,
    area,
    draw_figure,
    mark,
    plot_area,
    text_width,
    write,
)


@dataclass(frozen=True)
class Curve:
    """A cumulative share (0 to 1) by day since assignment, both of equal length."""

    label: str
    days: Sequence[float]
    share: Sequence[float]
    series: int = 0


def accrual_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    weeks: Sequence[date],
    assigned: Sequence[int],
    complete: Sequence[int],
    planned_end: date | None = None,
    alt: str | None = None,
) -> FigureBlock:
    """People assigned, and people whose outcome window is over, both cumulative, by week.

    Args:
        id, title, caption, source, alt: as in `interval_figure`.
        weeks: the last day of each week, rising.
        assigned: people assigned by the end of each week.
        complete: people whose window is over by then.
        planned_end: the day the experiment was planned to be judged, marked where it is given.
    """
    days = np.array([week.toordinal() for week in weeks], dtype=float)
    lines = (("assigned", assigned, 0), ("window complete", complete, 1))

    def draw(figure: Any, form: Form) -> None:
        axes = _time_area(figure, form, top=34 if form.is_wide else 76, bottom=28)
        axes.set_ylim(0, 1.08 * max(*assigned, 1))
        last = max(days[-1], planned_end.toordinal() if planned_end else days[-1])
        axes.set_xlim(days[0], last + 0.01 * (last - days[0]) + 1e-9)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: numbers.number(value))
        _day_axis(axes, form, weeks)
        area(axes, days, complete, 0, color=SERIES[1], alpha=0.14)
        for _, values, series in lines:
            _line(axes, days, values, series)
        if planned_end:
            at = planned_end.toordinal()
            axes.axvline(at, color=INK, linewidth=1.2)
            _name_day(figure, axes, form, at, f"planned end, {numbers.short_day(planned_end)}")
        write(figure, 0, 14, "people, cumulative", color=SOFT)
        _line_labels(figure, axes, form, [(label, values[-1], series) for label, values, series in lines])

    end = f" The planned end is {numbers.day(planned_end)}." if planned_end else ""
    made = (
        f"Line chart by week, {numbers.day(weeks[0])} to {numbers.day(weeks[-1])}: at the end "
        f"{numbers.count(assigned[-1])} people were assigned and the window of "
        f"{numbers.count(complete[-1])} was complete.{end}"
    )
    return draw_figure(
        id=id, title=title, alt=made if alt is None else alt, caption=caption, source=source, draw=draw
    )


def delay_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    curves: Sequence[Curve],
    window: int,
    outcome: str = "booked",
    alt: str | None = None,
) -> FigureBlock:
    """The cumulative share of people with the outcome, by day since assignment and arm.

    Args:
        id, title, caption, source, alt: as in `interval_figure`.
        curves: one for each arm.
        window: the outcome window in days, the right end of the axis.
        outcome: the participle that names the outcome, such as "booked".
    """
    highest = max(max(curve.share) for curve in curves)

    def draw(figure: Any, form: Form) -> None:
        axes = _time_area(figure, form, top=34 if form.is_wide else 58, bottom=46)
        axes.set_xlim(0, window * 1.005)
        axes.set_ylim(0, 1.1 * highest or 1)
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axes.set_xticks(_whole_days(window, 7 if form.is_wide else 5))
        digits = 0 if highest > 0.05 else 1
        axes.yaxis.set_major_formatter(lambda value, _: numbers.percent(value, digits))
        axes.set_xlabel("days since assignment", labelpad=6)
        for curve in curves:
            _line(axes, curve.days, curve.share, curve.series, step=True)
        write(figure, 0, 14, f"share {outcome}, cumulative", color=SOFT)
        ends = [(curve.label, curve.share[-1], curve.series) for curve in curves]
        _line_labels(figure, axes, form, ends)

    told = "; ".join(f"{curve.label} {numbers.percent(curve.share[-1])}" for curve in curves)
    made = f"Line chart: cumulative share {outcome} by day since assignment. By day {window}: {told}."
    return draw_figure(
        id=id, title=title, alt=made if alt is None else alt, caption=caption, source=source, draw=draw
    )


def _time_area(figure: Any, form: Form, *, top: float, bottom: float) -> Any:
    """Axes for lines over time: labels at the lines' ends where it is wide, above the plot where it is narrow."""
    left, right = (64, 150) if form.is_wide else (50, 14)
    height = top + 200 + bottom
    axes = plot_area(figure, form, height=height, left=left, right=right, top=top, bottom=bottom)
    axes.grid(axis="y", color=LINE, linewidth=1)
    return axes


def _name_day(figure: Any, axes: Any, form: Form, at: float, text: str) -> None:
    """Write text above the plot, over the day it names, within the figure."""
    low, high = axes.get_xlim()
    box = axes.get_position()
    width, height = 72 * figure.get_size_inches()
    half = text_width(text, form) / 2
    middle = width * (box.x0 + box.width * (at - low) / (high - low))
    middle = min(max(middle, half), width - half)
    write(figure, middle, height * (1 - box.y1) - 7, text, ha="center")


def _whole_days(window: int, most: int) -> list[int]:
    """Ticks from 0 to the window's end, at most `most` steps apart evenly where its length allows."""
    step = next((step for step in range(-(-window // most), window // 2 + 1) if window % step == 0), window)
    if step == window > 3:
        step = -(-window // most)
    return [*range(0, window - step // 2, step), window]


def _day_axis(axes: Any, form: Form, weeks: Sequence[date]) -> None:
    every = -(-len(weeks) // (6 if form.is_wide else 3))
    shown = list(weeks[::-1][::every])[::-1]
    axes.set_xticks([week.toordinal() for week in shown], [numbers.short_day(week) for week in shown])


def _line(axes: Any, x: Any, y: Any, series: int, *, step: bool = False) -> None:
    axes.plot(
        x,
        y,
        color=SERIES[series % len(SERIES)],
        linewidth=2.4,
        linestyle=DASHES[series % len(DASHES)],
        drawstyle="steps-post" if step else "default",
        dash_capstyle="butt",
    )
    mark(axes, x[-1], y[-1], series)


def _line_labels(figure: Any, axes: Any, form: Form, ends: Sequence[tuple[str, float, int]]) -> None:
    """Name each line at its end where it is wide, or in a row above the plot, with its mark, where it is narrow."""
    if form.is_wide:
        low, high = axes.get_ylim()
        box = axes.get_position()
        height = 72 * figure.get_size_inches()[1]
        tops = [height * (1 - (box.y0 + box.height * (end - low) / (high - low))) for _, end, _ in ends]
        for (label, _, series), y in zip(ends, _apart(tops, 18), strict=True):
            write(figure, form.width - 136, y + 5, label, color=SERIES[series % len(SERIES)], weight="bold")
        return
    x = 0.0
    for label, _, series in ends:
        axes.plot(
            [(x + 6) / form.width],
            [1 - 33 / (72 * figure.get_size_inches()[1])],
            marker=MARKS[series % len(MARKS)],
            markersize=9,
            color=SERIES[series % len(SERIES)],
            linestyle="none",
            clip_on=False,
            transform=figure.transFigure,
        )
        write(figure, x + 16, 38, label, color=SERIES[series % len(SERIES)], weight="bold")
        x += 34 + text_width(label, form)


def _apart(places: Sequence[float], gap: float) -> list[float]:
    """The places, moved as little as needed to be at least gap apart, in the order given."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    shift = sum(new - old for new, old in zip(moved, places, strict=True)) / (len(places) or 1)
    return [place - shift for place in moved]
