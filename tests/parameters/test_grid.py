"""Grids: every combination is made and checked before anything runs, and whatever is wrong is told at once."""

from datetime import date

import pytest

from workbench.parameters.sets import read_parameter_set
from workbench.refusal import Refused
from workbench.runs.studies import MODELS

TODAY = date(2026, 11, 23)


@pytest.fixture
def read(project):
    """Reads the project's set with this grid in the place of some keys."""

    def read(text: str, *without: str, **changes):
        path = project.write_set(text=text, **dict.fromkeys(without), **changes)
        return read_parameter_set(path, project.root, MODELS, TODAY)

    return read


def faults(read, text: str, *without: str, **changes) -> list[str]:
    with pytest.raises(Refused) as refused:
        read(text, *without, **changes)
    return [str(fault) for fault in refused.value.faults]


def test_every_combination_is_a_set_of_its_own_the_last_field_varying_fastest(read):
    chosen = read("grid:\n  recording_lag_days: [14, 21]\n  required_maturity: [0.01, 0.02, 0.03]\n")
    made = [(one.parameters.recording_lag_days, one.parameters.required_maturity) for one in chosen.singly()]
    assert made == [(14, 0.01), (14, 0.02), (14, 0.03), (21, 0.01), (21, 0.02), (21, 0.03)]
    assert [dict(one.values) for one in chosen.combinations][:2] == [
        {"recording_lag_days": 14, "required_maturity": 0.01},
        {"recording_lag_days": 14, "required_maturity": 0.02},
    ]
    assert chosen.parameters == chosen.singly()[0].parameters
    assert all(one.combinations == () for one in chosen.singly())


def test_a_field_that_must_be_given_may_be_given_by_the_grid(read):
    text = 'grid:\n  segment_by: [null, diagnosis_group]\n  enrollment_ends: [2026-09-21, "2026-09-28"]\n'
    chosen = read(text, "segment_by", "enrollment_ends")
    assert len(chosen.combinations) == 4
    assert {one.parameters.segment_by for one in chosen.singly()} == {None, "diagnosis_group"}


def test_a_set_without_a_grid_stands_for_itself(read):
    chosen = read("")
    assert chosen.combinations == ()
    assert chosen.singly() == (chosen,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("grid: 3\n", "key grid: the number 3 was given. Write 1 to 3 of the study's own keys"),
        ("grid: {}\n", "key grid: an empty group of 0 was given."),
        ("grid:\n", "key grid: nothing was given."),
        (
            "grid: {recording_lag_days: [1], required_maturity: [1.0], acceptable_loss: [0.1], segment_by: [null]}\n",
            "key grid: a group of keys of 4 was given.",
        ),
        ("grid: {seed: [1, 2]}\n", "key grid.seed: a grid takes the study's own keys alone"),
        (
            "grid: {as_of: [2026-11-16, 2026-11-09]}\n",
            "key grid.as_of: a grid takes the study's own keys alone",
        ),
        ("grid: {recording_lag_dais: [14, 21]}\n", 'Did you mean "recording_lag_days"?'),
        (
            "grid: {control: [generic, motivational]}\n",
            "key grid.control: this key stands outside the grid too.",
        ),
        (
            "grid: {recording_lag_days: 14}\n",
            "key grid.recording_lag_days: the number 14 was given. Write a list of values.",
        ),
        ("grid: {recording_lag_days: []}\n", "key grid.recording_lag_days: an empty list was given."),
        (
            "grid: {recording_lag_days: [14, 14]}\n",
            "key grid.recording_lag_days: a value stands in it more than once.",
        ),
        ("grid: {recording_lag_days: [14]}\n", "key grid: it makes 1 combinations."),
        (f"grid: {{recording_lag_days: {list(range(1, 66))}}}\n", "key grid: it makes 65 combinations."),
        (
            f"grid: {{recording_lag_days: {list(range(1, 14))}, acceptable_loss: [0.1, 0.2, 0.3, 0.4, 0.05]}}\n",
            "key grid: it makes 65 combinations.",
        ),
    ],
)
def test_a_grid_that_is_none_is_refused(read, text, told):
    (fault,) = faults(read, text)
    assert told in fault
    assert fault.startswith("params/ab_test/wording.yaml line 15, key grid")


def test_all_that_is_wrong_is_told_at_once_with_its_place_and_each_once(read):
    text = "grid:\n  recording_lag_days: [14, many, -1]\n  required_maturity:\n    - 0.01\n    - 3\n"
    told = faults(read, text, seed="one")
    places = sorted(fault.partition(": ")[0].partition(", key ")[2] for fault in told)
    assert places == [
        "grid.recording_lag_days entry 2",
        "grid.recording_lag_days entry 3",
        "grid.required_maturity entry 2",
        "seed",
    ]
    assert all(" line " in fault for fault in told)
