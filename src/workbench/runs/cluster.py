"""Parameter sets on a Dask cluster: each is a task for a worker that sees the same project folder and store.

A worker runs a set as this machine would, in a process of its own. One that is killed takes that process along; the
scheduler gives its sets to another worker, where they run again unless the store says that they came to their end.
"""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.connection import wait
from typing import Any
from uuid import uuid4

from workbench.refusal import Fault, Refused
from workbench.reports.locking import UnderWay
from workbench.reports.store import Store
from workbench.runs.attempt import Ready, RunOptions
from workbench.runs.execution import Progress
from workbench.runs.outcome import Outcome
from workbench.runs.workers import PATIENCE, Worker, stop, threads_each
from workbench.tables.memory import share_of_memory

CONNECTING = 10.0
# What a task waits for the set's former process, which ends in order once its worker is gone.
HANDING_OVER = PATIENCE + 15.0
_A_MOMENT = 0.5


def run_on_cluster(
    ready: Sequence[Ready], options: RunOptions, address: str, ended: Callable[[Outcome], object]
) -> list[Outcome]:
    """Run sets on the workers of a cluster.

    Args:
        ready: the sets.
        options: of the run; its paths are those of the workers too.
        address: of the scheduler, such as `tcp://10.0.0.5:8786`.
        ended: told each outcome, as soon as it is known.

    Raises:
        Refused: there is no cluster, or none with workers.
    """
    client = _connected(address)
    from distributed import Event, as_completed  # noqa: PLC0415 - part of a group that not everybody installs
    from distributed import wait as wait_for_all  # noqa: PLC0415

    stopping = Event(f"workbench-{uuid4().hex}", client=client)
    now = datetime.now(UTC)
    outcomes, submitted = [], {}
    try:
        for each in ready:
            # What came to its end since it was submitted is not run again by another worker.
            task = replace(each, slot=each.slot or now)
            submitted[client.submit(run_as_task, task, options, stopping.name, pure=False)] = each
        for future in as_completed(list(submitted)):
            outcome = _outcome(future, submitted[future])
            ended(outcome)
            outcomes.append(outcome)
    finally:
        stopping.set()
        with suppress(TimeoutError):
            wait_for_all(list(submitted), timeout=PATIENCE)
        stopping.clear()
        client.close()
    return outcomes


def _connected(address: str) -> Any:
    mend = "Give the address of a scheduler, such as tcp://10.0.0.5:8786."
    try:
        from distributed import Client  # noqa: PLC0415
    except ImportError:
        what = "Dask is not installed here."
        raise Refused(Fault("--cluster", what, "Install the group cluster: make engines.")) from None
    try:
        client = Client(address, timeout=CONNECTING)
    except (OSError, ValueError) as error:
        what = f"no scheduler answers at {address} ({type(error).__name__})."
        raise Refused(Fault("--cluster", what, mend)) from None
    if not client.scheduler_info()["workers"]:
        client.close()
        what = f"the cluster at {address} has no workers."
        raise Refused(Fault("--cluster", what, "Start some with `dask worker`, where the project is seen."))
    return client


def _outcome(future: Any, ready: Ready) -> Outcome:
    where = ready.chosen.path.as_posix()
    error = future.exception()
    if error is None:
        return future.result()
    if type(error).__name__ == "KilledWorker":
        return Outcome(where, "lost", "Its workers were killed, one after the other; the last version stands.")
    told = f"The workbench itself failed on a worker ({type(error).__name__}); this is a fault to report."
    return Outcome(where, "failed", told)


def run_as_task(ready: Ready, options: RunOptions, stopping: str) -> Outcome:
    """Run one set on the worker that calls this, until it ends or the event of that name is set."""
    from distributed import Event, get_worker  # noqa: PLC0415

    slots = get_worker().state.nthreads
    stopped = Event(stopping)
    _wait_for_its_turn(ready, options, stopped.is_set)
    if stopped.is_set():
        return _interrupted(ready)
    # Dask sets the variable for its workers, unless it is told otherwise.
    given = os.environ.get("OMP_NUM_THREADS", "")
    threads = options.threads or (int(given) if given.isdecimal() else threads_each(slots))
    worker = Worker(ready, replace(options, threads=threads), _unheard, share_of_memory(slots))
    try:
        while True:
            if wait([worker.pipe], _A_MOMENT):
                outcome = worker.listen()
                if outcome is not None:
                    return outcome
            elif stopped.is_set():
                return _interrupted(ready)
    finally:
        stop([worker])


def _wait_for_its_turn(ready: Ready, options: RunOptions, stopped: Callable[[], bool]) -> None:
    """Wait, not for ever, until no process holds the set."""
    store, last = Store(options.store), time.monotonic() + HANDING_OVER
    while time.monotonic() < last and not stopped():
        with suppress(UnderWay), store.one_at_a_time(ready.chosen.study, ready.chosen.name):
            return
        time.sleep(_A_MOMENT)


def _interrupted(ready: Ready) -> Outcome:
    return Outcome(ready.chosen.path.as_posix(), "interrupted", "The run was stopped.")


def _unheard(name: str) -> Progress:
    def told(*what: object) -> None:
        """Nobody looks at a worker while it works."""

    return told
