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
        panel, partial = self.within(points)
        whole = np.arange(panels)[None, :] < panel[:, None]
        weights = np.where(np.repeat(whole, NODES_PER_PANEL, axis=1), self.weights[None, :], 0.0)
        rows = np.arange(len(points))[:, None]
        weights[rows, panel[:, None] * NODES_PER_PANEL + np.arange(NODES_PER_PANEL)[None, :]] = partial
        return weights

    def within(self, points: Array) -> tuple[NDArray[np.int64], Array]:
        """The panel each point lies in, shape (m,), and the weights from that panel's left edge to it, (m, 16)."""
        panels = len(self.edges) - 1
        width = self.edges[1] - self.edges[0]
        inside = np.clip(points, self.edges[0], self.edges[-1])
        panel = np.minimum(((inside - self.edges[0]) / width).astype(int), panels - 1)
        local = np.clip(2 * (inside - self.edges[panel]) / width - 1, -1, 1)
        at_points = legendre.legvander(local, NODES_PER_PANEL)
        steps = at_points[:, 2:] - at_points[:, :-2]
        partial = _WEIGHTS / 2 * ((local + 1)[:, None] + steps @ _AT_NODES[:, 1:].T) * (width / 2)
        return panel, partial


class Rows:
    """Functions sampled on one grid, one per row, ready to be integrated up to many points.

    Args:
        grid: the grid.
        values: each function at the grid's nodes, shape (m, nodes).
    """

    def __init__(self, grid: Grid, values: Array) -> None:
        self._grid = grid
        self._panels = values.reshape(len(values), -1, NODES_PER_PANEL)
        whole = np.einsum("mpq,pq->mp", self._panels, grid.weights.reshape(-1, NODES_PER_PANEL))
        self._before = np.concatenate([np.zeros((len(values), 1)), np.cumsum(whole, axis=1)], axis=1)

    def upto(self, points: Array) -> Array:
        """The integral of each row from the grid's left edge to the row's own point; both of shape (m,)."""
        panel, partial = self._grid.within(points)
        row = np.arange(len(points))
        return self._before[row, panel] + np.einsum("mq,mq->m", self._panels[row, panel], partial)

    def upto_each(self, points: Array) -> Array:
        """The integral of every row up to every point: points of shape (k,), result of shape (m, k)."""
        panel, partial = self._grid.within(points)
        found = self._before[:, panel]
        for at in np.unique(panel):
            here = panel == at
            found[:, here] += self._panels[:, at] @ partial[here].T
        return found


def panels_between(low: float, high: float, scale: float) -> Grid:
    """A grid from `low` to `high` whose panels are no wider than `scale`, the width of the narrowest peak."""
    count = max(1, int(np.ceil((high - low) / scale)))
    edges = np.linspace(low, high, count + 1)
    half = (high - low) / count / 2
    centers = (edges[:-1] + edges[1:]) / 2
    nodes = (centers[:, None] + half * _NODES[None, :]).ravel()
    return Grid(edges=edges, nodes=nodes, weights=np.tile(_WEIGHTS * half, count))
