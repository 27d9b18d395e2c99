"""Overbooking by simulation of the clinic day: what extra bookings do to idle time, overtime and waiting.

Extra bookings are made in sessions whose book is full, each beside an appointment, never beside those that may not be
doubled. Who stands beside is chosen by lot; choosing the highest risks (targeting) is told beside it and never
recommended. All policies meet the same patients and the same visits, so that they are compared by pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from workbench.no_show.decisions.book import Book
from workbench.no_show.decisions.group_effect import GroupEffect
from workbench.no_show.decisions.queue import Seen, see
from workbench.no_show.parameters import NoShow, Overbooking, Subgroup
from workbench.no_show.scores.calibration import log_odds
from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.scores.subgroups import group_of

Real = NDArray[np.float64]
Index = NDArray[np.int64]
Truth = NDArray[np.bool_]
Beside = Literal["by lot", "by risk"]

# Each session is gone through so often, and so many sessions at most.
RUNS, SESSIONS = 200, 400
FEWEST_SESSIONS = 30


@dataclass(frozen=True)
class GroupWait:
    """Regular patients of a group under one policy: mean minutes waited by those who came, and who ended late."""

    by: str
    group: str
    patients: int
    appointments: int
    wait: float
    late: float


@dataclass(frozen=True)
class Policy:
    """Means of one policy: per session, or per patient who came.

    `gain` is what is saved per session against no extra booking, in the cost of an idle minute, with the interval of
    the sessions drawn. `extra_wait` is that of extra patients; None where there is none.
    """

    extra: int
    beside: Beside
    added: float
    idle: float
    overtime: float
    wait: float
    late: float
    extra_wait: float | None
    gain: Estimate
    groups: tuple[GroupWait, ...]


@dataclass(frozen=True)
class Draws:
    """What is drawn once and met by every policy: shape (runs, sessions, places), extra places last.

    `came` and `minutes` are of each visit; `order` breaks ties of two at one time.
    """

    came: Truth
    minutes: Real
    order: Real


@dataclass(frozen=True)
class Ran:
    """What came of every session in every run, in the order of being seen; `order` is each one's place."""

    seen: Seen
    came: Truth
    order: Index


def idle_and_overtime(book: Book, came: Truth, minutes: Real) -> tuple[float, float]:
    """Mean idle and overtime minutes per session, without any extra booking.

    Args:
        book: the sessions.
        came: who came, shape (..., sessions, places).
        minutes: of each visit, the same shape.
    """
    seen = see(book.due, minutes, came & book.there, np.broadcast_to(book.length, came.shape[:-1]))
    return float(seen.idle.mean()), float(seen.overtime.mean())


def draw(
    book: Book,
    extra_empty: float,
    effect: GroupEffect | None,
    asked: Overbooking,
    rng: np.random.Generator,
    runs: int = RUNS,
) -> Draws:
    """Draw who comes and how long each visit takes.

    Args:
        book: the sessions.
        extra_empty: probability that an extra patient does not come.
        effect: what a session's patients have in common, on the log odds of not coming; None for nothing.
        asked: how many extra places at most, and how visits vary.
        rng: draws.
        runs: how often each session is gone through.
    """
    sessions, places = book.there.shape
    shape = (runs, sessions, places + asked.limit)
    empty = np.concatenate([book.empty, np.full((sessions, asked.limit), extra_empty)], axis=1)
    odds = np.broadcast_to(log_odds(empty), shape)
    if effect is not None:
        odds = odds + rng.choice(effect.nodes, (runs, sessions, 1), p=effect.weights)
    spread = np.sqrt(np.log1p(asked.visit_variation**2))
    factor = np.exp(spread * rng.standard_normal(shape) - spread**2 / 2)
    duration = np.concatenate([book.duration, np.ones((sessions, asked.limit))], axis=1)
    return Draws(rng.random(shape) >= expit(odds), duration * factor, rng.random(shape))


def beside(book: Book, rule: Beside, luck: Real) -> Index:
    """The places beside which extra patients are booked, in their order, -1 where there is none left.

    Args:
        book: the sessions.
        rule: by lot, or the highest risks first.
        luck: of each place, shape (sessions, places).
    """
    rank = np.where(book.double, book.empty if rule == "by risk" else luck, -1.0)
    order = np.argsort(-rank, axis=1, kind="stable")
    return np.where(np.take_along_axis(rank, order, 1) >= 0, order, -1)


def go_through(book: Book, drawn: Draws, extra: int, places: Index) -> Ran:
    """One policy.

    Args:
        book: the sessions.
        drawn: what all policies meet.
        extra: bookings added to each session, fewer where fewer appointments may be doubled.
        places: from `beside`.
    """
    sessions, regular = book.there.shape
    columns = regular + extra
    chosen = np.full((sessions, extra), -1)
    chosen[:, : places.shape[1]] = places[:, :extra]
    fits, chosen = chosen >= 0, np.maximum(chosen, 0)
    there = np.concatenate([book.there, fits], axis=1)
    due = np.concatenate([book.due, np.take_along_axis(book.due, chosen, 1)], axis=1)
    minutes = drawn.minutes[:, :, :columns].copy()
    minutes[:, :, regular:] *= np.take_along_axis(book.duration, chosen, 1)
    came = drawn.came[:, :, :columns] & there
    # Two at one time are seen as they happen to come in; places without an appointment stand last.
    clock = np.broadcast_to(np.where(there, due, np.inf), came.shape)
    order = np.lexsort((drawn.order[:, :, :columns], clock), axis=2)
    in_turn = np.take_along_axis(came, order, 2)
    seen = see(
        np.take_along_axis(np.where(np.isfinite(clock), clock, 0.0), order, 2),
        np.take_along_axis(minutes, order, 2),
        in_turn,
        np.broadcast_to(book.length, came.shape[:2]),
    )
    return Ran(seen, in_turn, order)


def policies(
    book: Book, drawn: Draws, asked: Overbooking, luck: Real, test: pd.DataFrame, subgroups: Sequence[Subgroup]
) -> tuple[Policy, ...]:
    """Every number of extra bookings from none to the limit, by lot and by risk.

    Args:
        book: full sessions.
        drawn: from `draw`.
        asked: the limit and the costs.
        luck: of each place, shape (sessions, places); chooses by lot.
        test: the appointments `book.row` points to.
        subgroups: by what waiting is told apart.
    """
    found: list[Policy] = []
    start: Real | None = None
    for extra in range(asked.limit + 1):
        rules: tuple[Beside, ...] = ("by lot", "by risk") if extra else ("by lot",)
        for rule in rules:
            places = beside(book, rule, luck)
            ran = go_through(book, drawn, extra, places)
            cost = _cost(ran.seen, asked)
            start = cost if start is None else start
            added = float((places[:, :extra] >= 0).sum(1).mean())
            groups = group_waits(book, ran, test, subgroups)
            found.append(_policy(book, ran, (extra, rule, added), start - cost, groups))
    return tuple(found)


def full_sessions(book: Book, rng: np.random.Generator) -> Book:
    """The sessions whose book is full, at most `SESSIONS` of them, drawn by lot."""
    full = np.flatnonzero(book.full)
    if full.size > SESSIONS:
        full = np.sort(rng.choice(full, SESSIONS, replace=False))
    return book.of(full)


def overbooked(
    book: Book,
    extra_empty: float,
    effect: GroupEffect | None,
    test: pd.DataFrame,
    settings: NoShow,
    asked: Overbooking,
) -> tuple[Policy, ...]:
    """Every policy on the full sessions of a book; none where there are fewer than `FEWEST_SESSIONS`."""
    rng = np.random.default_rng(settings.seed)
    chosen = full_sessions(book, rng)
    if chosen.length.size < FEWEST_SESSIONS:
        return ()
    drawn = draw(chosen, extra_empty, effect, asked, rng)
    return policies(chosen, drawn, asked, rng.random(chosen.there.shape), test, settings.subgroups)


def _cost(seen: Seen, asked: Overbooking) -> Real:
    """Of each session in each run, in the cost of an idle minute."""
    return np.asarray(
        seen.idle + asked.waiting_minute * seen.wait.sum(-1) + asked.overtime_minute * seen.overtime
    )


def _policy(
    book: Book,
    ran: Ran,
    what: tuple[int, Beside, float],
    saved: Real,
    groups: tuple[GroupWait, ...],
) -> Policy:
    extra, rule, added = what
    seen, came = ran.seen, ran.came
    of_extra = came & (ran.order >= book.there.shape[1])
    per_session = saved.mean(0)
    error = float(per_session.std(ddof=1) / np.sqrt(per_session.size))
    return Policy(
        extra=extra,
        beside=rule,
        added=added,
        idle=float(seen.idle.mean()),
        overtime=float(seen.overtime.mean()),
        wait=float(seen.wait[came].mean()) if came.any() else 0.0,
        late=float(seen.late[came].mean()) if came.any() else 0.0,
        extra_wait=float(seen.wait[of_extra].mean()) if of_extra.any() else None,
        gain=Estimate.normal(float(per_session.mean()), error),
        groups=groups,
    )


def group_waits(
    book: Book, ran: Ran, test: pd.DataFrame, subgroups: Sequence[Subgroup]
) -> tuple[GroupWait, ...]:
    """Waiting of regular patients by group."""
    regular = book.there.shape[1]
    session = np.broadcast_to(np.arange(ran.order.shape[1])[:, None], ran.order.shape)
    ours = ran.came & (ran.order < regular)
    cell = session[ours] * regular + ran.order[ours]
    waited, late, times = (
        np.bincount(cell, values, book.there.size).reshape(book.there.shape)[book.there]
        for values in (ran.seen.wait[ours], ran.seen.late[ours].astype(float), np.ones(cell.size))
    )
    rows = test.iloc[book.row[book.there]]
    patient = rows["patient"].to_numpy()
    found = []
    for by in subgroups:
        groups = group_of(rows, by)
        for group in groups.cat.categories:
            here = (groups == group).to_numpy()
            came_here = times[here].sum()
            if came_here:
                found.append(
                    GroupWait(
                        by=by,
                        group=str(group),
                        patients=int(np.unique(patient[here]).size),
                        appointments=int(here.sum()),
                        wait=float(waited[here].sum() / came_here),
                        late=float(late[here].sum() / came_here),
                    )
                )
    return tuple(found)
