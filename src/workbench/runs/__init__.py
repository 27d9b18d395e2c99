"""From a parameter set to a published version: checks, execution by papermill, release, publication."""
