"""Figures of differences: intervals and posteriors around zero, with the region of practical equivalence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.drawing import (
    BAND,
    INK,
    LINE,
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

TOO_SMALL = "too small to matter"


@dataclass(frozen=True)
class IntervalRow:
    """A row of a forest plot: an estimate with its 95 % (low, high) and 66 % (inner) interval.

    A row whose value is None is written as "not shown"; `note` says more beneath the label, such as "n 2,104".
    `series` chooses color and mark, the same for one arm in all figures.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    inner_low: float | None = None
    inner_high: float | None = None
    note: str = ""
    series: int = 0


@dataclass(frozen=True)
class Density:
    """A posterior density: x and density of equal length, x rising, in the unit of the axis.

    `low` and `high` bound the 95 % interval, `note` says more beneath the label.
    """

    label: str
    x: Sequence[float]
    density: Sequence[float]
    median: float
    low: float
    high: float
    note: str = ""
    series: int = 0


def interval_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    rows: Sequence[IntervalRow],
    axis: str,
    rope: tuple[float, float] | None = None,
    rope_label: str = TOO_SMALL,
    digits: int = 0,
    signed: bool = True,
    alt: str | None = None,
) -> FigureBlock:
    """A forest plot of differences against zero, with the region of practical equivalence shaded.

    Args:
        id, title, caption, source: as in FigureBlock.
        rows: at least one, from top to bottom.
        axis: what the axis shows, with its unit.
        rope: the region of practical equivalence, in the unit of the axis.
        rope_label: what lies inside that region, in a few words.
        digits: decimals of the numbers written beside the marks.
        signed: whether a positive value carries a plus.
        alt: the alternative text; made from the rows where it is None.
    """

    def shown(row: IntervalRow) -> str:
        if row.value is None:
            return "not shown"
        value = numbers.number(row.value, digits, signed=signed)
        if row.low is None or row.high is None:
            return value
        return f"{value} ({numbers.interval(row.low, row.high, digits)})"

    def draw(figure: Any, form: Form) -> None:
        step = 50.0 if form.is_wide else 80.0
        left, right, top, bottom = (172, 142, 30, 48) if form.is_wide else (8, 8, 30, 48)
        height = top + step * len(rows) + bottom
        axes = plot_area(figure, form, height=height, left=left, right=right, top=top, bottom=bottom)
        axes.set_ylim(step * len(rows), 0)
        ends = [end for row in rows for end in (row.value, row.low, row.high) if end is not None]
        middles = [place * step + (step / 2 if form.is_wide else 54) for place in range(len(rows))]
        strips = [(0, step * len(rows))] if form.is_wide else [(y - 16, y + 16) for y in middles]
        _difference_axis(axes, form, ends, axis, rope, strips)
        _name_equivalence(figure, axes, form, rope, rope_label, left=left, right=right, baseline=top - 11)
        for row, middle in zip(rows, middles, strict=True):
            _interval(axes, row, middle)
            y = top + middle
            if form.is_wide:
                write(figure, 0, y - (4 if row.note else -5), row.label, weight="bold")
                write(figure, 0, y + 14, row.note, color=SOFT)
                ink = SOFT if row.value is None else INK
                write(figure, form.width, y + 5, shown(row), ha="right", color=ink)
            else:
                write(figure, 0, y - 40, row.label, weight="bold")
                write(figure, 0, y - 23, row.note, color=SOFT)
                write(figure, form.width, y - 40, shown(row), ha="right")

    told = "; ".join(f"{row.label}: {shown(row)}" for row in rows)
    region = f" Shaded as {rope_label}: {numbers.interval(*rope, digits)}." if rope else ""
    made = f"Interval plot of {axis}: {told}. In brackets the 95 % interval.{region}"
    return draw_figure(
        id=id, title=title, alt=made if alt is None else alt, caption=caption, source=source, draw=draw
    )


def posterior_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    curves: Sequence[Density],
    axis: str,
    rope: tuple[float, float] | None = None,
    digits: int = 0,
    alt: str | None = None,
) -> FigureBlock:
    """Posterior densities of a difference, one above the other on one scale: equal areas mean equal probability.

    The 95 % interval is filled more strongly than the tails; a mark stands at the median. Arguments as in
    `interval_figure`.
    """
    tallest = max(max(curve.density) for curve in curves)

    def draw(figure: Any, form: Form) -> None:
        step = 88.0 if form.is_wide else 122.0
        left, right, top, bottom = (172, 8, 30, 48) if form.is_wide else (8, 8, 30, 48)
        height = top + step * len(curves) + bottom
        axes = plot_area(figure, form, height=height, left=left, right=right, top=top, bottom=bottom)
        axes.set_ylim(step * len(curves), 0)
        bases = [(place + 1) * step - 8 for place in range(len(curves))]
        strips = [(0, step * len(curves))] if form.is_wide else [(base - 70, base + 6) for base in bases]
        ends = [end for curve in curves for end in _support(curve)]
        _difference_axis(axes, form, ends, axis, rope, strips)
        _name_equivalence(figure, axes, form, rope, TOO_SMALL, left=left, right=right, baseline=top - 11)
        for curve, base in zip(curves, bases, strict=True):
            _ridge(axes, curve, base, 68 / tallest)
            y = top + base
            if form.is_wide:
                write(figure, 0, y - 22, curve.label, weight="bold")
                write(figure, 0, y - 4, curve.note, color=SOFT)
            else:
                write(figure, 0, y - 95, curve.label, weight="bold")
                write(figure, 0, y - 78, curve.note, color=SOFT)

    told = "; ".join(
        f"{curve.label}: median {numbers.number(curve.median, digits, signed=True)}, 95 % interval "
        f"{numbers.interval(curve.low, curve.high, digits)}" + (f", {curve.note}" if curve.note else "")
        for curve in curves
    )
    region = f" Shaded as {TOO_SMALL}: {numbers.interval(*rope, digits)}." if rope else ""
    made = f"Posterior densities of {axis}: {told}.{region}"
    return draw_figure(
        id=id, title=title, alt=made if alt is None else alt, caption=caption, source=source, draw=draw
    )


def _difference_axis(
    axes: Any,
    form: Form,
    ends: Sequence[float],
    title: str,
    rope: tuple[float, float] | None,
    strips: Sequence[tuple[float, float]],
) -> None:
    """An axis of differences around zero; grid and shaded region stand in the strips (top, bottom) alone.

    On a phone the strips leave out the labels, which would otherwise be crossed by lines.
    """
    low, high = min(*ends, 0.0, *(rope or ())), max(*ends, 0.0, *(rope or ()))
    room = 0.05 * (high - low) or 1.0
    axes.set_xlim(low - room, high + room)
    axes.xaxis.set_major_locator(MaxNLocator(7 if form.is_wide else 5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", numbers.MINUS))
    axes.set_yticks([])
    axes.set_xlabel(title, labelpad=6)
    ticks = [tick for tick in axes.get_xticks() if low - room <= tick <= high + room and tick]
    for top, bottom in strips:
        if rope:
            area(axes, [rope[0], rope[1]], [top, top], bottom, color=BAND, zorder=0)
        for tick in ticks:
            axes.plot([tick, tick], [top, bottom], color=LINE, linewidth=1, zorder=0.5)
        axes.plot([0, 0], [top, bottom], color=SOFT, linewidth=1.4, zorder=0.6)


def _name_equivalence(
    figure: Any,
    axes: Any,
    form: Form,
    rope: tuple[float, float] | None,
    label: str,
    *,
    left: float,
    right: float,
    baseline: float,
) -> None:
    """Name the region of practical equivalence above it, within the figure."""
    if rope is None:
        return
    low, high = axes.get_xlim()
    middle = left + (sum(rope) / 2 - low) / (high - low) * (form.width - left - right)
    half = text_width(label, form) / 2
    middle = min(max(middle, half), form.width - half)
    write(figure, middle, baseline, label, ha="center", color=SOFT)


def _support(curve: Density) -> tuple[float, float]:
    """Where a density can be seen at all: the ends of x beyond which it is under .4 % of its height."""
    seen = np.flatnonzero(np.asarray(curve.density) >= 0.004 * max(curve.density))
    return curve.x[seen[0]], curve.x[seen[-1]]


def _interval(axes: Any, row: IntervalRow, y: float) -> None:
    color = SERIES[row.series % len(SERIES)]
    if row.value is None:
        return
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [y, y], color=color, linewidth=2.2, solid_capstyle="round")
    if row.inner_low is not None and row.inner_high is not None:
        inner = [row.inner_low, row.inner_high]
        axes.plot(inner, [y, y], color=color, linewidth=7, alpha=0.45, solid_capstyle="butt")
    mark(axes, row.value, y, row.series)


def _ridge(axes: Any, curve: Density, base: float, scale: float) -> None:
    color = SERIES[curve.series % len(SERIES)]
    # Some 70 points make a curve that is smooth at this size, and a small file.
    x = np.union1d(np.linspace(*_support(curve), 73), [curve.low, curve.median, curve.high])
    y = base - scale * np.interp(x, curve.x, curve.density)
    inside = (x >= curve.low) & (x <= curve.high)
    axes.axhline(base, color=LINE, linewidth=1)
    area(axes, x, y, base, color=color, alpha=0.14)
    area(axes, x[inside], y[inside], base, color=color, alpha=0.3)
    axes.plot(x, y, color=color, linewidth=2)
    mark(axes, curve.median, base, curve.series)
