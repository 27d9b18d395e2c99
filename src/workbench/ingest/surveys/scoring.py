"""From the answers of one response to scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite

from workbench.ingest.surveys.layout import named
from workbench.ingest.surveys.settings import Coded, Items, Measure, ScoreColumn


@dataclass(frozen=True)
class Outcome:
    """What the answers to one instrument give.

    Attributes:
        scores: a part of the row's key ("" where there is one row) and the score; none where nothing was answered.
        incomplete: something was answered, but too little for a score.
        unread: which of the cells hold what the settings do not name, or what is no number.
    """

    scores: tuple[tuple[str, float], ...] = ()
    incomplete: bool = False
    unread: tuple[int, ...] = ()


Scoring = Callable[[Sequence[str]], Outcome]


def scoring(measure: Measure) -> Scoring:
    """What gives the outcome of the cells of an instrument's columns.

    The points of items are summed; where some may lack an answer, each of those counts as the mean of the others
    (person mean substitution, as scoring manuals of symptom scales allow it for few items).
    """
    match measure:
        case ScoreColumn():
            return partial(_sum, points=None, unanswered_at_most=0)
        case Items():
            points = None if measure.values is None else _points(measure.values)
            return partial(_sum, points=points, unanswered_at_most=measure.unanswered_at_most)
        case Coded():
            return partial(_codes, points=_points(measure.values))


def columns_of(measure: Measure) -> tuple[str, ...]:
    """The columns that an instrument is read from."""
    match measure:
        case ScoreColumn():
            return (measure.score,)
        case Items():
            return measure.items
        case Coded():
            return measure.coded


def _sum(cells: Sequence[str], points: Mapping[str, float] | None, unanswered_at_most: int) -> Outcome:
    read = [_number(cell) if points is None else points.get(named(cell)) for cell in cells]
    answered = [bool(named(cell)) for cell in cells]
    unread = tuple(place for place, given in enumerate(answered) if given and read[place] is None)
    if unread or not any(answered):
        return Outcome(unread=unread)
    given = [value for value in read if value is not None]
    missing = len(cells) - len(given)
    if missing > unanswered_at_most:
        return Outcome(incomplete=True)
    return Outcome((("", sum(given) * (1 + missing / len(given))),))


def _codes(cells: Sequence[str], points: Mapping[str, float]) -> Outcome:
    codes: list[float] = []
    unread = []
    for place, cell in enumerate(cells):
        given = named(cell)
        # Several answers to one question may stand in one cell, with commas between.
        answers = [given] if given in points else [named(part) for part in given.split(",")]
        if not given:
            continue
        if all(answer in points for answer in answers):
            codes += [points[answer] for answer in answers]
        else:
            unread.append(place)
    if unread:
        return Outcome(unread=tuple(unread))
    return Outcome(tuple((f"{code:g}", code) for code in dict.fromkeys(codes)))


def _points(values: Mapping[str, float]) -> dict[str, float]:
    return {named(answer): points for answer, points in values.items()}


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if isfinite(number) else None
