"""The kinds of study there are."""

import subprocess
import sys

import pytest

from workbench.parameters.base import StudyParameters
from workbench.runs.studies import MODELS, STUDIES
from workbench.tables.schema import TABLES


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_a_study_has_a_model_and_a_notebook_of_its_name(study, project):
    assert issubclass(study.model, StudyParameters)
    assert MODELS[study.name] is study.model
    assert study.notebook(project.root) == project.root / "notebooks" / f"{study.name}.ipynb"


@pytest.mark.parametrize("recorded", [True, False])
def test_what_an_analysis_needs_are_declared_tables_and_columns(recorded, project):
    settings = MODELS["ab_test"].model_validate(
        {"title": "T", "audience": ("analysts",), "owner": "O", "source": "sample", "seed": 1, "question": "Q?"}
        | {"as_of": "2026-11-16", "experiment": "e", "control": "c", "who_must_act": "They do."}
        | {"enrollment_ends": "2026-10-01"}
    )
    needed = STUDIES["ab_test"].needs(settings, dict.fromkeys(("consent", "age", "time"), recorded))
    assert set(needed) <= set(TABLES)
    assert all(set(columns) <= set(TABLES[table].columns) for table, columns in needed.items())


def test_every_study_bears_the_name_of_its_module():
    assert "ab_test" in STUDIES
    assert [study.name for study in STUDIES.values()] == list(STUDIES)


def test_every_study_has_a_model_and_a_title_of_its_own():
    assert list(MODELS) == list(STUDIES)
    assert all(issubclass(model, StudyParameters) for model in MODELS.values())
    assert len({study.title for study in STUDIES.values()}) == len(STUDIES)


def test_the_studies_are_known_without_what_any_of_them_rests_on():
    slow = {"pymc", "nutpie", "arviz", "matplotlib", "sklearn", "scipy"}
    code = (
        "import sys; from workbench.runs.studies import STUDIES; STUDIES['ab_test'], list(STUDIES);"
        f"print({slow!r} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_what_is_no_study_is_none():
    assert "figures" not in STUDIES
    assert STUDIES.get("figures") is None
    assert MODELS.get("agreement") is None
