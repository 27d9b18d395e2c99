"""The posterior of arms whose locations are tied to the control's, by quadrature.

Given the control's location the other arms are independent, so that every quantity is an integral over two
dimensions, or three. Nothing is sampled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import logsumexp

from workbench.experiments.exact.kernels import Kernel, SumKernel
from workbench.experiments.exact.posterior import Extreme, Posterior
from workbench.experiments.exact.priors import Tie
from workbench.experiments.exact.quadrature import Array, Grid, Rows, Span, panels_over
from workbench.experiments.exact.scales import Scale
from workbench.experiments.exact.support import joint_spans, spans_of

# Panels resolve what is steeper than the arm they were made for by this factor.
_ALIKE: Final = 4.0


@dataclass(frozen=True)
class Located:
    """An arm, and what is known of its location: of the control with its prior, of the others by the data alone."""

    arm: str
    kernel: Kernel


class TiedPosterior(Posterior):
    """The joint posterior of arms with one control and priors on their distances from it.

    Args:
        control: the arm that the others are compared with.
        treated: the others.
        tie: prior of their locations less the control's.
        scale: from locations to values.
        order: the names of all arms, as answers list them.
    """

    def __init__(
        self, control: Located, treated: Sequence[Located], tie: Tie, scale: Scale, order: Sequence[str]
    ) -> None:
        self.arms = tuple(order)
        self.control = control.arm
        self._scale = scale
        self._kernels = (control.kernel, *(each.kernel for each in treated))
        hub, spans = joint_spans(control.kernel, [each.kernel for each in treated], tie)
        low, high = min(span.low for span in (*hub, *spans)), max(span.high for span in (*hub, *spans))
        bent = Span(max(low, high - scale.bends), high, scale.bend)
        self._grid = panels_over([*hub, *spans, bent], scale.gap)
        first, last = np.searchsorted(self._grid.edges, (hub[0].low, hub[-1].high))
        self._hub = self._grid.part(int(first), int(last))
        self._ceiling = ceiling = control.kernel.ceiling
        self._top = float(scale.value(np.array(ceiling)))
        log_weight = np.log(self._hub.weights) + control.kernel(self._hub.nodes)
        if np.isfinite(ceiling):
            log_weight = log_weight - len(treated) * tie.log_cdf(ceiling - self._hub.nodes)
        self._treated: dict[str, Array] = {}
        gaps = tie.log_density(self._grid.nodes[None, :] - self._hub.nodes[:, None])
        for each in treated:
            log_joint = gaps + each.kernel(self._grid.nodes)[None, :]
            top = log_joint.max(axis=1, keepdims=True)
            joint = np.exp(log_joint - top)
            evidence = joint @ self._grid.weights
            self._treated[each.arm] = joint / evidence[:, None]
            log_weight = log_weight + top[:, 0] + np.log(evidence)
        top_weight = log_weight.max()
        total = np.exp(log_weight - top_weight).sum()
        self._weight: Array = np.exp(log_weight - top_weight) / total
        self._log_total = float(top_weight + np.log(total))
        self._margins = {arm: self._margin(arm) for arm in self.arms}
        self._spreads = {arm: self._spread(arm) for arm in self.arms}
        self._at_top = {arm: self._reaches_top(arm) for arm in self.arms}
        self._rows: dict[tuple[str, str], Rows] = {}

    def expectation(self, arm: str) -> float:
        """Posterior mean of one arm's mean."""
        grid, density = self._margins[arm]
        return float(density @ (grid.weights * self._scale.value(grid.nodes)))

    def cdf(self, threshold: float, arm: str) -> float:
        """P(mean of arm <= threshold)."""
        grid, density = self._margins[arm]
        return float(Rows(grid, density[None]).upto(self._scale.location(np.array([threshold])))[0])

    def bounds(self, arm: str) -> tuple[float, float]:
        """Between which the arm's mean lies."""
        grid = self._margins[arm][0]
        low, high = self._scale.value(grid.edges[[0, -1]])
        return float(low), float(high)

    @property
    def log_bayes_factor(self) -> float:
        """Natural log of the evidence for "arms differ" over "all arms are alike", the control's prior the same."""
        common = SumKernel(self._kernels)
        grid = panels_over(spans_of(common))
        return self._log_total - float(logsumexp(common(grid.nodes), b=grid.weights))

    def _margin(self, arm: str) -> tuple[Grid, Array]:
        """Grid and density of an arm's location."""
        if arm == self.control:
            return self._hub, self._weight / self._hub.weights
        return self._grid, self._weight @ self._treated[arm]

    def _reaches_top(self, arm: str) -> bool:
        """Whether an arm may have the highest value there is."""
        grid, density = self._margins[arm]
        return bool(grid.edges[-1] >= self._ceiling and density[-1] > 1e-14 * density.max())

    def spread(self, arm: str) -> float:
        """Posterior standard deviation of one arm's mean."""
        return self._spreads[arm]

    def _spread(self, arm: str) -> float:
        grid, density = self._margins[arm]
        away = self._scale.value(grid.nodes) - self.expectation(arm)
        return float(np.sqrt((density * grid.weights) @ away**2))

    def _below(self, arm: str, versus: str, factor: float, shift: float) -> float:
        if self._rows_are_of(versus, arm, factor, shift):
            values = self._scale.value(self._margins[versus][0].nodes)
            limits = self._scale.location(factor * values + shift)
            return float(self._joint(versus, arm).upto(limits).sum())
        values = self._scale.value(self._margins[arm][0].nodes)
        limits = self._scale.location((values - shift) / factor)
        return float(self._joint(arm, versus).beyond(limits).sum())

    def _density(self, threshold: float, arm: str, versus: str) -> float:
        if self._rows_are_of(versus, arm, 1.0, threshold):
            rows, other, away = versus, arm, threshold
        else:
            rows, other, away = arm, versus, -threshold
        limits = self._scale.location(self._scale.value(self._margins[rows][0].nodes) + away)
        return float((self._joint(rows, other).at(limits) / self._scale.slope(limits)).sum())

    def _rows_are_of(self, versus: str, arm: str, factor: float, shift: float) -> bool:
        """Whether versus takes the rows, at each of which the arm is integrated up to factor * versus + shift.

        The arm that is known better takes them: the other's distribution function is smooth for it. Of arms known
        alike it is the one to which something is added: near 0, on the scale of logs, the other's function is steep.
        But where values reach the highest there is, it must not be asked beyond that, for it has a kink there.
        """
        known = self._spreads[arm] / self._spreads[versus]
        of_versus = known > _ALIKE or (known >= 1 / _ALIKE and shift >= 0)
        highest = factor * self._top + shift
        if of_versus and highest > self._top and self._at_top[arm]:
            return False
        if not of_versus and highest < self._top and self._at_top[versus]:
            return True
        return of_versus

    def _joint(self, rows: str, other: str) -> Rows:
        """One row per node of the first arm: its mass times the density of the other's location."""
        if (rows, other) not in self._rows:
            self._rows[rows, other] = self._joint_of(rows, other)
        return self._rows[rows, other]

    def _joint_of(self, rows: str, other: str) -> Rows:
        if rows == self.control:
            return Rows(self._grid, self._weight[:, None] * self._treated[other])
        mass = (self._treated[rows] * self._grid.weights).T
        if other == self.control:
            return Rows(self._hub, mass * (self._weight / self._hub.weights))
        return Rows(self._grid, mass @ (self._weight[:, None] * self._treated[other]))

    def _extremes(self, *, highest: bool) -> dict[str, Extreme]:
        """By the arms' distribution functions, given the control, at the nodes that all share.

        E[best - value of k] is the integral of P(k is worse than v, and the best of the others is not) over v.
        """
        worse, beaten = self._grid.upto_nodes, self._grid.beyond_nodes
        if not highest:
            worse, beaten = beaten, worse
        below = {arm: np.clip(worse(density), 0, 1) for arm, density in self._treated.items()}
        with np.errstate(divide="ignore"):
            log_below = {
                arm: np.log1p(-np.clip(beaten(density), 0, 1)) for arm, density in self._treated.items()
            }
        slope = self._scale.slope(self._grid.nodes)
        sides = (self._past, self._before) if highest else (self._before, self._past)
        past, before = sides
        everyone = np.sum(list(log_below.values()), axis=0)
        at_hub = np.exp(self._here(everyone))
        found = {
            self.control: Extreme(
                float(self._weight @ at_hub), float(self._weight @ past(-np.expm1(everyone) * slope))
            )
        }
        for arm, density in self._treated.items():
            others = sum((log for name, log in log_below.items() if name != arm), np.zeros_like(density))
            best = past(density * np.exp(others))
            loss = before(below[arm] * slope) - past(below[arm] * np.expm1(others) * slope)
            found[arm] = Extreme(float(self._weight @ best), float(self._weight @ loss))
        return {arm: found[arm] for arm in self.arms}

    def _past(self, values: Array) -> Array:
        """The integral of each row beyond its own control's location, shape (hub,)."""
        return Rows(self._grid, values).beyond(self._hub.nodes)

    def _before(self, values: Array) -> Array:
        """The integral of each row up to its own control's location, shape (hub,)."""
        return Rows(self._grid, values).upto(self._hub.nodes)

    def _here(self, values: Array) -> Array:
        """Each row at its own control's location, which is a node of both grids, shape (hub,)."""
        first = int(np.searchsorted(self._grid.nodes, self._hub.nodes[0]))
        return np.diagonal(values, offset=first)
