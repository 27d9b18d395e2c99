"""Several parameter sets at once on one machine: each runs in a process of its own.

A process that is killed takes its set along, and no other. When the run is stopped, every process is asked to end,
which puts away its kernel and says `interrupted`; none is left behind.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import cast

from workbench.reports.records import mark_lost
from workbench.reports.store import Store
from workbench.runs.attempt import Ready, RunOptions, record_outcome
from workbench.runs.execution import Progress
from workbench.runs.kernel import THREADS
from workbench.runs.outcome import Outcome
from workbench.tables.memory import LIMIT, share_of_memory

# A kernel that works in compiled code is given some seconds to end, and is then killed by its own manager.
PATIENCE = 45.0


def run_side_by_side(
    ready: Sequence[Ready],
    options: RunOptions,
    jobs: int,
    progress: Callable[[str], Progress],
    ended: Callable[[Outcome], object],
) -> list[Outcome]:
    """Run sets in up to `jobs` processes at once, which share the cores and the engine's memory.

    Args:
        ready: the sets.
        options: of the run.
        jobs: how many at once.
        progress: for a set's name, gives what is told of its cells.
        ended: told each outcome, as soon as it is known.
    """
    options = replace(options, threads=options.threads or threads_each(jobs))
    memory = share_of_memory(jobs)
    waiting, working = list(reversed(ready)), dict[Connection, Worker]()
    leaving: list[Worker] = []
    outcomes = []
    try:
        while waiting or working:
            while waiting and len(working) < jobs:
                worker = Worker(waiting.pop(), options, progress, memory)
                working[worker.pipe] = worker
            for pipe in cast(list[Connection], wait(list(working))):
                outcome = working[pipe].listen()
                if outcome is not None:
                    # Its process takes a moment to close, for which nobody need wait.
                    leaving.append(working.pop(pipe))
                    ended(outcome)
                    outcomes.append(outcome)
    finally:
        stop([*working.values(), *leaving])
    return outcomes


def threads_each(jobs: int) -> int:
    """The threads of each of `jobs` sets that run at once: its part of the cores this process may use."""
    return max(1, len(os.sched_getaffinity(0)) // jobs)


class Worker:
    """A set that runs in a process of its own, begun at once.

    The process has a session of its own: what a terminal sends to all of its processes reaches this one alone,
    which then stops its workers in order.
    """

    def __init__(
        self, ready: Ready, options: RunOptions, progress: Callable[[str], Progress], memory: str
    ) -> None:
        self.ready, self.options, self.progress = ready, options, progress
        self.told: Progress | None = None
        self.pipe, theirs = Pipe()
        with theirs:
            number = theirs.fileno()
            self.process = subprocess.Popen(  # noqa: S603 - this very Python, on a module of this package
                [sys.executable, "-m", "workbench.runs.worker", str(number)],
                stdin=subprocess.DEVNULL,
                pass_fds=[number],
                start_new_session=True,
                env={**os.environ, LIMIT: memory, **dict.fromkeys(THREADS, str(options.threads))},
            )
        # One that died at once is noticed where it is listened to.
        with suppress(OSError):
            self.pipe.send((ready, options))

    def listen(self) -> Outcome | None:
        """Take the next word of the process: the outcome, or None where it tells what is under way."""
        try:
            heard = self.pipe.recv()
        except (EOFError, OSError):
            self.process.wait()
            return self._told_by_the_store()
        if isinstance(heard, Outcome):
            return heard
        if isinstance(heard, str):
            self.told = self.progress(heard)
        elif self.told is not None:
            self.told(*heard)
        return None

    def close(self) -> None:
        """Let the process end, which has no more to say."""
        self.pipe.close()
        self.process.wait()

    def _told_by_the_store(self) -> Outcome:
        """What became of a set whose process ended without a word."""
        chosen, store = self.ready.chosen, Store(self.options.store)
        where = chosen.path.as_posix()
        mark_lost(store.records_folder, (chosen.study, chosen.name))
        here = (socket.gethostname(), self.process.pid)
        for record in reversed(store.records()):
            if (record.host, record.process, record.study, record.name) == (*here, chosen.study, chosen.name):
                return Outcome(where, record.state, record.reason)
        outcome = Outcome(where, "lost", "The run was killed before it began; the last version stands.")
        record_outcome(store, chosen.study, chosen.name, outcome)
        return outcome


def stop(workers: Iterable[Worker]) -> None:
    """End workers in order: ask all of them, wait for each, and kill what does not end."""
    workers = list(workers)
    for worker in workers:
        worker.process.send_signal(signal.SIGTERM)
    last = time.monotonic() + PATIENCE
    for worker in workers:
        try:
            worker.process.wait(max(0.0, last - time.monotonic()))
        except subprocess.TimeoutExpired:
            worker.process.kill()
        worker.close()
