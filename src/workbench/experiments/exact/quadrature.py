"""Composite Gauss-Legendre quadrature whose cumulative integrals are as accurate as the integrals themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

Array = NDArray[np.float64]

NODES_PER_PANEL: Final = 16
_NODES, _WEIGHTS = legendre.leggauss(NODES_PER_PANEL)
# Legendre polynomials of degree 0 … q at the q nodes.
_AT_NODES = legendre.legvander(_NODES, NODES_PER_PANEL - 1)


def partial_weights(at: Array, nodes: Array, weights: Array) -> Array:
    """Weights of the integral of an interpolating polynomial from -1 up to each point.

    Args:
        at: points from -1 to 1, shape (m,).
        nodes: Gauss-Legendre nodes of that interval, shape (q,).
        weights: their weights, shape (q,).

    Returns:
        Shape (m, q).

    Reference: the integral of a Lagrange basis polynomial on Gauss nodes is
    w_j / 2 * sum_n P_n(s_j) (P_{n+1}(u) - P_{n-1}(u)), from (2n + 1) P_n = P'_{n+1} - P'_{n-1}
    (Abramowitz and Stegun 1964, 22.7 and 22.8).
    """
    at_points = legendre.legvander(at, len(nodes))
    steps = at_points[:, 2:] - at_points[:, :-2]
    at_nodes = legendre.legvander(nodes, len(nodes) - 1)
    return weights / 2 * ((at + 1)[:, None] + steps @ at_nodes[:, 1:].T)


# Weights from a panel's left edge up to each of its own nodes; by symmetry, from each node to its right edge.
_UPTO_NODES = partial_weights(_NODES, _NODES, _WEIGHTS)
_BEYOND_NODES = _UPTO_NODES[::-1, ::-1]


@dataclass(frozen=True)
class Grid:
    """Panels with Gauss-Legendre nodes in each.

    `edges` has shape (panels + 1,), `nodes` and `weights` have shape (panels * 16,).
    """

    edges: Array
    nodes: Array
    weights: Array

    def part(self, first: int, last: int) -> "Grid":
        """The panels from `first` up to, but not with, `last`."""
        nodes = slice(first * NODES_PER_PANEL, last * NODES_PER_PANEL)
        return Grid(self.edges[first : last + 1], self.nodes[nodes], self.weights[nodes])

    def upto_nodes(self, values: Array) -> Array:
        """The integral from the left edge up to each node, along the last axis. Shape as `values`."""
        panels, whole = self._panels(values)
        before = np.cumsum(whole, axis=-1) - whole
        return self._with_partial(panels, before, _UPTO_NODES)

    def beyond_nodes(self, values: Array) -> Array:
        """The integral from each node to the right edge, along the last axis: small where little is left."""
        panels, whole = self._panels(values)
        after = np.cumsum(whole[..., ::-1], axis=-1)[..., ::-1] - whole
        return self._with_partial(panels, after, _BEYOND_NODES)

    def within(self, points: Array) -> tuple[NDArray[np.int64], Array]:
        """The panel each point lies in, shape (m,), and where in it, from -1 to 1; points beyond are at the edges."""
        inside = np.clip(points, self.edges[0], self.edges[-1])
        panel = np.clip(np.searchsorted(self.edges, inside, side="right") - 1, 0, len(self.edges) - 2)
        left, right = self.edges[panel], self.edges[panel + 1]
        return panel, np.clip(2 * (inside - left) / (right - left) - 1, -1, 1)

    def halves(self) -> Array:
        """Half the width of each panel, shape (panels,)."""
        return np.diff(self.edges) / 2

    def _panels(self, values: Array) -> tuple[Array, Array]:
        """Values by panel, times half its width, shape (…, panels, 16); and their integrals, (…, panels)."""
        panels = values.reshape(*values.shape[:-1], -1, NODES_PER_PANEL) * self.halves()[:, None]
        return panels, panels @ _WEIGHTS

    @staticmethod
    def _with_partial(panels: Array, others: Array, weights: Array) -> Array:
        found = others[..., None] + panels @ weights.T
        return found.reshape(*found.shape[:-2], -1)


class Rows:
    """Functions sampled on one grid, one per row, each to be read or integrated at a point of its own.

    Args:
        grid: the grid.
        values: each function at the grid's nodes, shape (m, nodes), or (1, nodes) where all rows are alike.
    """

    def __init__(self, grid: Grid, values: Array) -> None:
        self._grid = grid
        self._panels = values.reshape(len(values), -1, NODES_PER_PANEL)
        whole = self._panels @ _WEIGHTS * grid.halves()
        none = np.zeros((len(values), 1))
        self._before = np.concatenate([none, np.cumsum(whole, axis=1)], axis=1)
        self._after = np.concatenate([np.cumsum(whole[:, ::-1], axis=1)[:, ::-1], none], axis=1)

    def upto(self, points: Array) -> Array:
        """The integral of each row from the grid's left edge to the row's own point; both of shape (m,)."""
        panel, local = self._grid.within(points)
        partial = self._in_panel(panel, partial_weights(local, _NODES, _WEIGHTS))
        return self._before[self._row(panel), panel] + partial * self._grid.halves()[panel]

    def beyond(self, points: Array) -> Array:
        """The integral of each row from its own point to the grid's right edge; both of shape (m,)."""
        panel, local = self._grid.within(points)
        partial = self._in_panel(panel, partial_weights(-local, _NODES, _WEIGHTS)[:, ::-1])
        return self._after[self._row(panel), panel + 1] + partial * self._grid.halves()[panel]

    def at(self, points: Array) -> Array:
        """Each row at its own point, by the interpolating polynomial of the panel; 0 beyond the grid."""
        panel, local = self._grid.within(points)
        degrees = np.arange(NODES_PER_PANEL) + 0.5
        lagrange = (legendre.legvander(local, NODES_PER_PANEL - 1) * degrees) @ _AT_NODES.T * _WEIGHTS
        inside = (points >= self._grid.edges[0]) & (points <= self._grid.edges[-1])
        return np.where(inside, self._in_panel(panel, lagrange), 0.0)

    def _row(self, panel: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row each point belongs to."""
        return np.arange(len(panel)) if len(self._panels) > 1 else np.zeros(len(panel), dtype=np.int64)

    def _in_panel(self, panel: NDArray[np.int64], weights: Array) -> Array:
        """Weighted sum, shape (m,), over the nodes of each point's panel, in its row."""
        return np.einsum("mq,mq->m", self._panels[self._row(panel), panel], weights)


def grid_of(edges: Array) -> Grid:
    """The grid whose panels lie between these edges, which rise."""
    half = np.diff(edges)[:, None] / 2
    centers = (edges[:-1] + edges[1:])[:, None] / 2
    return Grid(edges, (centers + half * _NODES).ravel(), (half * _WEIGHTS).ravel())


def panels_between(low: float, high: float, scale: float) -> Grid:
    """A grid from `low` to `high` whose panels are no wider than `scale`, the width of the narrowest peak."""
    return grid_of(np.linspace(low, high, max(1, int(np.ceil((high - low) / scale))) + 1))


@dataclass(frozen=True)
class Span:
    """Where a function lives, and how wide panels may be there."""

    low: float
    high: float
    panel: float


def panels_over(spans: Iterable[Span], gap: float = np.inf) -> Grid:
    """One grid over all spans and the gaps between them: where spans overlap, the narrowest panel counts.

    Args:
        spans: where something narrow lives.
        gap: no panel between spans is wider than this.
    """
    given = list(spans)
    ends = np.unique([end for span in given for end in (span.low, span.high)])
    edges = [ends[:1]]
    for low, high in pairwise(ends):
        middle = (low + high) / 2
        panel = min((span.panel for span in given if span.low <= middle <= span.high), default=gap)
        edges.append(np.linspace(low, high, max(1, int(np.ceil((high - low) / panel))) + 1)[1:])
    return grid_of(np.concatenate(edges))
