"""Opening JupyterLab on the project, over encrypted connections to its kernels."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn


def open_lab(root: Path, options: Sequence[str]) -> NoReturn:
    """Become JupyterLab in the project: signals reach it, and its exit code is the command's."""
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        "--LabApp.default_url=/lab/tree/notebooks",
        "--KernelManager.transport_encryption=auto",
        # Nothing of a workbench calls home.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *options,
    ]
    os.execve(sys.executable, command, {**os.environ, "WORKBENCH_HOME": str(root)})  # noqa: S606
