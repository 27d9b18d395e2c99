"""Why a risk is high, from the model itself: by how much it falls when something is set to what is usual.

The change in log odds when a group of features is set to its reference, all else as it is. For a model that is additive
in the groups (the logistic regression: each column is made of one feature, and each feature is in one group), this is
exactly the group's part of the log odds above the reference, and the parts add up to all of it. For other models it is
a local measure, which need not add up. It tells of the model, and of no cause.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.scores.calibration import log_odds

Real = NDArray[np.float64]
Reference = Mapping[str, float | str | None]

MOST_REASONS = 3
# A part of this size or less, in log odds (5 % of the odds), is no reason worth reading.
SLIGHT = 0.05


class Predicts(Protocol):
    """What gives each appointment a probability."""

    def probability(self, rows: pd.DataFrame) -> Real:
        """The probability of each, shape (n,)."""


@dataclass(frozen=True)
class Group:
    """Features that are told of together, and how they are told of one appointment.

    Of what a patient is (age, diagnosis, treatment) no value is told: who calls need not know it.
    """

    features: tuple[str, ...]
    words: Callable[[pd.Series], str]


def _lead(row: pd.Series) -> str:
    days = int(row["lead_days"])
    return "booked on the same day" if days == 0 else f"booked {days} day{'' if days == 1 else 's'} ahead"


def _history(row: pd.Series) -> str:
    past = int(row["past"])
    if past == 0:
        return "no earlier visit is known"
    missed = int(row["past_missed"])
    last = ", the last one too" if missed and row["last_missed"] == 1 else ""
    return f"missed {missed} of {past} earlier visit{'' if past == 1 else 's'}{last}"


def _same_day(row: pd.Series) -> str:
    return f"{int(row['same_day_visits'])} visits in the book on that day"


def _texts(row: pd.Series) -> str:
    return "has not agreed to texts" if row["texts_allowed"] == 0 else "has agreed to texts"


def _said(words: str) -> Callable[[pd.Series], str]:
    return lambda row: words


_TOLD = (
    Group(("lead_days",), _lead),
    Group(("past", "past_missed", "recent_missed", "last_missed", "days_since_last"), _history),
    Group(("weekday", "hour"), _said("day of the week and hour of the visit")),
    Group(("booked_hour",), _said("hour at which it was booked")),
    Group(("same_day_visits",), _same_day),
    Group(("texts_allowed",), _texts),
    Group(("age",), _said("age")),
    Group(("type",), _said("kind of appointment")),
    Group(("modality",), _said("how the visit is held")),
    Group(("diagnosis_group",), _said("group of diagnoses")),
    Group(("treatment_phase",), _said("phase of treatment")),
)


def groups() -> tuple[Group, ...]:
    """All features, each in one group; one that has no words of its own is told by its name."""
    told = {feature for group in _TOLD for feature in group.features}
    others = [name for name in (*NUMBERS, *WORDS) if name not in told]
    return (*_TOLD, *(Group((name,), _said(name.replace("_", " "))) for name in others))


def reference_of(rows: pd.DataFrame) -> dict[str, float | str | None]:
    """What is usual: the median of each number, the most frequent word; None where nothing is recorded.

    Args:
        rows: the appointments that the model learned from.
    """
    found: dict[str, float | str | None] = {}
    for name in NUMBERS:
        median = rows[name].astype("float64").median()
        found[name] = None if pd.isna(median) else float(median)
    for name in WORDS:
        most = rows[name].mode()
        found[name] = None if most.empty else str(most.iloc[0])
    return found


def parts(model: Predicts, rows: pd.DataFrame, reference: Reference) -> Real:
    """How much each group adds to the log odds above its reference, shape (n, groups)."""
    whole = log_odds(model.probability(rows))
    found = np.empty((len(rows), len(groups())))
    for place, group in enumerate(groups()):
        usual = {
            name: np.nan if reference[name] is None and name in NUMBERS else reference[name]
            for name in group.features
            if name in reference
        }
        found[:, place] = whole - log_odds(model.probability(rows.assign(**usual)))
    return found


def reasons(model: Predicts, rows: pd.DataFrame, reference: Reference) -> list[tuple[str, ...]]:
    """For each appointment, at most three reasons why its risk is high, the strongest first, in plain words."""
    if rows.empty:
        return []
    found, told = parts(model, rows, reference), groups()
    order = np.argsort(-found, axis=1, kind="stable")[:, :MOST_REASONS]
    return [
        tuple(told[place].words(row) for place in order[at] if found[at, place] > SLIGHT)
        for at, (_, row) in enumerate(rows.iterrows())
    ]
