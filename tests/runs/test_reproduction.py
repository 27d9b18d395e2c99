"""A version is made again from its manifest: what comes of it is told, nothing is published, and no file is trusted."""

import json

import pyarrow.parquet as pq
import pytest

from workbench.present.result import RESULT_TYPE
from workbench.refusal import Refused
from workbench.runs import reproduction
from workbench.runs.attempt import RunOptions
from workbench.runs.failures import ExecutionFailed
from workbench.runs.reproduction import in_words, reproduce
from workbench.runs.runner import run_sets
from workbench.settings import Limits
from workbench.tables.opening import open_source


@pytest.fixture
def version(project, monkeypatch, executed, result):
    """A published version whose notebook is not executed, and parameters not checked against the data."""
    for room in ("runner", "reproduction"):
        monkeypatch.setattr(
            f"workbench.runs.{room}.check_set", lambda chosen, root: open_source(chosen.parameters.source, root)
        )
    executed({RESULT_TYPE: result})
    options = RunOptions(root=project.root, store=project.store.folder)
    assert run_sets([project.root / "params"], options, print) == 0
    return project.store.latest("ab_test", "wording")


@pytest.fixture
def again(project, version, monkeypatch, executed_notebook):
    """Makes the version again from a notebook that shows this; the lines told, and the parameters it was given."""

    def run(*shown, error=None):
        seen = []

        def execute(notebook, parameters, folder, root, progress, bounds):
            seen.append(parameters)
            (folder / "executed.ipynb").write_text("{}")
            if error is not None:
                raise error
            return executed_notebook(*shown)

        monkeypatch.setattr(reproduction, "execute", execute)
        made = reproduce(version, project.root, Limits(), lambda done, cells: None)
        return made, list(in_words(made)), seen

    return run


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_is_identical_and_leaves_nothing(project, version, again, result):
    before = everything(project.store.folder)
    made, lines, seen = again({RESULT_TYPE: result})
    assert made.agrees
    assert lines == [f"identical    {version}: every number, table and sentence came out the same"]
    assert everything(project.store.folder) == before
    assert list((project.root / "data" / "runs").iterdir()) == []
    assert seen == [version.manifest.parameters]


def test_the_manifest_is_what_counts_and_not_the_file(project, version, again, result):
    project.write_set(seed=2, title="Another", recording_lag_days=2)
    _, lines, seen = again({RESULT_TYPE: result})
    assert seen == [version.manifest.parameters]
    assert len(lines) == 1


def test_a_difference_is_told_by_place_and_kept(project, version, again, result):
    result["verdict"]["headline"] = "It is too late to say."
    made, lines, _ = again({RESULT_TYPE: result})
    assert not made.agrees
    assert lines[:3] == [
        f"different    {version}: the results are not the same",
        "  differs: the verdict's words",
        "  Nothing that it depends on changed: the study itself does not repeat its results here.",
    ]
    assert lines[3] == f"  Kept for those who may read it: {made.kept}"
    assert (project.root / made.kept / "executed.ipynb").is_file()
    assert "too late" not in "".join(lines)


def test_what_changed_since_is_named(project, version, again, result):
    project.write_source(description="Another description.")
    surveys = project.data / "surveys.parquet"
    rows = pq.read_table(surveys)
    surveys.unlink()
    pq.write_table(rows.slice(1), surveys)
    made, lines, _ = again({RESULT_TYPE: result})
    assert made.agrees
    assert lines[1:] == [
        "  changed since: data, source",
        "  The data changed since, so that a difference is expected.",
    ]


@pytest.mark.parametrize("error", [ExecutionFailed("Cell 3 failed with ValueError."), None])
def test_what_cannot_be_run_is_refused_with_a_sentence(project, again, error):
    with pytest.raises(Refused) as refused:
        again(error=error)
    (kept,) = (project.root / "data" / "runs").iterdir()
    assert "Cell 3 failed" in str(refused.value) or "no result" in str(refused.value)
    assert str(refused.value).endswith(f"data/runs/{kept.name}")


def test_absent_data_are_told(project, again, monkeypatch):
    project.write_source(within="WORKBENCH_DATA")
    monkeypatch.delenv("WORKBENCH_DATA", raising=False)
    with pytest.raises(Refused, match="are not here"):
        again()


def test_parameters_that_the_study_no_longer_takes_are_told(project, version, again):
    manifest = version.folder / "manifest.json"
    values = json.loads(manifest.read_text())
    values["parameters"]["windw_days"] = 3
    changed = type(version.manifest).model_validate(values)
    object.__setattr__(version, "manifest", changed)
    with pytest.raises(Refused, match="windw_days"):
        again()


def test_the_command_tells_and_ends_accordingly(version, workbench, monkeypatch, executed_notebook, result):
    def execute(notebook, parameters, folder, root, progress, bounds):
        return executed_notebook({RESULT_TYPE: result})

    monkeypatch.setattr(reproduction, "execute", execute)
    assert workbench("reports", "reproduce", str(version)).code == 0
    result["verdict"]["decision"] = "invalid"
    ended = workbench("reports", "reproduce", str(version))
    assert ended.code == 1
    assert "differs: the verdict's decision" in ended.out
    assert workbench("reports", "reproduce", "nothing").code == 2
