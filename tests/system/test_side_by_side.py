"""Several sets at once: whoever is killed or stopped, the others go on or all end, and nothing is left behind."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

# Each run waits for the file of its own seed; one that is killed or stopped never sees it.
WAITS = """
import os, pathlib, time
pathlib.Path(f'data/began-{seed}').write_text(os.environ.get('OMP_NUM_THREADS', ''))
while not pathlib.Path(f'data/go-{seed}').exists():
    time.sleep(0.02)
"""
NAMES = {1: "wording", 2: "b", 3: "c"}


def until(condition: Callable[[], bool], process) -> None:
    last = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < last, "it did not come to pass within a minute"
        time.sleep(0.01)


@pytest.fixture
def begun(project, result, publishing):
    """Three sets at once, each within a cell: the command's process and the record of each seed's run."""
    project.write_notebook(WAITS, publishing(result))
    for seed, name in NAMES.items():
        project.write_set(name, seed=seed)
    process = project.start("run", "params", "--jobs", "3")
    until(lambda: all((project.data.parent / f"began-{seed}").exists() for seed in NAMES), process)
    records = {record.name: record for record in project.store.records()}
    yield process, {seed: records[name] for seed, name in NAMES.items()}
    if process.poll() is None:
        process.kill()
        process.communicate()


def let(project, *seeds: int) -> None:
    for seed in seeds:
        (project.root / "data" / f"go-{seed}").touch()


def running(numbers: set[int]) -> set[int]:
    return {number for number in numbers if Path(f"/proc/{number}/cmdline").exists() and not _is_zombie(number)}


def _is_zombie(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def states(project) -> dict[str, str]:
    return {record.name: record.state for record in project.store.records()}


def test_sets_run_at_once_and_are_told_as_they_end(project, begun):
    process, records = begun
    cores = len(os.sched_getaffinity(0))
    for seed in NAMES:
        assert (project.root / "data" / f"began-{seed}").read_text() == str(max(1, cores // 3))
    assert len({record.process for record in records.values()} - {process.pid}) == 3
    for seed in (2, 1, 3):
        let(project, seed)
        assert process.stdout.readline().startswith(f"published    params/ab_test/{NAMES[seed]}.yaml: ")
        assert states(project)[NAMES[seed]] == "published"
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    assert out.startswith("Catalogue")
    assert err.count("running") == 3
    assert project.store.faults() == []


def test_a_worker_that_is_killed_loses_its_set_and_no_other(project, begun, kernels_of):
    process, records = begun
    os.kill(records[2].process, signal.SIGKILL)
    until(lambda: states(project)["b"] == "lost", process)
    let(project, 1, 3)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    lost = "lost         params/ab_test/b.yaml: The run was killed before it could say why; the last version stands."
    assert out.splitlines()[0] == lost
    assert states(project) == {"wording": "published", "b": "lost", "c": "published"}
    assert project.store.faults() == []
    last = time.monotonic() + 60
    while kernels_of(records[2].process):
        assert time.monotonic() < last
        time.sleep(0.05)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_all_end_in_order(project, begun, kernels_of, number, code):
    process, records = begun
    workers = {record.process for record in records.values()}
    kernels = set().union(*map(kernels_of, workers))
    assert len(kernels) == 3
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert err.endswith("Stopped; every version that was there still stands.\n")
    assert "Traceback" not in out + err
    assert set(states(project).values()) == {"interrupted"}
    assert running(workers | kernels) == set()
    assert project.store.faults() == []


def test_killed_itself_it_leaves_no_worker_behind(project, begun, kernels_of):
    process, records = begun
    workers = {record.process for record in records.values()}
    kernels = set().union(*map(kernels_of, workers))
    process.kill()
    process.communicate()
    last = time.monotonic() + 60
    while running(workers | kernels):
        assert time.monotonic() < last
        time.sleep(0.05)
    assert set(states(project).values()) == {"interrupted"}


def test_a_second_runner_of_the_same_sets_is_refused_each(project, begun):
    process, _ = begun
    second = project.command("run", "params", "--jobs", "3")
    assert second.code == 1
    assert second.out.count("another run of it is under way") == 3
    let(project, *NAMES)
    process.communicate(timeout=60)
    assert set(states(project).values()) == {"published"}
