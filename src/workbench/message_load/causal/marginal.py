"""Marginal structural models: the chance of opting out, and of booking, in a week under a load kept for four weeks."""

from dataclasses import dataclass

import numpy as np

from workbench.message_load.causal.logistic import chances, fit_logistic
from workbench.message_load.causal.panel import HIGHEST, MOST_EARLIER, WINDOW, Index, Panel, Real
from workbench.message_load.causal.weights import Shares


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

    logit P = level of the week + any text in the three weeks before + their number; fitted with the windows' weights.

    Args:
        panel: the person-weeks.
        shares: their levels.
        windows: last weeks with weights; weights of 1 compare as sent.
        person: how often each person counts, (people,).
        loads: from `loads_of_levels`.
    """
    row, level = shares.row[windows.place], shares.level[windows.place]
    weight = windows.weight * shares.share[windows.place] * person[panel.patient[row]]
    size = (HIGHEST + 1) * (MOST_EARLIER + 1)
    cell = level * (MOST_EARLIER + 1) + panel.earlier[row]
    trials = np.bincount(cell, weight, size)
    levels, earlier = np.divmod(np.arange(size), MOST_EARLIER + 1)
    x = _structure(levels, earlier.astype(np.float64))
    kept = _structure(np.arange(HIGHEST + 1), np.minimum((WINDOW - 1) * loads, MOST_EARLIER))
    curves = [
        chances(kept, fit_logistic(x, np.bincount(cell, weight * happens[row], size), trials))
        for happens in (panel.opted_out, panel.booked)
    ]
    return curves[0], curves[1]


def _structure(level: Index, earlier: Real) -> Real:
    of_level = [level == each for each in range(1, HIGHEST + 1)]
    columns = [np.ones(len(level)), *of_level, earlier > 0, earlier / (WINDOW - 1)]
    return np.column_stack([np.asarray(column, np.float64) for column in columns])
