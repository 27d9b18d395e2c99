"""Executing a notebook with papermill, in a private folder, over an encrypted connection to its kernel."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from workbench.reports.files import write_whole
from workbench.runs.bounds import Bounds, Watch
from workbench.runs.disk import PRIVATE, writing
from workbench.runs.failures import Circumstances, failure, too_long
from workbench.runs.kernel import Kernel
from workbench.runs.memory_kills import memory_kills

EXECUTED = "executed.ipynb"
ENGINE = "workbench"
KERNEL = "python3"
# Saving after every cell would write a large notebook over and over; at the end is enough.
_SAVE = {"request_save_on_cell_execute": False, "autosave_cell_every": 0}
# A kernel that takes no encrypted connection is not talked to.
_ENCRYPTED = Config({"KernelManager": {"transport_encryption": "required"}})
# Seconds that outputs may be on their way after a cell's end, on a machine that does much else.
_OUTPUTS_WITHIN = 60

Progress = Callable[[int, int], None]


@dataclass
class _UnderWay:
    """How far an execution has come: the notebook with its outputs, the index of the cell that has begun."""

    notebook: NotebookNode | None = None
    cell: int | None = None


def execute(
    notebook: Path, parameters: dict[str, Any], folder: Path, root: Path, progress: Progress, bounds: Bounds
) -> NotebookNode:
    """Execute a notebook with these parameters; the outcome is kept in the private folder.

    However it ends, nothing is left of the kernel and of what it started.

    Args:
        notebook: the study's notebook.
        parameters: plain values, injected as literals.
        folder: a private folder of this run's own.
        root: the project's root, in which the notebook runs.
        progress: told which of how many cells begins.
        bounds: what the run may take.

    Raises:
        ExecutionFailed: a cell failed, the kernel did not start or died, or it took longer than it may.
        DiskFailed: the private folder cannot be written.
    """
    for name in ("papermill", "nbclient", "traitlets", "asyncio"):
        # Their messages quote outputs and errors, which may hold data.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    under_way, kernel, killed = _UnderWay(), Kernel(folder, bounds.threads), memory_kills()
    watch = Watch(bounds, kernel.interrupt, kernel.kill)
    try:
        with watch:
            _by_papermill(notebook, parameters, root, kernel, _engine(under_way, watch, progress))
    except BaseException as error:
        known = Circumstances(under_way.cell, kernel.exit_status, _since(killed))
        not_kept = _keep_unfinished(under_way, error, folder)
        if not isinstance(error, Exception):
            raise
        failed = failure(error, known) if watch.exceeded is None else too_long(watch.exceeded)
        if failed is None:
            raise
        raise type(failed)(f"{failed}{not_kept}") from None
    finally:
        kernel.end()
    if watch.exceeded is not None:
        raise too_long(watch.exceeded)
    with writing(PRIVATE):
        return nbformat.reads(_keep(under_way, folder), as_version=4)


def _by_papermill(
    notebook: Path, parameters: dict[str, Any], root: Path, kernel: Kernel, engine: type[NBClientEngine]
) -> None:
    papermill_engines.register(ENGINE, engine)
    papermill.execute_notebook(
        str(notebook),
        None,
        parameters=parameters,
        engine_name=ENGINE,
        kernel_name=KERNEL,
        language="python",
        cwd=str(root),
        progress_bar=False,
        log_output=False,
        kernel_manager_class=kernel.manager(),
        config=_ENCRYPTED,
        iopub_timeout=_OUTPUTS_WITHIN,
        **_SAVE,
    )


def _engine(under_way: _UnderWay, watch: Watch, progress: Progress) -> type[NBClientEngine]:
    class TellingEngine(NBClientEngine):
        """papermill's own engine, telling how far it has come."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            under_way.notebook = nb_man.nb
            start = nb_man.cell_start

            def begins(cell: NotebookNode, cell_index: int, **rest: Any) -> None:
                under_way.cell = cell_index
                watch.cell_begins(cell_index)
                progress(cell_index + 1, len(nb_man.nb.cells))
                start(cell, cell_index, **rest)

            nb_man.cell_start = begins
            return super().execute_managed_notebook(nb_man, kernel_name, **options)

    return TellingEngine


def _since(killed: int | None) -> int | None:
    """How many processes were killed for want of memory since there were so many."""
    now = memory_kills()
    return None if now is None or killed is None else now - killed


def _keep(under_way: _UnderWay, folder: Path) -> str:
    """The notebook as text, kept in the private folder, whole."""
    text = nbformat.writes(under_way.notebook)
    write_whole(folder / EXECUTED, text.encode())
    return text


def _keep_unfinished(under_way: _UnderWay, error: BaseException, folder: Path) -> str:
    """Keep the notebook as far as it came; gives a sentence where that cannot be done."""
    if under_way.notebook is None:
        return ""
    if not isinstance(error, PapermillExecutionError):
        _mark_unfinished(under_way.notebook, under_way.cell)
    try:
        _keep(under_way, folder)
    except OSError as full:
        return f" The notebook could not be kept ({full.strerror})."
    return ""


def _mark_unfinished(notebook: NotebookNode, cell: int | None) -> None:
    """Say which cell was not done: papermill takes a cell in which its kernel died for completed."""
    notebook.metadata.papermill["exception"] = True
    for each in notebook.cells[cell:]:
        each.metadata.papermill["status"] = "pending"
    if cell is not None:
        notebook.cells[cell].metadata.papermill.update(status="failed", exception=True)
