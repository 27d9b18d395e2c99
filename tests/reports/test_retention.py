"""What is kept stays, what is not goes whole, is told to the audit log first, and a kill leaves no halves."""

import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from workbench.ingest.handed_back import HandedBackManifest
from workbench.protection.account import account_name
from workbench.protection.audit import STORE_LOG, entries, store_log
from workbench.refusal import Refused
from workbench.reports import store as store_module
from workbench.reports.approval import approve, withdraw
from workbench.reports.records import open_run, write_record
from workbench.reports.retention import Pruning, in_words
from workbench.reports.store import LATEST, Store
from workbench.settings import Keeping, Settings

NOW = datetime.now(UTC)
SETTINGS = Settings(approvers=(account_name(),))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "reports")


@pytest.fixture
def prune(store, tmp_path):
    """Prunes with what is kept; the names of what went."""

    def run(dry_run=False, tell=print, **keeping):
        pruning = Pruning(store, tmp_path, Keeping(**keeping), NOW, dry_run, tell)
        return [removal.what for removal in pruning.removals()]

    return run


def names(store):
    return [version.folder.name for version in store.versions("ab_test", "wording")]


def make_old(path, days):
    moment = (NOW - timedelta(days=days)).timestamp()
    for entry in [*path.rglob("*"), path]:
        os.utime(entry, (moment, moment))


def test_the_newest_stay_and_the_others_go_whole(store, prune, published):
    folders = [published(store, second=second) for second in range(5)]
    other = published(store, name="greeting")
    expected = [f"ab_test/wording/{folder.name}" for folder in reversed(folders[:3])]
    assert prune(dry_run=True, versions=2) == expected
    assert len(names(store)) == 5
    assert prune(versions=2) == expected
    assert names(store) == [folders[4].name, folders[3].name]
    assert other.is_dir()
    assert [(entry.action, entry.about) for entry in store_log(store.folder).entries()] == [
        ("pruned", about) for about in expected
    ]
    assert store.faults() == []
    assert prune(versions=2) == []


def test_what_was_approved_and_what_is_the_latest_stay(store, prune, published):
    approved = published(store, second=1, waits=True)
    approve(store, approved.name, "", SETTINGS)
    standing = published(store, second=2)
    for second in (3, 4):
        withdrawn = published(store, second=second)
        withdraw(store, withdrawn.name, "Wrong.", SETTINGS)
    assert len(prune(versions=1)) == 1
    assert names(store) == [withdrawn.name, standing.name, approved.name]
    assert store.latest("ab_test", "wording").folder == standing
    assert store.faults() == []


def test_what_waits_stays(store, prune, published):
    published(store, second=1)
    waiting = published(store, second=2, waits=True)
    assert prune(versions=1) == []
    assert waiting.is_dir()


def test_a_set_whose_run_is_under_way_is_left_alone(store, prune, published):
    for second in (1, 2):
        published(store, second=second)
    told = []
    with store.one_at_a_time("ab_test", "wording"):
        assert prune(versions=1, tell=told.append) == []
    assert told == ["ab_test/wording: a run of it is under way, so its versions stay for now."]
    assert len(prune(versions=1)) == 1


def test_old_records_go_but_the_newest_of_a_set_and_runs_under_way(store, prune):
    def record(name, days, state):
        moment = NOW - timedelta(days=days)
        made = open_run(store.records_folder, "ab_test", name, "params/x.yaml", None).record
        ended = None if state == "running" else moment
        update = {"state": state, "started_at": moment, "ended_at": ended}
        write_record(store.records_folder, made.model_copy(update=update))
        return f".runs/{made.id}.json"

    old = record("wording", 11, "published")
    record("wording", 12, "running")
    record("wording", 9, "unchanged")
    record("greeting", 50, "failed")
    assert prune(record_days=10) == [old]
    assert len(store.records()) == 3
    assert store_log(store.folder).entries()[0].details == {"files": 1}


def test_old_private_folders_go_but_those_of_runs_and_engines_at_work(store, prune, tmp_path):
    runs, spill = tmp_path / "data" / "runs", tmp_path / "data" / "spill"
    made = {
        "old": runs / "old",
        "new": runs / "new",
        "under way": runs / "under_way",
        "touched": runs / "touched",
        "alive": spill / f"{os.getpid()}-abc",
        "dead": spill / "999999999-abc",
    }
    for folder in made.values():
        (folder / "in").mkdir(parents=True)
        (folder / "in" / "executed.ipynb").write_text("{}")
        if folder.name != "new":
            make_old(folder, 15)
    os.utime(made["touched"] / "in" / "executed.ipynb")
    (runs / "link").symlink_to(made["new"])
    write_record(
        store.records_folder,
        open_run(store.records_folder, "ab_test", "wording", "x", "data/runs/under_way").record,
    )
    assert prune(private_days=14, dry_run=True) == ["data/runs/old", "data/spill/999999999-abc"]
    assert made["old"].is_dir()
    assert prune(private_days=14) == ["data/runs/old", "data/spill/999999999-abc"]
    assert [name for name, folder in made.items() if folder.is_dir()] == [
        "new",
        "under way",
        "touched",
        "alive",
    ]
    assert [entry.about for entry in entries(tmp_path)] == ["data/runs/old", "data/spill/999999999-abc"]


def test_lists_that_were_handed_back_go_once_they_have_expired(prune, tmp_path):
    def handed(name, days):
        folder = tmp_path / "data" / "handed_back" / name
        folder.mkdir(parents=True)
        (folder / "list.csv").write_text("record_number\n1\n")
        at = {"handed_at": NOW - timedelta(days=30), "expires_at": NOW + timedelta(days=days)}
        words = dict.fromkeys(("list", "source", "rests_on", "leads_to", "to", "by"), "x")
        told = HandedBackManifest(**words, **at, rows=1)
        (folder / "manifest.json").write_text(told.model_dump_json(by_alias=True))
        return folder

    past, valid, broken = handed("a", -1), handed("b", 1), handed("c", 1)
    (broken / "manifest.json").write_text("{}")
    left, under_way = (tmp_path / "data" / "handed_back" / name for name in (".old.partial", ".new.partial"))
    for folder in (left, under_way):
        folder.mkdir()
    make_old(left, 2)
    expected = [f"data/handed_back/{folder.name}" for folder in (past, broken, left)]
    assert prune(dry_run=True) == expected
    assert past.is_dir()
    assert prune() == expected
    assert sorted(valid.parent.iterdir()) == [under_way, valid]
    assert [(entry.action, entry.about) for entry in entries(tmp_path)] == [
        ("pruned", name) for name in expected
    ]


def test_what_killed_processes_left_of_files_goes(store, prune, published):
    published(store)
    left = store.folder / ".index.html-abc"
    left.touch()
    assert prune() == []
    make_old(left, 2)
    (store.folder / ".incoming" / "gone").mkdir()
    assert prune() == [".index.html-abc"]
    assert list((store.folder / ".incoming").iterdir()) == []


def test_what_cannot_be_recorded_is_not_removed(store, prune, published):
    for second in (1, 2):
        published(store, second=second)
    (store.folder / STORE_LOG).mkdir()
    with pytest.raises(Refused, match="nothing was done"):
        prune(versions=1)
    assert len(names(store)) == 2


def test_what_may_not_be_removed_is_told(store, prune, published, monkeypatch):
    for second in (1, 2):
        published(store, second=second)

    def forbidden(*given, **named):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store_module.os, "rename", forbidden)
    with pytest.raises(Refused, match=r"cannot be read or removed \(Permission denied\)"):
        prune(versions=1)
    assert len(names(store)) == 2


def test_the_summary_says_how_many_and_how_much(store, tmp_path, published):
    assert in_words([], dry_run=False) == "There is nothing to remove."
    for second in range(3):
        published(store, second=second)
    pruning = Pruning(store, tmp_path, Keeping(versions=1), NOW, True, print)
    assert in_words([*pruning.removals()], dry_run=True) == "It would remove 2 versions: 0.0 MB."


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize(
    ("step", "nth"),
    [("rename", 0), ("rename", 1), ("fsync", 0), ("fsync", 1), ("fsync", 2), ("fsync", 3)],
    ids=str,
)
def test_stopped_at_any_step_versions_are_whole_or_gone(store, prune, published, monkeypatch, step, nth):
    made = [published(store, second=second).name for second in range(3)]
    real, done = getattr(os, step), []

    def stopped(*given, **named):
        done.append(step)
        if len(done) == nth + 1:
            raise Killed
        return real(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, step, stopped)
        patched.setattr(shutil, "rmtree", lambda *given, **named: None)
        with pytest.raises(Killed):
            prune(versions=1)
    assert names(store)[0] == made[-1]
    assert os.readlink(store.folder / "ab_test" / "wording" / LATEST) == made[-1]
    assert store.faults() == []
    prune(versions=1)
    assert names(store) == [made[-1]]
    assert not any((store.folder / ".trash").glob("*"))
    assert store.faults() == []
