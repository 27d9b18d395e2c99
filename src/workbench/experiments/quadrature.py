"""Composite Gauss-Legendre quadrature whose cumulative integrals are as accurate as the integrals themselves."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

Array = NDArray[np.float64]

NODES_PER_PANEL: Final = 16
_NODES, _WEIGHTS = legendre.leggauss(NODES_PER_PANEL)
# Legendre polynomials of degree 0 … q at the q nodes.
_AT_NODES = legendre.legvander(_NODES, NODES_PER_PANEL - 1)


@dataclass(frozen=True)
class Grid:
    """Panels of equal width with Gauss-Legendre nodes in each.

    `edges` has shape (panels + 1,), `nodes` and `weights` have shape (panels * 16,).
    """

    edges: Array
    nodes: Array
    weights: Array

    def cumulative(self, points: Array) -> Array:
        """Weights of the integral from the grid's left edge up to each point.

        For a smooth f sampled at the nodes, `grid.cumulative(points) @ f(grid.nodes)` integrates its
        interpolating polynomial, panel by panel. Points beyond the grid count as its edges.

        Args:
            points: shape (m,).

        Returns:
            Shape (m, nodes).

        Reference: the integral of a Lagrange basis polynomial on Gauss nodes is
        w_j / 2 * sum_n P_n(s_j) (P_{n+1}(u) - P_{n-1}(u)), from (2n + 1) P_n = P'_{n+1} - P'_{n-1}
        (Abramowitz and Stegun 1964, 22.7 and 22.8).
        """
        panels = len(self.edges) - 1
        width = self.edges[1] - self.edges[0]
        inside = np.clip(points, self.edges[0], self.edges[-1])
        panel = np.minimum(((inside - self.edges[0]) / width).astype(int), panels - 1)
        local = np.clip(2 * (inside - self.edges[panel]) / width - 1, -1, 1)
        at_points = legendre.legvander(local, NODES_PER_PANEL)
        steps = at_points[:, 2:] - at_points[:, :-2]
        partial = _WEIGHTS / 2 * ((local + 1)[:, None] + steps @ _AT_NODES[:, 1:].T) * (width / 2)
        whole = np.arange(panels)[None, :] < panel[:, None]
        weights = np.where(np.repeat(whole, NODES_PER_PANEL, axis=1), self.weights[None, :], 0.0)
        rows = np.arange(len(points))[:, None]
        weights[rows, panel[:, None] * NODES_PER_PANEL + np.arange(NODES_PER_PANEL)[None, :]] = partial
        return weights


def panels_between(low: float, high: float, scale: float) -> Grid:
    """A grid from `low` to `high` whose panels are no wider than `scale`, the width of the narrowest peak."""
    count = max(1, int(np.ceil((high - low) / scale)))
    edges = np.linspace(low, high, count + 1)
    half = (high - low) / count / 2
    centers = (edges[:-1] + edges[1:]) / 2
    nodes = (centers[:, None] + half * _NODES[None, :]).ravel()
    return Grid(edges=edges, nodes=nodes, weights=np.tile(_WEIGHTS * half, count))
