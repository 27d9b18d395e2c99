"""Every notebook keeps its contract: parameters as its model says, stripped but for the cells that are compared."""

from datetime import date
from pathlib import Path

import nbformat
import pytest

from workbench.parameters.notebook_cell import parameters_cell_faults
from workbench.parameters.sets import find_parameter_files, read_parameter_set
from workbench.runs.studies import MODELS, STUDIES

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_every_study_has_its_notebook_and_every_notebook_its_study() -> None:
    assert {path.stem for path in NOTEBOOKS} == set(STUDIES)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_parameters_cell_follows_the_model(path: Path) -> None:
    assert parameters_cell_faults(path, MODELS[path.stem]) == ()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_only_compared_cells_are_committed_with_output(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    compared = [cell for cell in cells if "compared" in cell.metadata.get("tags", [])]
    assert compared
    for cell in cells:
        if cell in compared:
            assert [output.output_type for output in cell.outputs] == ["stream"]
        else:
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_passes_format_check(path: Path) -> None:
    nbformat.validate(nbformat.read(path, as_version=4))


def test_every_committed_parameter_set_is_valid() -> None:
    for file in find_parameter_files([ROOT / "params"], ROOT):
        assert read_parameter_set(file, ROOT, MODELS, date(2100, 1, 1)).parameters.title
