"""Whether an effect fades: the log rate ratio by week of enrollment, and what is left of it in the last third.

Model: events of week t are binomial, in the control with p_t, in the arm with p_t exp(delta + beta x_t); x_t is the
week, centered at the mean week of the events. delta ~ Normal(0, 0.35), the change from the first week to the last ~
Normal(0, 0.7); log p_t is uniform, for each week on its own, so that a base rate that drifts is not taken for an
effect. Weeks without an event say nothing. Everything is by quadrature: over log p_t in each week, over delta and beta
together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq
from scipy.special import ndtr, xlog1py

from workbench.experiments.exact import Estimate
from workbench.experiments.exact.quadrature import Array, Grid, Rows, panels_between
from workbench.refusal import Fault, Refused

LEVEL_SD: Final = 0.35
CHANGE_SD: Final = 0.7
FEWEST_WEEKS: Final = 3
# Both must hold for an effect to be told as fading; what that finds, and finds wrongly: benchmarks/late_outcomes.md.
SURELY_FALLING: Final = 0.95
LIKELY_TOO_SMALL: Final = 0.5
_REACH: Final = 8.0
_POINTS: Final = 400
_NODES, _WEIGHTS = legendre.leggauss(96)


@dataclass(frozen=True, eq=False)
class WeeklyCounts:
    """People of an arm enrolled in each week whose window has closed, and their events; shape (weeks,) both.

    Raises:
        Refused: numbers that are no counts, or more events than people.
    """

    arm: str
    people: NDArray[np.int64]
    events: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.people.shape != self.events.shape or self.people.ndim != 1:
            raise ValueError("people and events must have one length")
        where = f"arm {self.arm}"
        if not all(np.issubdtype(counts.dtype, np.integer) for counts in (self.people, self.events)):
            raise Refused(
                Fault(where, "its counts are not whole numbers.", "Give people and events as counts.")
            )
        if ((self.events < 0) | (self.events > self.people)).any():
            raise Refused(
                Fault(where, "its events are not between 0 and its people.", "Count each person at most once.")
            )


@dataclass(frozen=True)
class Fading:
    """How an arm's effect changed with the week of enrollment.

    Attributes:
        arm: compared with the control.
        weeks: number of weeks in which people were enrolled in both arms.
        slope: change of the log rate ratio per week.
        shrinking: P(the effect becomes less wanted from week to week).
        early, late: difference of rates, as a proportion, in the first and the last third of the weeks.
        late_too_small: P(the effect in the last third is less than the smallest effect that matters).
        smallest_effect: as a proportion.
    """

    arm: str
    weeks: int
    slope: Estimate
    shrinking: float
    early: Estimate
    late: Estimate
    late_too_small: float
    smallest_effect: float

    @property
    def fades(self) -> bool:
        """Whether to warn: the effect surely shrinks, and what is left is likelier too small than not."""
        return self.shrinking > SURELY_FALLING and self.late_too_small > LIKELY_TOO_SMALL


@dataclass(frozen=True)
class _Plane:
    """Nodes of beta and delta, shape (b, d), and posterior mass of each; `betas` is the grid of standardized beta."""

    betas: Grid
    scale: tuple[float, float]
    slopes: Array
    levels: Array
    mass: Array
    rate_mean: Array
    rate_variance: Array


def fading(
    arm: WeeklyCounts,
    control: WeeklyCounts,
    smallest_effect: float,
    level: float = 0.95,
    *,
    highest: bool = True,
) -> Fading | None:
    """Compare early with late.

    Args:
        arm: one entry per week of enrollment, in order of time.
        control: the same weeks.
        smallest_effect: that matters, as a proportion.
        level: of the intervals.
        highest: whether more events are wanted; if not, an effect is a fall of the rate.

    Returns:
        None where fewer than three weeks have people in both arms, or nobody had an event.

    Raises:
        Refused: the arms have other weeks, or the smallest effect is not above 0.
    """
    if len(arm.people) != len(control.people):
        raise Refused(Fault(f"arm {arm.arm}", "it has other weeks than the control.", "Count the same weeks."))
    if not smallest_effect > 0:
        raise Refused(Fault("smallest_effect", "it is not above 0.", "Give a proportion, such as 0.01."))
    both = (arm.people > 0) & (control.people > 0)
    if both.sum() < FEWEST_WEEKS or not (arm.events + control.events)[both].any():
        return None
    week = np.flatnonzero(both).astype(float)
    counts = np.stack([control.people, control.events, arm.people, arm.events])[:, both].astype(float)
    plane, centered = _posterior(counts, week)
    third = len(week) // 3
    size = counts[0] + counts[2]
    early = _effect(plane, centered, np.where(np.arange(len(week)) < third, size, 0.0))
    late = _effect(plane, centered, np.where(np.arange(len(week)) >= len(week) - third, size, 0.0))
    slope = _slope(plane)
    falling = slope(0.0)
    mean = float((plane.mass * plane.slopes).sum())
    return Fading(
        arm=arm.arm,
        weeks=len(week),
        slope=Estimate(mean, *_tails(slope, (plane.slopes.min(), plane.slopes.max()), level), level),
        shrinking=falling if highest else 1 - falling,
        early=_estimate(early, level),
        late=_estimate(late, level),
        late_too_small=_below(late, smallest_effect) if highest else 1 - _below(late, -smallest_effect),
        smallest_effect=smallest_effect,
    )


def _posterior(counts: Array, week: Array) -> tuple[_Plane, Array]:
    """The joint posterior on a plane that holds it, and the centered weeks."""
    centered = week - (counts[1] + counts[3]) @ week / (counts[1] + counts[3]).sum()
    precision = np.diag([(np.ptp(week) / CHANGE_SD) ** 2, LEVEL_SD**-2])
    design = np.stack([centered, np.ones_like(centered)])
    mode, covariance = _conditional_mode(counts, design, precision)
    # beta first, so that its marginal is a sum over one axis.
    beta_sd = float(np.sqrt(covariance[0, 0]))
    tilt = float(covariance[0, 1] / covariance[0, 0])
    delta_sd = float(np.sqrt(covariance[1, 1] - tilt * covariance[0, 1]))
    grid = panels_between(-_REACH, _REACH, 1.0)
    slopes = (mode[0] + beta_sd * grid.nodes)[:, None] + np.zeros(len(grid.nodes))
    levels = mode[1] + tilt * (slopes - mode[0]) + delta_sd * grid.nodes
    log_mass = -(precision[0, 0] * slopes**2 + precision[1, 1] * levels**2) / 2
    means, variances = [], []
    for place, x in enumerate(centered):
        log_ratio = levels + slopes * x
        # A week's answers are smooth functions of the one log ratio, whatever made it.
        points = np.linspace(log_ratio.min(), log_ratio.max(), _POINTS)
        log_likelihood, mean, variance = CubicSpline(points, _week(counts[:, place], points), axis=1)(log_ratio)
        log_mass = log_mass + log_likelihood
        means.append(mean)
        variances.append(np.maximum(variance, 0.0))
    mass = np.exp(log_mass - log_mass.max()) * np.outer(grid.weights, grid.weights)
    plane = _Plane(
        betas=grid,
        scale=(float(mode[0]), beta_sd),
        slopes=slopes,
        levels=levels,
        mass=mass / mass.sum(),
        rate_mean=np.array(means),
        rate_variance=np.array(variances),
    )
    return plane, centered


def _conditional_mode(counts: Array, design: Array, precision: Array) -> tuple[Array, Array]:
    """About the mode and covariance of beta and delta: in the arm, events are binomial given both arms' events.

    That holds where events are rare; where they are not, they vary less, by the share of people without one.
    """
    people, _, treated, events = counts
    both = counts[1] + events
    precise = 1 / np.maximum(1 - both / (people + treated), 0.01)
    at = np.zeros(2)
    for _ in range(50):
        share = treated * np.exp(at @ design) / (people + treated * np.exp(at @ design))
        information = (design * (precise * both * share * (1 - share))) @ design.T + precision
        step = np.linalg.solve(information, design @ (precise * (events - both * share)) - precision @ at)
        at = at + step
        if np.abs(step).max() < 1e-9:
            break
    return at, np.linalg.inv(information)


def _week(counts: Array, log_ratio: Array) -> tuple[Array, Array, Array]:
    """One week given the log rate ratio: log likelihood, and mean and variance of the control's rate.

    Integrated over log p, up to where either rate would be 1. Left of the mode the integrand falls as p to the power
    of the events, right of it faster.
    """
    people, events, treated, treated_events = counts
    both = events + treated_events
    if both == 0:
        return np.zeros_like(log_ratio), np.zeros_like(log_ratio), np.zeros_like(log_ratio)
    top = -np.maximum(log_ratio, 0.0)
    mode = np.minimum(np.log(both / (people + treated * np.exp(log_ratio))), top)
    low = mode - max(10 / np.sqrt(both), 45 / both)
    high = np.minimum(mode + 10 / np.sqrt(both), top)
    half = (high - low) / 2
    log_p = (low + half)[..., None] + half[..., None] * _NODES
    # Rounding may put the outermost node of the arm above a rate of 1.
    treated_rate = np.minimum(np.exp(log_p + log_ratio[..., None]), 1.0)
    log_density = (
        both * log_p
        + (treated_events * log_ratio)[..., None]
        + xlog1py(people - events, -np.exp(log_p))
        + xlog1py(treated - treated_events, -treated_rate)
    )
    highest = log_density.max(axis=-1, keepdims=True)
    density = np.exp(log_density - highest) * _WEIGHTS
    total = density.sum(axis=-1)
    rate = np.exp(log_p)
    mean = (density * rate).sum(axis=-1) / total
    variance = (density * (rate - mean[..., None]) ** 2).sum(axis=-1) / total
    return np.log(total * half) + highest[..., 0], mean, variance


def _slope(plane: _Plane) -> Callable[[float], float]:
    """The distribution function of beta."""
    mode, scale = plane.scale
    density = Rows(plane.betas, (plane.mass.sum(axis=1) / plane.betas.weights)[None])

    def cdf(slope: float) -> float:
        return float(density.upto(np.array([(slope - mode) / scale]))[0])

    return cdf


def _effect(plane: _Plane, centered: Array, size: Array) -> tuple[Array, Array, Array]:
    """Mass, mean and standard deviation of the difference in rates over weeks of the given sizes, at each
    node that has any.

    Given beta and delta, the rates of the weeks are independent, and their weighted sum is taken to be normal.
    """
    weights = (size / size.sum())[:, None, None]
    lift = np.expm1(plane.levels[None] + plane.slopes[None] * centered[:, None, None])
    mean = (weights * lift * plane.rate_mean).sum(axis=0)
    variance = ((weights * lift) ** 2 * plane.rate_variance).sum(axis=0)
    counts = plane.mass > 1e-16
    return plane.mass[counts], mean[counts], np.sqrt(variance[counts]) + 1e-15


def _below(effect: tuple[Array, Array, Array], threshold: float) -> float:
    mass, mean, sd = effect
    return float((mass * ndtr((threshold - mean) / sd)).sum())


def _estimate(effect: tuple[Array, Array, Array], level: float) -> Estimate:
    mass, mean, sd = effect
    center = float((mass * mean).sum())
    spread = float(np.sqrt((mass * ((mean - center) ** 2 + sd**2)).sum()))
    # No distribution has more than 1/401 beyond 20 standard deviations on one side (Cantelli).
    bounds = (center - 20 * spread, center + 20 * spread)
    return Estimate(center, *_tails(lambda t: _below(effect, t), bounds, level), level)


def _tails(cdf: Callable[[float], float], bounds: tuple[float, float], level: float) -> tuple[float, float]:
    low, high = (
        float(brentq(lambda x, q=q: cdf(x) - q, *bounds, xtol=1e-9, rtol=1e-9))
        for q in ((1 - level) / 2, (1 + level) / 2)
    )
    return low, high
