"""Figures of probabilities: how likely a difference exceeds each size one may ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    draw_figure,
    mark,
    plot_area,
    text_width,
    write,
)


@dataclass(frozen=True)
class Exceedance:
    """P(difference > x): x, rising and in the unit of the axis, and probability, of equal length.

    `series` chooses color, mark and dashes, the same for one arm in all figures.
    """

    label: str
    x: Sequence[float]
    probability: Sequence[float]
    series: int = 0

    def at(self, x: float) -> float:
        """The probability at x, between the points given."""
        return float(np.interp(x, self.x, self.probability))


def exceedance_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    curves: Sequence[Exceedance],
    axis: str,
    smallest: float,
    digits: int = 0,
    alt: str | None = None,
) -> FigureBlock:
    """The probability that a difference exceeds x, against x, with the smallest effect that matters marked.

    Args:
        id, title, caption, source, alt: as in `interval_figure`.
        curves: at least one, from top to bottom of the key.
        axis: what x is, with its unit.
        smallest: the smallest effect that matters, in that unit, within every curve's x.
        digits: decimals of the smallest effect as it is written.
    """
    asked = numbers.number(smallest, digits)
    longest = max((curve.label for curve in curves), key=len)

    def draw(figure: Any, form: Form) -> None:
        key, left, right, bottom = 20.0 * len(curves), 52 if form.is_wide else 50, 12, 48
        top = key + 52
        beside = 34 + text_width(longest, form) if form.is_wide else None
        plot = 220 if form.is_wide else 190
        axes = plot_area(
            figure, form, height=top + plot + bottom, left=left, right=right, top=top, bottom=bottom
        )
        low, high = min(curve.x[0] for curve in curves), max(curve.x[-1] for curve in curves)
        axes.set_xlim(low, high)
        axes.set_ylim(0, 1)
        axes.grid(axis="y", color=LINE, linewidth=1)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
        axes.yaxis.set_major_formatter(lambda value, _: numbers.percent(value, 0))
        axes.xaxis.set_major_locator(MaxNLocator(7 if form.is_wide else 5, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", numbers.MINUS))
        axes.set_xlabel(axis, labelpad=6)
        axes.axvline(smallest, color=INK, linewidth=1.4)
        for place, curve in enumerate(curves):
            color = SERIES[curve.series % len(SERIES)]
            dashes = DASHES[curve.series % len(DASHES)]
            axes.plot(
                curve.x, curve.probability, color=color, linewidth=2.4, linestyle=dashes, dash_capstyle="butt"
            )
            mark(axes, smallest, curve.at(smallest), curve.series)
            told_there = f"more than {asked}: {numbers.probability(curve.at(smallest))}"
            _key(figure, axes, form, curve, 16 + 20.0 * place, told_there, beside)
        write(figure, 0, key + 22, "probability of more than x", color=SOFT)
        _name_smallest(figure, form, f"smallest that matters: {asked}", left, right, (low, smallest, high), top)

    told = "; ".join(f"{curve.label} {numbers.probability(curve.at(smallest))}" for curve in curves)
    ends = "; ".join(
        f"{curve.label} from {numbers.probability(curve.probability[0])} at {numbers.number(curve.x[0], digits)} to "
        f"{numbers.probability(curve.probability[-1])} at {numbers.number(curve.x[-1], digits)}"
        for curve in curves
    )
    made = (
        f"Line chart: probability that x is exceeded, for x being {axis}. At the smallest effect that matters, "
        f"{asked}: {told}. Falling, {ends}."
    )
    return draw_figure(
        id=id, title=title, alt=made if alt is None else alt, caption=caption, source=source, draw=draw
    )


def _key(
    figure: Any, axes: Any, form: Form, curve: Exceedance, baseline: float, told: str, beside: float | None
) -> None:
    """One line of the key: mark and name, then what is told of it, from `beside` on or up to the right edge."""
    color = SERIES[curve.series % len(SERIES)]
    height = 72 * figure.get_size_inches()[1]
    axes.plot(
        [6 / form.width],
        [1 - (baseline - 5) / height],
        marker=MARKS[curve.series % len(MARKS)],
        markersize=9,
        color=color,
        linestyle="none",
        clip_on=False,
        transform=figure.transFigure,
    )
    write(figure, 18, baseline, curve.label, color=color, weight="bold")
    if beside is None:
        write(figure, form.width, baseline, told, ha="right")
    else:
        write(figure, beside, baseline, told)


def _name_smallest(
    figure: Any,
    form: Form,
    text: str,
    left: float,
    right: float,
    places: tuple[float, float, float],
    top: float,
) -> None:
    """Write text above the plot over the smallest effect, within the figure."""
    low, smallest, high = places
    half = text_width(text, form) / 2
    middle = left + (smallest - low) / (high - low) * (form.width - left - right)
    write(figure, min(max(middle, half), form.width - half), top - 9, text, ha="center")
