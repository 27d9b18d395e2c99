"""The sample reports under docs/ are what the sample's parameter sets give today, number by number."""

import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workbench.present.result import StudyResult
from workbench.reports.store import REPORT_FILE, RESULTS_FILE, Store

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


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The store that one run of all these parameter sets makes."""
    committed = [StudyResult.model_validate_json(path.read_bytes()) for path in SAMPLES]
    files = [str(ROOT / "params" / result.study / f"{result.name}.yaml") for result in committed]
    store = tmp_path_factory.mktemp("store")
    command = [sys.executable, "-m", "workbench", "run", *files, "--reports", str(store)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return Store(store)


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda path: path.parent.name)
def pair(request: pytest.FixtureRequest, fresh: Store) -> tuple[StudyResult, StudyResult, Path, Path]:
    """The committed result and a fresh one, with the folders of their pages."""
    committed = StudyResult.model_validate_json(request.param.read_bytes())
    version = fresh.latest(committed.study, committed.name)
    assert version is not None
    return committed, version.result, request.param.parent, version.folder


def test_verdict_is_the_same(pair: tuple[StudyResult, StudyResult, Path, Path]) -> None:
    committed, fresh, _, _ = pair
    assert committed.verdict == fresh.verdict
    assert [(check.name, check.passed) for check in committed.checks] == [
        (check.name, check.passed) for check in fresh.checks
    ]


def test_metrics_are_the_same_within_tolerance(pair: tuple[StudyResult, StudyResult, Path, Path]) -> None:
    committed, fresh, _, _ = pair
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


def test_tables_are_the_same_within_tolerance(pair: tuple[StudyResult, StudyResult, Path, Path]) -> None:
    committed, fresh, _, _ = pair
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


def test_page_has_the_same_sections(pair: tuple[StudyResult, StudyResult, Path, Path]) -> None:
    _, _, committed, fresh = pair

    def headings(folder: Path) -> list[str]:
        page = (folder / REPORT_FILE).read_text(encoding="utf-8")
        found = re.findall(r"<h[1-3][^>]*>(.*?)</h[1-3]>", page, re.S)
        # The committed one may have had a version before it; the fresh one has none.
        return [heading for heading in found if not heading.startswith("Since the last version")]

    assert headings(committed) == headings(fresh)


def assert_close(before: Any, after: Any, relative: float, absolute: float) -> None:
    if before is None or after is None:
        assert before is after
    else:
        assert math.isclose(before, after, rel_tol=relative, abs_tol=max(absolute, 1e-9))
