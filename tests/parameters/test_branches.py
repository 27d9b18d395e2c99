"""Where a value may have several forms, one fault tells what is wrong with the one that was meant."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from workbench.parameters.validation import validated
from workbench.refusal import Refused


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Circle(_Strict):
    kind: Literal["circle"]
    radius: float


class Square(_Strict):
    kind: Literal["square"]
    side: float


class ByName(_Strict):
    column: str
    words: dict[str, str] = {}


class ByClock(_Strict):
    clock: str
    zone: Literal["here", "there"]
    days: int = 0


class Drawing(_Strict):
    shapes: tuple[Annotated[Circle | Square, Field(discriminator="kind")], ...] = Field(
        default=(), min_length=1
    )
    columns: dict[str, ByName | ByClock] = {}
    size: int | Literal["large"] | None = None
    person: ByName | Literal["none"] = "none"


def refusal(**values) -> list[str]:
    with pytest.raises(Refused) as refused:
        validated(Drawing, values, lambda path: ".".join(map(str, path)))
    return [str(fault) for fault in refused.value.faults]


def test_a_form_s_own_name_is_looked_for_among_the_names():
    assert refusal(shapes=[{"kind": "circel", "radius": 1}]) == [
        'shapes.0.kind: the text "circel" was given, which is not allowed here. '
        'Write circle or square. Did you mean "circle"?'
    ]
    assert refusal(shapes=[{"radius": 1}]) == ["shapes.0.kind: this key is missing. Write circle or square."]


def test_a_faulty_entry_does_not_make_its_list_too_short():
    (fault,) = refusal(shapes=[{"kind": "square", "side": "wide"}])
    assert fault.startswith("shapes.0.side: ")
    assert refusal(shapes=[])[0].startswith("shapes: ")


def test_only_the_form_that_was_meant_is_told_of():
    (fault,) = refusal(columns={"a": {"clock": "x", "zone": "FILL_IN"}})
    assert fault.startswith('columns.a.zone: the text "FILL_IN" was given')
    (fault,) = refusal(columns={"a": {"column": "x", "word": {}}})
    assert fault.startswith(
        'columns.a.word: this key is not known here. Rename or remove it. Did you mean "words"?'
    )
    (fault,) = refusal(person={"column": 3})
    assert fault.startswith("person.column: the number 3 was given")


def test_forms_that_are_equally_near_are_all_told_of():
    (fault,) = refusal(size="huge")
    assert fault.startswith('size: the text "huge" was given')
    assert "a whole number or large or null" in fault


def test_faults_of_several_places_come_together():
    told = refusal(columns={"a": {"column": 1}, "b": {"clock": 2, "zone": "here"}}, size="huge")
    assert [fault.partition(":")[0] for fault in told] == ["columns.a.column", "columns.b.clock", "size"]
