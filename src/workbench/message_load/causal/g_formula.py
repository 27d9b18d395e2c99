"""The parametric g-formula (Robins 1986): people as they were, sent k texts a week for four weeks, simulated.

Models say how chances of opting out, booking, replying, missing a visit and having one in the book depend on what was
known and on the texts of the week. From people's own weeks on, what changes is drawn anew, week by week, with as
many texts as a strategy says; chances are averaged over those whom a strategy has not driven out.
"""

from dataclasses import dataclass

import numpy as np

from workbench.message_load.causal.logistic import STEPS, WARM_STEPS, chances, fit_logistic
from workbench.message_load.causal.panel import (
    ANY_TEXT_1,
    HIGHEST,
    TEXTS_1,
    WINDOW,
    Index,
    Panel,
    Real,
    features,
)
from workbench.message_load.causal.weights import Shares

# What is drawn week by week: the chance in a week, or of the state in the next.
DRAWN = ("booked", "replied", "missed", "expected")


@dataclass(frozen=True)
class Outcomes:
    """Coefficients of the models, by name: "opted_out" and `DRAWN`."""

    coefficients: dict[str, Real]


@dataclass(frozen=True)
class Starts:
    """Weeks from which strategies begin, (s,), and what chance brings them, (weeks, drawn, s), the same for all."""

    row: Index
    draws: Real


def draw_starts(panel: Panel, most: int, rng: np.random.Generator) -> Starts:
    """At most so many weeks, drawn at random among those after which a window was wholly studied.

    Raises:
        ValueError: there is none.
    """
    rows = np.flatnonzero(panel.to_come >= WINDOW)
    if not len(rows):
        raise ValueError("no person was studied for a whole window")
    chosen = np.sort(rng.choice(rows, most, replace=False)) if len(rows) > most else rows
    return Starts(chosen, rng.random((WINDOW - 1, len(DRAWN), len(chosen))))


def fit_outcomes(panel: Panel, shares: Shares, person: Real, start: Outcomes | None = None) -> Outcomes:
    """The models, given confounders and the level of the week, weeks cut short counting in parts."""
    steps = STEPS if start is None else WARM_STEPS
    levels = HIGHEST + 1
    cell = panel.cell[shares.row] * levels + shares.level
    used, place = np.unique(cell, return_inverse=True)
    x = _with_level(panel.x[used // levels], used % levels)
    weight = shares.share * person[panel.patient[shares.row]]
    stays = np.zeros(len(panel.patient), bool)
    stays[panel.followed] = True
    following = stays[shares.row]

    def fitted(name: str, happens: Real, among: Real) -> Real:
        trials = np.bincount(place, weight * among, len(used))
        events = np.bincount(place, weight * among * happens, len(used))
        return fit_logistic(x, events, trials, start.coefficients[name] if start else None, steps)

    everyone = np.ones(len(weight))
    found = {"opted_out": fitted("opted_out", panel.opted_out[shares.row].astype(np.float64), everyone)}
    found["booked"] = fitted("booked", panel.booked[shares.row].astype(np.float64), everyone)
    after = np.minimum(shares.row + 1, len(panel.patient) - 1)
    for name in DRAWN[1:]:
        found[name] = fitted(name, panel.state[name][after].astype(np.float64), following.astype(np.float64))
    return Outcomes(found)


def simulated_curves(panel: Panel, outcomes: Outcomes, starts: Starts, person: Real) -> tuple[Real, Real]:
    """The chances of opting out and of booking in the fourth week, (levels,) each, under every strategy."""
    curves = np.array([_under(panel, outcomes, starts, person, level) for level in range(HIGHEST + 1)])
    return curves[:, 0], curves[:, 1]


def _under(panel: Panel, outcomes: Outcomes, starts: Starts, person: Real, level: int) -> tuple[float, float]:
    state = {name: values[starts.row] for name, values in panel.state.items()}
    remaining = person[panel.patient[starts.row]].astype(np.float64)
    levels = np.full(len(starts.row), level)
    for week in range(WINDOW - 1):
        x = _with_level(features(state, panel.words), levels)
        remaining = remaining * (1 - chances(x, outcomes.coefficients["opted_out"]))
        happens = {
            name: (starts.draws[week, place] < chances(x, outcomes.coefficients[name])).astype(np.int64)
            for place, name in enumerate(DRAWN)
        }
        state = _after(state, happens, level)
    x = _with_level(features(state, panel.words), levels)
    opting_out, booking = (chances(x, outcomes.coefficients[name]) for name in ("opted_out", "booked"))
    return float(np.average(opting_out, weights=remaining)), float(np.average(booking, weights=remaining))


def _after(state: dict[str, Index], happens: dict[str, Index], level: int) -> dict[str, Index]:
    """The state one week later: what happened becomes the week before, and that what was counted before it."""
    return {
        **state,
        "texts_1": np.full_like(state["texts_1"], level),
        "texts_2": state["texts_1"],
        "texts_3": state["texts_2"],
        "replied": happens["replied"],
        "replies": state["replies"] + state["replied"],
        "had_booked": happens["booked"],
        "bookings": state["bookings"] + state["had_booked"],
        "missed": happens["missed"],
        "misses": state["misses"] + state["missed"],
        "expected": happens["expected"],
        "since_consent": state["since_consent"] + 1,
    }


def _with_level(x: Real, level: Index) -> Real:
    """The confounders with the level of the week, which may tell more or less after a week of many texts."""
    of_level = [np.asarray(level == each, np.float64) for each in range(1, HIGHEST + 1)]
    return np.column_stack([x, *of_level, level * x[:, TEXTS_1], level * x[:, ANY_TEXT_1]])
