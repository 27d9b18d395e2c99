"""The code of the first hour's guide runs as it stands there, from top to bottom, on a simulated provider."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "first-day.md"
CELLS = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "params", root / "params")
    (root / "notebooks").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(root))
        subprocess.run(
            [sys.executable, "-m", "workbench", "simulate", "data/sample", "--patients", "3000", "--seed", "7"],
            cwd=root,
            env=dict(os.environ),
            check=True,
            capture_output=True,
        )
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in CELLS])
        encrypted = Config({"KernelManager": {"transport_encryption": "auto"}})
        NotebookClient(notebook, kernel_name="python3", config=encrypted).execute()
    return notebook


def test_a_source_is_open_in_three_lines(executed):
    assert len([line for line in CELLS[0].splitlines() if line]) == 3
    assert "<th>patients</th><td>3,000</td>" in executed.cells[0].outputs[0].data["text/html"]


def test_an_earlier_day_gives_an_earlier_answer(executed):
    now, earlier = (executed.cells[at].outputs[0].data["text/plain"] for at in (2, 3))
    assert "attended" in now
    assert "attended" in earlier
    assert now != earlier


def test_what_is_shown_is_what_the_guide_says(executed):
    told = [nbformat.from_dict(output) for cell in executed.cells[4:] for output in cell.outputs]
    texts = [output.get("text") or output.data["text/plain"] for output in told]
    assert texts[0].startswith("largest expected loss")
    assert "motivational" in texts[1]
    assert 'Did you mean "sample"?' in texts[2]
