"""The kernel of one run: what it is started with, how it ended, and that nothing of it is left."""

import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

from workbench.tables.memory import THREADS as ENGINE_THREADS

KERNEL_LOG = "kernel.log"
CONNECTION = "kernel.json"
# How many threads the numeric libraries start, and the engine inside the kernel.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
    ENGINE_THREADS,
)
_MARK = "WORKBENCH_KERNEL"
# Seconds after which a killed process that is still there hangs in the system itself.
_PATIENCE = 10.0


class Kernel:
    """The kernel of one execution, with all that it starts.

    Its processes bear a mark in their environment, by which they are found even where they left the kernel's group.

    Args:
        folder: the run's private folder, which takes the connection file and what the kernel says past the notebook.
        threads: how many threads libraries may start; None leaves it to them.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self._mark = secrets.token_hex(16)
        self._threads = {} if threads is None else dict.fromkeys(THREADS, str(threads))

    @property
    def environment(self) -> dict[str, str]:
        """What is added to the environment of the kernel."""
        return {_MARK: self._mark, **self._threads}

    @property
    def exit_status(self) -> int | None:
        """The exit code, a signal's number below zero, or None where no kernel was started or it goes on."""
        return None if self.process is None else self.process.poll()

    def manager(self) -> type[AsyncKernelManager]:
        """A kind of kernel manager that starts this kernel."""
        kernel = self

        class OwnKernelManager(AsyncKernelManager):
            def __init__(self, **options: Any) -> None:
                super().__init__(connection_file=str(kernel.folder / CONNECTION), **options)

            async def _async_launch_kernel(self, kernel_cmd: list[str], **options: Any) -> None:
                environment = {**options.pop("env"), **kernel.environment}
                with (kernel.folder / KERNEL_LOG).open("ab") as log:
                    told = {"stdout": log, "stderr": log, "env": environment}
                    await super()._async_launch_kernel(kernel_cmd, **{**options, **told})
                kernel.process = self.provisioner.process

            _launch_kernel = _async_launch_kernel

        return OwnKernelManager

    def interrupt(self) -> None:
        """Ask the kernel, and the programs it runs, to stop what they do."""
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """Kill the kernel and all that it started; returns when they are gone."""
        last = time.monotonic() + _PATIENCE
        while (alive := self._alive()) and time.monotonic() < last:
            for number in alive:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(number, signal.SIGKILL)
            time.sleep(0.01)

    def end(self) -> None:
        """Leave nothing behind: no process, and no key to a connection."""
        self.kill()
        (self.folder / CONNECTION).unlink(missing_ok=True)

    def _alive(self) -> set[int]:
        own = set() if self.process is None or self.process.poll() is not None else {self.process.pid}
        return own | _marked(f"{_MARK}={self._mark}".encode())


def _marked(mark: bytes) -> set[int]:
    """Processes with this in their environment; none are found where there is no /proc."""
    if not sys.platform.startswith("linux"):
        return set()
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        # Others' processes cannot be read, and one that has ended holds nothing.
        with suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.add(int(folder.name))
    return found
