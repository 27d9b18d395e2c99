"""What clinic days hold: outcomes, how many will come, idle time, and extra bookings where somebody asks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.at_risk.frame import Appointments
from workbench.no_show.decisions.attendance import Attendance, attendance_of
from workbench.no_show.decisions.book import Book, book_of
from workbench.no_show.decisions.group_effect import GroupEffect
from workbench.no_show.decisions.outcomes import (
    AWAY,
    EMPTY,
    LabelScores,
    Outcomes,
    labeled,
    model_of,
    outcomes_of,
    score_label,
    within_bounds,
)
from workbench.no_show.decisions.overbooking import Policy, draw, idle_and_overtime, overbooked
from workbench.no_show.models.recalibrated import Recalibrated
from workbench.no_show.parameters import NoShow, Overbooking

Real = NDArray[np.float64]

PERIODS = ("training", "calibration", "test")
# Sessions of the test are gone through so often, and so many of them, drawn by lot where there are more.
RUNS, TIMED = 20, 5_000


@dataclass(frozen=True)
class SessionTimes:
    """Sessions of the test with somebody booked, and their mean idle and overtime minutes.

    `expected` is (idle, overtime) by the risks, `found` with those who came. `full` have as many appointments as
    places, `over` more.
    """

    sessions: int
    full: int
    over: int
    expected: tuple[float, float]
    found: tuple[float, float]


@dataclass(frozen=True)
class ClinicDays:
    """What the test's clinic days tell.

    `times` is None where no session is recorded. `policies` is empty where overbooking is off, sessions are not
    recorded, or too few are full. `usable` says whether the risk of an empty slot keeps within the bounds declared.
    """

    outcomes: tuple[Outcomes, ...]
    empty: LabelScores
    away: LabelScores
    usable: bool
    attendance: tuple[Attendance, ...]
    times: SessionTimes | None
    policies: tuple[Policy, ...]


def study_clinic_days(
    appointments: Appointments,
    chosen: str,
    no_show: Recalibrated,
    settings: NoShow,
    report: Callable[[str], None],
) -> ClinicDays:
    """Fit the labels beside the no-show with the same kind of model, and tell what follows for clinic days.

    Args:
        appointments: with their periods.
        chosen: the kind of model.
        no_show: that model of no-shows, recalibrated.
        settings: the parameters.
        report: told what is being done.
    """
    report("telling how many come on a clinic day, and what stays empty")
    calibration, test = appointments.of("calibration"), appointments.of("test")
    empty, away = (model_of(appointments.rows, label, chosen, no_show, settings) for label in (EMPTY, AWAY))
    stays_empty, is_away = empty.probability(test), away.probability(test)
    scores = score_label(labeled(test, EMPTY), stays_empty)
    attendance = attendance_of(calibration, test, (away.probability(calibration), is_away), settings.seed)
    asked = settings.overbooking or Overbooking()
    book = book_of(test, stays_empty, asked.never)
    return ClinicDays(
        outcomes=tuple(outcomes_of(appointments.of(name), name) for name in PERIODS),
        empty=scores,
        away=score_label(labeled(test, AWAY), is_away),
        usable=within_bounds(scores, settings),
        attendance=attendance,
        times=None if book is None else _times(book, test, attendance, asked, settings.seed),
        policies=_policies(book, test, stays_empty, attendance, settings),
    )


def _times(
    book: Book, test: pd.DataFrame, attendance: tuple[Attendance, ...], asked: Overbooking, seed: int
) -> SessionTimes:
    rng = np.random.default_rng(seed)
    timed = book.of(np.sort(rng.permutation(book.length.size)[:TIMED]))
    # No extra patient is looked at, so that it does not matter whether one would come.
    drawn = draw(timed, 1.0, _effect(attendance), asked, rng, RUNS)
    regular = timed.there.shape[1]
    minutes = drawn.minutes[:, :, :regular]
    # A slot called off in time can be given to somebody else.
    filled = ~test["outcome"].isin(EMPTY).to_numpy()
    came = np.broadcast_to(filled[timed.row] & timed.there, minutes.shape)
    return SessionTimes(
        sessions=book.length.size,
        full=int(book.full.sum()),
        over=int((book.booked > book.capacity).sum()),
        expected=idle_and_overtime(timed, drawn.came[:, :, :regular], minutes),
        found=idle_and_overtime(timed, came, minutes),
    )


def _policies(
    book: Book | None,
    test: pd.DataFrame,
    empty: Real,
    attendance: tuple[Attendance, ...],
    settings: NoShow,
) -> tuple[Policy, ...]:
    asked = settings.overbooking
    if asked is None or book is None or not book.double.any():
        return ()
    # An extra patient is one like those beside whom she is booked.
    extra = float(empty[book.row[book.double]].mean())
    return overbooked(book, extra, _effect(attendance), test, settings, asked)


def _effect(attendance: tuple[Attendance, ...]) -> GroupEffect | None:
    """What a session's patients have in common: that of their clinic day, turned from coming to not coming."""
    found = next((each.effect for each in attendance if each.level == "clinic day"), None)
    return None if found is None else found.turned
