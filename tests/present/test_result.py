"""The typed result: its headline number is one of its metrics, and every study says which, or that there is none."""

import ast
from pathlib import Path

import pytest
from pydantic import ValidationError

import workbench.present
from workbench.present.result import HeadlineMetric, StudyResult

PRESENT = Path(workbench.present.__file__).parent
METRIC = {"name": "difference", "of": {"arm": "warm"}, "value": 0.02, "unit": "proportion"}


def result_of(result, headline, *metrics):
    return StudyResult.model_validate(result | {"metrics": list(metrics), "headline_metric": headline})


def test_a_result_of_before_there_were_headline_numbers_is_still_one(result):
    assert "headline_metric" not in result
    read = StudyResult.model_validate(result)
    assert (read.headline_metric, read.headline_number) == (None, None)


def test_the_headline_number_is_found_by_name_and_subject(result):
    other = METRIC | {"of": {"arm": "short"}, "value": 0.5}
    read = result_of(
        result, {"name": "difference", "of": {"arm": "warm"}, "label": "Difference"}, other, METRIC
    )
    assert read.headline_number.value == 0.02
    assert StudyResult.model_validate_json(read.model_dump_json(by_alias=True)) == read


@pytest.mark.parametrize("metrics", [(), (METRIC, METRIC), (METRIC | {"of": {"arm": "short"}},)])
def test_a_headline_that_is_not_one_metric_is_refused(result, metrics):
    with pytest.raises(ValidationError, match="headline_metric must name one metric"):
        result_of(result, {"name": "difference", "of": {"arm": "warm"}, "label": "Difference"}, *metrics)


def test_what_is_undefined_is_no_reference():
    with pytest.raises(ValidationError):
        HeadlineMetric(name="a", of={}, label="A", no_effect=float("nan"))


@pytest.mark.parametrize("path", sorted(PRESENT.glob("*/result.py")), ids=lambda path: path.parent.name)
def test_every_study_names_its_headline_number_or_says_that_there_is_none(path):
    made = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "StudyResult"
    ]
    assert made
    for call in made:
        assert "headline_metric" in {keyword.arg for keyword in call.keywords}


def test_every_study_is_looked_at():
    assert {path.parent.name for path in PRESENT.glob("*/result.py")} >= {"experiment", "no_show"}
