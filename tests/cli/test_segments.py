"""Kept segments on the command line: listed, shown and scored by; no key and no small count is told."""

import json
import stat
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.protection.audit import entries
from workbench.segments.features import Yardstick
from workbench.segments.membership import Membership, write_membership
from workbench.segments.methods.fitting import fit_groups
from workbench.segments.parameters import Segmentation
from workbench.segments.people import declared_cohort, people_in_care
from workbench.segments.weekly.definition import define
from workbench.tables.kept_segments import find_kept
from workbench.tables.opening import open_source

DAY = date(2026, 9, 7)


@pytest.fixture
def kept(project, workbench):
    """Two groups of the small provider's people, kept as of September."""
    settings = Segmentation(
        title="Groups",
        audience=("analysts",),
        owner="Analytics",
        as_of=DAY,
        source="sample",
        seed=7,
        question="Are there groups?",
        who_must_act="The clinical lead reads it.",
        features=("appointments",),
        profile_by=(),
        save_as="groups",
    )
    known = open_source("sample", project.root).known(DAY, declared_cohort(settings))
    rows = people_in_care(known, settings).rows
    yardstick = Yardstick.of(rows, settings)
    model = fit_groups("k_means", yardstick.frame(rows), 2, 7).model
    definition = define("groups", yardstick, model, rows, settings, [("A", "often"), ("B", "seldom")], None)
    members = pa.table({"patient_id": rows["patient_id"], "segment": ["A"] * len(rows)})
    manifest = {"schema": 2, "as_of": DAY.isoformat(), "parameters": {"source": "sample"}}
    write_membership(Membership("groups", "20260907-0123abcd", members, definition, manifest), project.root)
    return find_kept("groups", project.root)


def test_nothing_kept_is_told_with_what_to_do(workbench):
    ended = workbench("segments", "list")
    assert (ended.code, ended.out) == (0, "No segments are kept: run a segmentation whose save_as is set.\n")
    for command in ("show", "assign"):
        ended = workbench("segments", command, "groups")
        assert ended.code == 2
        assert "nothing is kept under that name" in ended.err
        assert "Run the segmentation whose save_as is groups first" in ended.err


def test_versions_are_listed_and_shown(kept, workbench):
    assert "20260907-0123abcd  as of 7 Sep 2026" in workbench("segments", "list").out
    ended = workbench("segments", "show", "groups")
    assert ended.code == 0, ended.told
    assert "A: often" in ended.out
    assert "segment_by: segments/groups@20260907-0123abcd" in ended.out
    assert "method k_means" in ended.out


def test_everybody_is_scored_once_into_a_protected_file(kept, project, workbench):
    ended = workbench("segments", "assign", "groups", "--as-of", "2026-10-05")
    assert ended.code == 0, ended.told
    folder = project.root / "data" / "segments" / "groups" / "weekly" / "2026-10-05-20260907-0123abcd"
    members = pq.read_table(folder / "members.parquet").to_pydict()
    assert set(members) == {"patient_id", "segment", "probability"}
    assert set(members["segment"]) == {"A", "B"}
    assert not any(who in ended.told for who in members["patient_id"])
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["version"] == kept.version
    last = entries(project.root)[-1]
    assert last.about == "segments/groups/weekly/2026-10-05-20260907-0123abcd"
    before = (folder / "members.parquet").stat().st_mtime_ns
    assert workbench("segments", "assign", "groups", "--as-of", "2026-10-05").code == 0
    assert (folder / "members.parquet").stat().st_mtime_ns == before
    assert [each.version for each in [find_kept("groups", project.root)]] == [kept.version]


def test_a_refit_is_said_to_be_due_and_is_not_made(kept, project, workbench):
    early = workbench("segments", "assign", "groups", "--as-of", "2026-10-05")
    assert "refit is due" not in early.out
    late = workbench("segments", "assign", "groups", "--as-of", "2026-12-07")
    assert "A refit is due: the groups were found 91 days ago" in late.out
    folders = {entry.name for entry in (project.root / "data" / "segments" / "groups").iterdir()}
    assert folders == {kept.version, "weekly"}


def test_a_later_version_scores_no_earlier_day(kept, workbench):
    ended = workbench("segments", "assign", "groups", "--as-of", "2026-09-01")
    assert ended.code == 2
    assert "no version was found as of 2026-09-01 or before" in ended.err
    ended = workbench("segments", "assign", "groups", "--as-of", "2026-09-01", "--version", kept.version)
    assert ended.code == 2
    assert "it looks from 2026-09-07, so that on 2026-09-01 nobody could have known it" in ended.err


def test_a_version_that_is_missing_or_broken_is_told(kept, workbench):
    ended = workbench("segments", "show", "groups", "--version", "20260907-0123abce")
    assert 'Did you mean "20260907-0123abcd"' in ended.err
    (kept.folder / "definition.json").write_text("{}")
    ended = workbench("segments", "assign", "groups", "--as-of", "2026-10-05")
    assert ended.code == 2
    assert "definition.json is not what was written" in ended.err
