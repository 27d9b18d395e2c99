"""Sampling of Bayesian models: compiled once, fed by data, and read only where diagnostics are sound."""
