"""Versions are published whole, once, and never written again; whoever touches them is found out."""

import os
import shutil

import pytest

from workbench.refusal import Refused
from workbench.reports import store as store_module
from workbench.reports.manifest import MANIFEST_FILE
from workbench.reports.store import LATEST, NOTEBOOK_FILE, REPORT_FILE, RESULTS_FILE, Store

RUN = "20261123T060000Z-abcdef"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "reports")


def told(store):
    return [str(fault) for fault in store.faults()]


def test_an_empty_store_has_nothing_and_no_fault(store):
    assert store.parameter_sets() == []
    assert store.versions("ab_test", "wording") == []
    assert store.latest("ab_test", "wording") is None
    assert store.records() == []
    assert told(store) == []
    assert not store.folder.exists()


def test_a_version_is_published_and_latest_names_it(store, published):
    folder = published(store)
    assert {file.name for file in folder.iterdir()} == {REPORT_FILE, NOTEBOOK_FILE, RESULTS_FILE, MANIFEST_FILE}
    assert os.readlink(store.folder / "ab_test" / "wording" / LATEST) == folder.name
    assert store.latest("ab_test", "wording").folder == folder
    assert store.latest("ab_test", "wording").result.verdict.headline == "It is too early to say."
    assert store.parameter_sets() == [("ab_test", "wording")]
    assert list((store.folder / ".incoming").iterdir()) == []
    assert told(store) == []


def test_versions_come_newest_first_whatever_the_order_of_publication(store, published):
    folders = [published(store, second=second) for second in (1, 3, 2)]
    assert [version.folder for version in store.versions("ab_test", "wording")] == [
        folders[1],
        folders[2],
        folders[0],
    ]
    assert os.readlink(store.folder / "ab_test" / "wording" / LATEST) == folders[1].name


def test_a_version_is_never_written_again(store, published):
    folder = published(store)
    before = (folder / RESULTS_FILE).read_bytes()
    with pytest.raises(FileExistsError):
        published(store, headline="Something else.")
    assert (folder / RESULTS_FILE).read_bytes() == before
    assert told(store) == []


def test_a_version_that_appears_meanwhile_is_not_overwritten(store, published, monkeypatch):
    rename = store_module._rename_new

    def beaten(incoming, target):
        shutil.copytree(incoming, target)
        (target / REPORT_FILE).write_text("the other's")
        rename(incoming, target)

    monkeypatch.setattr(store_module, "_rename_new", beaten)
    with pytest.raises(FileExistsError):
        published(store)
    (report,) = store.folder.glob(f"ab_test/wording/2*/{REPORT_FILE}")
    assert report.read_text() == "the other's"


@pytest.mark.parametrize(
    "place",
    [
        ("..", "wording", "v", "a.html"),
        ("ab_test", "../..", "v", "a.html"),
        ("ab_test", "wording", "/tmp/v", "a.html"),
        ("ab_test", "wording", ".hidden", "a.html"),
        ("ab_test", "wording", "v", "../a.html"),
        ("ab_test", "wording", "v", "sub/a.html"),
        ("ab_test", "wording", "v\n", "a.html"),
        ("", "wording", "v", "a.html"),
    ],
)
def test_no_name_leads_out_of_its_place(store, place):
    study, name, version, file = place
    with pytest.raises(ValueError, match="plain names"):
        store.publish(study, name, version, {file: b"x"}, RUN)
    with pytest.raises(ValueError, match="plain names"):
        store.publish("ab_test", "wording", "v", {"a.html": b"x"}, "../run")
    assert not store.folder.exists()


# Every call by which a publication changes the disk or makes a change last, in turn.
STEPS = [
    (step, nth)
    for step, calls in {"mkstemp": 4, "fsync": 6, "chmod": 4, "replace": 5, "rename": 1}.items()
    for nth in range(calls)
]


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize(("step", "nth"), STEPS, ids=str)
@pytest.mark.parametrize("orderly", [True, False], ids=["raised", "killed"])
def test_a_publication_stopped_at_any_step_leaves_whole_versions(
    store, published, monkeypatch, step, nth, orderly
):
    first = published(store, second=1)
    home, done = (store_module.write_whole.__globals__["tempfile"] if step == "mkstemp" else os), []
    real = getattr(home, step)

    def stopped(*given, **named):
        done.append(step)
        if len(done) == nth + 1:
            raise Killed
        return real(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(home, step, stopped)
        if not orderly:
            # A killed process puts nothing away.
            patched.setattr(shutil, "rmtree", lambda *given, **named: None)
            patched.setattr("pathlib.Path.unlink", lambda *given, **named: None)
        with pytest.raises(Killed):
            published(store, second=2)
    assert len(done) == nth + 1
    versions = store.versions("ab_test", "wording")
    assert versions[-1].folder == first
    left = told(store)
    # Between the rename and the link alone, latest still names the version before.
    assert left == [] or (len(versions) == 2 and "does not name the newest version" in left[0])
    store.clear_incoming(set())
    store.point_every_latest()
    assert told(store) == []
    assert os.readlink(store.folder / "ab_test" / "wording" / LATEST) == versions[0].folder.name
    assert list((store.folder / ".incoming").iterdir()) == []
    if len(versions) == 1:
        published(store, second=2)
    assert len(store.versions("ab_test", "wording")) == 2
    assert told(store) == []


def test_what_a_run_under_way_writes_is_not_cleared(store):
    for run in ("lost", "running"):
        (store.folder / ".incoming" / run).mkdir(parents=True)
    assert store.clear_incoming({"running"}) == 1
    assert [entry.name for entry in (store.folder / ".incoming").iterdir()] == ["running"]


def test_verify_tells_of_changed_missing_and_unknown_files(store, published):
    folder = published(store)
    (folder / REPORT_FILE).write_text("something else")
    (folder / NOTEBOOK_FILE).unlink()
    (folder / "notes.txt").touch()
    (folder / "more").mkdir()
    place = f"ab_test/wording/{folder.name}"
    assert told(store) == [
        f"{place}/{NOTEBOOK_FILE}: the file is missing. Bring it back from a backup.",
        f"{place}/more: the manifest does not know this file. Remove it.",
        f"{place}/notes.txt: the manifest does not know this file. Remove it.",
        f"{place}/{REPORT_FILE}: it was changed after publication. Bring it back from a backup.",
    ]


def test_a_folder_in_the_place_of_a_file_is_a_change(store, published):
    folder = published(store)
    (folder / REPORT_FILE).unlink()
    (folder / REPORT_FILE).mkdir()
    assert "it was changed after publication" in told(store)[0]


@pytest.mark.parametrize("broken", [b"", b"{}", b"\xff", None], ids=["empty", "no keys", "no text", "missing"])
@pytest.mark.parametrize("file", [MANIFEST_FILE, RESULTS_FILE])
def test_a_version_that_cannot_be_read_is_told_and_passed_over(store, published, file, broken):
    old, new = published(store, second=1), published(store, second=2)
    (new / file).unlink()
    if broken is not None:
        (new / file).write_bytes(broken)
    assert any(new.name in fault for fault in told(store))
    assert store.latest("ab_test", "wording").folder == old


def test_a_version_moved_under_another_name_is_told_and_passed_over(store, published):
    folder = published(store)
    shutil.copytree(folder, store.folder / "ab_test" / "greeting" / folder.name)
    shutil.copytree(folder, folder.parent / "20270101T000000Z-00000000")
    assert [version.folder for version in store.versions("ab_test", "wording")] == [folder]
    assert store.versions("ab_test", "greeting") == []
    assert sum("that of another version" in fault for fault in told(store)) == 2


def test_a_manifest_with_another_fingerprint_is_told(store, published):
    folder = published(store)
    manifest = folder / MANIFEST_FILE
    manifest.write_text(manifest.read_text().replace("d" * 64, "e" * 64))
    assert "that of another version" in told(store)[0]


@pytest.mark.parametrize("wrong", ["missing", "elsewhere", "older", "a folder"])
def test_a_wrong_link_is_told(store, published, wrong):
    old, _ = published(store, second=1), published(store, second=2)
    link = store.folder / "ab_test" / "wording" / LATEST
    link.unlink()
    if wrong == "a folder":
        link.mkdir()
    elif wrong != "missing":
        link.symlink_to({"elsewhere": "/etc", "older": old.name}[wrong])
    assert ["latest: it does not name the newest version" in fault for fault in told(store)] == [True]
    if wrong != "a folder":
        store.point_every_latest()
        assert told(store) == []


def test_broken_records_are_told(store):
    store.records_folder.mkdir(parents=True)
    (store.records_folder / "20261123T060000Z-abcdef.json").write_text("{")
    assert told(store) == [".runs/20261123T060000Z-abcdef.json: it is no record of a run. Remove it."]


def test_a_version_is_found_by_its_set_by_its_full_name_or_alone(store, published):
    old, new = published(store, second=1), published(store, second=2)
    assert store.find("ab_test/wording").folder == new
    assert store.find(f"ab_test/wording/{old.name}").folder == old
    assert store.find(old.name).folder == old


def test_a_version_s_name_alone_may_be_ambiguous(store, published):
    folders = [published(store, name=name) for name in ("wording", "greeting")]
    with pytest.raises(Refused, match="several versions bear this name") as refused:
        store.find(folders[0].name)
    assert f"ab_test/greeting/{folders[0].name}, ab_test/wording/{folders[0].name}" in str(refused.value)


@pytest.mark.parametrize("named", ["", "ab_test", "wording", "../..", "ab_test/../ab_test/wording", "latest"])
def test_what_is_no_version_is_refused(store, published, named):
    published(store)
    with pytest.raises(Refused, match="there is no such version"):
        store.find(named)


def test_a_version_is_found_whole_or_not_at_all(store, published):
    old, new = published(store, second=1), published(store, second=2)
    assert store.find_whole("ab_test/wording").folder == new
    assert store.find_whole(old.name).folder == old
    (new / "results.json").write_text("{}")
    # The newest cannot be read; the one before it is not what was asked for.
    for named in ("ab_test/wording", new.name, f"ab_test/wording/{new.name}"):
        with pytest.raises(Refused, match="it was changed after publication"):
            store.find_whole(named)
    assert store.find_whole(old.name).folder == old
    (new / "manifest.json").unlink()
    with pytest.raises(Refused, match="its manifest is missing"):
        store.find_whole(new.name)
    with pytest.raises(Refused, match="there is no such version"):
        store.find_whole("../../etc/passwd")
