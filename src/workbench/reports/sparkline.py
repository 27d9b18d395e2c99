"""The history of a number as a small chart: one point for each day looked from, with its interval as a band.

Where a number is hidden or a version is known by another one, the line is broken. The chart is told in words by its
alternative text; the numbers themselves stand beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from markupsafe import Markup

from workbench.present import numbers
from workbench.present.headline_number import HeadlineNumber

WIDTH, HEIGHT, MARGIN = 240.0, 56.0, 5.0


@dataclass(frozen=True)
class Point:
    """A version's headline number on the day it looks from; None where it has none."""

    as_of: date
    number: HeadlineNumber | None


def history_of(points: Sequence[Point]) -> list[Point]:
    """The points of the newest number's history, oldest first: one a day, None where a version tells another number.

    Args:
        points: of all versions, the newest version first.

    Returns:
        No point where the newest version has no number.
    """
    if not points or points[0].number is None:
        return []
    newest = points[0].number
    by_day: dict[date, Point] = {}
    for point in points:
        continued = point.number if point.number is not None and point.number.continues(newest) else None
        by_day.setdefault(point.as_of, Point(point.as_of, continued))
    return [by_day[day] for day in sorted(by_day)]


def sparkline(history: Sequence[Point]) -> Markup | None:
    """The chart of a history as SVG, or None where fewer than two of its points have a value."""
    told = [(p.as_of, p.number) for p in history if p.number is not None and p.number.value is not None]
    if len(told) < 2:
        return None
    frame = _Frame.around([number for _, number in told], told[0][0], told[-1][0])
    parts = [*_no_effect(frame, told[-1][1])]
    for has_value, run in groupby(history, key=lambda p: p.number is not None and p.number.value is not None):
        if has_value:
            parts += _run([(p.as_of, p.number) for p in run if p.number is not None], frame)
    last_day, last = told[-1]
    parts.append(
        f'<circle cx="{frame.x(last_day):.1f}" cy="{frame.y(last.value or 0.0):.1f}" r="3" fill="var(--s1)"/>'
    )
    # All text is escaped by the format, and the parts are numbers and names of this module.
    return Markup(
        '<svg class="spark" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{alt}">{parts}</svg>'
    ).format(width=WIDTH, height=HEIGHT, alt=in_words(history), parts=Markup("".join(parts)))  # noqa: S704


def in_words(history: Sequence[Point]) -> str:
    """The chart in words: of what, from when to when, first and last value, lowest and highest."""
    told = [(p.as_of, p.number) for p in history if p.number is not None and p.number.value is not None]
    by_value = sorted(told, key=lambda point: point[1].value or 0.0)
    first, last, lowest, highest = (
        f"{number.shown} on {numbers.day(day)}"
        for day, number in (told[0], told[-1], by_value[0], by_value[-1])
    )
    return (
        f"{told[-1][1].metric.label}, of {len(told)} days: first {first}, last {last}; "
        f"lowest {lowest}, highest {highest}."
    )


@dataclass(frozen=True)
class _Frame:
    """From days and values to places in the drawing."""

    first: date
    last: date
    low: float
    high: float

    @classmethod
    def around(cls, told: Sequence[HeadlineNumber], first: date, last: date) -> "_Frame":
        values = [end for n in told for end in (n.value, n.low, n.high) if end is not None]
        # "No effect" is in sight where it is near: within twice the range that is drawn anyway.
        no_effect = told[-1].metric.no_effect
        if no_effect is not None:
            low, high = min(values), max(values)
            if low - 2 * (high - low) <= no_effect <= high + 2 * (high - low):
                values.append(no_effect)
        low, high = min(values), max(values)
        half = (high - low) / 2 or abs(high) / 2 or 1.0
        middle = (low + high) / 2
        return cls(first, last, middle - half, middle + half)

    def x(self, day: date) -> float:
        span = (self.last - self.first).days or 1
        return MARGIN + (WIDTH - 2 * MARGIN) * (day - self.first).days / span

    def y(self, value: float) -> float:
        return HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value - self.low) / (self.high - self.low)


def _no_effect(frame: _Frame, number: HeadlineNumber) -> Iterator[str]:
    at = number.metric.no_effect
    if at is not None and frame.low <= at <= frame.high:
        yield (
            f'<path d="M0 {frame.y(at):.1f}H{WIDTH:g}" fill="none" stroke="var(--soft)" stroke-dasharray="3 3"/>'
        )


def _run(run: Sequence[tuple[date, HeadlineNumber]], frame: _Frame) -> Iterator[str]:
    """Band and line of points that follow each other without a gap; a point alone has a whisker and a dot."""
    banded = [(frame.x(day), n.low, n.high) for day, n in run if n.low is not None and n.high is not None]
    places = [(frame.x(day), frame.y(n.value)) for day, n in run if n.value is not None]
    if len(places) == 1:
        ((x, y),) = places
        for _, low, high in banded:
            yield f'<path d="M{x:.1f} {frame.y(low):.1f}V{frame.y(high):.1f}" stroke="var(--s1)" stroke-opacity=".5"/>'
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="var(--s1)"/>'
        return
    if len(banded) > 1:
        there = " ".join(f"{x:.1f} {frame.y(high):.1f}" for x, _, high in banded)
        back = " ".join(f"{x:.1f} {frame.y(low):.1f}" for x, low, _ in reversed(banded))
        yield f'<path d="M{there} {back}z" fill="var(--s1)" fill-opacity=".2"/>'
    line = " ".join(f"{x:.1f} {y:.1f}" for x, y in places)
    yield f'<path d="M{line}" fill="none" stroke="var(--s1)" stroke-width="2" stroke-linejoin="round"/>'
