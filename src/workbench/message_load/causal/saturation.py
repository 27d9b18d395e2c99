"""Saturation: the load at which one more text costs more in opt-outs than it brings in bookings.

It needs both curves at once. The net of a load is its chance of a booking in a week, less so many times its chance of
opting out; a smooth curve through the supported levels, each as certain as it is, tells where the net is highest.
Both ways tell it, and the interval is that of both together.
"""

import numpy as np
from scipy.stats import norm

from workbench.message_load.causal.panel import Real
from workbench.message_load.causal.results import (
    METHODS,
    OUTCOMES,
    LoadEffects,
    Reason,
    Saturation,
    SaturationAt,
)
from workbench.message_load.causal.settings import CausalSettings
from workbench.message_load.estimate import Estimate

FEWEST_OPT_OUTS = 20
# Stabilized weights are 1 in the mean where the models of treatment fit (Cole and Hernán 2008).
MEAN_WEIGHTS = 0.8, 1.25
WEEKS_A_YEAR = 52
DRAWS = 4_000
# Of the range of loads, how fine the highest net is looked for.
STEPS = 400
WEIGHTED, G_FORMULA = METHODS.index("weighted"), METHODS.index("g_formula")
OPT_OUT, BOOKING = (OUTCOMES.index(name) for name in ("opt_out", "booking"))


def find_saturation(effects: LoadEffects, settings: CausalSettings) -> Saturation:
    """Saturation at the low, the middle and the high worth of an opt-out, or why it is not identified."""
    loads = np.array([each.load for each in effects.support if each.supported])
    reason = _reason(effects, loads)
    worth = settings.worth
    low, middle, high = (
        _saturation_at(effects, loads, each, reason, settings) for each in (worth.low, worth.middle, worth.high)
    )
    return Saturation(
        middle=middle,
        low=low,
        high=high,
        highest=float(loads[-1]) if len(loads) else 0.0,
        lost=_lost(effects, settings) if len(loads) > 1 else None,
        unmeasured=_e_value(effects, len(loads) - 1, settings) if len(loads) > 2 else None,
        level=effects.level,
    )


def _reason(effects: LoadEffects, loads: Real) -> Reason | None:
    """Why no saturation can be told, whatever an opt-out is worth."""
    if effects.opt_outs < FEWEST_OPT_OUTS:
        return "too_few_opt_outs"
    if len(loads) < 2:
        return "positivity"
    if not MEAN_WEIGHTS[0] <= effects.weights.mean <= MEAN_WEIGHTS[1]:
        return "weights_off"
    return None if effects.agree else "methods_disagree"


def _saturation_at(
    effects: LoadEffects, loads: Real, worth: float, reason: Reason | None, settings: CausalSettings
) -> SaturationAt:
    net, spread = _net(effects, WEIGHTED, len(loads), worth)
    told = _told(net, spread, settings.level)
    if reason is not None:
        return SaturationAt(worth, "not_identified", None, told, reason)
    one = _highest_of(effects, WEIGHTED, loads, worth, settings)
    other = _highest_of(effects, G_FORMULA, loads, worth, settings)
    if max(one.low, other.low) > min(one.high, other.high):
        return SaturationAt(worth, "not_identified", None, told, "methods_disagree")
    load = Estimate(one.value, min(one.low, other.low), max(one.high, other.high))
    if load.low <= loads[0] and load.high >= loads[-1]:
        return SaturationAt(worth, "not_identified", None, told, "curves_too_wide")
    if load.high < 1:
        return SaturationAt(worth, "below_one", load, told)
    return SaturationAt(worth, "beyond_what_was_sent" if one.value >= loads[-1] else "load", load, told)


def _highest_of(
    effects: LoadEffects, method: int, loads: Real, worth: float, settings: CausalSettings
) -> Estimate:
    """Where the net is highest by one way; the interval is of draws from the joint distribution of both curves."""
    net, spread = _net(effects, method, len(loads), worth)
    rng = np.random.default_rng(settings.seed)
    drawn = rng.multivariate_normal(net, spread, DRAWS, method="eigh")
    best = _highest(np.vstack([net, drawn]), loads, spread)
    sides = (1 - settings.level) / 2
    low, high = np.quantile(best[1:], [sides, 1 - sides])
    return Estimate(float(best[0]), float(low), float(high))


def _net(effects: LoadEffects, method: int, levels: int, worth: float) -> tuple[Real, Real]:
    """The net at each supported level, (levels,), and its covariance over bootstrap samples."""
    if not levels:
        return np.empty(0), np.empty((0, 0))
    point, draws = effects.chances[method, :, :levels], effects.draws[:, method, :, :levels]
    net = point[BOOKING] - worth * point[OPT_OUT]
    draws = draws[:, BOOKING] - worth * draws[:, OPT_OUT]
    return net, np.atleast_2d(np.cov(draws, rowvar=False))


def _told(net: Real, spread: Real, level: float) -> tuple[Estimate, ...]:
    """The net at each level, less that at level 0."""
    if not len(net):
        return ()
    further = net - net[0]
    variance = spread.diagonal() + spread[0, 0] - 2 * spread[0]
    width = norm.ppf((1 + level) / 2) * np.sqrt(np.maximum(variance, 0))
    return tuple(
        Estimate(float(each), float(each - wide), float(each + wide))
        for each, wide in zip(further, width, strict=True)
    )


def _highest(nets: Real, loads: Real, spread: Real) -> Real:
    """For each row of nets, (n, levels), the load at which a cubic through them is highest, (n,).

    The cubic is that of least squares, each level counting by its variance; of fewer levels it is a parabola or a line.
    """
    degree = min(3, len(loads) - 1)
    powers = np.vander(loads, degree + 1, increasing=True)
    weight = 1 / np.sqrt(np.maximum(spread.diagonal(), 1e-12))
    fitted = np.linalg.lstsq(powers * weight[:, None], (nets * weight).T, rcond=None)[0]
    grid = np.linspace(loads[0], loads[-1], STEPS + 1)
    return np.asarray(grid[(np.vander(grid, degree + 1, increasing=True) @ fitted).argmax(axis=0)])


def _lost(effects: LoadEffects, settings: CausalSettings) -> Estimate:
    """Bookings in a year that one text a week brings over none."""
    further = effects.chances[WEIGHTED, BOOKING, 1] - effects.chances[WEIGHTED, BOOKING, 0]
    draws = effects.draws[:, WEIGHTED, BOOKING, 1] - effects.draws[:, WEIGHTED, BOOKING, 0]
    width = norm.ppf((1 + settings.level) / 2) * draws.std(ddof=1)
    return Estimate(*(float(WEEKS_A_YEAR * each) for each in (further, further - width, further + width)))


def _e_value(effects: LoadEffects, highest: int, settings: CausalSettings) -> float:
    """How strong a confounder must be that moves the interval of the risk ratio to 1 (VanderWeele and Ding 2017)."""
    log_ratio = np.log(effects.chances[WEIGHTED, OPT_OUT, highest] / effects.chances[WEIGHTED, OPT_OUT, 1])
    draws = np.log(effects.draws[:, WEIGHTED, OPT_OUT, highest] / effects.draws[:, WEIGHTED, OPT_OUT, 1])
    nearest = abs(log_ratio) - norm.ppf((1 + settings.level) / 2) * draws.std(ddof=1)
    if nearest <= 0:
        return 1.0
    ratio = float(np.exp(nearest))
    return ratio + float(np.sqrt(ratio * (ratio - 1)))
