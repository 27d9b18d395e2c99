"""Runs whose notebook is not executed: its outputs are given, so that everything around a kernel can be tried."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from workbench.reports.manifest import version_name
from workbench.runs import attempt
from workbench.runs.attempt import RunOptions
from workbench.runs.runner import run_sets
from workbench.tables.opening import open_source


def notebook_showing(*shown: dict[str, Any]) -> NotebookNode:
    """A notebook as papermill leaves it, each output by a cell of its own."""
    cells = [
        new_code_cell("show()", outputs=[new_output("display_data", data=data)], execution_count=at)
        for at, data in enumerate(shown, 1)
    ]
    return new_notebook(cells=[new_markdown_cell("## What it did"), *cells])


@pytest.fixture(scope="session")
def executed_notebook() -> Callable[..., NotebookNode]:
    return notebook_showing


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Lets every execution give these outputs, or raise this; returns the parameters of the executions.

    Of `errors` each execution raises the next, until there are none left.
    """

    def give(
        *shown: dict[str, Any], error: BaseException | None = None, errors: Iterable[BaseException] = ()
    ) -> list[dict[str, Any]]:
        seen: list[dict[str, Any]] = []
        raised = iter(errors)

        def execute(notebook, parameters, folder, root, progress, bounds):
            seen.append(parameters)
            progress(1, len(shown) + 1)
            (folder / "executed.ipynb").write_text("{}")
            wrong = next(raised, error)
            if wrong is not None:
                raise wrong
            return notebook_showing(*shown)

        monkeypatch.setattr(attempt, "execute", execute)
        return seen

    return give


@pytest.fixture
def run(project, monkeypatch):
    """Runs all parameter sets, opened and not checked (that has its own tests): the exit code, the lines told."""
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(
        "workbench.runs.runner.check_set", lambda chosen, root: open_source(chosen.parameters.source, root)
    )
    # A real run takes longer than the second that tells two versions apart.
    moments = (datetime(2026, 11, 23, 6, minute, tzinfo=UTC) for minute in count())
    monkeypatch.setattr(
        "workbench.runs.publication.version_name", lambda moment, parts: version_name(next(moments), parts)
    )

    def run(paths=("params",), **options):
        options = {"root": project.root, "store": project.store.folder} | options
        lines: list[str] = []
        paths = [project.root / path for path in paths]
        code = run_sets(paths, RunOptions(**options), lambda event: lines.extend(event.lines))
        return code, lines

    return run
