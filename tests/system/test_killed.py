"""Killed or stopped at any moment, the store holds whole versions alone, and the next run says what was lost."""

import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from workbench.reports.store import LATEST

WORDING = "params/ab_test/wording.yaml"
SLEEP = "import pathlib, time\npathlib.Path('data/trace').touch()\ntime.sleep(600)"


def wait_for(condition: Callable[[], bool], process=None) -> None:
    """Wait until something holds; a process that ends meanwhile, or a minute, ends the waiting too."""
    last = time.monotonic() + 60
    while not condition():
        if process is not None and process.poll() is not None:
            return
        assert time.monotonic() < last, "it did not come to pass within a minute"
        time.sleep(0.001)


def whole(project) -> None:
    """Every version can be read and is as it was published; `latest` names one of them."""
    store = project.store
    assert [str(fault) for fault in store.faults() if "newest version" not in str(fault)] == []
    versions = store.versions("ab_test", "wording")
    link = store.folder / "ab_test" / "wording" / LATEST
    if versions and link.is_symlink():
        assert os.readlink(link) in {version.manifest.version for version in versions}


@pytest.fixture
def moments(project) -> list[Callable[[object], None]]:
    """Ways to wait for a moment of a run: some time after its start, and as soon as it is publishing."""
    chance = random.Random(20_261_123)

    def after(seconds: float) -> Callable[[object], None]:
        return lambda process: time.sleep(seconds)

    def running(seconds: float) -> Callable[[object], None]:
        def wait(process) -> None:
            process.stderr.readline()
            time.sleep(seconds)

        return wait

    def publishing(process) -> None:
        incoming = project.store.folder / ".incoming"
        wait_for(lambda: incoming.is_dir() and any(incoming.iterdir()), process)

    def renaming(process) -> None:
        incoming = project.store.folder / ".incoming"
        publishing(process)
        wait_for(lambda: not any(incoming.iterdir()), process)

    return [
        *(after(chance.uniform(0.2, 1.5)) for _ in range(2)),
        *(running(chance.uniform(0.0, 1.5)) for _ in range(4)),
        *(publishing, publishing, renaming, renaming),
    ]


def test_killed_at_any_moment(project, workbench, moments, kernels_of):
    killed = set()
    for wait in moments:
        before = {record.id for record in project.store.records()}
        process = project.start("run", "params", "--force")
        wait(process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        whole(project)
        killed |= {
            record.id
            for record in project.store.records()
            if record.id not in before and record.state == "running"
        }
        wait_for(lambda number=process.pid: not kernels_of(number))
    project.write_set(recording_lag_days=2)
    ended = workbench("run", "params")
    assert ended.code == 0, ended.told
    states = {record.id: record.state for record in project.store.records()}
    assert killed
    assert {states[run] for run in killed} == {"lost"}
    assert "running" not in states.values()
    assert list((project.store.folder / ".incoming").iterdir()) == []
    assert project.store.faults() == []
    last = project.store.latest("ab_test", "wording").manifest.version
    assert os.readlink(project.store.folder / "ab_test" / "wording" / LATEST) == last


def test_the_next_run_says_what_was_lost(project, workbench):
    project.write_notebook(SLEEP)
    process = project.start("run", "params")
    wait_for((project.root / "data" / "trace").exists, process)
    process.kill()
    process.communicate()
    assert project.states() == ["running"]
    assert "lost" not in workbench("run", "params", "--dry-run").out
    (project.root / "notebooks" / "ab_test.ipynb").write_text("broken")
    ended = workbench("run", "params")
    assert ended.out.startswith(
        f"lost         {WORDING}: The run was killed before it could say why; the last version stands.\n"
    )
    assert project.states() == ["lost", "refused"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_in_a_cell(project, workbench, kernels_of, number, code):
    assert workbench("run", "params").code == 0
    stands = project.store.latest("ab_test", "wording").manifest.version
    (project.root / "data" / "trace").unlink()
    project.write_notebook(SLEEP)
    process = project.start("run", "params")
    wait_for((project.root / "data" / "trace").exists, process)
    kernels = kernels_of(process.pid)
    assert kernels
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert err.endswith("Stopped; every version that was there still stands.\n")
    assert "Traceback" not in out + err
    wait_for(lambda: not kernels_of(process.pid))
    assert project.states() == ["published", "interrupted"]
    assert project.store.latest("ab_test", "wording").manifest.version == stands
    assert project.store.faults() == []


@pytest.mark.parametrize(
    ("number", "delay"),
    [
        (signal.SIGINT, 0.0),
        (signal.SIGTERM, 0.2),
        (signal.SIGINT, 0.4),
        (signal.SIGTERM, 0.7),
        (signal.SIGINT, 1.0),
    ],
)
def test_stopped_around_a_kernel_s_start_and_at_publication(project, workbench, kernels_of, number, delay):
    process = project.start("run", "params")
    assert process.stderr.readline().startswith("running")
    time.sleep(delay)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    # A run that had ended may be met by the signal while the interpreter closes, when no handler stands any more.
    after_the_end = {0, -number} if project.states() == ["published"] else set()
    assert process.returncode in {{signal.SIGINT: 130, signal.SIGTERM: 143}[number], *after_the_end}
    assert "Traceback" not in out + err
    whole(project)
    wait_for(lambda: not kernels_of(process.pid))
    assert project.states() in (["interrupted"], ["published"])
    ended = workbench("run", "params")
    assert ended.code == 0, ended.told
    assert project.store.faults() == []


STUBBORN = """
import pathlib, signal, subprocess, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.run(["setsid", "-f", "sleep", "4711"])
pathlib.Path("data/trace").touch()
time.sleep(600)
"""


def test_stopped_twice_in_a_cell_that_heeds_no_signal_nothing_is_left(project, kernels_of):
    project.write_notebook(STUBBORN)
    process = project.start("run", "params")
    wait_for((project.root / "data" / "trace").exists, process)
    assert len(kernels_of(process.pid)) == 2
    for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
        process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode in {130, 143}
    assert err.endswith("Stopped; every version that was there still stands.\n")
    assert "Traceback" not in out + err
    assert kernels_of(process.pid) == set()
    assert project.states() == ["interrupted"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_while_a_kernel_starts_nothing_is_left(project, kernels_of, tmp_path, number, code):
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "hang.py").write_text(
        "import pathlib, time\npathlib.Path('data/trace').touch()\ntime.sleep(600)"
    )
    process = project.start("run", "params", IPYTHONDIR=str(tmp_path / "ipython"))
    wait_for((project.root / "data" / "trace").exists, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in out + err
    assert kernels_of(process.pid) == set()
    assert project.states() == ["interrupted"]
