from workbench.parameters.base import StudyParameters
from workbench.runs.studies import MODELS, STUDIES


def test_every_study_bears_the_name_of_its_module():
    assert "ab_test" in STUDIES
    assert [study.name for study in STUDIES.values()] == list(STUDIES)


def test_every_study_has_a_model_and_a_title_of_its_own():
    assert list(MODELS) == list(STUDIES)
    assert all(issubclass(model, StudyParameters) for model in MODELS.values())
    assert len({study.title for study in STUDIES.values()}) == len(STUDIES)
