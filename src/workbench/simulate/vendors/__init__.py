"""The simulated provider in the shapes of vendors' exports."""
