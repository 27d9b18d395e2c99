"""Executing a notebook with papermill, in a private folder, over an encrypted connection to its kernel."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from workbench.tables.engines.failures import ConnectionLost

EXECUTED = "executed.ipynb"
KERNEL_LOG = "kernel.log"
ENGINE = "workbench"
# Saving after every cell would write a large notebook over and over; at the end is enough.
_SAVE = {"request_save_on_cell_execute": False, "autosave_cell_every": 0}

Progress = Callable[[int, int], None]


class ExecutionFailed(Exception):
    """A notebook that did not run to its end, told by kind, cell and advice; never by the error's own text."""


def execute(
    notebook: Path, parameters: dict[str, Any], folder: Path, root: Path, progress: Progress
) -> NotebookNode:
    """Execute a notebook with these parameters; the outcome is kept in the private folder.

    Args:
        notebook: the study's notebook.
        parameters: plain values, injected as literals.
        folder: a private folder of this run's own.
        root: the project's root, in which the notebook runs.
        progress: told how many of how many cells are done.

    Raises:
        ExecutionFailed: a cell failed, or the kernel died.
    """
    papermill_engines.register(ENGINE, _engine_with(progress))
    output = folder / EXECUTED
    for name in ("papermill", "nbclient", "asyncio"):
        # Their messages quote outputs and errors, which may hold data.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        papermill.execute_notebook(
            str(notebook),
            str(output),
            parameters=parameters,
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            cwd=str(root),
            progress_bar=False,
            log_output=False,
            kernel_manager_class=_kernel_logging_to(folder / KERNEL_LOG),
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            **_SAVE,
        )
    except PapermillExecutionError as error:
        if error.ename == ConnectionLost.__name__:
            raise ExecutionFailed(
                f"Cell {error.cell_index + 1} lost the connection to the source's engine. "
                f"Run it again once the engine is there; nothing was published."
            ) from None
        raise ExecutionFailed(
            f"Cell {error.cell_index + 1} failed with {error.ename}. "
            f"The notebook with its error is kept in the private folder; run it in JupyterLab to see why."
        ) from None
    except DeadKernelError:
        raise ExecutionFailed(
            "The kernel died, most likely because memory ran out. Run it again with less data or more memory."
        ) from None
    return nbformat.read(output, as_version=4)


def _engine_with(progress: Progress) -> type[NBClientEngine]:
    class TellingEngine(NBClientEngine):
        """papermill's own engine, telling its progress."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            cells, complete = len(nb_man.nb.cells), nb_man.cell_complete

            def told(cell: NotebookNode, cell_index: int | None = None, **rest: Any) -> None:
                complete(cell, cell_index=cell_index, **rest)
                progress((cell_index or 0) + 1, cells)

            nb_man.cell_complete = told
            return super().execute_managed_notebook(nb_man, kernel_name, **options)

    return TellingEngine


def _kernel_logging_to(log: Path) -> type[AsyncKernelManager]:
    class LoggingKernelManager(AsyncKernelManager):
        """Keeps what the kernel, and programs it starts, say past the notebook in the private folder."""

        async def _async_launch_kernel(self, kernel_cmd: list[str], **options: Any) -> None:
            with log.open("wb") as errors:
                await super()._async_launch_kernel(
                    kernel_cmd, **{**options, "stdout": errors, "stderr": errors}
                )

        _launch_kernel = _async_launch_kernel

    return LoggingKernelManager
