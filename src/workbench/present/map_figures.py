"""A map of groups: an ellipse and a mark for each, and what its directions mean at their ends."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.present.blocks import FigureBlock
from workbench.present.drawing import DASHES, INK, LINE, SERIES, SOFT, Form, draw_figure, mark, write

# Room around the ellipses, as a share of their reach.
MARGIN = 1.12
LINE_HEIGHT = 18.0
LEGEND_STEP = 24.0


@dataclass(frozen=True)
class MappedGroup:
    """A group at x, y, and the ellipse around it: half axes, and the turn of the longer one in degrees."""

    label: str
    x: float
    y: float
    longer: float
    shorter: float
    angle: float


@dataclass(frozen=True)
class Directions:
    """What lies to the left, the right, below and above, in words."""

    left: str
    right: str
    below: str
    above: str


def map_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    groups: Sequence[MappedGroup | None],
    directions: Directions,
) -> FigureBlock:
    """Groups as ellipses, one unit the same in both directions.

    Args:
        id, title, caption, source: as in FigureBlock.
        groups: in their order; None where one is not shown.
        directions: what the ends of the two axes mean.
    """
    shown = [(series, each) for series, each in enumerate(groups) if each is not None]
    if not shown:
        raise ValueError("there is no group to draw")

    def draw(figure: Any, form: Form) -> None:
        above, below, left, right = _ends(directions, form)
        fit = _fit_beside(left, right, form)
        beside = max(len(left), len(right)) if fit else len(left) + len(right)
        legend = LEGEND_STEP * len(shown) + 8
        tall = 300.0 if form.is_wide else 260.0
        top = legend + LINE_HEIGHT * len(above) + 8
        height = top + tall + LINE_HEIGHT * (len(below) + beside) + 22
        figure.set_size_inches(form.width / 72, height / 72)
        axes = _plot(figure, form, height, top, tall)
        _frame(axes, [each for _, each in shown], form.width / tall)
        for series, each in shown:
            _draw_group(axes, each, series)
        _legend(figure, shown, form, height)
        _write_ends(figure, form, (above, below, left, right), legend, top + tall)

    told = "; ".join(
        f"{each.label} lies {_side(each.x, directions.left, directions.right)} and "
        f"{_side(each.y, directions.below, directions.above)}"
        for _, each in shown
    )
    alt = f"A map of the groups, each an ellipse. {told}."
    return draw_figure(id=id, title=title, alt=alt, caption=caption, source=source, draw=draw)


def _side(value: float, low: str, high: str) -> str:
    if abs(value) < 0.5:
        return "near the middle"
    return f"toward “{high if value > 0 else low}”"


def _ends(directions: Directions, form: Form) -> tuple[list[str], ...]:
    """The words at the four ends in lines that fit: above, below, left, right."""
    room = int(form.width / (0.6 * form.text))
    told = (
        f"↑ {directions.above}",
        f"↓ {directions.below}",
        f"← {directions.left}",
        f"{directions.right} →",
    )
    return tuple(textwrap.wrap(each, room) for each in told)


def _plot(figure: Any, form: Form, height: float, top: float, tall: float) -> Any:
    axes = figure.add_axes((0, 1 - (top + tall) / height, 1, tall / height))
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_facecolor("none")
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _frame(axes: Any, groups: Sequence[MappedGroup], ratio: float) -> None:
    """The same unit in both directions, everything within; lines through everybody's average."""
    left, right = min(each.x - each.longer for each in groups), max(each.x + each.longer for each in groups)
    low, high = min(each.y - each.longer for each in groups), max(each.y + each.longer for each in groups)
    reach = MARGIN * max((high - low) / 2, (right - left) / 2 / ratio)
    x, y = (left + right) / 2, (low + high) / 2
    axes.set_xlim(x - reach * ratio, x + reach * ratio)
    axes.set_ylim(y - reach, y + reach)
    axes.axhline(0, color=LINE, linewidth=1.2)
    axes.axvline(0, color=LINE, linewidth=1.2)


def _draw_group(axes: Any, each: MappedGroup, series: int) -> None:
    turn = np.linspace(0, 2 * np.pi, 73)
    angle = np.radians(each.angle)
    along, across = each.longer * np.cos(turn), each.shorter * np.sin(turn)
    x = each.x + along * np.cos(angle) - across * np.sin(angle)
    y = each.y + along * np.sin(angle) + across * np.cos(angle)
    color = SERIES[series % len(SERIES)]
    axes.fill(x, y, color=color, alpha=0.14, linewidth=0)
    axes.plot(x, y, color=color, linewidth=1.8, linestyle=DASHES[series % len(DASHES)])
    mark(axes, each.x, each.y, series)
    axes.annotate(
        each.label.split(":")[0],
        (each.x, each.y),
        xytext=(9, 7),
        textcoords="offset points",
        color=INK,
        weight="bold",
        zorder=6,
    )


def _legend(figure: Any, shown: Sequence[tuple[int, MappedGroup]], form: Form, height: float) -> None:
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.set_xlim(0, form.width)
    axes.set_ylim(height, 0)
    for line, (series, each) in enumerate(shown):
        mark(axes, 8, 12 + LEGEND_STEP * line, series)
        write(figure, 24, 17 + LEGEND_STEP * line, each.label)


def _write_ends(figure: Any, form: Form, ends: tuple[list[str], ...], legend: float, bottom: float) -> None:
    above, below, left, right = ends
    for line, text in enumerate(above):
        write(figure, form.width / 2, legend + LINE_HEIGHT * (line + 1), text, color=SOFT, ha="center")
    for line, text in enumerate(below):
        write(figure, form.width / 2, bottom + LINE_HEIGHT * (line + 1), text, color=SOFT, ha="center")
    beside = bottom + LINE_HEIGHT * len(below) + 8
    for line, text in enumerate(left):
        write(figure, 0, beside + LINE_HEIGHT * (line + 1), text, color=SOFT)
    under = beside if _fit_beside(left, right, form) else beside + LINE_HEIGHT * len(left)
    for line, text in enumerate(right):
        write(figure, form.width, under + LINE_HEIGHT * (line + 1), text, color=SOFT, ha="right")


def _fit_beside(left: list[str], right: list[str], form: Form) -> bool:
    """Whether what lies to the left and to the right fits on the same lines."""
    return max(map(len, left)) + max(map(len, right)) + 4 < form.width / (0.6 * form.text)
