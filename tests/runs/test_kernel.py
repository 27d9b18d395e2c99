"""What belongs to a kernel is found and ended, and nothing else is."""

import os
import subprocess
import sys

import pytest

from workbench.runs.kernel import CONNECTION, THREADS, Kernel

WAITS = [sys.executable, "-c", "import sys; print('there', flush=True); sys.stdin.read()"]


def start(kernel: Kernel, **options) -> subprocess.Popen[str]:
    """A program that waits, with a kernel's mark; it runs when this returns."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen(WAITS, env={**os.environ, **kernel.environment}, **pipes, **options)
    assert process.stdout.readline() == "there\n"
    return process


def test_all_that_bears_its_mark_is_killed_and_nothing_else(tmp_path):
    kernel, other = Kernel(tmp_path), Kernel(tmp_path)
    (tmp_path / CONNECTION).touch()
    with start(kernel) as one, start(kernel, start_new_session=True) as two, start(other) as left:
        kernel.end()
        # A process that has been killed is there until its parent asks.
        assert (one.wait(30), two.wait(30)) == (-9, -9)
        assert left.poll() is None
        other.end()
    assert list(tmp_path.iterdir()) == []


def test_without_a_process_there_is_nothing_to_interrupt_and_no_status(tmp_path):
    kernel = Kernel(tmp_path)
    kernel.interrupt()
    kernel.end()
    assert kernel.exit_status is None


def test_an_interrupt_reaches_the_programs_that_a_kernel_runs(tmp_path):
    kernel = Kernel(tmp_path)
    with start(kernel, start_new_session=True, stderr=subprocess.DEVNULL) as process:
        kernel.process = process
        kernel.interrupt()
        assert process.wait(30) != 0
    assert kernel.exit_status == process.returncode


@pytest.mark.parametrize("threads", [None, 2])
def test_threads_are_named_only_where_they_are_given(tmp_path, threads):
    environment = Kernel(tmp_path, threads).environment
    assert {environment.get(name) for name in THREADS} == {None if threads is None else "2"}
