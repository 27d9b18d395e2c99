"""The posterior of arms that know nothing of each other, each with a density of its own, by quadrature."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Self

import numpy as np

from workbench.experiments.exact.kernels import Kernel
from workbench.experiments.exact.posterior import Extreme, Posterior
from workbench.experiments.exact.quadrature import Array, Grid, Rows, grid_of, panels_over
from workbench.experiments.exact.scales import Scale
from workbench.experiments.exact.support import spans_of
from workbench.refusal import Fault, Refused


@dataclass(frozen=True)
class Margin:
    """An arm's posterior: the density of its location at the nodes of a grid of its own."""

    grid: Grid
    density: Array

    @classmethod
    def of(cls, grid: Grid, log_density: Callable[[Array], Array]) -> Self:
        """From a log density up to a constant."""
        height = log_density(grid.nodes)
        density = np.exp(height - height.max())
        return cls(grid, density / (density @ grid.weights))

    @classmethod
    def of_kernel(cls, kernel: Kernel) -> Self:
        """From a kernel, where it lives."""
        return cls.of(panels_over(spans_of(kernel)), kernel)

    @cached_property
    def rows(self) -> Rows:
        """Ready to be integrated."""
        return Rows(self.grid, self.density[None])


class IndependentPosterior(Posterior):
    """The joint posterior of arms with priors of their own.

    Args:
        margins: every arm's, in the order in which answers list them; all on one scale.
        control: the arm that the others are compared with.
        scale: from locations to values.
        log_bayes_factor: evidence for "arms differ" over "all arms are alike"; None where the priors allow none.
    """

    def __init__(
        self, margins: Mapping[str, Margin], control: str, scale: Scale, log_bayes_factor: float | None
    ) -> None:
        self.arms = tuple(margins)
        self.control = control
        self._margins = dict(margins)
        self._scale = scale
        self._log_bayes_factor = log_bayes_factor

    def expectation(self, arm: str) -> float:
        """Posterior mean of one arm's mean."""
        margin = self._margins[arm]
        return float((margin.density * margin.grid.weights) @ self._scale.value(margin.grid.nodes))

    def spread(self, arm: str) -> float:
        """Posterior standard deviation of one arm's mean."""
        margin = self._margins[arm]
        away = self._scale.value(margin.grid.nodes) - self.expectation(arm)
        return float(np.sqrt((margin.density * margin.grid.weights) @ away**2))

    def cdf(self, threshold: float, arm: str) -> float:
        """P(mean of arm <= threshold)."""
        return float(self._margins[arm].rows.upto(self._scale.location(np.array([threshold])))[0])

    def bounds(self, arm: str) -> tuple[float, float]:
        """Between which the arm's mean lies."""
        low, high = self._scale.value(self._margins[arm].grid.edges[[0, -1]])
        return float(low), float(high)

    @property
    def log_bayes_factor(self) -> float:
        """Natural log of the evidence for "arms differ" over "all arms are alike"."""
        if self._log_bayes_factor is None:
            raise Refused(
                Fault(
                    "Bayes factor", "there is none under a flat prior.", "Give a prior that is worth something."
                )
            )
        return self._log_bayes_factor

    def _below(self, arm: str, versus: str, factor: float, shift: float) -> float:
        mass, limits = self._against(arm, versus, factor, shift)
        return float(mass @ self._margins[arm].rows.upto(limits))

    def _density(self, threshold: float, arm: str, versus: str) -> float:
        mass, limits = self._against(arm, versus, 1.0, threshold)
        return float(mass @ (self._margins[arm].rows.at(limits) / self._scale.slope(limits)))

    def _against(self, arm: str, versus: str, factor: float, shift: float) -> tuple[Array, Array]:
        """Mass of versus at nodes that are fine wherever either arm is, and how far the arm may go at each."""
        base = self._margins[versus]
        moved = (self._scale.value(self._margins[arm].grid.edges) - shift) / factor
        edges = self._scale.location(moved)
        low, high = base.grid.edges[[0, -1]]
        inside = edges[(edges > low) & (edges < high)]
        grid = grid_of(np.unique(np.concatenate([base.grid.edges, inside])))
        limits = self._scale.location(factor * self._scale.value(grid.nodes) + shift)
        return base.rows.at(grid.nodes) * grid.weights, limits

    def _extremes(self, *, highest: bool) -> dict[str, Extreme]:
        """On one grid over all arms. E[best - value of k] integrates P(k is worse than v, the best other is not)."""
        edges = np.unique(np.concatenate([margin.grid.edges for margin in self._margins.values()]))
        grid = _without_gaps(edges, self._scale.gap)
        slope = self._scale.slope(grid.nodes)
        upto = {arm: np.clip(each.rows.upto(grid.nodes), 0, 1) for arm, each in self._margins.items()}
        beyond = {arm: np.clip(each.rows.beyond(grid.nodes), 0, 1) for arm, each in self._margins.items()}
        below, beaten = (upto, beyond) if highest else (beyond, upto)
        with np.errstate(divide="ignore"):
            log_below = {arm: np.log1p(-each) for arm, each in beaten.items()}
        found = {}
        for arm, margin in self._margins.items():
            others = sum((log for name, log in log_below.items() if name != arm), np.zeros_like(slope))
            best = margin.rows.at(grid.nodes) * np.exp(others)
            loss = -below[arm] * np.expm1(others) * slope
            found[arm] = Extreme(float(best @ grid.weights), float(loss @ grid.weights))
        return found


def _without_gaps(edges: Array, widest: float) -> Grid:
    """The grid of these edges, with panels wider than `widest` divided."""
    parts = [edges[:1]]
    for low, high in pairwise(edges):
        parts.append(np.linspace(low, high, max(1, int(np.ceil((high - low) / widest))) + 1)[1:])
    return grid_of(np.concatenate(parts))
