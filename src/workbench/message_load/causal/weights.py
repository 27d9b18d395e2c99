"""Why some are sent more than others, and weights by which load no longer depends on what was known before.

Stabilized inverse probability of treatment weights (Robins, Hernán and Brumback 2000) of windows of four weeks
(Neugebauer and others 2007), times those of not having been discharged.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import comb

from workbench.message_load.causal.logistic import STEPS, WARM_STEPS, chances, fit_logistic
from workbench.message_load.causal.panel import HIGHEST, WINDOW, Index, Panel, Real

# Passes by which weeks cut short and the chances of levels settle.
PASSES = 2
DAYS = 7


@dataclass(frozen=True)
class Shares:
    """Person-weeks by level, where a week cut short by an opt-out counts in parts.

    `row` is the week, `level` the level, `share` the part; the parts of a week sum to 1. Weeks in which somebody left
    are not there.
    """

    row: Index
    level: Index
    share: Real


@dataclass(frozen=True)
class Treatment:
    """Coefficients of the models of treatment: of any text, of one more after each, and of leaving."""

    any: Real
    more: Real
    leaving: Real


def shares_of_levels(panel: Panel, level_chances: Real | None = None) -> Shares:
    """Every whole week at its level; weeks cut short shared over the levels they would have reached.

    A week cut short on its day d after n texts would have reached level a with a chance proportional to that of the
    level and to C(7 - d, a - n) / C(7, a): whoever opts out was sent until then what others like her were, and the
    texts of a week fall on different days, each choice of days as likely as any other.

    Args:
        panel: the person-weeks.
        level_chances: (cells, levels) from `level_chances`; None: weeks cut short count as the level they reached.
    """
    whole = (
        np.flatnonzero(panel.whole & ~panel.opted_out)
        if level_chances is not None
        else np.flatnonzero(panel.whole)
    )
    if level_chances is None:
        return Shares(whole, panel.level[whole], np.ones(len(whole)))
    cut = np.flatnonzero(panel.opted_out)
    levels = np.arange(HIGHEST + 1)
    reached, remaining = panel.level[cut][:, None], DAYS - np.ceil(DAYS * panel.gone[cut])[:, None]
    possible = comb(remaining, np.maximum(levels - reached, 0)) / comb(DAYS, levels) * (levels >= reached)
    parts = possible * level_chances[panel.cell[cut]]
    # Who was sent the most is at the highest level, whatever a model says.
    parts[panel.level[cut] == HIGHEST] = levels == HIGHEST
    parts /= parts.sum(axis=1, keepdims=True)
    who, level = np.nonzero(parts)
    return Shares(
        np.concatenate([whole, cut[who]]),
        np.concatenate([panel.level[whole], level]),
        np.concatenate([np.ones(len(whole)), parts[who, level]]),
    )


def counts_of_levels(panel: Panel, shares: Shares, person: Real) -> Real:
    """Weeks by cell and level, (cells, levels), each person counting as often as `person` (people,) says."""
    place = panel.cell[shares.row] * (HIGHEST + 1) + shares.level
    size = len(panel.x) * (HIGHEST + 1)
    counted = np.bincount(place, shares.share * person[panel.patient[shares.row]], size)
    return counted.reshape(len(panel.x), HIGHEST + 1)


def fit_treatment(panel: Panel, shares: Shares, person: Real, start: Treatment | None = None) -> Treatment:
    """Models of how many texts a week has, and of leaving within it, given what was known before.

    The number is modelled by continuation: any text, then one more after each, with an intercept for each number
    and the confounders' coefficients in common.
    """
    steps = STEPS if start is None else WARM_STEPS
    counts = counts_of_levels(panel, shares, person)
    at_least = counts[:, ::-1].cumsum(axis=1)[:, ::-1]
    any_text = fit_logistic(panel.x, at_least[:, 1], at_least[:, 0], start.any if start else None, steps)
    further = np.concatenate(list(at_least[:, 2:].T)), np.concatenate(list(at_least[:, 1:-1].T))
    more = fit_logistic(_continuing(panel.x), *further, start.more if start else None, steps)
    seen = np.bincount(panel.cell, person[panel.patient], len(panel.x))
    left = np.bincount(panel.cell, person[panel.patient] * panel.left, len(panel.x))
    return Treatment(any_text, more, fit_logistic(panel.x, left, seen, start.leaving if start else None, steps))


def level_chances(x: Real, treatment: Treatment) -> Real:
    """The chance of each level in each cell, (cells, levels); rows sum to 1."""
    further = chances(_continuing(x), treatment.more).reshape(HIGHEST - 1, len(x)).T
    goes_on = np.column_stack([chances(x, treatment.any), further])
    reaches = np.column_stack([np.ones(len(x)), goes_on.cumprod(axis=1)])
    stops = np.column_stack([1 - goes_on, np.ones(len(x))])
    return reaches * stops


def settled(panel: Panel, person: Real) -> tuple[Shares, Treatment]:
    """Weeks by level and the models of treatment, each made of the other until they settle."""
    shares = shares_of_levels(panel)
    treatment = fit_treatment(panel, shares, person)
    for _ in range(PASSES):
        shares = shares_of_levels(panel, level_chances(panel.x, treatment))
        treatment = fit_treatment(panel, shares, person)
    return shares, treatment


def window_weights(panel: Panel, shares: Shares, treatment: Treatment, person: Real) -> tuple[Index, Real]:
    """For windows of `WINDOW` weeks, places in `shares` of their last weeks, and stabilized weights, before any cut.

    The numerator is the chance of the level in the first week of a window, and given the level of the week before in
    the others; the denominator that given all that was known. Those for staying are stabilized by the chance of all.
    """
    chance = level_chances(panel.x, treatment)
    first, then = _stabilizing(panel, shares, person)
    staying = 1 - chances(panel.x, treatment.leaving)
    overall = 1 - float((person[panel.patient] * panel.left).sum() / person[panel.patient].sum())
    stays = overall / staying[panel.cell]
    given = chance[panel.cell, panel.level]
    before = np.minimum(panel.state["texts_1"], HIGHEST)
    opening = stays * first[panel.level] / given
    further = stays * then[before, panel.level] / given
    ends = np.flatnonzero(panel.week[shares.row] >= WINDOW - 1)
    last, level = shares.row[ends], shares.level[ends]
    weights = stays[last] * then[before[last], level] / chance[panel.cell[last], level]
    for ago in range(1, WINDOW - 1):
        weights = weights * further[last - ago]
    return ends, weights * opening[last - WINDOW + 1]


def _stabilizing(panel: Panel, shares: Shares, person: Real) -> tuple[Real, Real]:
    """The share of weeks at each level, (levels,), and by the level of the week before, (levels, levels)."""
    before = np.minimum(panel.state["texts_1"][shares.row], HIGHEST)
    weight = shares.share * person[panel.patient[shares.row]]
    counted = np.bincount(before * (HIGHEST + 1) + shares.level, weight, (HIGHEST + 1) ** 2)
    table = counted.reshape(HIGHEST + 1, HIGHEST + 1)
    overall = table.sum(axis=0) / table.sum()
    totals = table.sum(axis=1, keepdims=True)
    return overall, np.where(totals > 0, table / np.where(totals > 0, totals, 1), overall)


def _continuing(x: Real) -> Real:
    """The confounders once for each number of texts from 1 on, with an intercept for each number."""
    numbers = np.repeat(np.eye(HIGHEST - 1)[:, 1:], len(x), axis=0)
    return np.column_stack([np.tile(x, (HIGHEST - 1, 1)), numbers])
