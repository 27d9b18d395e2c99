"""Opening JupyterLab on the project, over encrypted connections to its kernels."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def open_lab(root: Path, options: Sequence[str]) -> int:
    """Run JupyterLab in the project until it is closed; returns its exit code."""
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
    return subprocess.run(command, env={**os.environ, "WORKBENCH_HOME": str(root)}, check=False).returncode  # noqa: S603
