"""What a command that runs parameter sets tells while it does; nothing of it holds data.

An event has lines, for people, or none; and values, for programs.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from workbench.runs.outcome import Outcome


@dataclass(frozen=True)
class Event:
    """Something that happened."""

    name: ClassVar[str]

    @property
    def lines(self) -> tuple[str, ...]:
        """Lines of the summary."""
        return ()

    @property
    def values(self) -> dict[str, Any]:
        """Plain values, by names that stay."""
        return {}


@dataclass(frozen=True)
class Lost(Event):
    """An earlier run was found to have been killed."""

    name: ClassVar[str] = "lost"
    where: str
    reason: str

    @property
    def lines(self) -> tuple[str, ...]:
        """One line."""
        return (f"{'lost':<12} {self.where}: {self.reason}",)

    @property
    def values(self) -> dict[str, Any]:
        """The set and the reason."""
        return {"set": self.where, "reason": self.reason}


@dataclass(frozen=True)
class NothingDue(Event):
    """No parameter set is due."""

    name: ClassVar[str] = "nothing_due"

    @property
    def lines(self) -> tuple[str, ...]:
        """One line."""
        return ("Nothing is due.",)


@dataclass(frozen=True)
class Checked(Event):
    """A parameter set passed every check that precedes a run."""

    name: ClassVar[str] = "checked"
    where: str

    @property
    def values(self) -> dict[str, Any]:
        """The set."""
        return {"set": self.where}


@dataclass(frozen=True)
class Started(Event):
    """The run of a set began: the `number`-th of `count` that passed their checks."""

    name: ClassVar[str] = "started"
    where: str
    number: int
    count: int

    @property
    def values(self) -> dict[str, Any]:
        """The set, its number, and how many there are."""
        return {"set": self.where, "number": self.number, "count": self.count}


@dataclass(frozen=True)
class CellBegan(Event):
    """A cell began, the `cell`-th of `cells`; a second attempt begins with the first cell again."""

    name: ClassVar[str] = "cell"
    where: str
    cell: int
    cells: int

    @property
    def values(self) -> dict[str, Any]:
        """The set, the cell's number, and how many there are."""
        return {"set": self.where, "cell": self.cell, "cells": self.cells}


@dataclass(frozen=True)
class Ended(Event):
    """A set came to its end, whether it ran or not."""

    name: ClassVar[str] = "ended"
    outcome: Outcome

    @property
    def lines(self) -> tuple[str, ...]:
        """The summary line, and further ones below it."""
        return (self.outcome.line, *(f"  {line}" for line in self.outcome.detail))

    @property
    def values(self) -> dict[str, Any]:
        """The set, its state, what is told of it, the version if one was published, and the number of attempts."""
        ended = self.outcome
        return {
            "set": ended.where,
            "state": ended.state,
            "told": ended.told,
            "detail": list(ended.detail),
            "version": ended.version,
            "attempts": ended.attempts,
        }


@dataclass(frozen=True)
class Catalogued(Event):
    """The catalogue was made anew; `fault` says why not, where it could not be."""

    name: ClassVar[str] = "catalogue"
    path: Path
    fault: str | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """Where it lies."""
        return (
            f"Catalogue: {self.path}" if self.fault is None else f"The catalogue is an old one: {self.fault}",
        )

    @property
    def values(self) -> dict[str, Any]:
        """Where it lies, and what went wrong."""
        return {"path": str(self.path), "fault": self.fault}


@dataclass(frozen=True)
class NotTold(Event):
    """That a set fails, or has recovered, could not be told by one of the ways that the settings name."""

    name: ClassVar[str] = "not_told"
    where: str
    kind: str
    way: str
    fault: str

    @property
    def lines(self) -> tuple[str, ...]:
        """One line."""
        told = f"the {self.kind} by {self.way} ({self.fault}); the next run tries again."
        return (f"{'not told':<12} {self.where}: {told}",)

    @property
    def values(self) -> dict[str, Any]:
        """The set, what was to be told, by which way, and why it was not."""
        return {"set": self.where, "kind": self.kind, "way": self.way, "fault": self.fault}
