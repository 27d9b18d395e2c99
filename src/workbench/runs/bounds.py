"""How long a run may take, held by a watch beside it: what takes longer is interrupted, and then killed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition, Thread
from types import TracebackType
from typing import Literal, Self

from workbench.settings import Limits

# Seconds in which an interrupted kernel may put away what it holds.
GRACE = 10.0
_AGAIN = 0.5


@dataclass(frozen=True)
class Bounds:
    """What a run may take: its limits, counted from `began` by the monotonic clock, and how many threads."""

    limits: Limits = field(default_factory=Limits)
    threads: int | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def run_ends(self) -> float:
        """When the run's time is over, by the monotonic clock."""
        return self.began + 60 * self.limits.run_minutes


@dataclass(frozen=True)
class Exceeded:
    """A limit that was passed, and the index of the cell in which it was; None where no cell had begun."""

    limit: Literal["run_minutes", "cell_minutes"]
    minutes: int
    cell: int | None


class Watch:
    """Holds a run to its bounds while the context lasts.

    Args:
        bounds: of the run.
        interrupt: asks the kernel to stop what it does; called once, and only in a cell.
        kill: ends the kernel for good; called until the context is left, so that no kernel starts after it.
    """

    def __init__(self, bounds: Bounds, interrupt: Callable[[], None], kill: Callable[[], None]) -> None:
        self.exceeded: Exceeded | None = None
        self._bounds, self._interrupt, self._kill = bounds, interrupt, kill
        self._cell: int | None = None
        self._cell_began = 0.0
        self._over = False
        self._changed = Condition()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()
        self._thread.join()

    def cell_begins(self, cell: int) -> None:
        """From now on the time of this cell counts."""
        with self._changed:
            self._cell, self._cell_began = cell, time.monotonic()
            self._changed.notify_all()

    def _watch(self) -> None:
        with self._changed:
            while not self._over and (left := self._left()) > 0:
                self._changed.wait(left)
            if self._over:
                return
            self.exceeded = self._passed()
        wait = 0.0
        if self.exceeded.cell is not None:
            # What a cell holds, such as a folder of spilled rows, is put away if it may end by itself.
            self._interrupt()
            wait = GRACE
        while not self._ended_within(wait):
            self._kill()
            wait = _AGAIN

    def _left(self) -> float:
        now = time.monotonic()
        return min(self._bounds.run_ends, self._cell_ends()) - now

    def _cell_ends(self) -> float:
        minutes = self._bounds.limits.cell_minutes
        return float("inf") if minutes is None or self._cell is None else self._cell_began + 60 * minutes

    def _passed(self) -> Exceeded:
        limits = self._bounds.limits
        if limits.cell_minutes is not None and self._cell_ends() <= self._bounds.run_ends:
            return Exceeded("cell_minutes", limits.cell_minutes, self._cell)
        return Exceeded("run_minutes", limits.run_minutes, self._cell)

    def _ended_within(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._over, seconds)
