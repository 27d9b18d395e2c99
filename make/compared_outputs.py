"""Run every notebook and keep, of all outputs, those of cells tagged `compared`, which nbval holds later runs to."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

ENCRYPTED = Config({"KernelManager": {"transport_encryption": "auto"}})


def refresh(path: Path) -> None:
    """Run one notebook in its place and write it back stripped."""
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


for name in sys.argv[1:]:
    refresh(Path(name))
