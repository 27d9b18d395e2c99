"""Why a notebook did not run to its end, told by kind, cell and advice; never by an error's own text."""

import os
import re
import signal
from dataclasses import dataclass

from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from workbench.runs.bounds import Exceeded
from workbench.runs.disk import DISK_ERRORS, PRIVATE, disk_sentence
from workbench.tables.engines.failures import ConnectionLost

# What Python, NumPy, Arrow and DuckDB raise where memory runs out.
_OUT_OF_MEMORY = {"MemoryError", "_ArrayMemoryError", "ArrowMemoryError", "OutOfMemoryException"}
_LESS = "Run it again with less data or more memory."
_FROM_OUTSIDE = {signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT}
_NUMBER = re.compile(r"\[errno (\d+)\]", re.IGNORECASE)


class ExecutionFailed(Exception):
    """A notebook that did not run to its end."""


class InfrastructureFailed(ExecutionFailed):
    """It did not for a reason outside the notebook, which may be gone when it is tried again."""


@dataclass(frozen=True)
class Circumstances:
    """What is known of an execution when it fails.

    `cell` is the index of the cell that had begun; `exit_status` the kernel's, as a process is asked for it;
    `memory_kills` how many processes of the system's were killed meanwhile for want of memory, None where that is not
    told.
    """

    cell: int | None
    exit_status: int | None
    memory_kills: int | None

    @property
    def place(self) -> str:
        """Words for where it was."""
        return "before the first cell" if self.cell is None else f"in cell {self.cell + 1}"


def failure(error: Exception, known: Circumstances) -> ExecutionFailed | None:
    """What is told of an error of an execution; None where it is a fault of the workbench itself."""
    match error:
        case PapermillExecutionError():
            return _of_cell(error)
        case DeadKernelError():
            return _died(known)
        case CellTimeoutError():
            return InfrastructureFailed(
                f"What the kernel had to say {known.place} did not arrive. Run it again when the machine does less."
            )
        case NoSuchKernel():
            return ExecutionFailed(f"There is no Jupyter kernel of the name {error.name}. Run `make setup`.")
        case OSError() if known.cell is None and error.errno not in DISK_ERRORS:
            kind = os.strerror(error.errno) if error.errno else type(error).__name__
            return InfrastructureFailed(f"The kernel could not be started ({kind}). Run it again.")
        case OSError():
            return ExecutionFailed(disk_sentence(error.errno, PRIVATE))
        case RuntimeError() if known.cell is None:
            return _not_started(error, known)
    return None


def too_long(exceeded: Exceeded) -> ExecutionFailed:
    """What is told of a run that took longer than it may."""
    minutes = f"{exceeded.minutes} minute{'' if exceeded.minutes == 1 else 's'}"
    where = "while its kernel started" if exceeded.cell is None else f"in cell {exceeded.cell + 1}"
    if exceeded.limit == "cell_minutes" and exceeded.cell is not None:
        what = f"Cell {exceeded.cell + 1} took longer than {minutes}, the limit of a cell, and was ended."
    else:
        what = f"It took longer than {minutes}, the limit of a run, and was ended {where}."
    return ExecutionFailed(f"{what} Let it do less, or raise limits.{exceeded.limit} in workbench.yaml.")


def _of_cell(error: PapermillExecutionError) -> ExecutionFailed:
    cell, kind = f"Cell {error.cell_index + 1}", error.ename
    if kind == ConnectionLost.__name__:
        return InfrastructureFailed(
            f"{cell} lost the connection to the source's engine. "
            f"Run it again once the engine is there; nothing was published."
        )
    if kind in _OUT_OF_MEMORY:
        return ExecutionFailed(f"{cell} ran out of memory ({kind}). {_LESS}")
    number = _disk_number(error.evalue)
    if number is not None:
        return ExecutionFailed(f"{cell} failed with {kind}. {disk_sentence(number, 'the place it writes to')}")
    return ExecutionFailed(
        f"{cell} failed with {kind}. "
        f"The notebook with its error is kept in the private folder; run it in JupyterLab to see why."
    )


def _disk_number(told: str) -> int | None:
    """The number of an error about a disk, from an error's text, which is read for nothing else."""
    numbers = {int(number) for number in _NUMBER.findall(told)}
    return next((each for each in DISK_ERRORS if each in numbers or os.strerror(each) in told), None)


def _died(known: Circumstances) -> ExecutionFailed:
    status = known.exit_status
    if status is None or status >= 0:
        told = "without an exit code" if status is None else f"with exit code {status}"
        return ExecutionFailed(
            f"The kernel ended {known.place} {told}, before the notebook was done. "
            f"A cell must not end the process; kernel.log in the private folder may say why it did."
        )
    if status == -signal.SIGKILL and known.memory_kills != 0:
        why = "most likely because memory ran out" if known.memory_kills is None else "because memory ran out"
        return ExecutionFailed(f"The kernel was killed {known.place}, {why}. {_LESS}")
    if status == -signal.SIGKILL or -status in _FROM_OUTSIDE:
        return InfrastructureFailed(
            f"The kernel was killed {known.place} by {_signal(status)}, and not for want of memory. "
            f"Find out who ends processes here, and run it again."
        )
    return ExecutionFailed(
        f"The kernel crashed {known.place} with {_signal(status)}: a library broke. "
        f"kernel.log in the private folder may say which; run the notebook in JupyterLab to see where."
    )


def _not_started(error: RuntimeError, known: Circumstances) -> ExecutionFailed:
    if str(error).startswith("transport_encryption="):
        return ExecutionFailed(
            "The kernel takes no encrypted connection. Run `make setup`, which brings one that does."
        )
    if known.exit_status is None:
        return InfrastructureFailed(
            "The kernel started and did not answer. Run it again when the machine does less; "
            "kernel.log in the private folder may say why."
        )
    died = (
        f"with exit code {known.exit_status}" if known.exit_status >= 0 else f"by {_signal(known.exit_status)}"
    )
    if known.exit_status == -signal.SIGKILL and known.memory_kills:
        return ExecutionFailed(f"The kernel was killed while it started, because memory ran out. {_LESS}")
    return InfrastructureFailed(
        f"The kernel ended while it started, {died}. Run it again; kernel.log in the private folder may say why."
    )


def _signal(status: int) -> str:
    number = -status
    try:
        return f"signal {number} ({signal.Signals(number).name})"
    except ValueError:
        return f"signal {number}"
