"""A figure of flows between two states: who went from where to where, as bands between two columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.drawing import INK, LINE, SERIES, SOFT, Form, draw_figure, plot_area, text_width, write

# A band keeps this width in px, so that a flow that is shown is seen.
THINNEST = 1.5
_TALL = 300.0
_GAP = 14.0
_BAR = 12.0


@dataclass(frozen=True)
class Flow:
    """People who went from one place to another, by the places' numbers; None is not shown."""

    of: int
    to: int
    people: int | None


def flow_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    places: Sequence[str],
    before: str,
    after: str,
    flows: Sequence[Flow],
) -> FigureBlock:
    """Two columns of the same places, and a band for each flow between them, as wide as people went.

    Bands take the color of where people came from, and stand beside letters at both ends, so that color is not needed
    to read them; who stayed is drawn pale, who moved in full.

    Args:
        id, title, caption, source: as in FigureBlock.
        places: short names, in the order of their numbers.
        before, after: the words over the columns.
        flows: at least one that is shown.
    """
    shown = [(flow.of, flow.to, flow.people) for flow in flows if flow.people]
    people = np.zeros((len(places), len(places)))
    for of, to, count in shown:
        people[of, to] = count

    def draw(figure: Any, form: Form) -> None:
        left = 14 + max(text_width(name, form) for name in places)
        height = _TALL + _GAP * len(places) + 40
        axes = plot_area(figure, form, height=height, left=left, right=left, top=34, bottom=6)
        width = form.width - 2 * left
        axes.set_xlim(0, width)
        axes.set_ylim(height - 40, 0)
        axes.set_xticks([])
        axes.set_yticks([])
        scale = _TALL / people.sum()
        starts, ends = (_tops(people.sum(axis=axis), scale) for axis in (1, 0))
        _bands(axes, people, (starts, ends), scale, width)
        for place, name in enumerate(places):
            for x, tops, sums in ((0.0, starts, people.sum(axis=1)), (width - _BAR, ends, people.sum(axis=0))):
                tall = max(scale * sums[place], THINNEST)
                axes.fill(
                    [x, x + _BAR, x + _BAR, x],
                    [tops[place], tops[place], tops[place] + tall, tops[place] + tall],
                    color=SERIES[place % len(SERIES)],
                    linewidth=0,
                    zorder=4,
                )
            middle = 34 + starts[place] + scale * people.sum(axis=1)[place] / 2 + 5
            write(figure, left - 8, middle, name, ha="right", weight="bold")
            middle = 34 + ends[place] + scale * people.sum(axis=0)[place] / 2 + 5
            write(figure, form.width - left + 8, middle, name, weight="bold")
        write(figure, left, 18, before, color=SOFT)
        write(figure, form.width - left, 18, after, color=SOFT, ha="right")

    return draw_figure(
        id=id,
        title=title,
        alt=f"Bands between two columns, {before} and {after}. {_told(places, flows)}",
        caption=caption,
        source=source,
        draw=draw,
    )


def _told(places: Sequence[str], flows: Sequence[Flow]) -> str:
    stayed = [
        f"{places[flow.of]} {'not shown' if flow.people is None else numbers.count(flow.people)}"
        for flow in flows
        if flow.of == flow.to
    ]
    moved = [
        f"from {places[flow.of]} to {places[flow.to]} {numbers.count(flow.people)}"
        for flow in flows
        if flow.of != flow.to and flow.people
    ]
    hidden = sum(flow.people is None for flow in flows if flow.of != flow.to)
    told = f"Stayed: {', '.join(stayed)}. Moved: {', '.join(moved) or 'none that may be shown'}."
    return f"{told} {hidden} flows of few people, or beside such, are not drawn." if hidden else told


def _tops(sums: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Where each place of a column begins, in px from above."""
    tall = np.maximum(scale * sums, THINNEST) + _GAP
    return np.concatenate([[0.0], np.cumsum(tall)[:-1]])


def _bands(
    axes: Any,
    people: NDArray[np.float64],
    tops: tuple[NDArray[np.float64], NDArray[np.float64]],
    scale: float,
    width: float,
) -> None:
    """Every flow, those who stayed first, so that those who moved lie over them."""
    start, end = (each.copy() for each in tops)
    bent = np.linspace(0, 1, 25)
    rise = bent**2 * (3 - 2 * bent)
    x = _BAR + bent * (width - 2 * _BAR)
    drawn = []
    for of in range(len(people)):
        for to in range(len(people)):
            tall = scale * people[of, to]
            if tall:
                above = start[of] + rise * (end[to] - start[of])
                drawn.append((of == to, of, above, max(tall, THINNEST)))
            start[of] += tall
            end[to] += tall
    for stayed, of, above, tall in sorted(drawn, key=lambda band: not band[0]):
        axes.fill(
            [*x, *x[::-1]],
            [*above, *(above + tall)[::-1]],
            color=LINE if stayed else SERIES[of % len(SERIES)],
            edgecolor=INK if stayed else SERIES[of % len(SERIES)],
            linewidth=0,
            fill=True,
            zorder=1 if stayed else 3,
        )
