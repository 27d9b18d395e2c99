"""Marginal structural models: the chance of opting out, and of booking, in a week under a load kept for four weeks."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from workbench.message_load.causal.logistic import FREE, RIDGE, fit_logistic
from workbench.message_load.causal.panel import HIGHEST, MOST_EARLIER, WINDOW, Index, Panel, Real
from workbench.message_load.causal.weights import Shares

# Precision of the prior of how far a level's slope lies from the slope of all: a standard deviation of about 0.3.
ALIKE = 10.0


@dataclass(frozen=True)
class Windows:
    """The last weeks of windows: `place` in the shares, and a weight for each before people are weighted."""

    place: Index
    weight: Real


def loads_of_levels(panel: Panel, shares: Shares) -> Real:
    """Mean texts a week within each level: its own number, and what was sent from the highest level on."""
    loads = np.arange(HIGHEST + 1, dtype=np.float64)
    most = panel.level[shares.row] == HIGHEST
    if most.any():
        loads[HIGHEST] = panel.texts[shares.row][most].mean()
    return loads


def structural_curves(
    panel: Panel, shares: Shares, windows: Windows, person: Real, loads: Real
) -> tuple[Real, Real]:
    """The chances of opting out and of booking in a week, (levels,) each, where every week of a window has this level.

    Of each level, logit P is linear in the texts of the three weeks before, with slopes drawn toward one of all levels;
    fitted with the windows' weights, and told where those three weeks were of the same load.

    Args:
        panel: the person-weeks.
        shares: their levels.
        windows: last weeks with weights; weights of 1 compare as sent.
        person: how often each person counts, (people,).
        loads: from `loads_of_levels`.
    """
    row, level = shares.row[windows.place], shares.level[windows.place]
    weight = windows.weight * shares.share[windows.place] * person[panel.patient[row]]
    cell = level * (MOST_EARLIER + 1) + panel.earlier[row]
    shape = (HIGHEST + 1, MOST_EARLIER + 1)
    trials = np.bincount(cell, weight, shape[0] * shape[1]).reshape(shape)
    found = []
    for happens in (panel.opted_out, panel.booked):
        events = np.bincount(cell, weight * happens[row], shape[0] * shape[1]).reshape(shape)
        found.append(_kept(events, trials, loads))
    return found[0], found[1]


def _kept(events: Real, trials: Real, loads: Real) -> Real:
    """The chance at each level, (levels,), where the load was the same in the three weeks before.

    Half an event in one week is added to each level (Jeffreys' prior), so that no chance is 0 or 1.

    Args:
        events, trials: (levels, texts in the three weeks before).
        loads: texts a week by level.
    """
    levels, numbers = trials.shape
    apart = np.arange(numbers) / (WINDOW - 1) - np.minimum(loads, HIGHEST)[:, None]
    level = np.append(np.repeat(np.arange(levels), numbers), np.arange(levels))
    further = np.append(apart.ravel(), np.zeros(levels))
    at = np.eye(levels)[level]
    x = np.column_stack([at, further, at * further[:, None]])
    precision = np.concatenate([np.full(levels, FREE), [RIDGE], np.full(levels, ALIKE)])
    events, trials = np.append(events, np.full(levels, 0.5)), np.append(trials, np.ones(levels))
    return np.asarray(expit(fit_logistic(x, events, trials, precision=precision)[:levels]))
