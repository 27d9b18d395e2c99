"""The process in which one parameter set runs, apart from those that run beside it.

`python -m workbench.runs.worker DESCRIPTOR` takes its set from the pipe of that descriptor, and tells on it what is
under way and, last, the outcome. It ends when it is asked to, and when nobody listens any more.
"""

import os
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Thread
from types import FrameType
from typing import NoReturn

# A grammar of web addresses, more than a second to load, that jsonschema takes along and no notebook needs.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

from workbench.runs.attempt import Ready, RunOptions, run_ready  # noqa: E402
from workbench.runs.execution import Progress  # noqa: E402
from workbench.runs.outcome import Outcome  # noqa: E402


def work(pipe: Connection) -> None:
    """Run the one set that comes by the pipe."""
    signal.signal(signal.SIGTERM, _stop)
    ready, options = pipe.recv()
    Thread(target=_end_when_alone, args=(pipe,), daemon=True).start()
    outcome = _outcome(ready, options, pipe)
    # All is done: what comes now would only show how the interpreter closes.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with suppress(OSError):
        pipe.send(outcome)


def _outcome(ready: Ready, options: RunOptions, pipe: Connection) -> Outcome:
    def progress(name: str) -> Progress:
        _tell(pipe, name)

        def told(*what: object) -> None:
            _tell(pipe, what)

        return told

    try:
        return run_ready(ready, options, progress)
    except Exception as error:  # noqa: BLE001 - a traceback may quote data; the kind does not
        kind = type(error).__name__
        told = f"The workbench itself failed ({kind}); this is a fault to report."
        return Outcome(ready.chosen.path.as_posix(), "failed", told)


def _tell(pipe: Connection, what: object) -> None:
    # Where nobody listens any more, the run is about to be ended, and in order.
    with suppress(OSError):
        pipe.send(what)


def _end_when_alone(pipe: Connection) -> None:
    """End this process in order once the other end is closed, as it is when the process that began it dies."""
    with suppress(OSError, EOFError):
        pipe.poll(None)
        os.kill(os.getpid(), signal.SIGTERM)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    work(Connection(int(sys.argv[1])))
