"""Versions that wait for an approval."""

from workbench.present.result import RESULT_TYPE
from workbench.protection.account import account_name
from workbench.reports import store as store_module
from workbench.reports.approval import approve
from workbench.settings import Settings

WORDING = "params/ab_test/wording.yaml"


def end_of(line: str) -> str:
    """What stands after the set's name."""
    return line.partition(f"{WORDING}: ")[2]


def test_a_first_version_waits_once_and_is_no_reader_s(project, run, executed, result):
    project.write_set(release=None)
    seen = executed({RESULT_TYPE: result})
    code, lines = run()
    (version,) = (waiting.manifest.version for waiting in project.store.awaiting("ab_test", "wording"))
    assert code == 0
    assert lines[0] == f"awaiting_approval {WORDING}: {version}; never published before"
    assert project.versions() == []
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
