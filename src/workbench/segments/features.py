"""Features: what the groups are made of, one row per person, from counts known as of then.

Every feature is defined once, in words a reader understands; the model sees it on a scale on which distances make
sense (logarithms of rates, log odds of shares), each with standard deviation 1.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.refusal import Fault, Refused
from workbench.segments.parameters import Family, Segmentation

FOUR_WEEKS = 4.0
# Added to a rate per four weeks before its logarithm is taken: one event a year, about.
SMALLEST_RATE = 0.08
# A feature whose differences between people are chance to more than nine tenths tells nobody apart.
LEAST_RELIABILITY = 0.1

Kind = Literal["share", "rate", "days"]


@dataclass(frozen=True)
class Feature:
    """One feature: what it means, in which unit, and how a person high or low in it is told.

    `family` is the parameter's word for where it comes from, `events` and `trials` the counts it is made of;
    `high` and `low` are said of people.
    """

    name: str
    family: Family
    events: str
    trials: str
    title: str
    meaning: str
    unit: str
    kind: Kind
    high: str
    low: str


FEATURES = (
    Feature(
        "appointments",
        "appointments",
        "due",
        "weeks",
        "Appointments",
        "appointments that came due in four weeks, those the clinic called off left out",
        "per four weeks",
        "rate",
        "come often",
        "come seldom",
    ),
    Feature(
        "missed",
        "appointments",
        "missed",
        "kept",
        "Missed",
        "share of the appointments not called off that the patient missed",
        "share",
        "share",
        "miss often",
        "seldom miss",
    ),
    Feature(
        "called_off",
        "appointments",
        "called_off",
        "due",
        "Called off",
        "share of the appointments that the patient called off or moved",
        "share",
        "share",
        "call off often",
        "seldom call off",
    ),
    Feature(
        "remote",
        "appointments",
        "remote",
        "due",
        "By video or phone",
        "share of the appointments held by video or phone",
        "share",
        "share",
        "by video or phone",
        "in person",
    ),
    Feature(
        "days_ahead",
        "appointments",
        "log_days_ahead",
        "due",
        "Booked ahead",
        "days between booking and appointment (geometric mean)",
        "days",
        "days",
        "book far ahead",
        "book at short notice",
    ),
    Feature(
        "confirmed",
        "engagement",
        "confirmed",
        "reminders",
        "Reminders confirmed",
        "share of the reminders that the patient answered with a confirmation",
        "share",
        "share",
        "confirm reminders",
        "leave reminders unanswered",
    ),
    Feature(
        "texts",
        "messages",
        "texts",
        "weeks",
        "Texts",
        "texts received in four weeks, of any kind",
        "per four weeks",
        "rate",
        "receive many texts",
        "receive few texts",
    ),
    Feature(
        "symptoms",
        "surveys",
        "symptoms",
        "answers",
        "Symptoms",
        "mean answer on symptom scales, as a share of the highest score",
        "share",
        "share",
        "report more symptoms",
        "report fewer symptoms",
    ),
)


@dataclass(frozen=True)
class Measured:
    """How a person's value was measured: from `trials` events each, and drawn toward `center`.

    `weight` is the number of further events at the average that everybody's value is drawn by, larger where people
    differ little beyond chance; `reliability` the share of the variance between people that is theirs and not
    chance's. For days, `weight` is also the variance within people over that between them.
    """

    trials: NDArray[np.float64]
    center: float
    weight: float
    kind: Kind = "share"

    @property
    def reliability(self) -> float:
        """Mean over people of trials / (trials + weight), 0 to 1."""
        return float(np.mean(self.trials / (self.trials + self.weight)))


@dataclass(frozen=True)
class FeatureFrame:
    """The model's features: `values` in readable units, `scaled` as the model sees them; one row per person.

    `values` is a data frame with one column per feature; `scaled` an array of the same shape, each column with
    mean 0 and standard deviation 1; `measured` says how each column came about (None for rates, which are kept as
    they are). Rows follow `patient_ids`. `unreliable` are features that were asked for and left out, because
    people differ in them by hardly more than chance. `categories` (n, categorical features) holds codes from 0, -1
    where a category is not known.
    """

    patient_ids: NDArray[np.object_]
    features: tuple[Feature, ...]
    values: pd.DataFrame
    scaled: NDArray[np.float64]
    measured: tuple[Measured | None, ...]
    unreliable: tuple[Feature, ...]
    categories: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))

    def __post_init__(self) -> None:
        if not self.categories.size:
            object.__setattr__(self, "categories", np.zeros((len(self.patient_ids), 0), dtype=np.int64))

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.patient_ids)


def feature_frame(rows: pd.DataFrame, settings: Segmentation) -> FeatureFrame:
    """Make the features of the families asked for.

    Args:
        rows: `People.rows`.
        settings: the parameters.

    Raises:
        Refused: a feature that nothing is known of, or that is the same for everybody (all of them at once); or
            people who differ in no feature by more than chance.
    """
    asked = tuple(feature for feature in FEATURES if feature.family in settings.features)
    _refuse_uninformative(asked, rows, settings)
    found = {feature: _READERS[feature.kind](feature, rows) for feature in asked}
    kept = tuple(feature for feature, (_, how) in found.items() if _reliable(how))
    if not kept:
        raise Refused(
            Fault(
                "features",
                "people differ in none of them by more than chance.",
                "Look further back with lookback_days, or raise least_appointments.",
            )
        )
    values = pd.DataFrame({feature.name: found[feature][0] for feature in kept})
    return FeatureFrame(
        patient_ids=rows["patient_id"].to_numpy(dtype=object),
        features=kept,
        values=values,
        scaled=np.column_stack([_standardized(feature, found[feature][0]) for feature in kept]),
        measured=tuple(found[feature][1] for feature in kept),
        unreliable=tuple(feature for feature in asked if feature not in kept),
    )


def group_value(feature: Feature, rows: pd.DataFrame) -> float | None:
    """A feature over all events of some people together, in its unit, undrawn; None where there are no events."""
    events, trials = float(rows[feature.events].sum()), float(rows[feature.trials].sum())
    if trials == 0:
        return None
    if feature.kind == "rate":
        return FOUR_WEEKS * events / trials
    return float(np.expm1(events / trials)) if feature.kind == "days" else events / trials


def on_model_scale(feature: Feature, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A feature as the model sees it before standardizing: log odds of shares, logarithms of rates and days."""
    if feature.kind == "share":
        return np.log(values) - np.log1p(-values)
    return np.log1p(values) if feature.kind == "days" else np.log(values + SMALLEST_RATE)


def measured_share(events: NDArray[np.float64], trials: NDArray[np.float64]) -> Measured:
    """How far shares of few trials must be drawn toward everybody's: a beta prior, by the method of moments.

    The share over all people together is kept half an event away from 0 and 1. The weight m follows from the
    intraclass correlation rho = 1 / (m + 1) of the beta-binomial, estimated with weights equal to the trials
    (Kleinman 1973, Journal of the American Statistical Association 68).
    """
    center = (events.sum() + 0.5) / (trials.sum() + 1)
    some = trials > 0
    n, share = trials[some], events[some] / trials[some]
    spread = float(np.sum(n * (share - center) ** 2))
    by_chance = center * (1 - center) * (len(n) - 1)
    all_theirs = center * (1 - center) * float(np.sum(n * (1 - n / n.sum())))
    rho = (spread - by_chance) / (all_theirs - by_chance) if all_theirs > by_chance else 0.0
    return Measured(trials, float(center), _weight(rho))


def shrunk_share(events: NDArray[np.float64], how: Measured) -> NDArray[np.float64]:
    """Each person's share drawn toward everybody's: (events + m p) / (trials + m), p the center and m the weight.

    The posterior mean under a Beta(m p, m (1 - p)) prior.
    """
    return (events + how.weight * how.center) / (how.trials + how.weight)


_Found = tuple[NDArray[np.float64], Measured | None]


def _read_share(feature: Feature, rows: pd.DataFrame) -> _Found:
    events, trials = _counts(feature, rows)
    how = measured_share(events, trials)
    return shrunk_share(events, how), how


def _read_rate(feature: Feature, rows: pd.DataFrame) -> _Found:
    events, weeks = _counts(feature, rows)
    return FOUR_WEEKS * events / weeks, None


def _read_days(feature: Feature, rows: pd.DataFrame) -> _Found:
    """Normal means by the method of moments: variance within people, and what remains between them."""
    logs, n = _counts(feature, rows)
    squares = rows[f"{feature.events}_squares"].to_numpy(dtype=float)
    within = float(np.sum(squares - logs**2 / n) / max(np.sum(n - 1), 1))
    center = float(logs.sum() / n.sum())
    between = float(np.var(logs / n)) - within * float(np.mean(1 / n))
    rho = between / (between + within) if between > 0 else 0.0
    how = Measured(n, center, _weight(rho), kind="days")
    return np.expm1((logs + how.weight * center) / (n + how.weight)), how


_READERS: dict[Kind, Callable[[Feature, pd.DataFrame], _Found]] = {
    "share": _read_share,
    "rate": _read_rate,
    "days": _read_days,
}


def _counts(feature: Feature, rows: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return rows[feature.events].to_numpy(dtype=float), rows[feature.trials].to_numpy(dtype=float)


def _weight(rho: float) -> float:
    return float(1 / np.clip(rho, 0.001, 0.9) - 1)


def _reliable(how: Measured | None) -> bool:
    return how is None or how.reliability >= LEAST_RELIABILITY


def _standardized(feature: Feature, values: NDArray[np.float64]) -> NDArray[np.float64]:
    column = on_model_scale(feature, values)
    return (column - column.mean()) / column.std()


def _refuse_uninformative(asked: tuple[Feature, ...], rows: pd.DataFrame, settings: Segmentation) -> None:
    faults = []
    mend = f"Leave its family out of features, or look further back than {settings.lookback_days} days."
    for feature in asked:
        events, trials = _counts(feature, rows)
        where = f'feature "{feature.name}" of the family {feature.family}'
        if not np.any(trials > 0):
            faults.append(Fault(where, "nothing is known of it for anybody.", mend))
        elif np.ptp(events[trials > 0] / trials[trials > 0]) < 1e-9:
            faults.append(Fault(where, "it is the same for everybody, so that it tells nobody apart.", mend))
    if faults:
        raise Refused(*faults)
