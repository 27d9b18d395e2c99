"""What `workbench new` refuses before it writes anything."""

import subprocess

import pytest

from workbench.authoring.new_study import INDEX, require_clean, require_own_package, require_sample
from workbench.refusal import Refused


@pytest.fixture
def root(tmp_path):
    (tmp_path / INDEX).parent.mkdir(parents=True)
    (tmp_path / INDEX).write_text("- [One](one.md)\n")
    return tmp_path


def git(root, *words):
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    subprocess.run(["git", "-C", str(root), *identity, *words], check=True, capture_output=True)


def test_an_index_with_changes_that_are_not_committed_is_refused(root):
    git(root, "init")
    git(root, "add", ".")
    git(root, "commit", "-m", "Begin")
    require_clean(INDEX, root)
    (root / INDEX).write_text("- [Two](two.md)\n")
    with pytest.raises(Refused, match="changes that are not committed"):
        require_clean(INDEX, root)


def test_without_version_control_nothing_counts_as_changed(root):
    require_clean(INDEX, root)


def test_a_missing_index_is_refused(root):
    (root / INDEX).unlink()
    with pytest.raises(Refused, match="missing"):
        require_clean(INDEX, root)


def test_the_package_of_another_project_is_refused(root):
    with pytest.raises(Refused, match="not the one of this project"):
        require_own_package(root)


def test_a_missing_sample_is_refused(root):
    with pytest.raises(Refused, match="make sample"):
        require_sample(root)
