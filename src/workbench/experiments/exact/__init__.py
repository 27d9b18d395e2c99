"""Exact posteriors of randomized arms, by quadrature and closed forms; nothing is sampled."""

from workbench.experiments.exact.posterior import Estimate, Posterior
from workbench.experiments.exact.priors import RatePrior
from workbench.experiments.exact.rates import ArmCounts, RatePosterior

__all__ = ["ArmCounts", "Estimate", "Posterior", "RatePosterior", "RatePrior"]
