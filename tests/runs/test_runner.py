"""From sets of parameters to versions: what runs, what is told, what is left behind."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from workbench.present.result import RESULT_TYPE
from workbench.reports import store as store_module
from workbench.reports.locking import UnderWay
from workbench.reports.manifest import version_name
from workbench.reports.store import LATEST
from workbench.runs.attempt import RunOptions
from workbench.runs.events import Event
from workbench.runs.failures import ExecutionFailed
from workbench.runs.runner import run_sets

WORDING = "params/ab_test/wording.yaml"


def end_of(line: str) -> str:
    """What stands after the set's name."""
    return line.partition(f"{WORDING}: ")[2]


@contextmanager
def held(project) -> Iterator[None]:
    """The set's lock, held by somebody else."""
    with project.store.one_at_a_time("ab_test", "wording"):
        yield


def test_a_set_is_published_and_then_unchanged(project, run, executed, result):
    seen = executed({RESULT_TYPE: result})
    code, lines = run()
    (version,) = project.versions()
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
    newest, first = project.versions()
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
    stands = project.versions()
    person = project.a_patient()
    result["verdict"]["reasons"] = [f"Patient {person} did not answer."]
    executed({RESULT_TYPE: result})
    code, lines = run(force=True)
    assert code == 1
    assert lines[0] == f"withheld     {WORDING}: A release check did not pass."
    assert project.versions() == stands
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
