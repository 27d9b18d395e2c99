"""Figures of groups: how many there are, and what sets them apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.ticker import MaxNLocator

from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.drawing import BAND, INK, LINE, PAPER, SERIES, SOFT, Form, draw_figure, mark, write


@dataclass(frozen=True)
class NumberOfGroups:
    """A number of groups: its gain over continua with their standard deviation, its least stable group."""

    groups: int
    gain: float
    spread: float
    stability: float
    chosen: bool


@dataclass(frozen=True)
class ProfileRow:
    """A measure, and each group's distance from the average; None is not shown."""

    label: str
    values: Sequence[float | None]


def number_of_groups_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    numbers_tried: Sequence[NumberOfGroups],
    required: float,
) -> FigureBlock:
    """Two panels over the number of groups: the gain of the fit over continua, and the least stable group.

    Args:
        id, title, caption, source: as in FigureBlock.
        numbers_tried: at least one, from the smallest number on.
        required: the stability that is required, drawn as a line.
    """
    groups = [each.groups for each in numbers_tried]

    def draw(figure: Any, form: Form) -> None:
        height = 250.0 if form.is_wide else 496.0
        figure.set_size_inches(form.width / 72, height / 72)
        for place, name in enumerate(("gain in fit over continua", "stability of the least stable group")):
            left, top, width = (44 + place * 366, 34, 300) if form.is_wide else (44, 34 + place * 250, 282)
            axes = _panel(figure, (left, top, width, 160), height, form)
            axes.set_xlim(groups[0] - 0.4, groups[-1] + 0.4)
            axes.set_xticks(groups)
            write(figure, left - 40, top - 16, name, color=SOFT)
            (_gains if place == 0 else _stabilities)(axes, numbers_tried, groups, required)
            write(figure, left + width / 2, top + 200, "number of groups", color=SOFT, ha="center")

    told = "; ".join(
        f"{each.groups} groups: gain {numbers.number(each.gain, 3, signed=True)}, continua within "
        f"{numbers.number(2 * each.spread, 3)} of zero, least stable group {numbers.number(each.stability, 2)}"
        + (" (chosen)" if each.chosen else "")
        for each in numbers_tried
    )
    alt = f"Two charts by number of groups. {told}. Required stability: {numbers.number(required, 2)}."
    return draw_figure(id=id, title=title, alt=alt, caption=caption, source=source, draw=draw)


def profile_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    rows: Sequence[ProfileRow],
    groups: Sequence[str],
) -> FigureBlock:
    """One line for each measure, on it a mark for each group at its distance from the average.

    Args:
        id, title, caption, source: as in FigureBlock.
        rows: at least one, from top to bottom; values in the order of the groups, in standard deviations.
        groups: what the groups are called in the legend.
    """

    def draw(figure: Any, form: Form) -> None:
        step = 40.0 if form.is_wide else 58.0
        legend = 24.0 * len(groups) + 12
        left = 172.0 if form.is_wide else 14.0
        height = legend + step * len(rows) + 58
        figure.set_size_inches(form.width / 72, height / 72)
        axes = _panel(figure, (left, legend, form.width - left - 14, step * len(rows)), height, form)
        axes.set_ylim(step * len(rows), 0)
        axes.set_yticks([])
        shown = [value for row in rows for value in row.values if value is not None]
        reach = 1.12 * max(0.5, *(abs(value) for value in shown)) if shown else 1.0
        axes.set_xlim(-reach, reach)
        axes.axvline(0, color=INK, linewidth=1.2)
        for at, row in enumerate(rows):
            middle = at * step + (step / 2 if form.is_wide else 40)
            axes.axhline(middle, color=LINE, linewidth=1)
            if form.is_wide:
                write(figure, 0, legend + middle + 5, row.label, weight="bold")
            else:
                write(figure, 0, legend + middle - 18, row.label, weight="bold")
            for series, value in enumerate(row.values):
                if value is not None:
                    mark(axes, value, middle, series)
        _legend(figure, groups, form, height)
        below = legend + step * len(rows) + 46
        write(
            figure,
            left + (form.width - left) / 2,
            below,
            "standard deviations from the average",
            color=SOFT,
            ha="center",
        )

    told = "; ".join(
        f"{row.label}: "
        + ", ".join(
            f"{group.split(':')[0]} {'not shown' if value is None else numbers.number(value, 1, signed=True)}"
            for group, value in zip(groups, row.values, strict=True)
        )
        for row in rows
    )
    alt = f"Marks for groups {'; '.join(groups)}, in standard deviations from the average. {told}."
    return draw_figure(id=id, title=title, alt=alt, caption=caption, source=source, draw=draw)


def _panel(figure: Any, box: tuple[float, float, float, float], height: float, form: Form) -> Any:
    """Axes at left, top, width and height in px, without a frame."""
    left, top, width, tall = box
    axes = figure.add_axes((left / form.width, 1 - (top + tall) / height, width / form.width, tall / height))
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_facecolor("none")
    axes.tick_params(length=0, pad=7, colors=SOFT)
    axes.set_axisbelow(True)
    axes.margins(0)
    axes.xaxis.set_major_formatter(lambda value, _: numbers.number(value, 0 if value == int(value) else 1))
    return axes


def _gains(axes: Any, tried: Sequence[NumberOfGroups], groups: list[int], _: float) -> None:
    spreads = [2 * each.spread for each in tried]
    gains = [each.gain for each in tried]
    low, high = min(*gains, *(-each for each in spreads)), max(*gains, *spreads)
    axes.set_ylim(low - 0.08 * (high - low), high + 0.12 * (high - low))
    axes.fill(groups + groups[::-1], spreads + [-each for each in spreads[::-1]], color=BAND, linewidth=0)
    axes.axhline(0, color=INK, linewidth=1.2)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(lambda value, _: numbers.number(value, 2))
    _points(axes, tried, gains)


def _stabilities(axes: Any, tried: Sequence[NumberOfGroups], groups: list[int], required: float) -> None:
    axes.set_ylim(0, 1.06)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.yaxis.set_major_formatter(lambda value, _: numbers.number(value, 2))
    axes.axhline(required, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
    _points(axes, tried, [each.stability for each in tried])


def _points(axes: Any, tried: Sequence[NumberOfGroups], values: list[float]) -> None:
    axes.yaxis.grid(True, color=LINE, linewidth=1)
    axes.plot([each.groups for each in tried], values, color=SERIES[0], linewidth=1.6)
    for each, value in zip(tried, values, strict=True):
        axes.plot(
            [each.groups],
            [value],
            marker="o",
            markersize=11 if each.chosen else 8,
            color=SERIES[0] if each.chosen else PAPER,
            markeredgecolor=SERIES[0],
            markeredgewidth=1.6,
            linestyle="none",
            clip_on=False,
            zorder=5,
        )


def _legend(figure: Any, groups: Sequence[str], form: Form, height: float) -> None:
    """Each group's mark and name, one below the other above the plot."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.set_xlim(0, form.width)
    axes.set_ylim(height, 0)
    for series, group in enumerate(groups):
        mark(axes, 8, 12 + 24 * series, series)
        write(figure, 24, 17 + 24 * series, group)
