"""What is told of each way in which an execution can fail, and which of them are tried again."""

import errno
import os

import pytest
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from workbench.runs.bounds import Exceeded
from workbench.runs.failures import Circumstances, InfrastructureFailed, failure, too_long

IN_CELL_4 = Circumstances(cell=3, exit_status=None, memory_kills=0)
STARTING = Circumstances(cell=None, exit_status=None, memory_kills=0)


def cell_error(kind: str, text: str = "p4711") -> PapermillExecutionError:
    return PapermillExecutionError(3, 4, "p4711", kind, text, ["p4711"])


def told(error: Exception, known: Circumstances) -> str:
    failed = failure(error, known)
    assert failed is not None
    assert "p4711" not in str(failed)
    return str(failed)


@pytest.mark.parametrize(
    ("status", "kills", "again", "words"),
    [
        (-9, 1, False, "was killed in cell 4, because memory ran out"),
        (-9, None, False, "was killed in cell 4, most likely because memory ran out"),
        (-9, 0, True, "was killed in cell 4 by signal 9 (SIGKILL), and not for want of memory"),
        (-15, 0, True, "was killed in cell 4 by signal 15 (SIGTERM)"),
        (-11, 0, False, "crashed in cell 4 with signal 11 (SIGSEGV)"),
        (-6, 5, False, "crashed in cell 4 with signal 6 (SIGABRT)"),
        (3, 0, False, "ended in cell 4 with exit code 3"),
        (None, 0, False, "ended in cell 4 without an exit code"),
    ],
)
def test_how_a_kernel_died_is_told_by_its_status(status, kills, again, words):
    error = DeadKernelError("p4711")
    known = Circumstances(3, status, kills)
    assert words in told(error, known)
    assert isinstance(failure(error, known), InfrastructureFailed) == again


@pytest.mark.parametrize(
    "kind", ["MemoryError", "_ArrayMemoryError", "ArrowMemoryError", "OutOfMemoryException"]
)
def test_memory_that_runs_out_is_told_whoever_tells_it(kind):
    assert told(cell_error(kind), IN_CELL_4).startswith(f"Cell 4 ran out of memory ({kind}).")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("OSError", "[Errno 28] No space left on device: 'p4711'"),
        ("OSError", "[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device"),
        ("IOException", "IO Error: Could not write file p4711: No space left on device"),
    ],
)
def test_a_full_disk_is_told_whoever_tells_it(kind, text):
    sentence = told(cell_error(kind, text), IN_CELL_4)
    assert sentence.startswith(f"Cell 4 failed with {kind}. The disk of the place it writes to is full")


def test_a_failing_cell_is_told_by_its_kind_and_not_tried_again():
    for kind in ("ValueError", "OSError", "Refused"):
        failed = failure(cell_error(kind), IN_CELL_4)
        assert str(failed).startswith(f"Cell 4 failed with {kind}. The notebook with its error is kept")
        assert not isinstance(failed, InfrastructureFailed)


@pytest.mark.parametrize(
    ("error", "known", "words"),
    [
        (cell_error("ConnectionLost"), IN_CELL_4, "lost the connection to the source's engine"),
        (CellTimeoutError("p4711"), IN_CELL_4, "did not arrive"),
        (RuntimeError("p4711"), STARTING, "started and did not answer"),
        (RuntimeError("p4711"), Circumstances(None, 1, 0), "ended while it started, with exit code 1"),
        (RuntimeError("p4711"), Circumstances(None, -9, 0), "by signal 9 (SIGKILL)"),
        (OSError(errno.EAGAIN, "p4711"), STARTING, f"could not be started ({os.strerror(errno.EAGAIN)})"),
    ],
)
def test_faults_of_infrastructure_are_tried_again(error, known, words):
    assert words in told(error, known)
    assert isinstance(failure(error, known), InfrastructureFailed)


@pytest.mark.parametrize(
    ("error", "known", "words"),
    [
        (NoSuchKernel("python3"), STARTING, "no Jupyter kernel of the name python3"),
        (RuntimeError("transport_encryption='required' but"), STARTING, "takes no encrypted connection"),
        (RuntimeError("p4711"), Circumstances(None, -9, 1), "because memory ran out"),
        (OSError(errno.ENOSPC, "p4711"), STARTING, "The disk of the private folder is full"),
    ],
)
def test_what_will_not_mend_itself_is_not_tried_again(error, known, words):
    assert words in told(error, known)
    assert not isinstance(failure(error, known), InfrastructureFailed)


def test_a_fault_of_the_workbench_is_left_to_be_told_as_one():
    assert failure(KeyError("p4711"), IN_CELL_4) is None
    assert failure(RuntimeError("p4711"), IN_CELL_4) is None


@pytest.mark.parametrize(
    ("exceeded", "words"),
    [
        (
            Exceeded("run_minutes", 240, None),
            "It took longer than 240 minutes, the limit of a run, and was ended while",
        ),
        (Exceeded("run_minutes", 1, 6), "longer than 1 minute, the limit of a run, and was ended in cell 7."),
        (Exceeded("cell_minutes", 30, 6), "Cell 7 took longer than 30 minutes, the limit of a cell,"),
    ],
)
def test_a_limit_is_told_with_the_cell_and_the_key_to_raise(exceeded, words):
    sentence = str(too_long(exceeded))
    assert words in sentence
    assert f"raise limits.{exceeded.limit} in workbench.yaml" in sentence
