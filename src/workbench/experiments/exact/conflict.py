"""How surprising an arm's data are under the prior of its distance from the control: a tail of the prior prediction."""

import numpy as np
from scipy.special import softmax

from workbench.experiments.exact.kernels import Kernel
from workbench.experiments.exact.priors import Tie
from workbench.experiments.exact.quadrature import Array, Span, panels_over
from workbench.experiments.exact.support import spans_of


def predicted_below(control: Kernel, pivot: Kernel, tie: Tie) -> float:
    """E[P(arm's location <= u | control's location)], u having the density of the pivot, and the control its own.

    The probability of data of at most what was observed, given a location, is the probability that a pivot exceeds
    the location: for events among people a Beta(events + 1, people - events), for a Poisson count a
    Gamma(events + 1), for a mean a normal. Averaging over the prior needs its distribution function alone.

    Args:
        control: what prior and data say of the control's location, the arm's data not among them.
        pivot: log density of the pivot.
        tie: the prior of the arm's location less the control's.
    """
    (x, p), (u, q) = (_masses(kernel, tie) for kernel in (control, pivot))
    below = tie.cdf(u[None, :] - x[:, None])
    if np.isfinite(control.ceiling):
        below = below / tie.cdf(control.ceiling - x)[:, None]
    return float(p @ below @ q)


def two_sided(at_most: float, at_least: float) -> float:
    """Twice the smaller tail, both with what was observed; at most 1."""
    return min(1.0, 2 * max(min(at_most, at_least), 0.0))


def _masses(kernel: Kernel, tie: Tie) -> tuple[Array, Array]:
    """Nodes and probabilities of a location."""
    grid = panels_over(Span(span.low, span.high, min(span.panel, tie.sd)) for span in spans_of(kernel))
    return grid.nodes, softmax(kernel(grid.nodes) + np.log(grid.weights))
