"""Where a version comes from."""

import subprocess

from workbench.reports.manifest import MANIFEST_FILE, Manifest
from workbench.runs.provenance import git_state, package_versions, python_version, told


def git(folder, *words):
    who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def test_a_checkout_tells_its_commit_and_whether_it_is_clean(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-q", "-m", "one")
    commit, clean = git_state(tmp_path)
    assert len(commit) == 40
    assert clean is True
    (tmp_path / "file").write_text("two")
    assert git_state(tmp_path) == (commit, False)


def test_a_folder_without_version_control_and_a_machine_without_git_tell_nothing(tmp_path, monkeypatch):
    assert git_state(tmp_path) == (None, None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(tmp_path) == (None, None)


def test_packages_are_told_with_their_versions():
    versions = package_versions()
    assert versions["workbench"]
    assert all(version[0].isdigit() for version in versions.values())
    assert python_version().startswith("3.")


def test_a_report_says_what_made_it(project, published):
    kept = Manifest.model_validate_json((published(project.store) / MANIFEST_FILE).read_bytes())
    update = {"packages": package_versions(), "timings": {"execution": 3.0}}
    lines = dict(told(kept.model_copy(update=update)))
    assert lines["Code"] == "no version control"
    assert lines["Data"].endswith("simulated, nobody in it is real")
    assert lines["Run again"] == "workbench run params/ab_test/wording.yaml --as-of 2026-11-16 --force"
    versioned = kept.model_copy(
        update=update | {"git_commit": "a" * 40, "git_clean": False, "simulated": False}
    )
    lines = dict(told(versioned))
    assert lines["Code"] == "commit aaaaaaaaa, with uncommitted changes"
    assert "simulated" not in lines["Data"]
