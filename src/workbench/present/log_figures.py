"""Figures of logs: at what hour texts arrive, which values are missing when, and how many rows each week has."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from matplotlib.ticker import MaxNLocator

from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.drawing import BAND, INK, LINE, PAPER, SERIES, SOFT, Form, draw_figure, plot_area, write

# From the hue of a series, so faint that the number in a cell is read over it.
FAINTEST, DARKEST = 0.06, 0.5
# Of the highest bar.
SMALLEST_SEEN = 0.03


@dataclass(frozen=True)
class HourBar:
    """What happened within an hour of the day; None is not shown."""

    hour: int
    count: int | None


@dataclass(frozen=True)
class ShareRow:
    """A row of shares (0 to 1) by month with the text of each; None is not drawn. `muted` rows are drawn in gray."""

    label: str
    shares: Sequence[float | None]
    texts: Sequence[str]
    muted: bool = False


@dataclass(frozen=True)
class WeekPanel:
    """Rows of a log by week, named by its Monday; None is not shown. `gaps` are days without any row."""

    label: str
    weeks: Sequence[date]
    rows: Sequence[int | None]
    gaps: Collection[date] = ()


def hours_figure(
    *,
    id: str,
    title: str,
    caption: str,
    source: Sequence[str],
    bars: Sequence[HourBar],
    quiet_until: int,
    quiet_from: int,
    counted: str,
) -> FigureBlock:
    """Bars by hour of the day, the quiet hours shaded and their bars drawn in orange, large enough to be seen.

    Args:
        id, title, caption, source: as in `FigureBlock`.
        bars: one for each hour from 0 to 23.
        quiet_until, quiet_from: the hours at which the quiet of the night ends and begins.
        counted: what is counted, in the plural.
    """
    highest = max([bar.count or 0 for bar in bars] + [1])

    def draw(figure: Any, form: Form) -> None:
        left = 66 if form.is_wide else 58
        axes = plot_area(figure, form, height=300, left=left, right=14, top=34, bottom=58)
        axes.set_xlim(0, 24)
        axes.set_ylim(0, 1.08 * highest)
        for low, high in ((0, quiet_until), (quiet_from, 24)):
            axes.axvspan(low, high, color=BAND, linewidth=0)
        axes.grid(axis="y", color=LINE, linewidth=1)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: numbers.number(value))
        axes.set_xticks([0, 4, quiet_until, 12, 16, quiet_from, 24])
        axes.set_xlabel("hour on the patient's clock", labelpad=6)
        for bar in bars:
            quiet = not quiet_until <= bar.hour < quiet_from
            if bar.count:
                # The few that break the rule are what is looked for: they must be seen beside the many.
                tall = max(bar.count, SMALLEST_SEEN * highest) if quiet else bar.count
                axes.bar(bar.hour + 0.5, tall, width=0.82, color=SERIES[quiet], linewidth=0)
        hidden = [bar.hour + 0.5 for bar in bars if bar.count is None]
        axes.plot(
            hidden, [0.03 * highest] * len(hidden), "D", markersize=8, color=PAPER, markeredgecolor=SERIES[1]
        )
        write(figure, 0, 14, counted, color=SOFT)
        for middle, word in ((quiet_until / 2, "quiet"), ((quiet_from + 24) / 2, "quiet")):
            axes.text(middle, 1.0 * highest, word, color=SOFT, ha="center", va="top")

    told = "; ".join(
        f"{bar.hour:02d} h {'not shown' if bar.count is None else numbers.count(bar.count)}"
        for bar in bars
        if bar.count is None or bar.count > 0
    )
    alt = (
        f"Bar chart of {counted} by hour of the patient's day; before {quiet_until} and from {quiet_from} h are shaded "
        f"as quiet. {told or 'None'}. All other hours: none."
    )
    return draw_figure(id=id, title=title, alt=alt, caption=caption, source=source, draw=draw)


def shares_figure(
    *, id: str, title: str, caption: str, source: Sequence[str], months: Sequence[str], rows: Sequence[ShareRow]
) -> FigureBlock:
    """A cell for each row and month: the darker, the larger the share, which stands in it too.

    Args:
        id, title, caption, source: as in `FigureBlock`.
        months: what the columns are called, in two words such as "Nov 26".
        rows: at least one, from top to bottom.
    """

    def draw(figure: Any, form: Form) -> None:
        # On a phone only half a year fits, under each row's name.
        first = 0 if form.is_wide else max(0, len(months) - 6)
        shown = months[first:]
        left = 212.0 if form.is_wide else 4.0
        step = 34.0 if form.is_wide else 58.0
        top, tall = 46.0, 28.0
        height = top + step * len(rows) + 8
        figure.set_size_inches(form.width / 72, height / 72)
        axes = _canvas(figure, form, height)
        width = (form.width - left - 4) / len(shown)
        for at, month in enumerate(shown):
            name, _, year = month.partition(" ")
            middle = left + (at + 0.5) * width
            write(figure, middle, 16, name, ha="center", color=SOFT)
            if at == 0 or name == "Jan":
                write(figure, middle, 34, f"’{year}", ha="center", color=SOFT)
        for at, row in enumerate(rows):
            y = top + at * step
            if form.is_wide:
                write(figure, 0, y + 19, row.label)
                cell = y
            else:
                write(figure, left, y + 18, row.label, weight="bold")
                cell = y + 24
            _cells(axes, figure, row, first, (left, cell, width, tall))

    told = "; ".join(
        f"{row.label}: " + ", ".join(f"{month} {text}" for month, text in zip(months, row.texts, strict=True))
        for row in rows
    )
    alt = f"Grid of missing shares by column and month. {told}."
    return draw_figure(id=id, title=title, alt=alt, caption=caption, source=source, draw=draw)


def weeks_figure(
    *, id: str, title: str, caption: str, source: Sequence[str], panels: Sequence[WeekPanel]
) -> FigureBlock:
    """A panel for each log, its rows by week as bars; days without any row are marked below.

    Args:
        id, title, caption, source: as in `FigureBlock`.
        panels: at least one, from top to bottom; all share the axis of time.
    """
    first = min(panel.weeks[0] for panel in panels)
    last = max(panel.weeks[-1] for panel in panels) + timedelta(weeks=1)

    def draw(figure: Any, form: Form) -> None:
        tall, between = 92.0, 44.0
        height = len(panels) * (tall + between) + 26
        figure.set_size_inches(form.width / 72, height / 72)
        left = 66.0 if form.is_wide else 56.0
        for at, panel in enumerate(panels):
            top = at * (tall + between) + 26
            write(figure, 0, top - 9, panel.label, weight="bold")
            box = (
                left / form.width,
                1 - (top + tall) / height,
                (form.width - left - 10) / form.width,
                tall / height,
            )
            axes = figure.add_axes(box)
            _panel(axes, panel, first, last)
            _months(axes, form, first, last, named=at == len(panels) - 1)

    told = "; ".join(_week_panel_in_words(panel) for panel in panels)
    alt = f"Bars of rows by week, {numbers.day(first)} to {numbers.day(last)}. {told}."
    return draw_figure(id=id, title=title, alt=alt, caption=caption, source=source, draw=draw)


def _canvas(figure: Any, form: Form, height: float) -> Any:
    """Axes over the whole figure, in px from its upper left corner, without a frame."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.set_xlim(0, form.width)
    axes.set_ylim(height, 0)
    return axes


def _cells(axes: Any, figure: Any, row: ShareRow, first: int, box: tuple[float, float, float, float]) -> None:
    left, top, width, tall = box
    color = SERIES[5] if row.muted else SERIES[0]
    for at, (share, text) in enumerate(zip(row.shares[first:], row.texts[first:], strict=True)):
        x = left + at * width
        corners = ([x + 1, x + width - 1, x + width - 1, x + 1], [top, top, top + tall, top + tall])
        if share is None:
            axes.fill(*corners, facecolor="none", edgecolor=LINE, linewidth=1)
        else:
            axes.fill(*corners, color=color, alpha=FAINTEST + (DARKEST - FAINTEST) * share, linewidth=0)
        told = text.removesuffix(" %")
        write(figure, x + width / 2, top + 19, told, ha="center", color=SOFT if share is None else INK)


def _panel(axes: Any, panel: WeekPanel, first: date, last: date) -> None:
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_facecolor("none")
    axes.tick_params(length=0, pad=7, colors=SOFT)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=LINE, linewidth=1)
    highest = max([rows or 0 for rows in panel.rows] + [1])
    axes.set_xlim(first.toordinal(), last.toordinal())
    axes.set_ylim(-0.16 * highest, 1.05 * highest)
    axes.set_yticks([0, _round_half(highest)])
    axes.yaxis.set_major_formatter(lambda value, _: numbers.number(value))
    weeks = [(week.toordinal() + 3.5, rows) for week, rows in zip(panel.weeks, panel.rows, strict=True)]
    shown = [(at, rows) for at, rows in weeks if rows]
    axes.bar([at for at, _ in shown], [rows for _, rows in shown], width=5.6, color=SERIES[0], linewidth=0)
    hidden = [at for at, rows in weeks if rows is None]
    axes.plot(hidden, [0.05 * highest] * len(hidden), "D", markersize=6, color=PAPER, markeredgecolor=SOFT)
    gaps = [gap.toordinal() + 0.5 for gap in panel.gaps]
    axes.plot(gaps, [-0.1 * highest] * len(gaps), "^", markersize=9, color=SERIES[1], clip_on=False)


def _round_half(highest: int) -> int:
    """A round number of about three quarters of the highest bar."""
    step = 10 ** max(len(str(highest)) - 1, 0)
    return max(int(0.9 * highest) // step * step, 1)


def _months(axes: Any, form: Form, first: date, last: date, *, named: bool) -> None:
    """Ticks at firsts of months, a few of them, with their years; at the first day of all where no month begins."""
    months = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    ]
    every = -(-len(months) // (8 if form.is_wide else 4))
    shown = months[::every] if months else [first]
    names = [f"{numbers.MONTHS[day.month - 1]} {day.year % 100:02d}" for day in shown]
    axes.set_xticks([day.toordinal() for day in shown], names if named else [""] * len(shown))


def _week_panel_in_words(panel: WeekPanel) -> str:
    shown = [rows for rows in panel.rows if rows is not None]
    span = f"{numbers.count(min(shown))} to {numbers.count(max(shown))} a week" if shown else "not shown"
    gaps = (
        f"; days without any: {', '.join(numbers.day(gap) for gap in sorted(panel.gaps))}" if panel.gaps else ""
    )
    return f"{panel.label}: {span}{gaps}"
