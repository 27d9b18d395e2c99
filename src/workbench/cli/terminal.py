"""What is told in a terminal, or in a log where there is none."""

import sys

import click


def say(line: str) -> None:
    """A line of the summary, in place of what was under way."""
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    click.echo(line)


def under_way(line: str) -> None:
    """What is under way, on one line of a terminal that the next takes; in a log a line each."""
    terminal = sys.stderr.isatty()
    click.echo(f"\r\033[K{line}" if terminal else line, nl=not terminal, err=True)
