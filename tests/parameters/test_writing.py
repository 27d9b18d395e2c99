"""What is written as YAML is read back as it was, numbers with all their digits and no exponent."""

import pytest

from workbench.parameters.reading import read_yaml
from workbench.parameters.writing import yaml_lines


@pytest.mark.parametrize(
    "value",
    [
        0.00001,
        1e21,
        1e-9,
        2.0,
        -0.5,
        3,
        10**12,
        True,
        None,
        "no",
        "12:30",
        "010",
        "1e3",
        "a: b # c",
        "Größe",
        "",
        ["x", "y"],
        [],
        {"consent": "It is not recorded."},
        {},
    ],
    ids=repr,
)
def test_a_value_comes_back_as_it_was(tmp_path, value):
    file = tmp_path / "set.yaml"
    file.write_text(yaml_lines({"key": value, "other": 1}) + "\n", encoding="utf-8")
    back = read_yaml(file).values["key"]
    assert back == value
    assert type(back) is type(value)


def test_the_order_is_kept_and_no_line_is_broken():
    long = "word " * 60 + "end."
    assert yaml_lines({"b": 1, "a": long}).splitlines() == ["b: 1", f"a: {long}"]
