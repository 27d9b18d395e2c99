"""Days on which no reminder left at all: a natural experiment, and its negative control.

Nobody chose these days for the patients they hold. Days with reminders within a week of one without are compared with
them; the treatment is the day's, whoever of it was reminded, and so is the variance (jackknife by day: Bell and
McCaffrey 2002, CV3). Appointments with leads too short for any reminder must show no difference.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import t as student

from workbench.no_show.effect.nuisance import Real
from workbench.no_show.scores.estimates import LEVEL, Estimate

# A day tells something from this many appointments on.
FEWEST_A_DAY = 20
AROUND = pd.Timedelta(days=7)
FEWEST_DAYS = 3
STEPS = 30


@dataclass(frozen=True)
class DaysWithout:
    """Days with reminders less days without: `difference` among the eligible, `control` among short leads.

    `sent` is the share of the eligible who were reminded on the days with reminders.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    days_with: int
    days_without: int
    appointments: int
    patients: int
    sent: float
    raw: float
    difference: Estimate
    control: Estimate | None


def days_without(rows: pd.DataFrame, outcome: str) -> DaysWithout | None:
    """The natural experiment; None where fewer than three days of either kind are there.

    Args:
        rows: of `Eligible.rows`.
        outcome: "missed" or "empty".
    """
    eligible = rows[rows["eligible"]]
    by_day = eligible.groupby("day")["sent"].agg(["sum", "count"])
    telling = by_day[by_day["count"] >= FEWEST_A_DAY]
    blank = telling.index[telling["sum"] == 0]
    near = {day for day in telling.index if len(blank) and (abs(blank - day) <= AROUND).any()}
    if min(len(blank), len(near) - len(blank)) < FEWEST_DAYS:
        return None
    studied = eligible[eligible["day"].isin(near)]
    reminding = ~studied["day"].isin(blank)
    short = rows[~rows["eligible"] & rows["day"].isin(near) & (rows["sent"] == 0)]
    short = short[short["lead_days"] < eligible["lead_days"].min()]
    missed = studied[outcome]
    difference = _difference(studied, ~studied["day"].isin(blank), outcome)
    if difference is None:
        return None
    return DaysWithout(
        first=min(near),
        last=max(near),
        days_with=len(near) - len(blank),
        days_without=len(blank),
        appointments=len(studied),
        patients=int(studied["patient"].nunique()),
        sent=float(studied["sent"][reminding].mean()),
        raw=float(missed[reminding].mean() - missed[~reminding].mean()),
        difference=difference,
        control=_difference(short, ~short["day"].isin(blank), outcome),
    )


def _difference(rows: pd.DataFrame, reminding: pd.Series, outcome: str) -> Estimate | None:
    """Days with reminders less those without, standardized for the lead; None where a kind of day has no such rows."""
    cells = rows.assign(reminding=reminding).groupby(["day", "reminding", "lead_days"], as_index=False)[outcome]
    counted = cells.agg(["sum", "count"])
    kinds = counted.groupby("reminding")["day"].nunique()
    if len(kinds) < 2 or kinds.min() < FEWEST_DAYS or not 0 < counted["sum"].sum() < counted["count"].sum():
        return None
    lead = counted["lead_days"].to_numpy(float)
    design = np.column_stack([counted["reminding"], np.ones(lead.size), lead / 30, np.log1p(lead)]).astype(
        float
    )
    design = design[:, [True, True, *(np.ptp(design[:, 2:], axis=0) > 0)]]
    events, size = counted["sum"].to_numpy(float), counted["count"].to_numpy(float)
    whole = _standardized(design, events, size)
    _, day = np.unique(counted["day"], return_inverse=True)
    without = np.array(
        [_standardized(design[day != d], events[day != d], size[day != d]) for d in range(day.max() + 1)]
    )
    days = without.size
    error = np.sqrt((days - 1) / days * np.sum((without - whole) ** 2))
    half = float(student.ppf((1 + LEVEL) / 2, days - 1) * error)
    return Estimate(whole, whole - half, whole + half)


def _standardized(design: Real, events: Real, size: Real) -> float:
    """The first column set to 1 less it set to 0, in risk, averaged over all; logistic regression by Newton's steps."""
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        risk = expit(design @ weights)
        hessian = (design * (size * risk * (1 - risk))[:, None]).T @ design
        step = np.linalg.lstsq(hessian, design.T @ (events - size * risk), rcond=None)[0]
        weights += step
        if np.abs(step).max() < 1e-9:
            break
    base = design[:, 1:] @ weights[1:]
    return float(np.average(expit(base + weights[0]) - expit(base), weights=size))
