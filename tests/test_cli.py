"""The command line: every end is told by a sentence and an exit code."""

import json
import os
import signal
import sys

import pytest

from workbench.cli.exit_codes import STOPPED
from workbench.protection.account import account_name
from workbench.protection.audit import LOG, audit, store_log
from workbench.reports.store import REPORT_FILE
from workbench.simulate.scenarios.catalog import SCENARIOS


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("run", "--help"), ("reports", "verify", "--help")])
def test_help_is_given(workbench, words):
    ended = workbench(*words)
    assert ended.code == 0
    assert "Usage:" in ended.out


def test_help_lists_every_command(workbench):
    out = workbench("--help").out
    assert all(f"  {command}" in out for command in ("simulate", "check", "run", "reports", "lab"))
    assert workbench("--version").out.startswith("workbench, version ")


@pytest.mark.parametrize(
    "words",
    [
        ("rum",),
        ("run",),
        ("run", "params", "--forse"),
        ("run", "params", "--as-of", "yesterday"),
        ("run", "params", "--as-of", "2026-02-30"),
        ("check",),
        ("reports", "show"),
        ("reports", "export"),
        ("reports", "export", "out", "--format", "xlsx"),
        ("simulate", "out", "--patients", "many"),
    ],
)
def test_wrong_usage_ends_with_2(workbench, project, words):
    ended = workbench(*words)
    assert ended.code == 2
    assert "Error: " in ended.err
    assert "Traceback" not in ended.told
    assert project.nothing_ran()


def test_outside_a_project_it_says_where_to_go(workbench, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    ended = workbench("run", "params")
    assert ended.code == 2
    assert ended.err == (
        "WORKBENCH_HOME: this folder holds no notebooks/ and params/. Name the project's root folder.\n"
    )


def test_a_provider_is_simulated_and_refused_where_it_cannot_be(workbench, tmp_path):
    ended = workbench("simulate", str(tmp_path / "out"), "--patients", "200", "--seed", "1")
    assert ended.code == 0
    assert (tmp_path / "out" / "truth.json").is_file()
    for words in (
        ("--patients", "3"),
        ("--scenario", "paradise"),
        ("--seed", "-1"),
        ("--separation", "9"),
    ):
        refused = workbench("simulate", str(tmp_path / "other"), *words)
        assert refused.code == 2
        assert words[0].strip("-") in refused.err
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    assert workbench("simulate", str(tmp_path / "mine"), "--patients", "200").code == 2
    assert (tmp_path / "mine" / "thesis.txt").is_file()


def test_scenarios_are_listed_by_name_and_title(workbench):
    listed = workbench("simulate", "--scenario", "list")
    assert listed.code == 0
    assert len(listed.out.splitlines()) == len(SCENARIOS)
    refused = workbench("simulate", "out", "--scenario", "broken_randomiser")
    assert 'Did you mean "broken_randomizer"?' in refused.err
    told = workbench("simulate", "--help").out
    for name, scenario in SCENARIOS.items():
        assert name in told
        assert scenario.title in listed.out
        assert scenario.title in refused.err


def test_a_scenario_is_simulated_by_its_name(workbench, tmp_path):
    out = tmp_path / "out"
    words = ("--patients", "400", "--scenario", "motivational", "--separation", "0")
    assert workbench("simulate", str(out), *words).code == 0
    truth = json.loads((out / "truth.json").read_text())
    assert (truth["scenario"], truth["settings"]["separation"]) == ("motivational", 0)
    assert list(truth["laboratory"]["estimands"]) == ["booking"]


def test_a_provider_is_written_in_vendors_shapes(workbench, project):
    out = project.root / "data" / "exports"
    ended = workbench("simulate", str(out), "--patients", "200", "--seed", "1", "--as", "csv, qualtrics")
    assert ended.code == 0
    assert sorted(path.name for path in out.iterdir()) == ["csv", "qualtrics", "source.yaml"]
    assert "run workbench ingest with that name" in ended.out
    refused = workbench("simulate", str(out), "--patients", "200", "--as", "cvs")
    assert refused.code == 2
    assert 'there is no shape "cvs". Did you mean "csv"?' in refused.err


def test_a_source_file_is_drafted_printed_or_kept(workbench, project):
    path = project.root / "data" / "clinics.csv"
    path.write_text("Clinic,Time zone\nnorth,America/New_York\n", encoding="utf-8")
    ended = workbench("source", "draft", str(path))
    assert ended.code == 0
    assert "reads: table" in ended.out
    kept = workbench("source", "draft", str(path), "--name", "clinics")
    assert kept.out == f"{project.root / 'params' / 'sources' / 'clinics.yaml'}\n"
    assert "location: data/clinics\n" in (project.root / "params" / "sources" / "clinics.yaml").read_text()
    again = workbench("source", "draft", str(path), "--name", "clinics")
    assert again.code == 2
    assert "left as it is" in again.err


def test_the_store_is_listed_shown_verified_and_indexed(workbench, project, published):
    assert "There are no reports yet" in workbench("reports", "list").out
    folder = published(project.store)
    assert workbench("reports", "list").out.startswith(f"ab_test/wording  {folder.name}")
    assert f"Page {folder / REPORT_FILE}" in workbench("reports", "show", "ab_test/wording").out
    assert workbench("reports", "verify").out == "Every version is as it was published.\n"
    assert workbench("reports", "index").out == f"{project.store.folder / 'index.html'}\n"
    assert (project.store.folder / "index.html").is_file()


def test_an_unknown_version_is_refused(workbench):
    ended = workbench("reports", "show", "../../etc/passwd")
    assert ended.code == 2
    assert "there is no such version" in ended.err


def test_two_versions_are_compared_and_differing_is_no_failure_unless_asked(workbench, project, published):
    before, after = published(project.store, second=1), published(project.store, second=2, decision="invalid")
    words = ("reports", "diff", before.name, after.name)
    told = workbench(*words)
    assert (told.code, told.err) == (0, "")
    assert "Verdict     “Not valid: do not use” now; “Keep collecting” before.\n" in told.out
    assert workbench(*words, "--exit-code").code == 1
    assert workbench("reports", "diff", after.name, after.name, "--exit-code").code == 0
    page = project.root / "changed.html"
    assert workbench(*words, "--page", str(page)).out == told.out
    assert page.is_file()
    again = workbench(*words, "--page", str(page))
    assert (again.code, again.out) == (2, "")
    assert "it is left as it is" in again.err


def test_what_cannot_be_compared_is_refused(workbench, project, published):
    folder = published(project.store)
    other = published(project.store, study="no_show", second=3)
    for named in (other.name, "nothing", "../../etc/passwd"):
        ended = workbench("reports", "diff", folder.name, named)
        assert (ended.code, ended.out) == (2, "")
    (folder / REPORT_FILE).unlink()
    ended = workbench("reports", "diff", folder.name, folder.name)
    assert ended.code == 2
    assert "the file is missing" in ended.err


def test_a_changed_file_is_found_and_ends_with_1(workbench, project, published):
    (published(project.store) / REPORT_FILE).write_text("else")
    ended = workbench("reports", "verify")
    assert ended.code == 1
    assert "it was changed after publication" in ended.err
    assert ended.out == "1 fault\n"


def test_the_store_may_lie_elsewhere(workbench, project, published, tmp_path, monkeypatch):
    published(type(project.store)(tmp_path / "share"))
    assert "ab_test/wording" in workbench("reports", "--reports", str(tmp_path / "share"), "list").out
    monkeypatch.setenv("WORKBENCH_REPORTS", str(tmp_path / "share"))
    assert "ab_test/wording" in workbench("reports", "list").out


def test_a_fault_of_the_workbench_is_told_by_its_kind_and_place(workbench, monkeypatch):
    def broken(store):
        raise KeyError("p4711")

    monkeypatch.setattr("workbench.reports.listing.listing", broken)
    ended = workbench("reports", "list")
    assert ended.code == 1
    assert ended.err.startswith("The workbench itself failed (KeyError in test_cli.py, line ")
    assert "p4711" not in ended.told


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_with_its_code_and_a_second_one_does_not_disturb(workbench, monkeypatch, number, code):
    tidied = []

    def stopped(store):
        try:
            os.kill(os.getpid(), number)
            signal.sigtimedwait([], 5)
        finally:
            os.kill(os.getpid(), number)
            tidied.append(True)

    monkeypatch.setattr("workbench.reports.listing.listing", stopped)
    ended = workbench("reports", "list")
    assert ended.code == code
    assert ended.err == "Stopped; every version that was there still stands.\n"
    assert tidied == [True]


class Leaves:
    """An object that does something while it is put away."""

    def __init__(self, last_act):
        self.last_act = last_act

    def __del__(self):
        self.last_act()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_while_an_object_is_put_away_is_not_lost(workbench, monkeypatch, number):
    def stopped(store):
        Leaves(lambda: os.kill(os.getpid(), number))
        signal.sigtimedwait([], 30)

    monkeypatch.setattr("workbench.reports.listing.listing", stopped)
    ended = workbench("reports", "list")
    assert ended.code == STOPPED[number]
    assert ended.err == "Stopped; every version that was there still stands.\n"


def test_a_fault_while_an_object_is_put_away_is_told_by_its_kind_and_place(workbench, monkeypatch):
    def broken():
        raise KeyError("p4711")

    def listing(store):
        Leaves(broken)
        return []

    monkeypatch.setattr("workbench.reports.listing.listing", listing)
    ended = workbench("reports", "list")
    assert ended.code == 0
    assert ended.err.startswith(
        "A fault was passed over while an object was put away (KeyError in test_cli.py, "
    )
    assert "p4711" not in ended.told


def test_lab_becomes_jupyterlab_in_the_project(workbench, project, monkeypatch):
    became = []
    monkeypatch.setattr(os, "execve", lambda *given: became.append(given))
    workbench("lab", "--no-browser", "--port=9999")
    ((program, words, environment),) = became
    assert program == sys.executable
    assert words[1:3] == ["-m", "jupyterlab"]
    assert words[-2:] == ["--no-browser", "--port=9999"]
    assert f"--ServerApp.root_dir={project.root}" in words
    assert "--KernelManager.transport_encryption=auto" in words
    assert environment["WORKBENCH_HOME"] == str(project.root)


def test_what_waits_is_approved_listed_withdrawn_and_audited(project, workbench, published, monkeypatch):
    waiting = published(project.store, waits=True)
    refused = workbench("reports", "approve", waiting.name)
    assert (refused.code, "none of the approvers" in refused.err) == (2, True)
    (project.root / "workbench.yaml").write_text(f"approvers: [{account_name()}]\n")
    place = f"ab_test/wording/{waiting.name}"
    ended = workbench("reports", "approve", waiting.name, "--remark", "Read.")
    assert (ended.code, ended.out) == (0, f"approved     {place}\n")
    assert waiting.name in (project.store.folder / "index.html").read_text(encoding="utf-8")
    assert workbench("reports", "verify").code == 0
    assert workbench("reports", "withdraw", "ab_test/wording").code == 2
    ended = workbench("reports", "withdraw", "ab_test/wording", "--remark", "An arm was mislabeled.")
    assert (ended.code, ended.out) == (0, f"withdrawn    {place}\n")
    assert "1 withdrawn version" in (project.store.folder / "index.html").read_text(encoding="utf-8")
    audit(project.root, "key made", "key.json")
    lines = workbench("audit").out.splitlines()
    assert [line.split()[0] for line in lines] == ["data/audit.jsonl", *["reports/.audit.jsonl"] * 2]
    assert f"approved: {place}" in lines[1]


def test_a_log_that_was_altered_does_not_hide_the_other(project, workbench, published):
    project.store.folder.mkdir()
    store_log(project.store.folder).add("pruned", "ab_test/wording")
    (project.root / "data" / LOG).write_text("broken\n")
    ended = workbench("audit")
    assert ended.code == 2
    assert "pruned: ab_test/wording" in ended.out
    assert "data/audit.jsonl: line 1 or the one before it was altered" in ended.err


def test_old_versions_are_pruned_once_it_is_no_dry_run(project, workbench, published):
    (project.root / "workbench.yaml").write_text("keep: {versions: 1}\n")
    old = published(project.store, second=1)
    published(project.store, second=2)
    ended = workbench("reports", "prune", "--dry-run")
    assert ended.out.splitlines() == [
        f"version        ab_test/wording/{old.name}  0.0 MB",
        "It would remove 1 version: 0.0 MB.",
    ]
    assert old.is_dir()
    assert workbench("reports", "prune").out.endswith("Removed 1 version: 0.0 MB.\n")
    assert not old.exists()
    assert workbench("reports", "prune").out == "There is nothing to remove.\n"


def test_an_export_tells_its_rows_and_is_refused_within_the_store(workbench, project, published, tmp_path):
    published(project.store)
    ended = workbench("reports", "export", str(tmp_path / "out"), "--format", "both")
    assert ended.code == 0
    assert "versions          1 row\n" in ended.out
    assert (tmp_path / "out" / "metrics.parquet").is_file()
    refused = workbench("reports", "export", str(project.store.folder / "out"))
    assert refused.code == 2
    assert "Name a folder elsewhere." in refused.err
    assert "Traceback" not in refused.told
