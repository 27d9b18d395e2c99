import keyword

import pytest

from workbench.authoring.study_names import StudyName, free_name
from workbench.refusal import Refused


@pytest.mark.parametrize("given", ["visits_by_phase", "x", "a" * 41, "load_2", "none"])
def test_a_free_name_is_taken(tmp_path, given):
    assert free_name(given, tmp_path) == StudyName(given)


@pytest.mark.parametrize(
    "given", ["", "Visits", "2nd", "_load", "visits-by-phase", "a" * 42, "é", "load\n", "../load", "a/b", "a b"]
)
def test_what_is_no_name_is_refused(tmp_path, given):
    with pytest.raises(Refused, match="cannot name a study"):
        free_name(given, tmp_path)


@pytest.mark.parametrize("given", ["class", "lambda", "match", "type"])
def test_a_word_of_python_is_refused(tmp_path, given):
    with pytest.raises(Refused, match="is a word of Python"):
        free_name(given, tmp_path)


@pytest.mark.parametrize(
    "standing",
    [
        "src/workbench/load/__init__.py",
        "src/workbench/load.py",
        "src/workbench/present/load/__init__.py",
        "src/workbench/present/load.py",
        "src/workbench/runs/studies/load.py",
        "notebooks/load.ipynb",
        "params/load/sample.yaml",
        "tests/load/test_counts.py",
        "docs/methods/load.md",
    ],
)
def test_a_name_that_stands_somewhere_already_is_refused(tmp_path, standing):
    (tmp_path / standing).parent.mkdir(parents=True)
    (tmp_path / standing).touch()
    with pytest.raises(Refused, match=r'"load" is taken: .*load.* stands already') as refused:
        free_name("load", tmp_path)
    assert len(refused.value.faults) == 1


@pytest.mark.parametrize(
    ("name", "title", "model", "page"),
    [
        ("visits_by_phase", "Visits by phase", "VisitsByPhaseStudy", "docs/methods/visits-by-phase.md"),
        ("none", "None", "NoneStudy", "docs/methods/none.md"),
        ("load_", "Load", "LoadStudy", "docs/methods/load.md"),
        ("a__b", "A b", "ABStudy", "docs/methods/a-b.md"),
    ],
)
def test_the_forms_a_name_takes(name, title, model, page):
    study = StudyName(name)
    assert (study.title, study.model, study.page.as_posix()) == (title, model, page)
    assert study.model.isidentifier()
    assert not keyword.iskeyword(study.model)
