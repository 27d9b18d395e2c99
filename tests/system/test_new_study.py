"""`workbench new` in a copy of the project: what it makes passes every check, up to a published report."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAME = "visits_by_phase"
PARTS = ("src", "notebooks", "params", "tests", "docs", "make", "pyproject.toml", "requirements.lock")


class Project:
    """A copy of the project, with the sample of this one."""

    def __init__(self, root):
        self.root = root
        for part in PARTS:
            source = ROOT / part
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, root / part)
        (root / "data").mkdir(mode=0o700)
        (root / "data" / "sample").symlink_to(ROOT / "data" / "sample", target_is_directory=True)

    def run(self, *words):
        """A module of Python run in the project, on the project's own package."""
        own = {"PYTHONPATH": str(self.root / "src"), "WORKBENCH_HOME": str(self.root)}
        environment = {**os.environ, **own}
        environment.pop("WORKBENCH_REPORTS", None)
        return subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def files(self):
        return {
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and "data" not in path.parts
        }


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    if not (ROOT / "data" / "sample" / "truth.json").is_file():
        pytest.skip("the sample is not there: make sample")
    made = Project(tmp_path_factory.mktemp("project"))
    made.before = made.files()
    made.made = made.run("workbench", "new", NAME)
    assert made.made.returncode == 0, made.made.stderr
    return made


def passes(done):
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_tells_every_file_it_made_and_what_to_do_next(project):
    new = project.files() - project.before
    assert len(new) == 11
    told = {line.strip() for line in project.made.stdout.splitlines()}
    assert new <= told
    assert f"publish its report: workbench run params/{NAME}" in told


def test_its_parameter_set_is_in_order(project):
    passes(project.run("workbench", "check", f"params/{NAME}"))


def test_its_code_is_linted_formatted_and_typed(project):
    code = [path for path in sorted(project.files() - project.before) if path.endswith((".py", ".ipynb"))]
    assert len(code) == 9
    passes(project.run("ruff", "check", "--no-cache", *code))
    passes(project.run("ruff", "format", "--no-cache", "--check", *code))
    passes(project.run("mypy", *(path for path in code if path.startswith("src/"))))


def test_its_tests_pass_with_those_of_notebooks_floors_and_pages_and_its_notebook_gives_the_same_text(project):
    links = "tests/test_docs.py::test_relative_links_lead_to_a_file_and_a_heading"
    pages = [f"{links}[docs/methods/{page}.md]" for page in ("README", "visits-by-phase")]
    # But for the sample reports, which know nothing of it and take every other notebook to be made.
    notebooks = [f"tests/notebooks/test_{what}.py" for what in ("docstrings", "notebooks")]
    tests = [*notebooks, "tests/test_floors.py", "tests/test_methods.py", "tests/runs/test_studies.py"]
    options = ["-q", "-p", "no:cacheprovider", "--nbval"]
    passes(project.run("pytest", *options, *tests, *pages, f"tests/{NAME}", f"notebooks/{NAME}.ipynb"))


def test_it_is_moved_by_nothing_known_later_and_by_nobody_outside_its_cohort(project):
    done = project.run("pytest", "-q", "-p", "no:cacheprovider", "tests/runs/test_point_in_time.py", "-k", NAME)
    passes(done)
    assert "4 passed" in done.stdout


def test_it_is_run_to_a_published_report(project):
    done = project.run("workbench", "run", f"params/{NAME}")
    passes(done)
    assert done.stdout.startswith("published ")
    version = project.root / "reports" / NAME / "sample" / "latest"
    assert json.loads((version / "results.json").read_text())["verdict"]["decision"] == "describe"
    assert "Visits by phase" in (version / "report.html").read_text()


@pytest.mark.parametrize("name", [NAME, "figures", "class"])
def test_what_cannot_be_made_is_refused_in_one_sentence_and_leaves_nothing(project, name):
    before = project.files()
    done = project.run("workbench", "new", name)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert project.files() == before


def test_where_the_notebook_does_not_run_nothing_is_left(project):
    before = project.files()
    index = (project.root / "docs/methods/README.md").read_text()
    summary = project.root / "src/workbench/present/summary.py"
    whole = summary.read_text()
    summary.write_text("raise RuntimeError\n")
    try:
        done = project.run("workbench", "new", "waiting_times")
    finally:
        summary.write_text(whole)
    assert done.returncode == 2
    assert "nothing was made" in done.stderr
    assert project.files() == before
    assert (project.root / "docs/methods/README.md").read_text() == index
