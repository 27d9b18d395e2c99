"""The protected file: its owner's alone, whole or not at all, inside the private folder, never written again."""

import json
import os
import stat
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from workbench.protection.audit import entries
from workbench.refusal import Refused
from workbench.segments.membership import Membership, write_membership
from workbench.segments.weekly.definition import Definition, RefitCondition
from workbench.tables.kept_segments import SCHEMA, find_kept


@pytest.fixture
def root(tmp_path):
    for name in ("notebooks", "params"):
        (tmp_path / name).mkdir()
    return tmp_path


def made(name="groups", version="20261116-0123abcd"):
    members = pa.table({"patient_id": ["p1", "p2"], "segment": ["A", "B"]})
    day = date.fromisoformat(version[:8])
    definition = Definition(
        name=name,
        as_of=day,
        letters=("A", "B"),
        names=("come often", "come seldom"),
        used_letters=("A", "B"),
        yardstick={},
        model={},
        refit=RefitCondition(
            people=2, shares=[0.5, 0.5], means=[], spreads=[], centers=[], scatter=0, certainty=1
        ),
        lineage=None,
        parameters={},
    ).sealed()
    manifest = {"schema": SCHEMA, "as_of": day.isoformat(), "columns": members.column_names}
    return Membership(name, version, members, definition, manifest)


def rights(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_can_read(root):
    before = os.umask(0)
    try:
        folder = write_membership(made(), root)
    finally:
        os.umask(before)
    assert folder == root / "data" / "segments" / "groups" / "20261116-0123abcd"
    assert {rights(file) for file in folder.iterdir()} == {0o600}
    assert {rights(each) for each in (folder, folder.parent, folder.parent.parent)} == {0o700}


def test_other_studies_find_the_newest_or_a_given_version(root):
    for version in ("20261116-ffffffff", "20261123-00000000"):
        write_membership(made(version=version), root)
    newest = find_kept("groups", root)
    assert newest.version == "20261123-00000000"
    assert newest.members().to_pydict() == {"patient_id": ["p1", "p2"], "segment": ["A", "B"]}
    assert find_kept("groups", root, "20261116-ffffffff").manifest["columns"] == ["patient_id", "segment"]
    assert find_kept("groups", root, by=date(2026, 11, 20)).version == "20261116-ffffffff"
    with pytest.raises(Refused, match="no version was found as of 2026-11-15 or before"):
        find_kept("groups", root, by=date(2026, 11, 15))


def test_versions_kept_before_there_were_definitions_are_passed_over(root):
    old = write_membership(made(version="20261116-ffffffff"), root) / "manifest.json"
    old.chmod(0o600)
    old.write_text(json.dumps(json.loads(old.read_text()) | {"schema": 1}))
    with pytest.raises(Refused, match="no version is kept"):
        find_kept("groups", root)
    write_membership(made(version="20261123-00000000"), root)
    assert find_kept("groups", root).version == "20261123-00000000"


def test_of_one_day_the_version_written_last_is_the_newest(root):
    for version in ("20261116-ffffffff", "20261116-00000000"):
        folder = write_membership(made(version=version), root)
        manifest = json.loads((folder / "manifest.json").read_text())
        later = {
            "20261116-ffffffff": "2026-11-16T08:00:00+00:00",
            "20261116-00000000": "2026-11-16T09:00:00+00:00",
        }
        (folder / "manifest.json").write_text(json.dumps(manifest | {"made_at": later[version]}))
    assert find_kept("groups", root).version == "20261116-00000000"


def test_what_is_written_is_told_in_the_audit_log(root):
    write_membership(made(), root)
    write_membership(made(), root)
    (entry,) = entries(root)
    assert (entry.action, entry.about) == ("protected file written", "segments/groups/20261116-0123abcd")
    assert entry.details == {"people": 2}


def test_a_version_is_never_written_again(root):
    folder = write_membership(made(), root)
    before = (folder / "members.parquet").stat().st_mtime_ns
    assert write_membership(made(), root) == folder
    assert (folder / "members.parquet").stat().st_mtime_ns == before


def test_an_interrupted_writing_leaves_nothing(root, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.segments.membership.audit", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_membership(made(), root)
    assert list((root / "data" / "segments" / "groups").iterdir()) == []


def test_nothing_is_written_outside_the_private_folder(root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (root / "data").mkdir()
    (root / "data" / "segments").symlink_to(elsewhere)
    with pytest.raises(Refused, match="outside the private folder"):
        write_membership(made(), root)
    (root / "data" / "segments").unlink()
    for name in ("../../out", "..", str(elsewhere)):
        with pytest.raises(Refused, match="outside the private folder"):
            write_membership(made(name=name), root)
    assert list(elsewhere.iterdir()) == []
    assert not (root / "out").exists()


def test_what_is_not_there_is_told(root):
    write_membership(made(), root)
    with pytest.raises(Refused, match='Did you mean "groups"'):
        find_kept("group", root)
    with pytest.raises(Refused, match="There are: 20261116-0123abcd"):
        find_kept("groups", root, "20261116-0123abce")


def test_no_groups_write_nothing(root):
    assert write_membership(None, root) is None
    assert not Path(root / "data" / "segments").exists()
