"""Where the project stands."""

import stat
from pathlib import Path

import pytest

from workbench.project import external_data_folder, private_folder, project_root, reports_folder
from workbench.refusal import Refused


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    for name in ("WORKBENCH_HOME", "WORKBENCH_REPORTS", "WORKBENCH_DATA"):
        monkeypatch.delenv(name, raising=False)
    for folder in ("home/notebooks/deep/deeper", "home/params", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path / "home"


@pytest.mark.parametrize("inside", ["", "notebooks", "notebooks/deep/deeper", "params"])
def test_the_root_is_found_from_any_folder_of_the_project(root, monkeypatch, inside):
    assert project_root(root / inside) == root
    monkeypatch.chdir(root / inside)
    assert project_root() == root


def test_the_environment_names_the_root_from_anywhere(root, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(root))
    assert project_root(tmp_path / "elsewhere") == root


def test_outside_a_project_and_with_a_wrong_home_it_is_refused(root, tmp_path, monkeypatch):
    with pytest.raises(Refused, match="Change into the project, or set WORKBENCH_HOME"):
        project_root(tmp_path / "elsewhere")
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(Refused, match="WORKBENCH_HOME: this folder holds no notebooks/ and params/"):
        project_root(root)


def test_the_report_store_is_the_one_given_or_named_or_the_project_s_own(root, tmp_path, monkeypatch):
    assert reports_folder(root) == root / "reports"
    monkeypatch.setenv("WORKBENCH_REPORTS", str(tmp_path / "share"))
    assert reports_folder(root) == tmp_path / "share"
    assert reports_folder(root, tmp_path / "given") == tmp_path / "given"


def test_protected_files_lie_in_a_folder_of_their_owner_s_alone(root):
    folder = private_folder(root)
    assert folder == root / "data"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert private_folder(root) == folder


def test_real_data_lie_where_the_environment_says(root, tmp_path, monkeypatch):
    assert external_data_folder() is None
    monkeypatch.setenv("WORKBENCH_DATA", "")
    assert external_data_folder() is None
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path / "elsewhere"))
    assert external_data_folder() == tmp_path / "elsewhere"
