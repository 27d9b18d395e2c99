"""Two results agree or not, at the edges of the tolerance, and the places are told without what stands there."""

import copy

import pytest

from workbench.present.result import StudyResult
from workbench.runs.agreement import Tolerance, agreement

BASE = {
    "schema": 1,
    "study": "ab_test",
    "name": "wording",
    "as_of": "2026-11-16",
    "data_until": None,
    "verdict": {
        "decision": "adopt",
        "headline": "It brings 28 more bookings per 1,000.",
        "reasons": ["The difference is 2.8 %, seen until 2026-11-09."],
        "facts": [{"label": "Who must act", "text": "The lead."}],
    },
    "metrics": [
        {
            "name": "rate",
            "of": {"arm": "warm"},
            "value": 0.1,
            "low": 0.05,
            "high": 0.25,
            "unit": "probability",
            "n": 500,
        },
        {
            "name": "rate",
            "of": {"segment": "anxiety"},
            "value": 0.1,
            "low": 0.05,
            "high": 0.25,
            "unit": "probability",
        },
        {"name": "ratio", "of": {}, "value": None, "unit": "ratio"},
    ],
    "checks": [{"name": "Sampler", "passed": True, "detail": "R-hat at most 1.001."}],
    "tables": [
        {
            "id": id,
            "caption": "By group",
            "groups": "attributes",
            "columns": [
                {"name": "group", "title": "Group", "kind": "label"},
                {"name": "people", "title": "People", "kind": "people"},
                {"name": "rate", "title": "Rate", "kind": "share"},
                {"name": "more", "title": "More", "kind": "estimate"},
                {"name": "interval", "title": "Interval", "kind": "interval"},
            ],
            "rows": [["anxiety", 517, 0.25, 29.5, "−8 to 42"], ["bipolar", None, None, None, None]],
        }
        for id in ("arms", "segments_warm")
    ],
}
TOLERANCE = Tolerance(relative=1e-6, sampled=("segment",))


def compared(*changes, tolerance=TOLERANCE):
    """The agreement with a copy in which values at paths were changed."""
    changed = copy.deepcopy(BASE)
    for *path, last, value in changes:
        place = changed
        for key in path:
            place = place[key]
        place[last] = value
    return agreement(StudyResult.model_validate(BASE), StudyResult.model_validate(changed), tolerance)


def test_the_same_is_identical():
    assert compared().kind == "identical"


@pytest.mark.parametrize(
    "change",
    [
        ("metrics", 0, "value", 0.1 * (1 + 0.9e-6)),
        ("metrics", 0, "high", 0.25 * (1 - 0.9e-6)),
        ("metrics", 1, "value", 0.119),
        ("metrics", 1, "low", 0.031),
        ("tables", 0, "rows", 0, 3, 29.5 * (1 + 0.9e-6)),
        ("tables", 0, "rows", 0, 4, "−8 to 43"),
        ("tables", 1, "rows", 0, 3, 34.4),
        ("tables", 1, "rows", 0, 4, "−13 to 42"),
        ("checks", 0, "detail", "R-hat at most 1.003."),
        ("verdict", "headline", "It brings 29 more bookings per 1,000."),
        ("verdict", "reasons", ["The difference is 2.9 %, seen until 2026-11-09."]),
    ],
    ids=str,
)
def test_within_the_tolerance_is_equal(change):
    assert compared(change).kind == "equal"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("metrics", 0, "value", 0.1 * (1 + 1.1e-6)), "the metric rate (arm warm)"),
        (("metrics", 0, "low", None), "the metric rate (arm warm)"),
        (("metrics", 1, "value", 0.121), "the metric rate (segment anxiety)"),
        (("metrics", 2, "value", 1.0), "the metric ratio"),
        (("metrics", 0, "n", 501), "which metrics there are, or whom they count"),
        (("metrics", 0, "of", {"arm": "short"}), "which metrics there are, or whom they count"),
        (("tables", 0, "rows", 0, 1, 518), "the table arms, row 1, column people"),
        (("tables", 1, "rows", 0, 1, 518), "the table segments_warm, row 1, column people"),
        (("tables", 1, "rows", 0, 2, 0.251), "the table segments_warm, row 1, column rate"),
        (("tables", 0, "rows", 0, 3, 29.6), "the table arms, row 1, column more"),
        (("tables", 1, "rows", 0, 3, 34.6), "the table segments_warm, row 1, column more"),
        (("tables", 0, "rows", 0, 4, "−8 to 44"), "the table arms, row 1, column interval"),
        (("tables", 1, "rows", 0, 4, "−8 to 49"), "the table segments_warm, row 1, column interval"),
        (("tables", 0, "rows", 0, 4, "−8.0 to 42"), "the table arms, row 1, column interval"),
        (("tables", 0, "rows", 1, 1, 12), "the table arms, row 2, column people"),
        (("tables", 0, "rows", []), "which tables there are, or their columns and numbers of rows"),
        (("tables", 0, "id", "limbs"), "which tables there are, or their columns and numbers of rows"),
        (("checks", 0, "passed", False), 'the check "Sampler"'),
        (("checks", 0, "name", "Other"), "which checks there are"),
        (("verdict", "decision", "reject"), "the verdict's decision"),
        (("verdict", "headline", "It brings 31 more bookings per 1,000."), "the verdict's words"),
        (("verdict", "headline", "It brings 28 fewer bookings per 1,000."), "the verdict's words"),
        (("verdict", "reasons", ["The difference is 2.8 %, seen until 2026-11-10."]), "the verdict's words"),
        (("verdict", "reasons", []), "the verdict's words"),
        (("data_until", "2026-11-15"), "the day until which the data reach"),
    ],
    ids=str,
)
def test_beyond_it_is_different_and_the_place_is_told(change, place):
    found = compared(change)
    assert found.kind == "different"
    assert found.places == (place,)
    assert not any(str(change[-1]) in told for told in found.places)


def test_without_sampling_no_interval_widens_anything():
    assert compared(("metrics", 1, "value", 0.1001), tolerance=Tolerance()).kind == "different"
    assert compared(("metrics", 1, "value", 0.1 + 1e-11), tolerance=Tolerance()).kind == "equal"
