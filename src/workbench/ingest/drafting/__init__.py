"""Proposals of source files, drawn from the files themselves."""
