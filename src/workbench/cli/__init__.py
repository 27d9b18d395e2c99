"""The command line."""

from workbench.cli.entry import main

__all__ = ["main"]
