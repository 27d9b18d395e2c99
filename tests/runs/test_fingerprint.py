"""Each part of a fingerprint changes when what it stands for does, and not otherwise."""

import os
import shutil
from dataclasses import replace
from datetime import date

import nbformat
import pyarrow.parquet as pq
import pytest
import yaml

from workbench.parameters.sets import read_parameter_set
from workbench.refusal import Refused
from workbench.reports.manifest import changed_parts
from workbench.runs import fingerprint as fingerprint_module
from workbench.runs.fingerprint import fingerprint
from workbench.runs.studies import MODELS, STUDIES
from workbench.tables.opening import open_source


def of(project, as_of=None):
    path = project.root / "params" / "ab_test" / "wording.yaml"
    chosen = read_parameter_set(path, project.root, MODELS, date(2026, 11, 25), as_of)
    return fingerprint(chosen, open_source(chosen.parameters.source, project.root), project.root)


def words_of_the_notebook(project):
    path = project.root / "notebooks" / "ab_test.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = "## Other words"
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="an output")]
    nbformat.write(notebook, path)


def a_row(project):
    path = project.data / "clinics.parquet"
    rows = pq.read_table(path)
    path.unlink()
    pq.write_table(rows.slice(1), path)


CHANGES = {
    "nothing": (lambda project: None, []),
    "the set's layout": (lambda project: project.write_set(text="\n# a remark\n"), []),
    "the notebook's words and outputs": (words_of_the_notebook, []),
    "a file the source does not read": (lambda project: (project.data / "notes.txt").touch(), []),
    "when data were written": (lambda project: os.utime(project.data / "clinics.parquet", (0, 0)), []),
    "the notebook's code": (lambda project: project.write_notebook("1 + 1"), ["notebook"]),
    "a parameter": (lambda project: project.write_set(recording_lag_days=2), ["parameters"]),
    "the seed": (lambda project: project.write_set(seed=2), ["seed"]),
    "the source file": (lambda project: project.write_source(description="Other."), ["source"]),
    "a table": (a_row, ["data"]),
    "a table less": (lambda project: (project.data / "surveys.parquet").unlink(), ["data"]),
    "the lock": (lambda project: (project.root / "requirements.lock").write_text("x"), ["environment"]),
}


@pytest.mark.parametrize(("change", "parts"), CHANGES.values(), ids=CHANGES)
def test_what_changes_a_part_and_what_does_not(project, change, parts):
    before = of(project)
    change(project)
    assert changed_parts(before, of(project)) == parts


def test_another_day_changes_the_parameters(project):
    assert changed_parts(of(project), of(project, date(2026, 11, 9))) == ["parameters"]


def test_the_package_counts_below_the_reports(project, tmp_path, monkeypatch):
    package = tmp_path / "workbench"
    for file in ("__init__.py", "cli/entry.py", "experiments/exact.py", "reports/store.py"):
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text("one")
    monkeypatch.setattr(fingerprint_module.workbench, "__file__", str(package / "__init__.py"))
    before = of(project)
    for file in ("cli/entry.py", "reports/store.py"):
        (package / file).write_text("two")
    assert changed_parts(before, of(project)) == []
    (package / "experiments" / "exact.py").write_text("two")
    assert changed_parts(before, of(project)) == ["package"]


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"cells": 3, "nbformat": 4, "nbformat_minor": 5}'])
def test_a_missing_or_broken_notebook_is_refused(project, content):
    path = project.root / "notebooks" / "ab_test.ipynb"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match=r"notebooks/ab_test.ipynb: the notebook is missing or broken"):
        of(project)


def test_a_source_that_is_read_beside_the_studys_own_changes_the_run_by_its_file_and_its_data(project):
    told = {
        "title": "Ahead",
        "question": "Whom to call?",
        "audience": ["operations"],
        "owner": "Outreach analytics",
        "as_of": "2026-11-16",
        "source": "sample",
        "seed": 1,
        "test_from": "2026-07-27",
        "transport_source": "there",
        "who_must_act": "The front desk calls.",
    }
    path = project.root / "params" / "no_show" / "ahead.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    nbformat.write(nbformat.v4.new_notebook(), project.root / "notebooks" / "no_show.ipynb")
    there = project.root / "there"
    shutil.copytree(project.data, there)
    project.write_source("there", location=str(there))

    def found():
        chosen = read_parameter_set(path, project.root, MODELS, date(2026, 11, 25))
        return fingerprint(chosen, open_source("sample", project.root), project.root)

    first = found()
    (there / "surveys.parquet").unlink()
    second = found()
    assert changed_parts(first, second) == ["data"]
    project.write_source("there", location=str(there), description="Other.")
    assert changed_parts(second, found()) == ["source"]
    (project.root / "params" / "sources" / "there.yaml").unlink()
    with pytest.raises(Refused, match="there"):
        found()


def test_what_a_study_reads_of_kept_files_changes_the_data(project, monkeypatch):
    before = of(project)
    for kept, parts in (((), []), (("segments groups, version 20261019-0123abcd",), ["data"])):
        study = replace(STUDIES["ab_test"], rests_on_kept=lambda settings, root, kept=kept: kept)
        monkeypatch.setattr("workbench.runs.studies.ab_test.STUDY", study)
        assert changed_parts(before, of(project)) == parts
