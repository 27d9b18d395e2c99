"""The outputs of cells tagged `compared`, which nbval holds later runs to."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

ENCRYPTED = Config({"KernelManager": {"transport_encryption": "auto"}})


def renew_compared_outputs(path: Path) -> None:
    """Run a notebook in its folder and write it back, stripped of all outputs but those that are compared.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed; the notebook stays as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, config=ENCRYPTED).execute()
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = {"tags": tags} if tags else {}
        if cell.cell_type == "code" and "compared" not in tags:
            cell.outputs, cell.execution_count = [], None
    notebook.metadata = {
        "kernelspec": notebook.metadata["kernelspec"],
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, path)
