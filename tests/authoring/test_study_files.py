"""The files of a new study, whatever its name: each whole and of its kind."""

import ast

import nbformat
import pytest
import yaml

from workbench.authoring.study_files import study_files
from workbench.authoring.study_names import StudyName
from workbench.parameters.base import StudyParameters

NAMES = pytest.mark.parametrize("name", [StudyName("visits_by_phase"), StudyName("a" * 41), StudyName("no")])


@NAMES
def test_every_file_lies_in_a_place_that_is_the_study_s_alone(name):
    for path in study_files(name):
        assert [place for place in name.places if path.is_relative_to(place)], path


@NAMES
def test_modules_are_python_and_name_the_study(name):
    modules = {path: text for path, text in study_files(name).items() if path.suffix == ".py"}
    assert len(modules) == 8
    for path, text in modules.items():
        assert ast.get_docstring(ast.parse(text)), path
        assert max(map(len, text.splitlines())) <= 140, path


@NAMES
def test_the_parameter_set_is_read_as_texts_and_numbers(name):
    files = {path.suffix: text for path, text in study_files(name).items()}
    values = yaml.safe_load(files[".yaml"])
    assert values["title"] == name.title
    assert values["audience"] == ["analysts"]
    assert values["required_recorded"] == 0.95


@NAMES
def test_the_notebook_has_every_common_key_and_one_cell_that_is_compared(name):
    text = next(text for path, text in study_files(name).items() if path.suffix == ".ipynb")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    tags = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
    assert (tags.count("parameters"), tags.count("compared")) == (1, 1)
    cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    assigned = [statement.targets[0].id for statement in ast.parse(cell.source).body]
    assert assigned[: len(StudyParameters.model_fields)] == list(StudyParameters.model_fields)
