"""An alarm for predictions that are off: evidence against calibration that may be looked at after every day.

The hypothesis is that the model is calibrated: whatever was seen on earlier days, each outcome of a day has the
probability that was predicted, so that a day's mean weighted residual

    s = mean of w(p) (y - p)

has the expectation 0. A bet 1 + a s with a stake a fixed before the day's outcomes, and never below 0, has the
expectation 1, and a product of bets is a test martingale (Shafer and Vovk 2019; Waudby-Smith and Ramdas 2024). Nothing
is assumed of how the outcomes of one day hang together: snow, a strike or one patient's two visits make no false alarm.
That is why the outcomes of a day are taken as one; Henzi and Ziegel (2022), and Arnold, Henzi and Ziegel (2023,
"Sequentially valid tests for forecast calibration"), bet on single outcomes.

Two weights are bet on: 1 (calibration in the large) and the centered log odds (the slope: risks too extreme, or too
alike). For each, bets in both directions and of several sizes, begun on every day, are mixed by weights that add up to
1; the mean of the two is the evidence. It is a test martingale too: under calibration it reaches 1/alpha, at any time
however long one looks, with a probability of at most alpha (Ville 1939).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.refusal import Fault, Refused

Real = NDArray[np.float64]
Day = NDArray[np.datetime64]

# Stakes, as parts of the largest that can never lose more than all.
STAKES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
# Log odds are centered here in the weight of the slope, unless told otherwise; and taken for so far apart at most.
CENTER, REACH = -1.5, 2.0
# A bet is worth no more than this, and wins no more on a day: what is above is given away, so that the bets stay fair.
MOST = 1e150


@dataclass(frozen=True)
class Alarm:
    """Evidence against calibration, after each day, shape (d,): of both kinds together, and of each.

    Attributes:
        day: the days, ascending.
        outcomes: how many outcomes each day had.
        evidence: the mean of the two below; an alarm is given where it reaches 1/alpha.
        in_the_large: evidence that all risks are too low, or too high.
        slope: evidence that risks are too far apart, or too much alike.
        alpha: the largest probability of a false alarm, ever.
    """

    day: Day
    outcomes: NDArray[np.int64]
    evidence: Real
    in_the_large: Real
    slope: Real
    alpha: float

    @property
    def given_on(self) -> np.datetime64 | None:
        """The day on which the alarm was given; None where it was not. An alarm once given stays."""
        place = self.after_days
        return None if place is None else self.day[place - 1]

    @property
    def after_days(self) -> int | None:
        """How many days with outcomes it took."""
        over = np.flatnonzero(self.evidence >= 1 / self.alpha)
        return int(over[0]) + 1 if over.size else None

    @property
    def after_outcomes(self) -> int | None:
        """How many outcomes it took."""
        days = self.after_days
        return None if days is None else int(self.outcomes[:days].sum())


def calibration_alarm(
    probability: Real, outcome: Real, day: Day, alpha: float = 0.05, center: float = CENTER
) -> Alarm:
    """Evidence against calibration, day after day.

    Args:
        probability: predicted before the outcome was known, strictly between 0 and 1; shape (n,).
        outcome: 0 or 1, shape (n,); of people whom nobody treats by their risk, or success looks like drift.
        day: by which the outcomes are taken together, shape (n,), in any order.
        alpha: the largest probability of a false alarm, over all looks together.
        center: log odds that the slope turns about, chosen before any outcome is seen.

    Raises:
        Refused: numbers that cannot be such, or none.
    """
    _refuse_unusable(probability, outcome, day, alpha)
    days, place, counts = np.unique(day, return_inverse=True, return_counts=True)
    log_odds = np.log(probability) - np.log1p(-probability)
    spread = np.clip((log_odds - center) / REACH, -1, 1)
    large = _martingale(np.ones_like(probability), probability, outcome, place)
    slope = _martingale(spread, probability, outcome, place)
    return Alarm(days, counts.astype(np.int64), (large + slope) / 2, large, slope, alpha)


def _martingale(weight: Real, probability: Real, outcome: Real, place: NDArray[np.int64]) -> Real:
    """The mixture's worth after each day, shape (d,)."""
    counts = np.bincount(place)

    def daily(values: Real) -> Real:
        return np.asarray(np.bincount(place, values) / counts)

    residual = daily(weight * (outcome - probability))
    # What a day can give at least and at most, known before its outcomes are.
    least = daily(np.minimum(weight * (1 - probability), -weight * probability))
    most = daily(np.maximum(weight * (1 - probability), -weight * probability))
    stakes = np.asarray(STAKES)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        gains = np.concatenate(
            [
                stakes * np.where(least < 0, residual / -least, 0.0)[:, None],
                -stakes * np.where(most > 0, residual / most, 0.0)[:, None],
            ],
            axis=1,
        )
    return _begun_on_every_day(np.minimum(1 + gains, MOST))


def _begun_on_every_day(factors: Real) -> Real:
    """Bets begun on day j with the weight 1/(j (j + 1)), so that drift that comes late finds most of it whole.

    Args:
        factors: of each bet on each day, shape (d, b).
    """
    begun = np.zeros(factors.shape[1])
    worth = np.empty(len(factors))
    for number, factor in enumerate(factors, start=1):
        begun = np.minimum((begun + 1 / (number * (number + 1))) * factor, MOST)
        # What has not begun yet is still worth what it was.
        worth[number - 1] = begun.mean() + 1 / (number + 1)
    return worth


def _refuse_unusable(probability: Real, outcome: Real, day: Day, alpha: float) -> None:
    faults = []
    if not probability.shape == outcome.shape == day.shape or probability.ndim != 1 or not probability.size:
        what = "probabilities, outcomes and days are not equally many, or there are none."
        raise Refused(Fault("calibration alarm", what, "Give one of each for every appointment."))
    if not ((probability > 0) & (probability < 1)).all():
        what = "a probability does not lie between 0 and 1."
        faults.append(Fault("calibration alarm", what, "Give the model's own probabilities."))
    if not np.isin(outcome, (0, 1)).all():
        what = "an outcome is neither 0 nor 1."
        faults.append(Fault("calibration alarm", what, "Give 1 where the appointment was missed, else 0."))
    if np.isnat(day).any():
        faults.append(Fault("calibration alarm", "a day is missing.", "Give the day of each appointment."))
    if not 0 < alpha < 1:
        what = "alpha does not lie between 0 and 1."
        faults.append(Fault("calibration alarm", what, "Name the false-alarm rate to hold, such as 0.05."))
    if faults:
        raise Refused(*faults)
