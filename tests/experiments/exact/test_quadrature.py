"""Cumulative integrals as accurate as the integrals themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from workbench.experiments.exact.quadrature import NODES_PER_PANEL, Rows, panels_between


@pytest.mark.parametrize("degree", range(NODES_PER_PANEL))
def test_cumulative_is_exact_for_polynomials(degree):
    grid = panels_between(-1.5, 2.0, 0.8)
    points = np.array([-1.5, -1.2, -0.31, 0.0, 0.77, 1.9999, 2.0])
    antiderivative = points ** (degree + 1) / (degree + 1) - (-1.5) ** (degree + 1) / (degree + 1)
    found = grid.cumulative(points) @ grid.nodes**degree
    assert found == pytest.approx(antiderivative, rel=1e-12, abs=1e-11)


@given(st.floats(-7, 7), st.floats(0.05, 1.0))
def test_cumulative_of_a_normal_density_is_its_distribution_function(point, width):
    grid = panels_between(-9.0, 9.0, 2 * width)
    found = grid.cumulative(np.array([point])) @ norm.pdf(grid.nodes)
    assert found[0] == pytest.approx(norm.cdf(point), abs=1e-12)


def test_a_jump_inside_a_panel_is_integrated_up_to_it_exactly():
    grid = panels_between(0.0, 1.0, 1.0)
    assert len(grid.nodes) == NODES_PER_PANEL
    upto = grid.cumulative(np.array([1 / 3])) @ np.exp(grid.nodes)
    assert upto[0] == pytest.approx(np.exp(1 / 3) - 1, rel=1e-14)


def test_points_beyond_the_grid_count_as_its_edges():
    grid = panels_between(2.0, 5.0, 0.7)
    weights = grid.cumulative(np.array([-np.inf, 1.0, 2.0, 5.0, 6.0, np.inf]))
    assert weights[:3] == pytest.approx(np.zeros((3, len(grid.nodes))), abs=1e-15)
    assert weights[3:] == pytest.approx(np.tile(grid.weights, (3, 1)), abs=1e-15)


def test_an_edge_between_panels_belongs_to_both_alike():
    grid = panels_between(0.0, 3.0, 1.0)
    around = grid.cumulative(np.array([1.0 - 1e-15, 1.0, 1.0 + 1e-15])) @ np.cos(grid.nodes)
    assert around == pytest.approx(np.full(3, np.sin(1.0)), abs=1e-14)


def test_panels_are_no_wider_than_the_scale_and_weights_add_up_to_the_width():
    grid = panels_between(-4.0, 1.0, 0.3)
    assert np.diff(grid.edges).max() <= 0.3
    assert len(grid.nodes) == (len(grid.edges) - 1) * NODES_PER_PANEL
    assert grid.weights.sum() == pytest.approx(5.0, rel=1e-14)
    assert np.all(np.diff(grid.nodes) > 0)
    assert panels_between(0.0, 1e-9, 1.0).weights.sum() == pytest.approx(1e-9)


def test_rows_are_integrated_as_the_dense_weights_would():
    grid = panels_between(-1.0, 2.0, 0.4)
    points = np.array([-3.0, -1.0, -0.2, 0.5, 0.6, 1.99, 2.0, 9.0])
    values = np.cos(np.arange(1, 9)[:, None] * grid.nodes)
    dense = values @ grid.cumulative(points).T
    assert Rows(grid, values).upto_each(points) == pytest.approx(dense, abs=1e-14)
    assert Rows(grid, values).upto(points) == pytest.approx(np.diag(dense), abs=1e-14)
