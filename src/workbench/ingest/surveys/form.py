"""How one file of a survey tool is laid out, as far as reading its responses needs it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.ingest.surveys.clock import Clock
from workbench.ingest.surveys.layout import Layout

Record = Sequence[str]


@dataclass(frozen=True)
class Form:
    """One file of a survey tool.

    Attributes:
        layout: its columns.
        header_rows: how many records its header takes.
        response: the place of the response's key.
        answered: the place of when it was given; None where the file does not tell.
        clock: how that is written; None where nobody told the zone.
        left_out: why a record is no patient's finished response; None where it may be one.
        unanswered: what stands in a cell, beside nothing, where a question was not answered.
    """

    layout: Layout
    header_rows: int
    response: int
    answered: int | None
    clock: Clock | None
    left_out: Callable[[Record], str | None]
    unanswered: frozenset[str] = frozenset()


ReadForm = Callable[[Path, str], Form]
"""From a sound CSV file, and what messages call it, to its form; refuses what is none of the tool's exports."""
