"""Designs of equal precision, against the variances of least squares."""

import numpy as np
import pytest

from workbench.experiments.planning.factorial import factorial_designs


def variance_of_main_effect(factors: int, people: int) -> float:
    """The variance of one main effect, from the design matrix of a full factorial in -1/2 and 1/2."""
    cells = np.array(np.meshgrid(*[[-0.5, 0.5]] * factors)).reshape(factors, -1).T
    matrix = np.column_stack([np.ones(len(cells)), cells]) * np.sqrt(people / len(cells))
    return float(np.linalg.inv(matrix.T @ matrix)[1, 1])


def variance_of_interaction(factors: int, people: int) -> float:
    """That of a difference of differences of the first two factors."""
    cells = np.array(np.meshgrid(*[[-0.5, 0.5]] * factors)).reshape(factors, -1).T
    matrix = np.column_stack([np.ones(len(cells)), cells, cells[:, 0] * cells[:, 1]])
    matrix = matrix * np.sqrt(people / len(cells))
    return float(np.linalg.inv(matrix.T @ matrix)[-1, -1])


@pytest.mark.parametrize("design", factorial_designs(1_000), ids=lambda design: str(design.factors))
def test_every_design_tells_a_main_effect_as_precisely_as_two_arms(design):
    two_arms = 2 / 1_000
    assert variance_of_main_effect(design.factors, design.factorial) == pytest.approx(two_arms)
    assert variance_of_interaction(design.factors, design.interaction) == pytest.approx(two_arms)
    assert design.separate == 2_000 * design.factors
    control = min(
        (1 / (2 / 1_000 - 1 / n) * design.factors + n, n) for n in np.arange(501, 3_000) if 1 / n < 2 / 1_000
    )
    assert design.common_control == pytest.approx(control[0], abs=2)
    assert design.cell * 2**design.factors == design.factorial
    assert design.factorial <= design.common_control <= design.separate
