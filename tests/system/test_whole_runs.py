"""Whole runs, with a kernel: from a parameter set to a version, or to the sentence that says why there is none."""

import json
import os
import stat
import subprocess
import sys
import time

import nbformat
import pyarrow.parquet as pq
import pytest

from workbench.present.blocks import BLOCK_TYPE
from workbench.present.result import RESULT_TYPE
from workbench.reports.store import LATEST, Store

WORDING = "params/ab_test/wording.yaml"
DISPLAY = "from IPython.display import display\n"


def show_prose(text: str) -> str:
    return f"{DISPLAY}display({{'{BLOCK_TYPE}': {{'kind': 'prose', 'text': {text!r}}}}}, raw=True)"


def everything_in(store: Store) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(store.folder.rglob("*")) if path.is_file())


def people_in(content: bytes, project) -> set[str]:
    ids = pq.read_table(project.data / "patients.parquet", columns=["patient_id"])["patient_id"].to_pylist()
    return {person for person in ids if person.encode() in content}


def test_published_unchanged_and_forced(project, workbench):
    ended = workbench("run", "params")
    assert ended.code == 0
    first = project.store.latest("ab_test", "wording")
    assert f"published    {WORDING}: {first.manifest.version}; never published before\n" in ended.out
    assert ended.out.endswith(f"Catalogue: {project.store.folder / 'index.html'}\n")
    assert os.readlink(project.store.folder / "ab_test" / "wording" / LATEST) == first.manifest.version

    ended = workbench("run", WORDING)
    assert ended.code == 0
    assert f"unchanged    {WORDING}: {first.manifest.version} stands\n" in ended.out
    assert (project.root / "data" / "trace").read_text() == "x"

    assert workbench("run", "params", "--dry-run", "--force").code == 0
    ended = workbench("run", "params", "--force", "--as-of", "2026-11-09")
    assert ended.code == 0
    assert "; changed: parameters\n" in ended.out
    assert (project.root / "data" / "trace").read_text() == "xx"
    assert [str(version.manifest.as_of) for version in project.store.versions("ab_test", "wording")] == [
        "2026-11-09",
        "2026-11-16",
    ]
    assert project.states() == ["published", "unchanged", "published"]
    assert workbench("reports", "verify").code == 0


def test_the_store_may_lie_on_a_share(project, workbench, tmp_path, monkeypatch):
    for place, words in (("given", ("--reports", str(tmp_path / "given"))), ("named", ())):
        monkeypatch.setenv("WORKBENCH_REPORTS", str(tmp_path / "named"))
        assert workbench("run", "params", *words).code == 0
        assert Store(tmp_path / place).latest("ab_test", "wording") is not None
    assert not project.store.folder.exists()


def test_readers_find_files_they_may_read_and_nobody_else_finds_data(project, workbench):
    project.write_notebook(
        "import pandas as pd",
        "pd.read_parquet('data/sample/patients.parquet').head()",
        "print(pd.read_parquet('data/sample/patients.parquet').to_string())",
        "import sys; print(pd.read_parquet('data/sample/patients.parquet').head(), file=sys.stderr)",
        nbformat.read(project.root / "notebooks" / "ab_test.ipynb", as_version=4).cells[-1].source,
    )
    ended = workbench("run", "params")
    assert ended.code == 0
    version = project.store.latest("ab_test", "wording")
    assert version.manifest.dropped == {"execute_result": 1, "stream": 2}
    assert people_in(everything_in(project.store) + ended.told.encode(), project) == set()
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o644 for file in version.folder.iterdir())
    assert stat.S_IMODE(version.folder.stat().st_mode) & 0o055 == 0o055


def test_an_identifier_in_the_text_is_withheld_and_not_repeated(project, workbench, publishing, result):
    assert workbench("run", "params").code == 0
    stands = project.store.latest("ab_test", "wording").manifest.version
    person = project.a_patient()
    project.write_notebook(publishing(result), show_prose(f"Patient {person} booked twice."))
    ended = workbench("run", "params")
    assert ended.code == 1
    assert f"withheld     {WORDING}: A release check did not pass.\n" in ended.out
    assert person not in ended.told
    assert people_in(everything_in(project.store), project) == set()
    assert project.store.latest("ab_test", "wording").manifest.version == stands
    assert os.readlink(project.store.folder / "ab_test" / "wording" / LATEST) == stands
    (folder,) = (project.root / "data" / "runs").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert f"data/runs/{folder.name}" in ended.out
    assert person in (folder / "executed.ipynb").read_text(encoding="utf-8")
    assert "The last run was withheld" in (project.store.folder / "index.html").read_text(encoding="utf-8")


FAILING = {
    "an error": (["raise ValueError(PERSON)"], "Cell 5 failed with ValueError."),
    "an error under another": (
        ["try:\n    {}[PERSON]\nexcept KeyError as e:\n    raise ValueError(PERSON) from e"],
        "Cell 5 failed with ValueError.",
    ),
    "wrong syntax": (["this is no code PERSON"], "Cell 5 failed with SyntaxError."),
    "the end of the process": (
        ["import os; print(PERSON); os.kill(os.getpid(), 9)"],
        "The kernel was killed in cell 5",
    ),
    "an exit": (
        ["import os; print(PERSON, flush=True); os._exit(3)"],
        "The kernel ended in cell 5 with exit code 3",
    ),
    "no result": (["print(PERSON)"], "The notebook displays no result"),
    "two results": (["PUBLISH", "PUBLISH"], "The notebook displays 2 results"),
    "a result of another shape": (
        [f"{DISPLAY}display({{'{RESULT_TYPE}': {{'verdict': PERSON}}}}, raw=True)"],
        "has not the shape",
    ),
}


@pytest.mark.parametrize(("cells", "sentence"), FAILING.values(), ids=FAILING)
def test_a_notebook_that_fails_is_told_without_its_data(
    project, workbench, publishing, result, cells, sentence
):
    person = project.a_patient()
    cells = [cell.replace("PERSON", repr(person)).replace("PUBLISH", publishing(result)) for cell in cells]
    project.write_notebook("1 + 1", *cells)
    ended = workbench("run", "params")
    assert ended.code == 1
    (line,) = [line for line in ended.out.splitlines() if line.startswith("failed")]
    assert sentence in line
    assert person not in ended.told
    assert "Traceback" not in ended.told
    assert people_in(everything_in(project.store), project) == set()
    (record,) = project.store.records()
    assert record.state == "failed"
    assert (project.root / record.private_folder).is_dir()
    assert (project.root / record.private_folder).stat().st_mode & 0o777 == 0o700
    assert project.store.faults() == []


def test_two_runners_at_once_do_not_work_on_one_set(project, publishing, result):
    project.write_notebook(
        "import pathlib, time\npathlib.Path('data/trace').touch()\n"
        "while not pathlib.Path('data/go').exists():\n    time.sleep(0.02)",
        publishing(result),
    )
    first = project.start("run", "params")
    try:
        while not (project.root / "data" / "trace").exists():
            assert first.poll() is None
            time.sleep(0.02)
        second = project.command("run", WORDING)
        assert second.code == 1
        assert (
            f"refused      {WORDING}: another run of it is under way; wait until that one has ended."
            in second.out
        )
        assert project.states() == ["running"]
    finally:
        (project.root / "data" / "go").touch()
        out, err = first.communicate(timeout=60)
    assert first.returncode == 0, out + err
    assert project.states() == ["published"]
    assert project.store.faults() == []


def test_the_study_s_own_notebook_runs_under_the_command_and_under_plain_papermill(real_project):
    """Both on the same small provider, with the quickest study; tests/notebooks makes the others' reports."""
    project = real_project
    chosen = "params/data_quality/sample.yaml"
    ended = project.command("run", chosen)
    assert ended.code == 0, ended.told
    version = project.store.latest("data_quality", "sample")
    assert people_in(everything_in(project.store), project) == set()
    assert project.store.faults() == []

    words = [
        "notebooks/data_quality.ipynb",
        "data/out.ipynb",
        "-f",
        chosen,
        "--no-progress-bar",
        "-k",
        "python3",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "papermill", *words],
        cwd=project.root,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    notebook = nbformat.read(project.root / "data" / "out.ipynb", as_version=4)
    shown = [
        output["data"] for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output
    ]
    (made,) = [data[RESULT_TYPE] for data in shown if RESULT_TYPE in data]
    published = json.loads((version.folder / "results.json").read_text(encoding="utf-8"))
    # papermill alone does not know the set's name; all else is the same, to the last digit.
    assert published["name"] == "sample"
    assert made | {"name": published["name"]} == published
