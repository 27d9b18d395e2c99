"""Segments by a kept segmentation: by name and version, from before the first assignment, and of the same people."""

import pytest

from workbench.experiments.counting.counts import check_experiment, count_experiment
from workbench.experiments.metrics import USUAL_METRICS
from workbench.experiments.parameters import ABTest
from workbench.refusal import Refused
from workbench.tables.kept_groups import IN_NO_GROUP

BEFORE, AFTER = "20260302-0123abcd", "20260303-0123abcd"


@pytest.fixture
def two_of_three(tables, keep_segments):
    """Three people, assigned on the morning of 2 March, two of whom were grouped as of that day."""
    people = [tables.person(arm) for arm in ("plain", "plain", "kind")]
    keep_segments(BEFORE, {people[0]: "A", people[2]: "B", "somebody else": "A"})
    return people


def by_group(version=BEFORE, name="groups"):
    return f"segments/{name}@{version}"


def test_people_are_told_apart_by_their_group_and_the_others_are_in_none(tables, parameters, two_of_three):
    counts = count_experiment(tables.known(), parameters(segment_by=by_group()))
    rows = {(row.segment, row.arm): row.people for row in counts.segments.itertuples()}
    assert rows == {("A", "plain"): 1, (IN_NO_GROUP, "plain"): 1, ("B", "kind"): 1}
    assert counts.groups.version == BEFORE
    assert counts.groups.written_first


def test_a_version_from_after_the_first_assignment_is_refused(tables, parameters, two_of_three, keep_segments):
    keep_segments(AFTER, {two_of_three[0]: "A"})
    for look in (check_experiment, count_experiment):
        with pytest.raises(Refused, match="looks from 2026-03-03, after the first assignment on 2026-03-02"):
            look(tables.known(), parameters(segment_by=by_group(AFTER)))


def test_one_written_afterwards_of_what_was_known_before_is_told(tables, parameters, keep_segments):
    keep_segments(
        BEFORE, {tables.person("plain"): "A", tables.person("kind"): "B"}, made_at="2026-05-01T00:00:00+00:00"
    )
    counts = count_experiment(tables.known(), parameters(segment_by=by_group()))
    assert not counts.groups.written_first


def test_what_is_missing_or_broken_is_refused(tables, parameters, two_of_three, keep_segments):
    with pytest.raises(Refused, match="nothing is kept under that name"):
        check_experiment(tables.known(), parameters(segment_by=by_group(name="group")))
    with pytest.raises(Refused, match=f"There are: {BEFORE}"):
        check_experiment(tables.known(), parameters(segment_by=by_group("20260302-ffffffff")))
    folder = keep_segments("20260301-0123abcd", {"p": "A"})
    (folder / "members.parquet").write_bytes(b"half a fi")
    with pytest.raises(Refused, match=r"members\.parquet is not what was written"):
        check_experiment(tables.known(), parameters(segment_by=by_group("20260301-0123abcd")))
    (folder / "manifest.json").write_text("{")
    with pytest.raises(Refused, match=r"manifest\.json is missing or broken"):
        check_experiment(tables.known(), parameters(segment_by=by_group("20260301-0123abcd")))


def test_without_times_nobody_can_tell(tables, parameters, two_of_three):
    why = {"time": "None is kept."}
    settings = parameters(segment_by=by_group(), goes_on_without=why, metrics=USUAL_METRICS[:1])
    with pytest.raises(Refused, match="no time is recorded"):
        check_experiment(tables.known(untimed=True), settings)


@pytest.mark.parametrize(
    "given", ["segments/groups", "segments/Groups@20260302-0123abcd", "groups@1", "diagnosis"]
)
def test_only_a_column_or_a_name_with_its_version_is_taken(parameters, given):
    with pytest.raises(Refused, match=r"segment_by.*segments/behavior_groups@"):
        ABTest.from_cell(parameters().as_values() | {"segment_by": given})
