"""The calibration alarm run over the test, as if it had been watched: whether it would have been given, and when.

Nobody of the test was called because of this model's risks, so that its outcomes are those of the care of that time.
Once the model is in use this holds of the holdout alone.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.oversight.alarm import Alarm, calibration_alarm

# Evidence is told by its decimal logarithm; more than this cannot be told from it by anybody.
MOST = 1e300


@dataclass(frozen=True)
class WatchedWeek:
    """Seven days of the test, the first week beginning with its first day.

    Attributes:
        number: from 1 on.
        first, last: the first and last day with outcomes.
        patients, appointments: how many it had.
        evidence: against calibration after its last day, as a decimal logarithm: of both kinds together.
        in_the_large, slope: the same of each kind.
    """

    number: int
    first: pd.Timestamp
    last: pd.Timestamp
    patients: int
    appointments: int
    evidence: float
    in_the_large: float
    slope: float


@dataclass(frozen=True)
class Rehearsal:
    """The alarm over the test's weeks.

    Attributes:
        weeks: those with outcomes, ascending.
        given_in: the week in which the alarm was given; None where it was not.
        given_on: the day of it.
        alpha: the largest probability of a false alarm, over all looks together.
    """

    weeks: tuple[WatchedWeek, ...]
    given_in: int | None
    given_on: pd.Timestamp | None
    alpha: float

    @property
    def threshold(self) -> float:
        """The evidence at which the alarm is given, as a decimal logarithm."""
        return float(-np.log10(self.alpha))


def rehearse(test: pd.DataFrame, risk: NDArray[np.float64]) -> Rehearsal:
    """Run the alarm over the test, day after day.

    Args:
        test: appointments with day, patient and no_show, one row each.
        risk: predicted of each, strictly between 0 and 1; shape (n,).

    Raises:
        Refused: a risk or an outcome that cannot be one.
    """
    day = test["day"].to_numpy().astype("datetime64[D]")
    # Evidence beyond what a number holds is as good as endless, and told as `MOST`.
    with np.errstate(over="ignore"):
        alarm = calibration_alarm(risk, test["no_show"].to_numpy(float), day)
    number = _week(day, day.min())
    weeks = tuple(_watched(alarm, test[number == week], int(week), day.min()) for week in np.unique(number))
    given = alarm.given_on
    return Rehearsal(
        weeks=weeks,
        given_in=None if given is None else int(_week(given, day.min())),
        given_on=None if given is None else pd.Timestamp(given),
        alpha=alarm.alpha,
    )


def _watched(alarm: Alarm, rows: pd.DataFrame, number: int, begins: np.datetime64) -> WatchedWeek:
    last = np.flatnonzero(_week(alarm.day, begins) == number)[-1]
    return WatchedWeek(
        number=number,
        first=pd.Timestamp(rows["day"].min()),
        last=pd.Timestamp(rows["day"].max()),
        patients=int(rows["patient"].nunique()),
        appointments=len(rows),
        evidence=_decimal(alarm.evidence[last]),
        in_the_large=_decimal(alarm.in_the_large[last]),
        slope=_decimal(alarm.slope[last]),
    )


def _week(day: NDArray[np.datetime64] | np.datetime64, begins: np.datetime64) -> NDArray[np.int64]:
    return np.asarray((day - begins) // np.timedelta64(7, "D") + 1, dtype=np.int64)


def _decimal(evidence: float) -> float:
    return float(np.log10(min(evidence, MOST)))
