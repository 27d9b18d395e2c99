"""Executing a notebook in a kernel: what is kept, what is told, and what nobody is told."""

import json
import os
import resource
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from workbench.runs import bounds, execution
from workbench.runs.bounds import Bounds
from workbench.runs.disk import DiskFailed
from workbench.runs.execution import EXECUTED, execute
from workbench.runs.failures import ExecutionFailed, InfrastructureFailed
from workbench.runs.kernel import CONNECTION, KERNEL_LOG
from workbench.settings import Limits

# A program that leaves its parent, its group and its session.
DAEMON = "import subprocess; subprocess.run(['setsid', '-f', 'sleep', '4711'])"


@pytest.fixture
def run(project, tmp_path, capfd):
    """Executes code as the study's notebook; gives the notebook, the private folder and all that was printed."""

    def run(*code, parameters=None, steps=None, limits=None, threads=None):
        folder = tmp_path / "private"
        folder.mkdir(mode=0o700)
        notebook = project.write_notebook(*code)
        tell = steps or (lambda cell, cells: None)
        within = Bounds(limits or Limits(), threads)
        try:
            made = execute(notebook, parameters or {}, folder, project.root, tell, within)
        finally:
            said = capfd.readouterr()
            assert "p4711" not in said.out + said.err
            assert not (folder / CONNECTION).exists()
            assert not left_over()
        return made, folder

    return run


def left_over() -> list[str]:
    """Kernels that this process started, and programs that they started, that are still there."""
    mark, found = f"JPY_PARENT_PID={os.getpid()}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found += [folder.name] * (mark in (folder / "environ").read_bytes().split(b"\0"))
        except OSError:
            continue
    return found


def minutes(**given: float) -> Limits:
    """Limits shorter than anybody may set."""
    return Limits.model_construct(**{"run_minutes": 240, "cell_minutes": None, "retries": 1, **given})


@contextmanager
def files_up_to(size: int):
    """No file may grow past this: a disk that is full for what is large, whoever tries."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def hanging_start(tmp_path, monkeypatch):
    """A kernel that hangs before it answers."""
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "hang.py").write_text("import time; time.sleep(600)")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


def statuses(folder: Path) -> list[str]:
    """What the kept notebook says of its cells."""
    notebook = nbformat.read(folder / EXECUTED, as_version=4)
    return [cell.metadata.papermill["status"] for cell in notebook.cells if "papermill" in cell.metadata]


def text_of(cell) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def test_parameters_are_injected_as_literals_and_the_notebook_is_kept(run, project):
    steps = []
    hostile = "{__import__('os')}\"'\n"
    made, folder = run(
        "print(repr(title), segment_by, audience)",
        "import os; print(os.getcwd())",
        parameters={"title": hostile, "segment_by": None, "audience": ["analysts"]},
        steps=lambda done, cells: steps.append((done, cells)),
    )
    assert text_of(made.cells[-2]) == f"{hostile!r} None ['analysts']\n"
    assert text_of(made.cells[-1]).strip() == str(project.root)
    assert steps == [(step, 5) for step in range(1, 6)]
    assert nbformat.read(folder / EXECUTED, as_version=4) == made


def test_a_cell_that_fails_is_told_by_its_number_and_kind_alone(run, tmp_path):
    with pytest.raises(ExecutionFailed) as failed:
        run("1 + 1", "raise ValueError('p4711 was not found')", "open('data/trace', 'w')")
    assert str(failed.value) == (
        "Cell 4 failed with ValueError. The notebook with its error is kept in the private folder; "
        "run it in JupyterLab to see why."
    )
    assert failed.value.__cause__ is None
    assert "p4711" in (tmp_path / "private" / EXECUTED).read_text(encoding="utf-8")
    assert not (tmp_path / "project" / "data" / "trace").exists()


def test_a_kernel_that_is_killed_is_told_and_takes_along_what_it_started(run, tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "memory_kills", lambda: 0)
    with pytest.raises(InfrastructureFailed) as failed:
        run(DAEMON, "import os; os.kill(os.getpid(), 9)", "1 + 1")
    assert str(failed.value) == (
        "The kernel was killed in cell 4 by signal 9 (SIGKILL), and not for want of memory. "
        "Find out who ends processes here, and run it again."
    )
    assert statuses(tmp_path / "private") == ["completed", "completed", "completed", "failed", "pending"]


def test_memory_that_runs_out_in_a_cell_is_told(run):
    with pytest.raises(
        ExecutionFailed, match=r"Cell 3 ran out of memory \(MemoryError\)\. Run it again with less"
    ):
        run("bytearray(1 << 60)")


def test_a_disk_that_is_full_for_a_cell_is_told(run):
    with files_up_to(100_000), pytest.raises(ExecutionFailed) as failed:
        run("open('data/p4711', 'wb').write(bytes(200_000))")
    assert str(failed.value) == (
        "Cell 3 failed with OSError. A file in the place it writes to grew past what the account may write "
        "(File too large). Raise that limit, and run it again."
    )


def test_a_disk_that_is_full_for_the_notebook_is_told_and_keeps_no_half_of_it(run, tmp_path):
    with files_up_to(100_000), pytest.raises(DiskFailed, match="A file in the private folder grew past"):
        run("print('x' * 200_000)")
    assert [file.name for file in (tmp_path / "private").iterdir()] == [KERNEL_LOG]


def test_a_cell_that_takes_too_long_is_ended_though_it_does_not_heed_an_interrupt(run, tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "GRACE", 0.2)
    hang = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(600)"
    with pytest.raises(ExecutionFailed) as failed:
        run(DAEMON, hang, limits=minutes(cell_minutes=0.02))
    assert str(failed.value) == (
        "Cell 4 took longer than 0.02 minutes, the limit of a cell, and was ended. "
        "Let it do less, or raise limits.cell_minutes in workbench.yaml."
    )
    assert statuses(tmp_path / "private")[-1] == "failed"


def test_the_limit_of_a_run_holds_while_its_kernel_starts(run, hanging_start):
    with pytest.raises(ExecutionFailed, match="the limit of a run, and was ended while its kernel started"):
        run("1 + 1", limits=minutes(run_minutes=0.02))


def test_a_kernel_that_is_not_installed_is_told(run, monkeypatch):
    monkeypatch.setattr(execution, "KERNEL", "p4712")
    with pytest.raises(
        ExecutionFailed, match=r"There is no Jupyter kernel of the name p4712. Run `make setup`."
    ):
        run("1 + 1")


def test_what_a_kernel_says_past_the_notebook_stays_private(run, tmp_path):
    """Programs and C code write to the process's own output, past the notebook."""
    raw = "import os, subprocess\nfor stream in (1, 2):\n    os.write(stream, b'p4711')"
    program = "subprocess.run(['echo', 'p4711'])"
    _, folder = run(raw, program, "import sys; sys.__stderr__.write('p4711'); sys.__stdout__.write('p4711')")
    assert (folder / KERNEL_LOG).is_file()


# Whether a client of the kernel's without its key gets past the greeting.
INTRUDER = """
import zmq
from zmq.utils.monitor import recv_monitor_message
with zmq.Context() as context, context.socket(zmq.DEALER) as socket, socket.get_monitor_socket() as monitor:
    socket.connect("tcp://127.0.0.1:%d" % connection["shell_port"])
    ended = {zmq.EVENT_HANDSHAKE_SUCCEEDED, zmq.EVENT_DISCONNECTED} | {
        zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_HANDSHAKE_FAILED_AUTH
    }
    while (event := recv_monitor_message(monitor)["event"]) not in ended:
        pass
    print(event is not zmq.EVENT_HANDSHAKE_SUCCEEDED)
"""


def test_the_connection_is_encrypted_and_its_file_private_and_threads_are_counted(run, tmp_path):
    made, folder = run(
        "import json, os; from ipykernel.connect import get_connection_info, get_connection_file",
        "connection = json.loads(get_connection_info()); print(json.dumps(connection))",
        "print(get_connection_file(), oct(os.stat(get_connection_file()).st_mode)[-3:])",
        INTRUDER,
        "print(*(os.environ[f'{name}_NUM_THREADS'] for name in ('OMP', 'OPENBLAS', 'MKL', 'NUMBA')))",
        "import ibis; from workbench.tables.memory import keep_to_threads; engine = ibis.duckdb.connect()",
        "keep_to_threads(engine); print(engine.con.sql(\"SELECT current_setting('threads')\").fetchone()[0])",
        threads=3,
    )
    told = [text_of(cell).strip() for cell in made.cells if cell.cell_type == "code"]
    connection = json.loads(told[2])
    assert connection["transport"] == "tcp"
    assert connection["ip"] == "127.0.0.1"
    assert connection["curve_publickey"]
    assert told[3:5] == [f"{folder / CONNECTION} 600", "True"]
    assert told[5] == "3 3 3 3"
    assert told[7] == "3"
