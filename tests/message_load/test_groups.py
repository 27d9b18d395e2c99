"""People told apart by a kept segmentation, by name and version, that looks from before the days studied."""

import pytest

from workbench.message_load.counts import check_message_load, load_counts
from workbench.message_load.parameters import MessageLoad
from workbench.message_load.risk_set import needed_columns
from workbench.refusal import Refused
from workbench.tables.kept_groups import IN_NO_GROUP

# The 364 days studied as of 16 November 2026 begin on 17 November 2025.
FIRST_DAY, A_DAY_LATE = "20251117-0123abcd", "20251118-0123abcd"
RECORDED = {"consent": True, "age": True, "time": True}


def by_group(version=FIRST_DAY, name="groups"):
    return f"segments/{name}@{version}"


@pytest.fixture
def texted(few):
    """Three people with two texts each; the first opts out after the second."""
    for name in ("often", "seldom", "new"):
        few.person(name, agreed=500)
        few.text(name, 60)
        few.text(name, 20)
    few.consent("often", "opt_out", 19.9, "keyword")
    return few


def test_texts_are_told_apart_by_their_person_s_group_and_the_others_are_in_none(texted, keep_segments):
    keep_segments(FIRST_DAY, {"often": "A", "seldom": "B", "somebody else": "C"})
    counts = texted.counts(segment_by=by_group())
    margins = counts.margins[counts.margins["by"] == "segment"].set_index("place")
    assert margins["texts"].to_dict() == {"A": 2, "B": 2, IN_NO_GROUP: 2}
    assert margins["opt_outs"].to_dict() == {"A": 1, "B": 0, IN_NO_GROUP: 0}
    assert counts.borne.groupby("segment")["people"].sum().to_dict() == {"B": 1, IN_NO_GROUP: 1}
    assert (counts.groups.name, counts.groups.version) == ("groups", FIRST_DAY)


@pytest.mark.parametrize(("made_at", "first"), [("2025-11-17", True), ("2025-11-18", False)])
def test_whether_they_were_written_before_the_days_studied_is_told(texted, keep_segments, made_at, first):
    keep_segments(FIRST_DAY, {"often": "A"}, made_at=f"{made_at}T00:00:00+00:00")
    assert texted.counts(segment_by=by_group()).groups.written_first is first


def test_groups_made_of_days_that_are_studied_are_refused(texted, keep_segments, known_for, settings_for):
    keep_segments(A_DAY_LATE, {"often": "A"})
    settings = settings_for(segment_by=by_group(A_DAY_LATE))
    known = known_for(texted.frames(), settings)
    for look in (check_message_load, load_counts):
        with pytest.raises(
            Refused, match="looks from 2025-11-18, after the beginning of the days studied on 2025-11-17"
        ):
            look(known, settings)
    # One day fewer is studied, and it is from before all of them.
    assert texted.counts(segment_by=by_group(A_DAY_LATE), lookback_days=363).groups.version == A_DAY_LATE


def test_what_is_missing_or_broken_is_refused(texted, keep_segments):
    folder = keep_segments(FIRST_DAY, {"often": "A"})
    with pytest.raises(Refused, match="nothing is kept under that name"):
        texted.counts(segment_by=by_group(name="group"))
    with pytest.raises(Refused, match=f"There are: {FIRST_DAY}"):
        texted.counts(segment_by=by_group("20251117-ffffffff"))
    (folder / "members.parquet").write_bytes(b"half a fi")
    with pytest.raises(Refused, match=r"members\.parquet is not what was written"):
        texted.counts(segment_by=by_group())


@pytest.mark.parametrize("given", ["segments/groups", "groups@20251117-0123abcd", "clinic_id", None])
def test_only_a_column_or_a_name_with_its_version_is_taken(settings_for, given):
    with pytest.raises(Refused, match=r"segment_by"):
        MessageLoad.from_cell(settings_for().as_values() | {"segment_by": given})


def test_no_column_is_needed_that_is_not_read(settings_for):
    by_column = needed_columns(settings_for(segment_by="therapy_type"), RECORDED)["patient_states"]
    by_kept = needed_columns(settings_for(segment_by=by_group()), RECORDED)["patient_states"]
    assert set(by_column) - set(by_kept) == {"therapy_type"}
