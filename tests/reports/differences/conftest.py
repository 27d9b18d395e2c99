"""Two versions made of few words, to be compared."""

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from workbench.present.result import Check, Column, Metric, StudyResult, Table, Verdict
from workbench.reports.differences.comparison import Side
from workbench.reports.manifest import Manifest, version_name

FINGERPRINT = {
    part: letter * 64
    for part, letter in zip(
        ("notebook", "parameters", "source", "package", "environment", "data", "seed"), "abcdefg", strict=True
    )
}
PARAMETERS = {
    "title": "Motivational wording",
    "owner": "Outreach analytics",
    "as_of": "2026-11-16",
    "seed": 1,
    "disclosure": "cms",
    "goes_on_without": {},
    "window_days": 14,
}


def flow_of(*steps: tuple[str, int | None]) -> Table:
    """A cohort's flow of these steps."""
    names = ("step", "label"), ("people", "people"), ("excluded", "people")
    return Table(
        id="cohort_flow",
        caption="From all people to those studied",
        columns=[Column(name=name, title=name.capitalize(), kind=kind) for name, kind in names],
        rows=[[label, people, None] for label, people in steps],
        groups="arm",
    )


def metric_of(value: float | None, half: float | None = None, **given: Any) -> Metric:
    """A metric, with a 95 % interval of that half-width."""
    values: dict[str, Any] = {"name": "difference", "of": {"arm": "new", "versus": "old"}, "unit": "log odds"}
    if half is not None and value is not None:
        values |= {"low": value - half, "high": value + half, "level": 0.95, "interval": "credible"}
    return Metric(value=value, **values | given)


def side_of(
    metrics: tuple[Metric, ...] = (),
    tables: tuple[Table, ...] = (),
    checks: dict[str, bool | None] | None = None,
    decision: Any = "keep_collecting",
    parts: dict[str, str] | None = None,
    parameters: dict[str, Any] | None = None,
    **manifest: Any,
) -> Side:
    """A version; `parts` of the fingerprint and `parameters` take the place of the usual ones."""
    fingerprint, moment = FINGERPRINT | (parts or {}), datetime(2026, 11, 16, 6, tzinfo=UTC)
    values: dict[str, Any] = {
        "study": "ab_test",
        "study_title": "A/B analysis",
        "name": "wording",
        "version": version_name(moment, fingerprint),
        "title": "Motivational wording",
        "audience": ("clinical_leads",),
        "owner": "Outreach analytics",
        "as_of": date(2026, 11, 16),
        "data_until": "2026-11-15T18:00:00+00:00",
        "valid_until": date(2026, 12, 14),
        "published_at": moment,
        "parameter_file": "params/ab_test/wording.yaml",
        "parameters": copy.deepcopy(PARAMETERS) | (parameters or {}),
        "fingerprint": fingerprint,
        "seed": 1,
        "source": "sample",
        "simulated": True,
        "git_commit": "a" * 40,
        "git_clean": True,
        "python": "3.13.0",
        "packages": {"pandas": "2.2.0"},
        "dropped": {},
        "timings": {},
        "files": {},
    }
    result = StudyResult(
        study="ab_test",
        name="wording",
        as_of="2026-11-16",
        verdict=Verdict(decision=decision, headline="It is so.", reasons=["It was counted."]),
        metrics=list(metrics),
        checks=[Check(name=name, passed=passed, detail="Told.") for name, passed in (checks or {}).items()],
        tables=list(tables),
    )
    return Side(Manifest(**values | manifest), result)


@pytest.fixture(scope="session")
def flow() -> Callable[..., Table]:
    return flow_of


@pytest.fixture(scope="session")
def metric() -> Callable[..., Metric]:
    return metric_of


@pytest.fixture(scope="session")
def side() -> Callable[..., Side]:
    return side_of
