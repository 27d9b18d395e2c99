"""The parts of the benchmark of robustness."""
