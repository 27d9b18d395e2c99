"""Both curves by all methods, with intervals from one bootstrap of patients, so that their uncertainty is joint."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from scipy.stats import t as student

from workbench.message_load.causal.following import odds_after_booking
from workbench.message_load.causal.g_formula import (
    Outcomes,
    Starts,
    draw_starts,
    fit_outcomes,
    simulated_curves,
)
from workbench.message_load.causal.marginal import Windows, loads_of_levels, structural_curves
from workbench.message_load.causal.panel import HIGHEST, Panel, Real, panel_of
from workbench.message_load.causal.person_weeks import PersonWeeks
from workbench.message_load.causal.results import (
    LEVELS,
    METHODS,
    OUTCOMES,
    Agreement,
    Curve,
    LoadEffects,
    Support,
    WeightsTold,
)
from workbench.message_load.causal.settings import CausalSettings
from workbench.message_load.causal.weights import (
    Shares,
    Treatment,
    fit_treatment,
    level_chances,
    settled,
    window_weights,
)
from workbench.message_load.estimate import Estimate
from workbench.refusal import Fault, Refused

# Chances that differ by no more than this part of the larger one are the same for all purposes.
SAME = 0.1
# Weeks from which strategies are simulated; more tell nothing new of an average.
MOST_STARTS = 3_000


@dataclass(frozen=True)
class _Fitted:
    """What all replicates begin from: models fitted to everybody, and the bounds beyond which weights are cut."""

    shares: Shares
    treatment: Treatment
    outcomes: Outcomes
    bounds: tuple[float, float]
    starts: Starts
    loads: Real


def load_effects(weeks: PersonWeeks, settings: CausalSettings) -> LoadEffects:
    """The chances of opting out and of booking in a week, by a load that was kept for four weeks.

    Raises:
        Refused: nobody was followed for four weeks.
    """
    return effects_of(panel_of(weeks.rows), settings)


def effects_of(panel: Panel, settings: CausalSettings) -> LoadEffects:
    """The same from person-weeks as arrays."""
    if not len(panel.windows) or not (panel.to_come >= 4).any():
        what = "nobody was followed for four weeks, so that no load was kept that long."
        raise Refused(Fault("message load", what, "Choose a later as_of, or more weeks."))
    rng = np.random.default_rng(settings.seed)
    everyone = np.ones(panel.people)
    fitted, windows, told = _fit(panel, everyone, settings, rng)
    point = _curves(panel, fitted, windows, everyone, fitted.outcomes)
    samples = [_replicate(panel, fitted, rng) for _ in range(settings.replicates)]
    replicates = np.array([each.curves for each in samples])
    support = _support(panel, fitted, windows, settings)
    return LoadEffects(
        people=panel.people,
        weeks=int(panel.whole.sum()),
        opt_outs=int(panel.opted_out.sum()),
        bookings=int(panel.booked[panel.whole].sum()),
        curves=_told_curves(point, replicates, support, settings),
        support=support,
        weights=told,
        agreement=_agreement(point, replicates, support, settings),
        after_booking=odds_after_booking(
            panel, fitted.treatment, [each.treatment for each in samples], settings
        ),
        level=settings.level,
        chances=point,
        draws=replicates,
    )


@dataclass(frozen=True)
class _Replicate:
    """Curves, (methods, outcomes, levels), and the models of treatment, of one bootstrap sample."""

    curves: Real
    treatment: Treatment


def _fit(
    panel: Panel, everyone: Real, settings: CausalSettings, rng: np.random.Generator
) -> tuple[_Fitted, Windows, WeightsTold]:
    shares, treatment = settled(panel, everyone)
    ends, weights = window_weights(panel, shares, treatment, everyone)
    low, high = np.quantile(weights, [settings.truncated, 1 - settings.truncated])
    outcomes = fit_outcomes(panel, shares, everyone)
    starts = draw_starts(panel, MOST_STARTS, rng)
    loads = loads_of_levels(panel, shares)
    kept = weights.clip(low, high)
    told = WeightsTold(
        mean=float(np.average(weights, weights=shares.share[ends])),
        largest=float((weights * shares.share[ends]).max()),
        largest_kept=float((kept * shares.share[ends]).max()),
        cut=float(((weights < low) | (weights > high)).mean()),
    )
    fitted = _Fitted(shares, treatment, outcomes, (float(low), float(high)), starts, loads)
    return fitted, Windows(ends, kept), told


def _replicate(panel: Panel, fitted: _Fitted, rng: np.random.Generator) -> _Replicate:
    """Curves of one bootstrap sample of patients, from all models fitted anew."""
    person = rng.multinomial(panel.people, np.full(panel.people, 1 / panel.people)).astype(np.float64)
    treatment = fit_treatment(panel, fitted.shares, person, fitted.treatment)
    ends, weights = window_weights(panel, fitted.shares, treatment, person)
    outcomes = fit_outcomes(panel, fitted.shares, person, fitted.outcomes)
    windows = Windows(ends, weights.clip(*fitted.bounds))
    return _Replicate(_curves(panel, fitted, windows, person, outcomes), treatment)


def _curves(panel: Panel, fitted: _Fitted, windows: Windows, person: Real, outcomes: Outcomes) -> Real:
    """Chances, (methods, outcomes, levels)."""
    as_sent = Windows(windows.place, np.ones(len(windows.place)))
    return np.array(
        [
            structural_curves(panel, fitted.shares, as_sent, person, fitted.loads),
            structural_curves(panel, fitted.shares, windows, person, fitted.loads),
            simulated_curves(panel, outcomes, fitted.starts, person),
        ]
    )


def _support(panel: Panel, fitted: _Fitted, windows: Windows, settings: CausalSettings) -> tuple[Support, ...]:
    chance = level_chances(panel.x, fitted.treatment)
    weeks_like = np.bincount(panel.cell[panel.whole], minlength=len(panel.x))
    rare = ((chance < settings.rare) * weeks_like[:, None]).sum(axis=0) / weeks_like.sum()
    row, level = fitted.shares.row[windows.place], fitted.shares.level[windows.place]
    weight = windows.weight * fitted.shares.share[windows.place]
    found = []
    supported = True
    for place, name in enumerate(LEVELS):
        supported = supported and bool(rare[place] <= settings.most_rare)
        at = panel.whole & (panel.level == place)
        squares = float((weight[level == place] ** 2).sum())
        found.append(
            Support(
                level=name,
                load=float(fitted.loads[place]),
                people=int(np.unique(panel.patient[at]).size),
                weeks=int(at.sum()),
                opt_outs=int(panel.opted_out[at].sum()),
                bookings=int(panel.booked[at].sum()),
                rare=float(rare[place]),
                effective=float(weight[level == place].sum() ** 2 / squares) if squares else 0.0,
                supported=supported and len(row[level == place]) > 0,
            )
        )
    return tuple(found)


def _told_curves(
    point: Real, replicates: Real, support: tuple[Support, ...], settings: CausalSettings
) -> tuple[Curve, ...]:
    """Chances with intervals of Student's t on the log odds, since a few replicates know their spread badly."""
    wide = student.ppf((1 + settings.level) / 2, len(replicates) - 1)
    odds, width = logit(point), wide * logit(replicates).std(axis=0, ddof=1)
    low, high = expit(odds - width), expit(odds + width)
    return tuple(
        Curve(
            method,
            outcome,
            tuple(
                Estimate(float(point[m, o, k]), float(low[m, o, k]), float(high[m, o, k])) if at.weeks else None
                for k, at in enumerate(support)
            ),
        )
        for m, method in enumerate(METHODS)
        for o, outcome in enumerate(OUTCOMES)
    )


def _agreement(
    point: Real, replicates: Real, support: tuple[Support, ...], settings: CausalSettings
) -> tuple[Agreement, ...]:
    """Weighted less g-formula at supported levels, with intervals that hold together (Bonferroni)."""
    levels = [k for k in range(HIGHEST + 1) if support[k].supported]
    if not levels:
        return ()
    sides = (1 - settings.level) / (2 * len(OUTCOMES) * len(levels))
    # Where nobody opted out a bootstrap knows no error: it is at least that of one event in the effective weeks.
    least = np.array([1 / max(each.effective, 1.0) for each in support])
    spread = np.hypot((replicates[:, 1] - replicates[:, 2]).std(axis=0, ddof=1), least)
    width = student.ppf(1 - sides, len(replicates) - 1) * spread
    apart = point[1] - point[2]
    return tuple(
        Agreement(
            outcome,
            LEVELS[k],
            Estimate(float(apart[o, k]), float(apart[o, k] - width[o, k]), float(apart[o, k] + width[o, k])),
            bool(abs(apart[o, k]) <= max(width[o, k], SAME * point[1:, o, k].max())),
        )
        for o, outcome in enumerate(OUTCOMES)
        for k in levels
    )
