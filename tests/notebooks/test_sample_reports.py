"""The sample reports under docs/ are what the sample's parameter sets give today, number by number.

A notebook stands with the values of the set that its sample report is of. What nbval has executed in this process is
therefore the set's notebook, and its report is made of that as a run makes it; without nbval it is executed here.
"""

import math
import re
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell
from traitlets.config import Config

from workbench.parameters.sets import ParameterSet, read_parameter_set
from workbench.present.result import StudyResult
from workbench.reports.store import REPORT_FILE, RESULTS_FILE
from workbench.runs.precheck import check_set
from workbench.runs.publication import Prepared, prepare
from workbench.runs.studies import MODELS
from workbench.runs.watching import watch_list_of

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((ROOT / "docs" / "samples").glob("*/" + RESULTS_FILE))
# What a sampler draws differs between processors by its Monte Carlo error, what is fitted by its last digits; what is
# exact does not.
RELATIVE = {
    "ab_test": 1e-6,
    "data_quality": 1e-9,
    "experiment_plan": 1e-2,
    "message_load": 1e-1,
    "no_show": 1e-3,
    "segment_review": 1e-3,
    "segmentation": 1e-3,
}
DRAWN = 0.004
SAMPLED = {"segment", "factor", "model"}
SAMPLED_TABLES = (
    "segments_",
    "factors",
    "combinations",
    "covariate",
    "cure",
    "curve",
    "kinds",
    "hours",
    "segments",
)

pytestmark = pytest.mark.skipif(
    not (ROOT / "data" / "sample" / "truth.json").exists(),
    reason="the sample provider's data are not here: make them by `make sample`",
)


# When a set runs and how it is released; a notebook knows of neither.
OF_RUNS = {"schedule": None, "release": None}
ENCRYPTED = Config({"KernelManager": {"transport_encryption": "auto"}})


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda path: path.parent.name)
def sample(request: pytest.FixtureRequest) -> tuple[StudyResult, Path]:
    """A committed result, and its folder."""
    return StudyResult.model_validate_json(request.param.read_bytes()), request.param.parent


@pytest.fixture(scope="module")
def chosen(sample: tuple[StudyResult, Path]) -> ParameterSet:
    """The parameter set of the sample."""
    committed, _ = sample
    file = ROOT / "params" / committed.study / f"{committed.name}.yaml"
    return read_parameter_set(file, ROOT, MODELS, date(2100, 1, 1))


@pytest.fixture(scope="module")
def fresh(request: pytest.FixtureRequest, chosen: ParameterSet) -> Prepared:
    """What a run of the set would publish today."""
    path = ROOT / "notebooks" / f"{chosen.study}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cells = [item for item in request.session.items if isinstance(item, IPyNbCell) and item.path == path]
    if cells and all(cell.test_outputs is not None for cell in cells):
        fill(notebook, cells)
    else:
        NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, config=ENCRYPTED).execute()
    tables = check_set(chosen, ROOT)
    watched = watch_list_of(tables, ROOT)
    return prepare(chosen, notebook, tables.source, {"data": "0" * 64}, watched, {"execution": 0.0}, None, ROOT)


def fill(notebook: NotebookNode, cells: list[IPyNbCell]) -> None:
    """Put what nbval's cells gave in the place of the notebook's outputs."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, executed in zip(code, sorted(cells, key=lambda each: each.cell_num), strict=True):
        cell.outputs = [nbformat.from_dict(output) for output in executed.test_outputs]


@pytest.fixture(scope="module")
def pair(sample: tuple[StudyResult, Path], fresh: Prepared) -> tuple[StudyResult, StudyResult]:
    """The committed result and a fresh one."""
    return sample[0], StudyResult.model_validate_json(fresh.files[RESULTS_FILE])


def test_the_notebook_stands_with_the_values_of_the_set(chosen: ParameterSet) -> None:
    notebook = nbformat.read(ROOT / "notebooks" / f"{chosen.study}.ipynb", as_version=4)
    (cell,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    values: dict[str, Any] = {}
    exec(cell.source, values)
    stands = type(chosen.parameters).from_cell(values, today=date(2100, 1, 1))
    assert stands.as_values() | OF_RUNS == chosen.parameters.as_values() | OF_RUNS


def test_nothing_keeps_the_report_back(fresh: Prepared) -> None:
    assert fresh.findings == ()


def test_verdict_is_the_same(pair: tuple[StudyResult, StudyResult]) -> None:
    committed, fresh = pair
    assert committed.verdict == fresh.verdict
    assert [(check.name, check.passed) for check in committed.checks] == [
        (check.name, check.passed) for check in fresh.checks
    ]


def test_metrics_are_the_same_within_tolerance(pair: tuple[StudyResult, StudyResult]) -> None:
    committed, fresh = pair
    assert [(m.name, m.of, m.unit, m.n) for m in committed.metrics] == [
        (m.name, m.of, m.unit, m.n) for m in fresh.metrics
    ]
    for before, after in zip(committed.metrics, fresh.metrics, strict=True):
        drawn = bool(SAMPLED & set(before.of))
        for field in ("value", "low", "high"):
            assert_close(
                getattr(before, field),
                getattr(after, field),
                RELATIVE[committed.study],
                DRAWN if drawn else 0.0,
            )


def test_tables_are_the_same_within_tolerance(pair: tuple[StudyResult, StudyResult]) -> None:
    committed, fresh = pair
    assert [(t.id, t.caption, t.columns, t.note) for t in committed.tables] == [
        (t.id, t.caption, t.columns, t.note) for t in fresh.tables
    ]
    for before, after in zip(committed.tables, fresh.tables, strict=True):
        drawn = before.id.startswith(SAMPLED_TABLES)
        for row, other in zip(before.rows, after.rows, strict=True):
            for column, cell, found in zip(before.columns, row, other, strict=True):
                if isinstance(cell, float):
                    scale = 1 if column.kind == "share" else 1000
                    assert_close(cell, found, RELATIVE[committed.study], scale * DRAWN if drawn else 0.0)
                elif not (drawn and column.kind == "interval"):
                    assert cell == found


def test_page_has_the_same_sections(sample: tuple[StudyResult, Path], fresh: Prepared) -> None:
    def headings(page: bytes) -> list[str]:
        found = re.findall(r"<h[1-3][^>]*>(.*?)</h[1-3]>", page.decode(), re.S)
        # The committed one may have had a version before it; the fresh one has none.
        return [heading for heading in found if not heading.startswith("Since the last version")]

    assert headings((sample[1] / REPORT_FILE).read_bytes()) == headings(fresh.files[REPORT_FILE])


def assert_close(before: Any, after: Any, relative: float, absolute: float) -> None:
    if before is None or after is None:
        assert before is after
    else:
        assert math.isclose(before, after, rel_tol=relative, abs_tol=max(absolute, 1e-9))
