"""Models of what has structure: segments, factors, clusters, covariates, earlier experiments. They do not decide."""
