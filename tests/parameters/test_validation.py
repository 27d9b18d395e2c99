from datetime import date
from typing import Literal, Self

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.parameters.allowed import allowed_in_words, keys_at
from workbench.parameters.reading import spoken
from workbench.parameters.validation import Unfit, given_in_words, validated
from workbench.refusal import Fault, Refused


class Base(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Beta(Base):
    kind: Literal["beta"]
    weight: float = Field(gt=0)


class Flat(Base):
    kind: Literal["flat"]


class Model(Base):
    whole: int = 1
    share: float = Field(default=0.5, ge=0, le=1)
    choice: Literal["left", "right"] = "left"
    pair: tuple[int, str] = (1, "a")
    names: list[str] = Field(default_factory=list, max_length=2)
    by_name: dict[str, int] = Field(default_factory=dict)
    code: str = Field(default="AB", pattern="^[A-Z]{2}$")
    prior: Beta | Flat = Field(default=Flat(kind="flat"), discriminator="kind")
    either: int | Literal["all"] | None = None
    flag: bool = False
    day: date | None = None
    text: str = ""


def faults(values: dict[str, object], model: type[BaseModel] = Model) -> list[str]:
    with pytest.raises(Refused) as refused:
        validated(model, values, lambda path: spoken(path) or "all")
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"whole": 1.0}, "whole: the number 1.0 was given, which is not allowed here. Write a whole number."),
        ({"whole": True}, "whole: true was given, which is not allowed here. Write a whole number."),
        (
            {"share": 1.5},
            "share: the number 1.5 was given, which is not allowed here. Write a number from 0 to 1.",
        ),
        (
            {"choice": "rigt"},
            'choice: the text "rigt" was given, which is not allowed here. Write one of left, right.'
            ' Did you mean "right"?',
        ),
        (
            {"pair": [1]},
            "pair entry 2: this key is missing. Write text.",
        ),
        (
            {"pair": ["1", "a"]},
            'pair entry 1: the text "1" was given, which is not allowed here. Write a whole number, without quotes.',
        ),
        (
            {"names": ["a", 2]},
            "names entry 2: the number 2 was given, which is not allowed here. Write text, in quotes.",
        ),
        (
            {"names": ["a", "b", "c"]},
            "names: a list was given, which is not allowed here. Write a list of 0 to 2 entries, each text.",
        ),
        (
            {"by_name": {"a": "b"}},
            'by_name.a: the text "b" was given, which is not allowed here. Write a whole number, without quotes.',
        ),
        (
            {"by_name": []},
            "by_name: an empty list was given, which is not allowed here."
            " Write a group of keys, each with a whole number.",
        ),
        (
            {"code": "abc"},
            'code: the text "abc" was given, which is not allowed here. Write text of the form ^[A-Z]{2}$.',
        ),
        (
            {"either": "al"},
            'either: the text "al" was given, which is not allowed here. Write a whole number or all or null (nothing).'
            ' Did you mean "all"?',
        ),
        (
            {"flag": "true"},
            'flag: the text "true" was given, which is not allowed here. Write true or false, without quotes.',
        ),
        (
            {"day": "2026-11-31"},
            'day: the text "2026-11-31" was given, which is not allowed here.'
            " Write a date such as 2026-11-16 or null (nothing).",
        ),
        ({"text": None}, "text: nothing was given, which is not allowed here. Write text."),
        ({"txt": "x"}, 'txt: this key is not known here. Rename or remove it. Did you mean "text"?'),
    ],
)
def test_each_fault_says_what_was_given_and_what_is_allowed(values: dict[str, object], message: str):
    assert faults(values) == [message]


def test_an_unknown_key_with_no_near_one_lists_the_keys():
    (fault,) = faults({"zzzz": 1})
    assert fault.endswith("Remove it, or use one of " + ", ".join(Model.model_fields) + ".")


def test_branches_of_a_choice_between_groups_are_no_part_of_the_place():
    (fault,) = faults({"prior": {"kind": "beta", "weight": -1.0}})
    assert (
        fault == "prior.weight: the number -1.0 was given, which is not allowed here. Write a number above 0."
    )
    assert faults({"prior": {"kind": "flat", "weight": 1.0}})[0].startswith(
        "prior.weight: this key is not known here."
    )
    assert faults({"prior": {"kind": "beta"}}) == ["prior.weight: this key is missing. Write a number above 0."]


def test_all_faults_at_once_and_one_for_each_place():
    found = faults({"whole": "1", "either": [], "zzz": 1, "share": 2})
    assert [fault.partition(":")[0] for fault in found] == ["whole", "share", "either", "zzz"]


def test_the_words_of_a_models_own_validators():
    class Window(Base):
        first: int
        last: int

        @model_validator(mode="after")
        def _ordered(self) -> Self:
            if self.first > self.last:
                raise Unfit(
                    Fault("first", "it comes after last.", "Write a smaller number."),
                    Fault("last", "it comes before first.", "Write a larger number."),
                )
            return self

    class Whole(Base):
        window: Window
        arms: list[str]

        @model_validator(mode="after")
        def _enough(self) -> Self:
            if len(self.arms) < 2:
                raise ValueError("an experiment needs\ntwo arms")
            return self

    assert faults({"window": {"first": 2, "last": 1}, "arms": ["a", "b"]}, Whole) == [
        "window.first: it comes after last. Write a smaller number.",
        "window.last: it comes before first. Write a larger number.",
    ]
    assert faults({"window": {"first": 1, "last": 2}, "arms": ["a"]}, Whole) == [
        "all: an experiment needs two arms."
    ]


def test_lists_stand_for_tuples_and_texts_for_dates():
    model = validated(Model, {"pair": [2, "b"], "day": "2026-11-16"}, spoken)
    assert (model.pair, model.day) == ((2, "b"), date(2026, 11, 16))
    assert validated(Model, {"day": date(2026, 11, 16)}, spoken) == validated(
        Model, {"day": "2026-11-16"}, spoken
    )


def test_keys_and_words_of_a_nested_place():
    assert keys_at(Model, ("prior",)) == ("kind", "weight")
    assert allowed_in_words(Model, ("prior", "weight")) == "a number above 0"
    assert allowed_in_words(Model, ("pair",)) == "a list of a whole number and text"
    assert allowed_in_words(Model, ("nowhere",)) == "another value"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        (3.0, "the number 3.0"),
        ("a\nb", 'the text "a\\nb"'),
        ("x" * 61, f'the text "{"x" * 57}…"'),
        ("x" * 60, f'the text "{"x" * 60}"'),
        (date(2026, 1, 2), "the date 2026-01-02"),
        ([], "an empty list"),
        ((1,), "a list"),
        ({}, "an empty group"),
        (object(), "a value of the type object"),
    ],
)
def test_values_in_words(value: object, words: str):
    assert given_in_words(value) == words
