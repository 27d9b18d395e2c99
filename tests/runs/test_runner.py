"""From sets of parameters to versions: what runs, what is told, what is left behind."""

import errno
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from workbench.present.result import RESULT_TYPE
from workbench.protection.account import account_name
from workbench.refusal import Fault, Refused
from workbench.reports import store as store_module
from workbench.reports.approval import approve
from workbench.reports.locking import UnderWay
from workbench.reports.manifest import version_name
from workbench.reports.records import open_run, write_record
from workbench.reports.store import LATEST, Store
from workbench.runs.attempt import RunOptions
from workbench.runs.events import Event
from workbench.runs.failures import ExecutionFailed, InfrastructureFailed
from workbench.runs.runner import run_sets
from workbench.runs.watching import watch_list_of
from workbench.settings import Limits, Settings
from workbench.tables.engines.failures import ConnectionLost
from workbench.tables.opening import open_source

WORDING = "params/ab_test/wording.yaml"


@pytest.fixture
def run(project, monkeypatch):
    """Runs all parameter sets, opened and not checked (that has its own tests): the exit code, the lines told."""
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(
        "workbench.runs.runner.check_set", lambda chosen, root: open_source(chosen.parameters.source, root)
    )
    # A real run takes longer than the second that tells two versions apart.
    moments = (datetime(2026, 11, 23, 6, minute, tzinfo=UTC) for minute in count())
    monkeypatch.setattr(
        "workbench.runs.publication.version_name", lambda moment, parts: version_name(next(moments), parts)
    )

    def run(paths=("params",), **options):
        options = {"root": project.root, "store": project.store.folder} | options
        lines: list[str] = []
        paths = [project.root / path for path in paths]
        code = run_sets(paths, RunOptions(**options), lambda event: lines.extend(event.lines))
        return code, lines

    return run


def end_of(line: str) -> str:
    """What stands after the set's name."""
    return line.partition(f"{WORDING}: ")[2]


def version_names(store: Store) -> list[str]:
    return [version.manifest.version for version in store.versions("ab_test", "wording")]


@contextmanager
def held(project) -> Iterator[None]:
    """The set's lock, held by somebody else."""
    with project.store.one_at_a_time("ab_test", "wording"):
        yield


def test_a_set_is_published_and_then_unchanged(project, run, executed, result):
    seen = executed({RESULT_TYPE: result})
    code, lines = run()
    (version,) = version_names(project.store)
    assert code == 0
    assert lines == [
        f"published    {WORDING}: {version}; never published before",
        f"Catalogue: {project.store.folder / 'index.html'}",
    ]
    assert seen[0]["experiment"] == "motivational_wording"
    assert run() == (0, [f"unchanged    {WORDING}: {version} stands", lines[1]])
    assert len(seen) == 1
    assert project.states() == ["published", "unchanged"]
    assert [record.version for record in project.store.records()] == [version, None]
    assert project.store.faults() == []


def test_nothing_is_kept_of_a_run_that_published(project, run, executed, result):
    executed({RESULT_TYPE: result})
    run()
    runs = project.root / "data" / "runs"
    assert list(runs.iterdir()) == []
    assert stat.S_IMODE(runs.stat().st_mode) == 0o700


def test_a_forced_run_makes_a_new_version(project, run, executed, result):
    executed({RESULT_TYPE: result})
    run()
    code, lines = run(force=True)
    assert code == 0
    newest, first = version_names(project.store)
    assert newest > first
    assert end_of(lines[0]) == f"{newest}; forced"


def test_forcing_twice_within_a_second_overwrites_nothing(project, run, executed, result, monkeypatch):
    executed({RESULT_TYPE: result})
    second = datetime(2026, 11, 23, tzinfo=UTC)
    monkeypatch.setattr(
        "workbench.runs.publication.version_name", lambda moment, parts: version_name(second, parts)
    )
    run()
    before = (project.store.latest("ab_test", "wording").folder / "manifest.json").read_bytes()
    code, lines = run(force=True)
    assert code == 0
    assert lines[0].startswith("unchanged")
    assert (project.store.latest("ab_test", "wording").folder / "manifest.json").read_bytes() == before


def test_a_dry_run_runs_nothing_writes_nothing_and_says_why(project, run, executed, result):
    seen = executed({RESULT_TYPE: result})
    code, lines = run(dry_run=True)
    assert (code, lines) == (0, [f"skipped      {WORDING}: dry run; it would run: never published before"])
    assert not project.store.folder.exists()
    assert not (project.root / "data" / "runs").exists()
    run()
    assert run(dry_run=True)[1][0].startswith("unchanged")
    assert end_of(run(dry_run=True, force=True)[1][0]) == "dry run; it would run: forced"
    project.write_set(recording_lag_days=2)
    assert end_of(run(dry_run=True)[1][0]) == "dry run; it would run: changed: parameters"
    assert len(seen) == 1
    assert project.states() == ["published"]


def test_the_part_that_changed_is_named(project, run, executed, result):
    executed({RESULT_TYPE: result})
    run()
    for change, part in (
        (lambda: project.write_set(recording_lag_days=2), "parameters"),
        (lambda: project.write_notebook("1 + 1"), "notebook"),
        ((project.data / "surveys.parquet").unlink, "data"),
    ):
        change()
        assert end_of(run(dry_run=True)[1][0]).endswith(f"changed: {part}")
        assert run()[1][0].endswith(f"; changed: {part}")


def test_as_of_takes_the_place_of_the_file_s_own(project, run, executed, result):
    seen = executed({RESULT_TYPE: result})
    run(as_of=date(2026, 11, 9))
    assert seen[0]["as_of"] == "2026-11-09"
    assert project.store.latest("ab_test", "wording").manifest.as_of == date(2026, 11, 9)
    code, lines = run(as_of=datetime.now(UTC).date() + timedelta(days=2))
    assert code == 2
    assert "lies in the future" in lines[0]


def test_a_set_without_its_data_is_skipped(project, run, executed):
    seen = executed()
    project.write_source(location="data/elsewhere")
    code, lines = run()
    assert code == 0
    assert lines[0] == (
        f'skipped      {WORDING}: The data of "Simulated provider" are not here: there is no folder data/elsewhere.'
    )
    assert seen == []
    assert project.states() == ["skipped"]


def test_one_broken_set_among_five_does_not_stop_the_others(project, run, executed, result):
    executed({RESULT_TYPE: result})
    for name in ("a", "b", "d"):
        project.write_set(name)
    project.write_set("c", seed="one")
    code, lines = run()
    assert code == 1
    assert [line.split()[0] for line in lines[:-1]] == ["refused"] + ["published"] * 4
    assert "seed" in lines[0]
    assert len(project.store.parameter_sets()) == 5


def test_a_set_that_breaks_the_workbench_does_not_stop_the_others(project, run, executed, monkeypatch):
    executed(error=KeyError("p4711"))
    project.write_set("a")
    code, lines = run()
    assert code == 1
    told = "The run broke off (KeyError); its traceback is kept in the private folder."
    assert [line.partition(": ")[2] for line in lines if line.startswith("failed")] == [told, told]
    assert "p4711" not in "".join(lines)
    assert not any("p4711" in record.reason for record in project.store.records())
    for folder in (project.root / "data" / "runs").iterdir():
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert "p4711" in (folder / "traceback.txt").read_text()


def test_a_notebook_that_fails_keeps_its_private_folder_and_says_where(project, run, executed):
    executed(error=ExecutionFailed("Cell 4 failed with ValueError."))
    code, lines = run()
    (folder,) = (project.root / "data" / "runs").iterdir()
    assert code == 1
    assert lines[:2] == [
        f"failed       {WORDING}: Cell 4 failed with ValueError.",
        f"  Kept for those who may read it: data/runs/{folder.name}",
    ]
    (record,) = project.store.records()
    assert (record.state, record.private_folder) == ("failed", f"data/runs/{folder.name}")


@pytest.mark.parametrize("results", [0, 2])
def test_a_notebook_without_exactly_one_result_fails(project, run, executed, result, results):
    executed(*[{RESULT_TYPE: result}] * results)
    code, lines = run()
    assert code == 1
    assert lines[0].startswith(
        f"failed       {WORDING}: The notebook displays {'no result' if not results else '2 results'}"
    )


def test_a_report_with_an_identifier_is_withheld_and_the_last_version_stands(project, run, executed, result):
    executed({RESULT_TYPE: result})
    run()
    stands = version_names(project.store)
    person = project.a_patient()
    result["verdict"]["reasons"] = [f"Patient {person} did not answer."]
    executed({RESULT_TYPE: result})
    code, lines = run(force=True)
    assert code == 1
    assert lines[0] == f"withheld     {WORDING}: A release check did not pass."
    assert version_names(project.store) == stands
    assert os.readlink(project.store.folder / "ab_test" / "wording" / LATEST) == stands[0]
    catalogue = (project.store.folder / "index.html").read_text(encoding="utf-8")
    assert "The last run was withheld" in catalogue
    assert person not in catalogue + "".join(lines)
    assert not any(person in record.reason for record in project.store.records())


def test_a_run_that_is_stopped_says_so_and_the_others_do_not_begin(project, run, executed):
    seen = executed(error=SystemExit(143))
    project.write_set("a")
    with pytest.raises(SystemExit):
        run()
    assert len(seen) == 1
    assert project.states() == ["interrupted"]


def test_a_set_that_is_under_way_elsewhere_is_refused_and_the_others_go_on(project, run, executed, result):
    seen = executed({RESULT_TYPE: result})
    project.write_set("a")
    with held(project):
        code, lines = run()
    assert code == 1
    assert [line.split()[0] for line in lines[:2]] == ["published", "refused"]
    assert end_of(lines[1]) == "another run of it is under way; wait until that one has ended."
    assert len(seen) == 1
    assert project.states() == ["published"]
    assert run()[0] == 0


def test_the_lock_does_not_hinder_a_dry_run(project, run):
    with held(project):
        assert run(dry_run=True)[0] == 0


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
    assert len(version_names(project.store)) == 1
    assert list((project.store.folder / ".incoming").iterdir()) == []
    assert "running" not in project.states()


@pytest.mark.parametrize("step", ["rename", "replace", "fsync"])
def test_a_full_disk_fails_the_set_with_a_sentence(project, run, executed, result, monkeypatch, step):
    executed({RESULT_TYPE: result})
    run()
    stands = version_names(project.store)
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
    assert version_names(project.store) == stands
    assert project.store.faults() == []


def test_a_store_that_cannot_be_written_is_refused_before_anything_runs(project, run, executed, tmp_path):
    seen = executed()
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="the report store cannot be written"):
        run(store=tmp_path / "file" / "reports")
    assert seen == []


def test_a_file_with_a_name_that_no_set_can_bear_is_refused(project, run, executed):
    seen = executed()
    (project.root / WORDING).rename(project.root / "params" / "ab_test" / "My set.yaml")
    code, lines = run()
    assert code == 2
    assert "My set" in lines[0]
    assert seen == []
    assert project.states() == []


def test_a_version_published_by_another_since_the_check_is_not_made_again(
    project, run, executed, result, monkeypatch
):
    """The last version is looked up under the lock, not before it."""
    seen = executed({RESULT_TYPE: result})
    run()
    looked = []
    real = store_module.Store.newest

    def newest(self, study, name):
        try:
            with self.one_at_a_time(study, name):
                looked.append("free")
        except UnderWay:
            looked.append("locked")
        return real(self, study, name)

    monkeypatch.setattr("workbench.runs.runner._settle", lambda store, tell: None)
    monkeypatch.setattr(store_module.Store, "newest", newest)
    run()
    assert set(looked) == {"locked"}
    assert len(seen) == 1


def test_a_first_version_waits_once_and_is_no_reader_s(project, run, executed, result):
    project.write_set(release=None)
    seen = executed({RESULT_TYPE: result})
    code, lines = run()
    (version,) = (waiting.manifest.version for waiting in project.store.awaiting("ab_test", "wording"))
    assert code == 0
    assert lines[0] == f"awaiting_approval {WORDING}: {version}; never published before"
    assert version_names(project.store) == []
    assert version not in (project.store.folder / "index.html").read_text(encoding="utf-8")
    assert run() == (0, [f"awaiting_approval {WORDING}: {version} waits", lines[1]])
    assert len(seen) == 1
    assert [record.version for record in project.store.records()] == [version, None]
    assert project.states() == ["awaiting_approval", "awaiting_approval"]
    code, lines = run(force=True)
    (newer,) = (waiting.manifest.version for waiting in project.store.awaiting("ab_test", "wording"))
    assert newer > version
    assert end_of(lines[0]) == f"{newer}; never published before"
    assert list((project.root / "data" / "runs").iterdir()) == []
    assert project.store.faults() == []


def test_once_approved_the_next_of_its_kind_is_published_at_once(project, run, executed, result):
    project.write_set(release=None)
    executed({RESULT_TYPE: result})
    run()
    (waiting,) = project.store.awaiting("ab_test", "wording")
    assert waiting.manifest.run_by == account_name()
    assert waiting.manifest.reads["assignments"]
    # Approved by another account than the one that runs the tests.
    project.store.admit(waiting)
    assert run(force=True)[1][0].startswith("published")
    result["tables"] = [
        {
            "id": "a",
            "caption": "A",
            "columns": [{"name": "b", "title": "B", "kind": "text"}],
            "rows": [],
            "groups": "none",
        }
    ]
    executed({RESULT_TYPE: result})
    assert run(force=True)[1][0].startswith("awaiting_approval")


def test_what_an_approval_left_undone_is_done_by_the_next_run(project, run, executed, result, monkeypatch):
    project.write_set(release="reviewed")
    executed({RESULT_TYPE: result})
    run()
    (waiting,) = project.store.awaiting("ab_test", "wording")
    for room in ("reports.approval", "protection.audit"):
        monkeypatch.setattr(f"workbench.{room}.account_name", lambda: "lead")
    with monkeypatch.context() as patched:
        patched.setattr(store_module.Store, "admit", lambda self, version: None)
        approve(project.store, "ab_test/wording", "", Settings(approvers=("lead",)))
    assert "is still where it waited" in str(project.store.faults()[0])
    assert run()[1][0] == f"unchanged    {WORDING}: {waiting.manifest.version} stands"
    assert project.store.faults() == []


@pytest.fixture
def no_pause(monkeypatch):
    monkeypatch.setattr("workbench.runs.attempt.PAUSE", 0.0)


LOST = InfrastructureFailed("Cell 4 lost the connection to the source's engine.")


@pytest.mark.usefixtures("no_pause")
def test_a_fault_of_infrastructure_is_tried_again_and_told(project, run, executed, result):
    seen = executed({RESULT_TYPE: result}, errors=[LOST])
    code, lines = run()
    (version,) = version_names(project.store)
    assert code == 0
    assert end_of(lines[0]) == f"{version}; never published before (second attempt)"
    assert len(seen) == 2
    (record,) = project.store.records()
    assert (record.state, record.version, record.reason) == (
        "published",
        version,
        f"{version} (second attempt)",
    )
    assert list((project.root / "data" / "runs").iterdir()) == []


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize(("retries", "words"), [(0, ""), (1, " (second attempt)"), (2, " (third attempt)")])
def test_it_is_tried_again_as_often_as_the_settings_say(project, run, executed, retries, words):
    seen = executed(error=LOST)
    code, lines = run(limits=Limits(retries=retries))
    assert code == 1
    assert end_of(lines[0]) == f"{LOST}{words}"
    assert len(seen) == retries + 1
    (record,) = project.store.records()
    assert record.state == "failed"
    assert record.reason.startswith(f"{LOST}{words}\n")


@pytest.mark.usefixtures("no_pause")
def test_an_engine_lost_after_the_notebook_is_tried_again(project, run, executed, result, monkeypatch):
    executed({RESULT_TYPE: result})
    lost = [ConnectionLost(Fault("engine", "the connection was lost.", "Run it again."))]

    def watched(tables, root):
        if lost:
            raise lost.pop()
        return watch_list_of(tables, root)

    monkeypatch.setattr("workbench.runs.attempt.watch_list_of", watched)
    assert run()[1][0].endswith("(second attempt)")


def test_no_attempt_begins_after_the_run_s_time(project, run, executed):
    seen = executed(error=LOST)
    assert run(limits=Limits.model_construct(run_minutes=0, retries=5))[0] == 1
    assert len(seen) == 1


def test_a_failing_cell_is_not_tried_again(run, executed):
    seen = executed(error=ExecutionFailed("Cell 4 failed with ValueError."))
    assert run(limits=Limits(retries=5))[0] == 1
    assert len(seen) == 1


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
    (version,) = version_names(project.store)
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


def test_what_happens_is_told_as_it_happens(project, executed, result, run, monkeypatch):
    executed({RESULT_TYPE: result})
    project.write_set("a")
    project.write_set("c", seed="one")
    events: list[Event] = []
    options = RunOptions(project.root, project.store.folder)
    run_sets([project.root / "params"], options, events.append)
    told = [(event.name, Path(event.values.get("set", "")).stem) for event in events]
    assert told == [
        ("checked", "a"),
        ("ended", "c"),
        ("checked", "wording"),
        *(("started", "a"), ("cell", "a"), ("ended", "a")),
        *(("started", "wording"), ("cell", "wording"), ("ended", "wording")),
        ("catalogue", ""),
    ]
    started, ended = events[6], events[8]
    assert started.values == {"set": WORDING, "number": 2, "count": 2}
    assert ended.values["state"] == "published"
    assert ended.values["version"] == project.store.latest("ab_test", "wording").manifest.version
    assert ended.values["attempts"] == 1
