"""Keys of parameter sets that every reader of YAML takes for text."""

from typing import get_args

import pytest
from pydantic import BaseModel

from workbench.runs.studies import MODELS

# What YAML 1.1 reads as true or false, so that a parameter set refuses it without quotes.
TRUTH_VALUES = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


def models_in(kind):
    """The models that a type is made of, those of its parts among them."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from models_in(field.annotation)
    for part in get_args(kind):
        yield from models_in(part)


@pytest.mark.parametrize("study", MODELS)
def test_no_key_is_a_truth_value(study):
    keys = {key for model in models_in(MODELS[study]) for key in model.model_fields}
    assert "title" in keys
    assert not keys & TRUTH_VALUES


def test_keys_of_entries_are_among_them():
    assert {model.__name__ for model in models_in(MODELS["ab_test"])} >= {
        "ABTest",
        "InterimLook",
        "EventMetric",
    }
