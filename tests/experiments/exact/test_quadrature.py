"""Cumulative integrals as accurate as the integrals themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from workbench.experiments.exact.quadrature import (
    NODES_PER_PANEL,
    Rows,
    Span,
    grid_of,
    panels_between,
    panels_over,
)

UNEVEN = grid_of(np.array([-1.5, -1.1, 0.2, 0.25, 2.0]))


@pytest.mark.parametrize("degree", range(NODES_PER_PANEL))
def test_cumulative_is_exact_for_polynomials(degree):
    points = np.array([-1.5, -1.2, -0.31, 0.0, 0.22, 1.9999, 2.0])
    antiderivative = points ** (degree + 1) / (degree + 1) - (-1.5) ** (degree + 1) / (degree + 1)
    rows = Rows(UNEVEN, (UNEVEN.nodes**degree)[None])
    assert rows.upto(points) == pytest.approx(antiderivative, rel=1e-12, abs=1e-11)
    assert rows.upto(points) + rows.beyond(points) == pytest.approx(np.full(7, antiderivative[-1]), rel=1e-12)
    assert rows.at(points) == pytest.approx(points**degree, rel=1e-11, abs=1e-11)


@given(st.floats(-7, 7), st.floats(0.05, 1.0))
def test_cumulative_of_a_normal_density_is_its_distribution_function(point, width):
    grid = panels_between(-9.0, 9.0, 2 * width)
    rows = Rows(grid, norm.pdf(grid.nodes)[None])
    assert rows.upto(np.array([point]))[0] == pytest.approx(norm.cdf(point), abs=1e-12)
    assert rows.beyond(np.array([point]))[0] == pytest.approx(norm.sf(point), abs=1e-12)


def test_at_the_nodes_it_is_the_same_as_at_any_point():
    values = np.cos(np.arange(1, 4)[:, None] * UNEVEN.nodes)
    for row, upto, beyond in zip(values, UNEVEN.upto_nodes(values), UNEVEN.beyond_nodes(values), strict=True):
        assert upto == pytest.approx(Rows(UNEVEN, row[None]).upto(UNEVEN.nodes), abs=1e-14)
        assert beyond == pytest.approx(Rows(UNEVEN, row[None]).beyond(UNEVEN.nodes), abs=1e-14)


def test_what_is_left_of_a_tail_keeps_its_digits():
    grid = panels_between(0.0, 30.0, 0.5)
    left = grid.beyond_nodes(np.exp(-grid.nodes))
    seen = grid.nodes < 25
    assert left[seen] == pytest.approx(np.exp(-grid.nodes[seen]) - np.exp(-30.0), rel=1e-9)


def test_a_jump_inside_a_panel_is_integrated_up_to_it_exactly():
    grid = panels_between(0.0, 1.0, 1.0)
    assert len(grid.nodes) == NODES_PER_PANEL
    upto = Rows(grid, np.exp(grid.nodes)[None]).upto(np.array([1 / 3]))
    assert upto[0] == pytest.approx(np.exp(1 / 3) - 1, rel=1e-14)


def test_points_beyond_the_grid_count_as_its_edges():
    rows = Rows(UNEVEN, np.ones((1, len(UNEVEN.nodes))))
    points = np.array([-np.inf, -2.0, -1.5, 2.0, 6.0, np.inf])
    assert rows.upto(points) == pytest.approx([0, 0, 0, 3.5, 3.5, 3.5], abs=1e-14)
    assert rows.beyond(points) == pytest.approx([3.5, 3.5, 3.5, 0, 0, 0], abs=1e-14)
    assert rows.at(points) == pytest.approx([0, 0, 1, 1, 0, 0], abs=1e-13)


def test_every_row_has_a_point_of_its_own():
    values = np.cos(np.arange(1, 4)[:, None] * UNEVEN.nodes)
    points = np.array([-1.0, 0.21, 1.5])
    each = [Rows(UNEVEN, row[None]).upto(points[[place]])[0] for place, row in enumerate(values)]
    assert Rows(UNEVEN, values).upto(points) == pytest.approx(each, abs=1e-15)


def test_panels_are_no_wider_than_the_scale_and_weights_add_up_to_the_width():
    grid = panels_between(-4.0, 1.0, 0.3)
    assert np.diff(grid.edges).max() <= 0.3
    assert len(grid.nodes) == (len(grid.edges) - 1) * NODES_PER_PANEL
    assert grid.weights.sum() == pytest.approx(5.0, rel=1e-14)
    assert np.all(np.diff(grid.nodes) > 0)
    assert panels_between(0.0, 1e-9, 1.0).weights.sum() == pytest.approx(1e-9)


def test_panels_are_narrow_only_where_something_narrow_lives():
    grid = panels_over([Span(0.0, 4.0, 1.0), Span(1.0, 1.1, 0.01), Span(9.0, 10.0, 0.5)], gap=2.5)
    width = dict(zip(grid.edges[:-1].round(6).tolist(), np.diff(grid.edges).round(6).tolist(), strict=True))
    assert width[0.0] == 1.0
    assert 0.009 < width[1.0] <= 0.01
    assert width[4.0] == 2.5
    assert width[9.0] == 0.5
    assert grid.weights.sum() == pytest.approx(10.0)
