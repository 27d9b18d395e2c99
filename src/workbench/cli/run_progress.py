"""What is told of a run while it goes on: a line for people, or JSON for programs."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event as Flag
from threading import Lock, Thread
from typing import TYPE_CHECKING

import click

from workbench.cli.terminal import say, under_way

if TYPE_CHECKING:
    from workbench.runs.events import CellBegan, Event, Started

# Seconds between two looks at the clock.
TICK = 1.0


@contextmanager
def as_json() -> Iterator[Callable[["Event"], None]]:
    """Tells each event as an object on a line of standard output."""

    def tell(event: "Event") -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with _heard_or_not():
            click.echo(json.dumps({"event": event.name, "time": now, **event.values}))

    yield tell


@contextmanager
def in_words() -> Iterator[Callable[["Event"], None]]:
    """Tells the summary on standard output, and on standard error what is under way."""
    if sys.stderr.isatty():
        with _Terminal() as terminal:
            yield terminal.tell
    else:
        yield _tell_a_log


def _tell_a_log(event: "Event") -> None:
    from workbench.runs.events import Started

    with _heard_or_not():
        if isinstance(event, Started):
            under_way(f"{'running':<12} {_numbered(event)}")
        for line in event.lines:
            say(line)


@contextmanager
def _heard_or_not() -> Iterator[None]:
    # A log that cannot be written, or a reader that has gone, stops no run: its record says how it ended.
    with suppress(OSError):
        yield


@dataclass
class _Running:
    """A set that is under way, since when by the monotonic clock, and the cell that began last."""

    started: "Started"
    since: float
    cell: "CellBegan | None" = None

    def __str__(self) -> str:
        cell = f"cell {self.cell.cell} of {self.cell.cells}" if self.cell else "its kernel starts"
        return f"{_numbered(self.started)}: {cell}, {_elapsed(time.monotonic() - self.since)}"


class _Terminal:
    """One line of a terminal, renewed each second, for all sets that are under way."""

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}
        self._lock, self._over = Lock(), Flag()
        self._clock = Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "_Terminal":
        self._clock.start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._over.set()
        self._clock.join()

    def tell(self, event: "Event") -> None:
        from workbench.runs.events import CellBegan, Ended, Started

        with self._lock, _heard_or_not():
            match event:
                case Started():
                    self._running[event.where] = _Running(event, time.monotonic())
                case CellBegan() if event.where in self._running:
                    self._running[event.where].cell = event
                case Ended():
                    self._running.pop(event.outcome.where, None)
            for line in event.lines:
                say(line)
            self._show()

    def _tick(self) -> None:
        while not self._over.wait(TICK):
            with self._lock, _heard_or_not():
                self._show()

    def _show(self) -> None:
        if self._running:
            line = f"{'running':<12} {'; '.join(map(str, self._running.values()))}"
            # A line that wraps could not be taken back.
            under_way(line[: shutil.get_terminal_size().columns - 1])


def _numbered(started: "Started") -> str:
    return f"{started.where} ({started.number} of {started.count})"


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
