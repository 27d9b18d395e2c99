"""The plan of an experiment, as a reader sees it: the typed result and its sections."""
