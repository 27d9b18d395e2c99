"""What is told of a model that is watched: whether the alarm was given, and on how many outcomes that rests."""

from typing import NamedTuple

from workbench.no_show.oversight.alarm import calibration_alarm
from workbench.no_show.oversight.watched import Watched
from workbench.present import numbers
from workbench.present.disclosure import Profile

# So many times more evidence by the slope, and it is the slope that is told of.
CLEARLY = 2.0


class Told(NamedTuple):
    """The lines that are told, and whether the alarm was given."""

    lines: tuple[str, ...]
    alarmed: bool


def watched_in_words(found: Watched, alpha: float, profile: Profile) -> Told:
    """Whether the model is still calibrated, in words.

    Args:
        found: outcomes of the holdout.
        alpha: the false-alarm rate.
        profile: which counts are few: of so few outcomes, or people, nothing is told.
    """
    if found.people <= profile.few or found.outcome.size <= profile.few:
        return Told(("Too few outcomes of people held out are known to say anything.",), False)
    alarm = calibration_alarm(found.probability, found.outcome, found.day, alpha)
    counted = (
        f"{numbers.count(profile.rounded(found.outcome.size))} outcomes of people held out, on "
        f"{numbers.count(alarm.day.size)} days up to {alarm.day[-1]}."
    )
    evidence = (
        f"Evidence against calibration: {alarm.evidence[-1]:.3g}, at most {alarm.evidence.max():.3g} so far; the alarm "
        f"is given from {1 / alpha:.3g} on. A calibrated model gives it once in {1 / alpha:.3g} cases at most, "
        "however long one looks."
    )
    if alarm.after_days is None:
        return Told((counted, evidence, "No alarm."), False)
    at = alarm.after_days - 1
    kind = "the slope" if alarm.slope[at] > CLEARLY * alarm.in_the_large[at] else "calibration in the large"
    given = (
        f"ALARM, on {alarm.given_on}, most of all by {kind}: risks are not right any more. "
        "Withdraw the model, find out why, and make another."
    )
    return Told((counted, evidence, given), True)
