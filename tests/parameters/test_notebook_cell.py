import json
from datetime import date
from pathlib import Path

import pytest

from workbench.parameters.base import StudyParameters
from workbench.parameters.notebook_cell import parameters_cell_faults

CELL = """# A comment, and a type where it helps.
title = "Reminder tone"
audience = ["analysts"]
owner: str = "Outreach analytics"
schedule = None
release = "automatic"
as_of = "2026-11-16"
source = "sample"
seed = 1
minors = "exclude"
disclosure = "cms"
valid_days = 28
goes_on_without = {}
arms = ["formal", "empathetic"]
control = "formal"
window_days = 14
margin = 0.005
starts_on = "2026-09-01"
"""


def notebook(folder: Path, *sources: str | list[str], tag: str = "parameters") -> Path:
    cells: list[dict[str, object]] = [{"cell_type": "markdown", "metadata": {}, "source": "# Title"}]
    cells += [{"cell_type": "code", "metadata": {"tags": [tag]}, "source": source} for source in sources]
    path = folder / "example.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
    return path


def messages(path: Path, model: type[StudyParameters], today: date) -> list[str]:
    return [str(fault) for fault in parameters_cell_faults(path, model, today)]


def test_a_cell_as_it_should_be(tmp_path: Path, model: type[StudyParameters], today: date):
    assert messages(notebook(tmp_path, CELL), model, today) == []
    assert messages(notebook(tmp_path, CELL.splitlines(keepends=True)), model, today) == []
    assert messages(notebook(tmp_path, CELL.replace('"2026-11-16"', '"last_monday"')), model, today) == []


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("window_days = 14", "window_days = 7 * 2", ["line 16, key window_days: the value is no literal"]),
        ("window_days = 14", "window_days = 91", ["line 16, key window_days: the number 91 was given"]),
        ("window_days", "windw_days", ["line 16, key windw_days: this name is no", "window_days: this key is missing"]),
        ("margin = 0.005\n", "", ["parameters cell, key margin: this key is missing"]),
        ("seed = 1\n", "seed = 1\nseed = 2\n", ["line 10, key seed: this name is assigned twice"]),
        ('seed = 1\nminors = "exclude"', 'minors = "exclude"\nseed = 1', ["another order than the model's"]),
        ("seed = 1", "seed = -1", ["line 9, key seed: the number -1 was given"]),
        ("seed = 1", "import os\nseed = 1", ["line 9: this is no assignment of one name"]),
        ("seed = 1", "seed = valid = 1", ["line 9: this is no assignment of one name"]),
        ("seed = 1", "seed: int", ["line 9: this is no assignment of one name"]),
        ("seed = 1", "seed = ", ["line 9: this is no valid Python"]),
        ("seed = 1", "seed = {1, 2}", ["line 9, key seed: a value of the type set was given"]),
        ('"2026-09-01"', '"2026-11-17"', ["line 18, key starts_on: the experiment starts after as_of"]),
        ('"2026-11-16"', '"2026-11-26"', ["line 7, key as_of: the date 2026-11-26 lies in the future"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_cell(
    *, before: str, after: str, found: list[str], tmp_path: Path, model: type[StudyParameters], today: date
):
    assert before in CELL
    told = messages(notebook(tmp_path, CELL.replace(before, after)), model, today)
    assert len(told) == len(found)
    for message, words in zip(told, found, strict=True):
        assert message.startswith("example.ipynb parameters cell")
        assert words in message


@pytest.mark.parametrize("count", [0, 2])
def test_exactly_one_cell_is_tagged(count: int, tmp_path: Path, model: type[StudyParameters], today: date):
    path = notebook(tmp_path, *[CELL] * count)
    assert messages(path, model, today) == [
        f"example.ipynb: {count} code cells are tagged parameters, where exactly one must be."
        " Tag the one cell that holds the parameters with parameters."
    ]
    assert "0 code cells" in messages(notebook(tmp_path, CELL, tag="other"), model, today)[0]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"cells": 3}', '{"cells": [3]}', "not json", "[" * 100_000]
)
def test_what_is_no_notebook(content: str, tmp_path: Path, model: type[StudyParameters], today: date):
    path = tmp_path / "example.ipynb"
    path.write_text(content)
    assert messages(path, model, today) == ["example.ipynb: this is no notebook. Save it in JupyterLab again."]


def test_a_notebook_that_is_not_there(tmp_path: Path, model: type[StudyParameters], today: date):
    assert messages(tmp_path / "absent.ipynb", model, today) == [
        "absent.ipynb: the notebook cannot be read. Name one that can."
    ]
