import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from papermill.iorw import NoDatesSafeLoader
from papermill.translators import PythonTranslator
from pydantic import ValidationError

from workbench.parameters.base import StudyParameters
from workbench.parameters.schedule import Schedule
from workbench.refusal import Refused

VALID = sorted((Path(__file__).parent / "valid_yaml").glob("*.yaml"))
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "operations" / "parameters.md"
COMMON_FIELDS = [
    *("title", "audience", "owner", "schedule", "release", "as_of"),
    *("source", "seed", "minors", "disclosure", "valid_days", "goes_on_without"),
]


def run_cell(source: str) -> dict[str, object]:
    namespace: dict[str, object] = {"_": None, "In": [], "some_function": run_cell}
    exec(source, namespace)
    return namespace


@pytest.fixture(scope="module")
def values(valid_text: str) -> dict[str, object]:
    return yaml.safe_load(valid_text)


def test_common_fields_come_first_in_their_order_and_are_described(model: type[StudyParameters]):
    assert list(model.model_fields)[: len(COMMON_FIELDS)] == COMMON_FIELDS
    for owner in (StudyParameters, Schedule):
        for name, field in owner.model_fields.items():
            assert field.description, name
            assert field.description.endswith("."), name


def test_the_documentation_lists_every_common_field_with_its_description():
    text = DOCUMENTATION.read_text(encoding="utf-8")
    for name, field in StudyParameters.model_fields.items():
        assert f"| `{name}` |" in text
        assert str(field.description) in text


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_what_papermill_injects_from_the_same_file_makes_the_same_parameters(
    path: Path, model: type[StudyParameters], today: date
):
    plain = yaml.load(path.read_text(encoding="utf-8"), Loader=NoDatesSafeLoader)
    under_papermill = model.from_cell(run_cell(PythonTranslator.codify(plain)), today=today)
    directly = model.from_cell(yaml.safe_load(path.read_bytes()), today=today)
    assert under_papermill == directly


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_values_go_through_a_cell_and_come_back_the_same(path: Path, model: type[StudyParameters], today: date):
    parameters = model.from_cell(yaml.safe_load(path.read_bytes()), today=today)
    injected = PythonTranslator.codify(parameters.as_values())
    assert model.from_cell(run_cell(injected), today=today) == parameters
    assert json.loads(json.dumps(parameters.as_values())) == parameters.as_values()
    assert list(parameters.as_values()) == list(model.model_fields)


def test_a_rule_in_a_cell_is_resolved(model: type[StudyParameters], values: dict[str, object], today: date):
    parameters = model.from_cell(values | {"as_of": "last_monday"}, today=today)
    assert parameters.as_of == date(2026, 11, 23)
    assert parameters.as_values()["as_of"] == "2026-11-23"


def test_all_faults_of_a_cell_come_at_once(
    model: type[StudyParameters], values: dict[str, object], today: date
):
    wrong = values | {"seed": -1, "title": "", "window_days": "14", "release": "autmatic"}
    del wrong["arms"]
    with pytest.raises(Refused) as refused:
        model.from_cell(wrong, today=today)
    places = [fault.where for fault in refused.value.faults]
    keys = ("title", "release", "seed", "arms", "window_days")
    assert places == [f"the notebook's parameters, key {key}" for key in keys]


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, b"bytes", 1j, {(1, 2): 3}, [len], 10**5000, "\ud800", float("nan"), date, ...],
    ids=lambda value: type(value).__name__,
)
def test_what_no_file_can_hold_is_refused_in_a_cell(
    value: object, model: type[StudyParameters], values: dict[str, object], today: date
):
    with pytest.raises(Refused) as refused:
        model.from_cell(values | {"owner": value}, today=today)
    assert [fault.where for fault in refused.value.faults] == ["the notebook's parameters, key owner"]


def test_lists_without_end_are_refused(model: type[StudyParameters], values: dict[str, object], today: date):
    endless: list[object] = []
    endless.append(endless)
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    for nested in (endless, deep):
        with pytest.raises(Refused):
            model.from_cell(values | {"arms": nested}, today=today)


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(data=st.data())
def test_arbitrary_values_are_taken_or_refused(
    data: st.DataObject, model: type[StudyParameters], values, today: date
):
    name = data.draw(st.sampled_from(list(model.model_fields)))
    changed = values | {name: data.draw(JSON_LIKE)}
    try:
        parameters = model.from_cell(changed, today=today)
    except Refused:
        return
    assert model.from_cell(parameters.as_values(), today=today) == parameters


def test_nothing_is_converted_and_nothing_changes(
    model: type[StudyParameters], values: dict[str, object], today: date
):
    parameters = model.from_cell(values, today=today)
    assert parameters.audience == ("clinical_leads", "analysts")
    with pytest.raises(ValidationError):
        parameters.seed = 2  # type: ignore[misc]
    for name, value in {"seed": True, "valid_days": 28.0, "title": 12, "audience": "analysts"}.items():
        with pytest.raises(Refused):
            model.from_cell(values | {name: value}, today=today)


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [("valid_days", 1, 0), ("valid_days", 365, 366), ("seed", 0, -1), ("seed", 2**32 - 1, 2**32)],
)
def test_edges_of_ranges(
    *, name: str, inside: int, outside: int, model: type[StudyParameters], values, today: date
):
    assert getattr(model.from_cell(values | {name: inside}, today=today), name) == inside
    with pytest.raises(Refused):
        model.from_cell(values | {name: outside}, today=today)


def test_editors_get_a_schema_with_rules_choices_and_descriptions(model: type[StudyParameters]):
    schema = model.model_json_schema()
    assert schema["additionalProperties"] is False
    assert {"format": "date", "type": "string"} in schema["properties"]["as_of"]["anyOf"]
    assert "last_monday" in schema["properties"]["as_of"]["anyOf"][1]["enum"]
    assert all(field["description"] for field in schema["properties"].values())
