"""Exact posterior of the event rates of randomized arms, by quadrature.

Model: events_j ~ Binomial(people_j, p_j); the control's rate p_0 ~ Beta(a, b); every other arm's
log rate ratio log(p_k / p_0) ~ Normal(0, tau), cut where p_k would exceed 1. The control's rate ties the arms
together: given it, they are independent, so that every quantity is an integral over two or three dimensions.
Integrals run over log p with composite Gauss-Legendre panels placed where the posterior lives; nothing is sampled.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaln, log_ndtr

from workbench.experiments.quadrature import Array, Grid, Rows
from workbench.experiments.support import LogRateKernel, joint_grids
from workbench.refusal import Fault, Refused


@dataclass(frozen=True)
class ArmCounts:
    """What was observed in one arm: how many people, and how many of them had the event."""

    arm: str
    people: int
    events: int


@dataclass(frozen=True)
class RatePrior:
    """Beta(`baseline_events`, `baseline_others`) on the control's rate, Normal(0, `log_ratio_sd`) on log ratios.

    The default spreads 95 % of its belief over rate ratios between 0.50 and 1.99: room for any effect a text
    message has been known to have, and little for miracles.
    """

    log_ratio_sd: float = 0.35
    baseline_events: float = 1.0
    baseline_others: float = 1.0


@dataclass(frozen=True)
class Estimate:
    """A posterior mean with an equal-tailed credible interval of the given level."""

    mean: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class _Arm:
    """A treatment arm on its own grid: density given each node of the control's grid, rows normalized."""

    counts: ArmCounts
    grid: Grid
    rates: Array
    density: Array


class RatePosterior:
    """The joint posterior of all arms' event rates.

    Args:
        counts: one entry per arm; two arms or more.
        control: the arm that the others are compared with.
        prior: see `RatePrior`.

    Raises:
        Refused: fewer than two arms, the same arm twice, no control, an arm without people, counts that are not
            whole numbers from 0 to the number of people, or a prior without width.
    """

    def __init__(self, counts: Sequence[ArmCounts], control: str, prior: RatePrior | None = None) -> None:
        prior = prior or RatePrior()
        _refuse_unusable(counts, control, prior)
        self.control = control
        self.prior = prior
        self.arms = tuple(entry.arm for entry in counts)
        base = next(entry for entry in counts if entry.arm == control)
        others = [entry for entry in counts if entry.arm != control]
        self._grid, grids = joint_grids(
            _control_kernel(base, prior), [_kernel(entry) for entry in others], prior.log_ratio_sd
        )
        self._rates = np.exp(self._grid.nodes)
        log_weight = np.log(self._grid.weights) + _log_control(self._grid.nodes, base, prior)
        treated = {}
        for entry, grid in zip(others, grids, strict=True):
            arm, log_evidence = _condition(entry, grid, self._grid, prior)
            treated[entry.arm] = arm
            log_weight = log_weight + log_evidence
        top = log_weight.max()
        total = np.exp(log_weight - top).sum()
        self._weight: Array = np.exp(log_weight - top) / total
        self._treated = treated
        self._counts = tuple(counts)
        self._joint: dict[tuple[str, str], Rows] = {}
        self.log_evidence = float(top + np.log(total))

    def rate(self, arm: str, level: float = 0.95) -> Estimate:
        """Posterior of one arm's rate."""
        grid, rates, mass = self._marginal(arm)
        mean = float(mass @ (grid.weights * rates))

        def cdf(rate: float) -> float:
            return float(grid.cumulative(np.array([np.log(rate)]))[0] @ mass)

        bounds = (float(np.exp(grid.edges[0])), float(np.exp(grid.edges[-1])))
        return Estimate(mean, *_equal_tails(cdf, bounds, level), level)

    def difference(self, arm: str, versus: str | None = None, level: float = 0.95) -> Estimate:
        """Posterior of p_arm - p_versus (versus: the control where not named), as a proportion."""
        other = versus or self.control
        mean = self.rate_mean(arm) - self.rate_mean(other)
        low, high = self._rate_bounds(arm)
        other_low, other_high = self._rate_bounds(other)
        bounds = (low - other_high, high - other_low)
        tails = _equal_tails(lambda t: self.difference_cdf(t, arm, other), bounds, level)
        return Estimate(mean, *tails, level)

    def ratio(self, arm: str, versus: str | None = None, level: float = 0.95) -> Estimate:
        """Posterior of p_arm / p_versus; `mean` is the posterior median, since the mean ratio may not exist."""
        other = versus or self.control
        (low, high), (other_low, other_high) = self._rate_bounds(arm), self._rate_bounds(other)
        bounds = (np.log(low) - np.log(other_high), np.log(high) - np.log(other_low))

        def cdf(log_ratio: float) -> float:
            return self._below(arm, other, lambda rates: np.log(rates) + log_ratio)

        tails = _equal_tails(cdf, bounds, level)
        median = brentq(lambda x: cdf(x) - 0.5, *bounds, xtol=1e-13)
        return Estimate(float(np.exp(median)), float(np.exp(tails[0])), float(np.exp(tails[1])), level)

    def rate_mean(self, arm: str) -> float:
        """Posterior mean of one arm's rate."""
        grid, rates, mass = self._marginal(arm)
        return float(mass @ (grid.weights * rates))

    def difference_cdf(self, threshold: float, arm: str, versus: str | None = None) -> float:
        """P(p_arm - p_versus <= threshold)."""
        return self._below(arm, versus or self.control, lambda rates: _log_or_floor(rates + threshold))

    def difference_density(self, at: Array, arm: str) -> Array:
        """Density of p_arm - p_control at each point, per unit of proportion. Shape as `at`."""
        step = (self._rate_bounds(arm)[1] - self._rate_bounds(self.control)[0]) * 1e-4
        above = np.array([self.difference_cdf(x + step, arm) for x in at])
        below = np.array([self.difference_cdf(x - step, arm) for x in at])
        return (above - below) / (2 * step)

    def probability_better(self, arm: str, versus: str | None = None, by_more_than: float = 0.0) -> float:
        """P(p_arm - p_versus > by_more_than)."""
        return 1.0 - self.difference_cdf(by_more_than, arm, versus)

    def probability_best(self, *, highest: bool = True) -> dict[str, float]:
        """For every arm, the probability that its rate is the highest (or the lowest) of all."""
        extremes = self._highest if highest else self._lowest
        return {arm: mass for arm, (mass, _) in extremes.items()}

    def expected_loss(self, arm: str, *, highest: bool = True) -> float:
        """E[best rate - p_arm]: what choosing this arm is expected to cost, as a proportion; never negative.

        With `highest=False` (an unwanted event) it is E[p_arm - lowest rate].
        """
        extremes = self._highest if highest else self._lowest
        best = sum(part for _, part in extremes.values())
        loss = best - self.rate_mean(arm)
        return max(0.0, loss if highest else -loss)

    @cached_property
    def log_bayes_factor(self) -> float:
        """Natural log of the evidence for "rates differ" over "one common rate" under the same baseline prior."""
        events = sum(entry.events for entry in self._counts)
        others = sum(entry.people - entry.events for entry in self._counts)
        a, b = self.prior.baseline_events, self.prior.baseline_others
        return self.log_evidence - float(betaln(a + events, b + others) - betaln(a, b))

    def _marginal(self, arm: str) -> tuple[Grid, Array, Array]:
        """Grid, rates and density of an arm's log rate, summed over the control's."""
        if arm == self.control:
            return self._grid, self._rates, self._weight / self._grid.weights
        treated = self._treated[arm]
        return treated.grid, treated.rates, self._weight @ treated.density

    def _rate_bounds(self, arm: str) -> tuple[float, float]:
        grid = self._marginal(arm)[0]
        return float(np.exp(grid.edges[0])), float(np.exp(grid.edges[-1]))

    def _below(self, arm: str, versus: str, limit: Callable[[Array], Array]) -> float:
        """P(log p_arm <= limit(p_versus)), for a smooth limit."""
        if arm == versus:
            raise ValueError("an arm is not compared with itself")
        if (arm, versus) not in self._joint:
            self._joint[arm, versus] = self._joint_of(arm, versus)
        rates = self._rates if versus == self.control else self._treated[versus].rates
        return float(self._joint[arm, versus].upto(limit(rates)).sum())

    def _joint_of(self, arm: str, versus: str) -> Rows:
        """One row per node of versus: its mass times the density of arm."""
        if versus == self.control:
            treated = self._treated[arm]
            return Rows(treated.grid, self._weight[:, None] * treated.density)
        other = self._treated[versus]
        mass = (other.density * other.grid.weights).T
        if arm == self.control:
            return Rows(self._grid, mass * (self._weight / self._grid.weights))
        treated = self._treated[arm]
        return Rows(treated.grid, mass @ (self._weight[:, None] * treated.density))

    @cached_property
    def _highest(self) -> dict[str, tuple[float, float]]:
        return self._extremes(highest=True)

    @cached_property
    def _lowest(self) -> dict[str, tuple[float, float]]:
        return self._extremes(highest=False)

    def _extremes(self, *, highest: bool) -> dict[str, tuple[float, float]]:
        """For every arm: P(it is the extreme one), and E[its rate, where it is]."""

        def beyond(cumulative: Array) -> Array:
            return cumulative if highest else 1.0 - cumulative

        rows = {name: Rows(treated.grid, treated.density) for name, treated in self._treated.items()}
        at_control = self._weight.copy()
        for each in rows.values():
            at_control *= beyond(each.upto(self._grid.nodes))
        found = {self.control: (float(at_control.sum()), float(at_control @ self._rates))}
        for name, arm in self._treated.items():
            # "Beyond the control" is a jump inside a panel: cumulative weights integrate up to it exactly.
            upto = arm.grid.cumulative(self._grid.nodes)
            mass = arm.density * (arm.grid.weights - upto if highest else upto)
            for other, each in rows.items():
                if other != name:
                    mass *= beyond(each.upto_each(arm.grid.nodes))
            found[name] = (
                float(self._weight @ mass.sum(axis=1)),
                float(self._weight @ (mass @ arm.rates)),
            )
        return {arm: found[arm] for arm in self.arms}


def _refuse_unusable(counts: Sequence[ArmCounts], control: str, prior: RatePrior) -> None:
    faults = []
    names = [entry.arm for entry in counts]
    if len(names) < 2:
        faults.append(Fault("arms", f"{len(names)} arm was given.", "An analysis compares two arms or more."))
    if len(set(names)) < len(names):
        faults.append(Fault("arms", "the same arm stands twice.", "Give each arm once, with all its people."))
    if control not in names:
        known = ", ".join(names)
        faults.append(Fault("control", f'"{control}" is none of the arms.', f"Choose one of: {known}."))
    for entry in counts:
        where = f"arm {entry.arm}"
        whole = all(isinstance(n, int | np.integer) for n in (entry.people, entry.events))
        if not whole:
            faults.append(
                Fault(where, "its counts are not whole numbers.", "Give people and events as counts.")
            )
        elif entry.people < 1:
            faults.append(
                Fault(where, "it has no people.", "Leave the arm out, or wait until someone is in it.")
            )
        elif not 0 <= entry.events <= entry.people:
            faults.append(
                Fault(where, "its events are not between 0 and its people.", "Count each person at most once.")
            )
    if not (prior.log_ratio_sd > 0 and prior.baseline_events > 0 and prior.baseline_others > 0):
        faults.append(Fault("prior", "a scale is not above 0.", "Give positive numbers for all three."))
    if faults:
        raise Refused(*faults)


def _log_or_floor(rates: Array) -> Array:
    """log(rates), where a rate of 0 or less lies below every grid."""
    return np.log(np.maximum(rates, 1e-300))


def _kernel(counts: ArmCounts) -> LogRateKernel:
    return LogRateKernel(counts.events, counts.people - counts.events)


def _control_kernel(counts: ArmCounts, prior: RatePrior) -> LogRateKernel:
    """Prior times likelihood of the control: the density of log p has one more p than that of p."""
    a = prior.baseline_events + counts.events
    b = prior.baseline_others + counts.people - counts.events
    return LogRateKernel(a, b - 1)


def _log_control(log_rate: Array, counts: ArmCounts, prior: RatePrior) -> Array:
    """Log density of prior times likelihood of the control, with respect to log p."""
    constant = -betaln(prior.baseline_events, prior.baseline_others)
    return _control_kernel(counts, prior)(log_rate) + constant


def _condition(counts: ArmCounts, grid: Grid, control: Grid, prior: RatePrior) -> tuple[_Arm, Array]:
    """An arm's density given every control rate, and the log evidence each control rate earns from the arm."""
    gap = (grid.nodes[None, :] - control.nodes[:, None]) / prior.log_ratio_sd
    log_scale = np.log(prior.log_ratio_sd * np.sqrt(2 * np.pi))
    log_joint = _kernel(counts)(grid.nodes)[None, :] - gap**2 / 2 - log_scale
    log_joint = log_joint - log_ndtr(-control.nodes / prior.log_ratio_sd)[:, None]
    top = log_joint.max(axis=1, keepdims=True)
    joint = np.exp(log_joint - top)
    evidence = joint @ grid.weights
    arm = _Arm(counts, grid, np.exp(grid.nodes), joint / evidence[:, None])
    return arm, top[:, 0] + np.log(evidence)


def _equal_tails(
    cdf: Callable[[float], float], bounds: tuple[float, float], level: float
) -> tuple[float, float]:
    tail = (1 - level) / 2
    low, high = (brentq(lambda x, q=q: cdf(x) - q, *bounds, xtol=1e-13) for q in (tail, 1 - tail))
    return float(low), float(high)
