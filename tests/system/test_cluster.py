"""Sets on a Dask cluster of this machine: whichever worker dies, each set ends once, and the store says how."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

WAITS = """
import pathlib, time
began = pathlib.Path(f'data/began-{seed}')
began.write_text((began.read_text() if began.exists() else '') + 'x')
while not pathlib.Path(f'data/go-{seed}').exists():
    time.sleep(0.02)
"""
NAMES = {1: "wording", 2: "b"}


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    last = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < last, "it did not come to pass within two minutes"
        time.sleep(0.02)


@pytest.fixture
def dask(tmp_path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command of Dask's, which ends with the test."""
    if importlib.util.find_spec("distributed") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("distributed is not installed: make engines; in CI a cluster must be tried")
        pytest.skip("distributed is not installed: make engines")
    started = []

    def start(*words: str) -> subprocess.Popen[str]:
        log = (tmp_path / f"dask-{len(started)}.log").open("w")
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--host", "127.0.0.1", "--no-dashboard"],
            cwd=tmp_path,
            stdout=log,
            stderr=log,
            text=True,
        )
        started.append((process, log))
        return process

    yield start
    for process, log in reversed(started):
        process.kill()
        process.wait()
        log.close()


@pytest.fixture
def scheduler(dask, tmp_path) -> str:
    """The address of a scheduler that has no workers yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = dask("scheduler", "--port", str(port))
    until(lambda: answers(port), process)
    return f"tcp://127.0.0.1:{port}"


def answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def begun(project, result, publishing, dask, scheduler, tmp_path):
    """Two sets, each within a cell on a worker of its own: the command's process, and each seed's worker."""
    from distributed import Client

    workers = [dask("worker", scheduler, "--nthreads", "1", "--no-nanny") for _ in NAMES]
    with Client(scheduler, set_as_default=False) as client:
        client.wait_for_workers(len(NAMES), timeout=120)
    project.write_notebook(WAITS, publishing(result))
    for seed, name in NAMES.items():
        project.write_set(name, seed=seed)
    process = project.start("run", "params", "--cluster", scheduler)
    until(lambda: all((project.root / "data" / f"began-{seed}").exists() for seed in NAMES), process)
    by_number = {worker.pid: worker for worker in workers}
    of_set = {record.name: by_number[parent(record.process)] for record in project.store.records()}
    yield process, {seed: of_set[name] for seed, name in NAMES.items()}
    if process.poll() is None:
        process.kill()
        process.communicate()


def parent(number: int) -> int:
    return int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])


def states(project, name: str) -> list[str]:
    return [record.state for record in project.store.records() if record.name == name]


def test_the_sets_of_a_worker_that_is_killed_run_again_elsewhere(project, begun, kernels_of):
    process, workers = begun
    killed = next(record for record in project.store.records() if record.name == "b")
    workers[2].send_signal(signal.SIGKILL)
    workers[2].wait()
    until(lambda: states(project, "b") == ["interrupted"], process)
    (project.root / "data" / "go-1").touch()
    until(lambda: (project.root / "data" / "began-2").read_text() == "xx", process)
    assert not kernels_of(killed.process)
    (project.root / "data" / "go-2").touch()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    assert [line.split()[0] for line in out.splitlines()] == ["published", "published", "Catalogue:"]
    assert states(project, "wording") == ["published"]
    assert states(project, "b") == ["interrupted", "published"]
    for name in NAMES.values():
        assert len(project.store.versions("ab_test", name)) == 1
    assert project.store.faults() == []


def test_stopped_its_sets_end_on_their_workers(project, begun, kernels_of):
    process, workers = begun
    processes = {record.process for record in project.store.records()}
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 143
    assert err.endswith("Stopped; every version that was there still stands.\n")
    assert "Traceback" not in out + err
    assert project.states() == ["interrupted", "interrupted"]
    assert not any(kernels_of(number) for number in processes)
    assert all(worker.poll() is None for worker in workers.values())


def test_a_cluster_without_workers_or_scheduler_is_refused(project, scheduler):
    ended = project.command("run", "params", "--cluster", scheduler)
    assert ended.code == 2
    assert "has no workers. Start some with `dask worker`" in ended.err
    for address in ("tcp://127.0.0.1:9", "nowhere"):
        ended = project.command("run", "params", "--cluster", address)
        assert ended.code == 2
        assert "--cluster: no scheduler answers at" in ended.err
        assert "Traceback" not in ended.told
    assert project.nothing_ran()


def test_a_cluster_takes_no_number_of_jobs(project):
    ended = project.command("run", "params", "--cluster", "tcp://127.0.0.1:9", "--jobs", "2")
    assert ended.code == 2
    assert "--jobs or --cluster" in ended.err
