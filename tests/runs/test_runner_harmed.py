"""Runs that are killed, and disks that are full: the last version stands, and the next run ends well."""

import errno
import os
import resource
from datetime import timedelta

import pytest

from workbench.present.result import RESULT_TYPE
from workbench.refusal import Refused
from workbench.reports.records import open_run, write_record
from workbench.reports.store import LATEST

WORDING = "params/ab_test/wording.yaml"


def test_a_killed_run_is_told_by_the_next_and_what_it_left_is_cleared(project, run, executed, result):
    executed({RESULT_TYPE: result})
    killed = open_run(project.store.records_folder, "ab_test", "wording", WORDING, None)
    long_ago = killed.record.started_at - timedelta(hours=1)
    write_record(project.store.records_folder, killed.record.model_copy(update={"heartbeat_at": long_ago}))
    (project.store.folder / ".incoming" / killed.record.id).mkdir(parents=True)
    code, lines = run()
    assert code == 0
    assert lines[0] == (
        f"lost         {WORDING}: The run was killed before it could say why; the last version stands."
    )
    assert project.states() == ["lost", "published"]
    assert list((project.store.folder / ".incoming").iterdir()) == []


class Killed(BaseException):
    """Stands for the end of the process."""


# Every call by which a run changes the disk, or makes a change last: record, four files, version, link, record, page.
STEPS = [
    *(("reports.files", "replace", nth) for nth in range(8)),
    *(("reports.files", "fsync", nth) for nth in range(9)),
    ("reports.store", "rename", 0),
]


@pytest.mark.parametrize(("home", "step", "nth"), STEPS)
def test_stopped_at_any_step_the_next_run_ends_well(
    project, run, executed, result, monkeypatch, home, step, nth
):
    executed({RESULT_TYPE: result})
    real, calls = getattr(os, step), []

    def stopped(*given, **named):
        calls.append(step)
        if len(calls) == nth + 1:
            raise Killed
        return real(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(f"workbench.{home}.os.{step}", stopped)
        with pytest.raises(Killed):
            run()
    assert [fault for fault in project.store.faults() if "newest version" not in str(fault)] == []
    assert run()[0] == 0
    assert project.store.faults() == []
    assert len(project.versions()) == 1
    assert list((project.store.folder / ".incoming").iterdir()) == []
    assert "running" not in project.states()


@pytest.mark.parametrize("step", ["rename", "replace", "fsync"])
def test_a_full_disk_fails_the_set_with_a_sentence(project, run, executed, result, monkeypatch, step):
    executed({RESULT_TYPE: result})
    run()
    stands = project.versions()
    real = getattr(os, step)

    def full(*given, **named):
        if any(".incoming" in str(path) for path in given) or (step == "fsync" and in_publication()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*given, **named)

    def in_publication() -> bool:
        incoming = project.store.folder / ".incoming"
        return any(incoming.iterdir())

    with monkeypatch.context() as patched:
        patched.setattr(os, step, full)
        code, lines = run(force=True)
    assert code == 1
    assert "The disk of the report store is full (No space left on device)" in lines[0]
    assert project.versions() == stands
    assert project.store.faults() == []


def test_a_store_that_cannot_be_written_is_refused_before_anything_runs(project, run, executed, tmp_path):
    seen = executed()
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="the report store cannot be written"):
        run(store=tmp_path / "file" / "reports")
    assert seen == []


def test_a_store_without_room_is_refused_before_anything_runs(run, executed):
    seen = executed()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(Refused, match=r"the report store cannot be written \(File too large\)"):
            run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert seen == []


def failing(call, where: str, number: int):
    """A call of the system that fails for paths that hold these words."""

    def called(*given, **named):
        if any(where in str(path) for path in given):
            raise OSError(number, os.strerror(number), "p4711")
        return call(*given, **named)

    return called


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "is full"), (errno.EROFS, "cannot be written")])
def test_a_private_folder_that_cannot_be_made_fails_with_a_sentence(
    project, run, executed, monkeypatch, number, words
):
    seen = executed()
    monkeypatch.setattr("tempfile._os.mkdir", failing(os.mkdir, "/data/runs/", number))
    code, lines = run()
    assert code == 1
    assert words in lines[0]
    assert "private folder" in lines[0]
    assert "p4711" not in "".join(lines)
    assert seen == []
    assert project.states() == ["failed"]


def test_published_is_told_though_latest_or_the_record_cannot_be_written(
    project, run, executed, result, monkeypatch
):
    executed({RESULT_TYPE: result})
    real, records = os.replace, []

    def replaced(source, target):
        records.append(".runs/" in str(target))
        if str(target).endswith(LATEST) or (records[-1] and sum(records) > 1):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replaced)
        code, lines = run()
    (version,) = project.versions()
    assert code == 0
    assert lines[0].startswith(f"published    {WORDING}: {version};")
    assert "`latest` may still name the version before. The disk of the report store is full" in lines[1]
    assert "The record of this run could not be written." in lines[2]
    assert run()[1][-2].startswith("unchanged")
    assert project.store.faults() == []


def test_a_catalogue_that_cannot_be_written_is_told(project, run, executed, result, monkeypatch):
    executed({RESULT_TYPE: result})
    monkeypatch.setattr(os, "replace", failing(os.replace, "index.html", errno.ENOSPC))
    code, lines = run()
    assert code == 1
    assert lines[0].startswith("published")
    assert lines[1].startswith("The catalogue is an old one: The disk of the report store is full")
