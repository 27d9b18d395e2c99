"""Executing a notebook in a kernel: what is kept, what is told, and what nobody is told."""

import json

import nbformat
import pytest

from workbench.runs.execution import EXECUTED, KERNEL_LOG, ExecutionFailed, execute


@pytest.fixture
def run(project, tmp_path, capfd):
    """Executes code as the study's notebook; gives the notebook, the private folder and all that was printed."""

    def run(*code, parameters=None, steps=None):
        folder = tmp_path / "private"
        folder.mkdir()
        notebook = project.write_notebook(*code)
        try:
            made = execute(
                notebook, parameters or {}, folder, project.root, steps or (lambda done, cells: None)
            )
        finally:
            said = capfd.readouterr()
            assert "p4711" not in said.out + said.err
        return made, folder

    return run


def text_of(cell) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def test_parameters_are_injected_as_literals_and_the_notebook_is_kept(run, project):
    steps = []
    hostile = "{__import__('os')}\"'\n"
    made, folder = run(
        "print(repr(title), segment_by, audience)",
        "import os; print(os.getcwd())",
        parameters={"title": hostile, "segment_by": None, "audience": ["analysts"]},
        steps=lambda done, cells: steps.append((done, cells)),
    )
    assert text_of(made.cells[-2]) == f"{hostile!r} None ['analysts']\n"
    assert text_of(made.cells[-1]).strip() == str(project.root)
    assert steps == [(step, 5) for step in range(1, 6)]
    assert nbformat.read(folder / EXECUTED, as_version=4) == made


def test_a_cell_that_fails_is_told_by_its_number_and_kind_alone(run, tmp_path):
    with pytest.raises(ExecutionFailed) as failed:
        run("1 + 1", "raise ValueError('p4711 was not found')", "open('data/trace', 'w')")
    assert str(failed.value) == (
        "Cell 4 failed with ValueError. The notebook with its error is kept in the private folder; "
        "run it in JupyterLab to see why."
    )
    assert failed.value.__cause__ is None
    assert "p4711" in (tmp_path / "private" / EXECUTED).read_text(encoding="utf-8")
    assert not (tmp_path / "project" / "data" / "trace").exists()


def test_a_kernel_that_is_killed_is_told(run):
    with pytest.raises(ExecutionFailed, match="The kernel died, most likely because memory ran out"):
        run("import os; os.kill(os.getpid(), 9)")


def test_what_a_kernel_says_past_the_notebook_stays_private(run, tmp_path):
    """Programs and C code write to the process's own output, past the notebook."""
    raw = "import os, subprocess\nfor stream in (1, 2):\n    os.write(stream, b'p4711')"
    program = "subprocess.run(['echo', 'p4711'])"
    _, folder = run(raw, program, "import sys; sys.__stderr__.write('p4711'); sys.__stdout__.write('p4711')")
    assert (folder / KERNEL_LOG).is_file()


def test_the_connection_to_the_kernel_is_encrypted(run):
    code = "import json; from ipykernel.connect import get_connection_info; print(get_connection_info())"
    made, _ = run(code)
    connection = json.loads(text_of(made.cells[-1]))
    assert connection["transport"] == "tcp"
    assert any("curve" in name for name in connection)
