"""A grid of combinations is run, examined and compared as one version, or not published at all."""

import copy
import json
from datetime import UTC, datetime
from itertools import count

import pytest

from workbench.present.result import RESULT_TYPE, StudyResult
from workbench.reports.manifest import version_name
from workbench.reports.release.readability import find_unreadable
from workbench.runs import attempt
from workbench.runs.attempt import RunOptions
from workbench.runs.failures import ExecutionFailed
from workbench.runs.runner import run_sets
from workbench.tables.opening import open_source

WORDING = "params/ab_test/wording.yaml"
GRID = "grid:\n  recording_lag_days: [14, 21]\n  acceptable_loss: [0.001, 0.002]\n"


@pytest.fixture
def run(project, monkeypatch, result, executed_notebook):
    """Runs the project's set, with the outputs of each combination made by a function of its parameters."""
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(
        "workbench.runs.runner.check_set", lambda chosen, root: open_source(chosen.parameters.source, root)
    )
    moments = (datetime(2026, 11, 23, 6, minute, tzinfo=UTC) for minute in count())
    monkeypatch.setattr(
        "workbench.runs.publication.version_name", lambda moment, parts: version_name(next(moments), parts)
    )
    project.write_set(text=GRID)

    def run(gives, **options):
        seen = []

        def execute(notebook, parameters, folder, root, progress, bounds):
            seen.append((parameters, folder))
            return executed_notebook({RESULT_TYPE: gives(copy.deepcopy(result), parameters)})

        monkeypatch.setattr(attempt, "execute", execute)
        lines: list[str] = []
        given = RunOptions(project.root, project.store.folder, **options)
        code = run_sets([project.root / "params"], given, lambda event: lines.extend(event.lines))
        return code, lines, seen

    return run


def difference(value: float, **of: str) -> dict:
    return {
        "name": "difference",
        "of": {"arm": "motivational", "versus": "generic", "outcome": "outcome", **of},
        "value": value,
        "low": value - 0.0112345,
        "high": value + 0.0112345,
        "level": 0.95,
        "interval": "credible",
        "direction": "higher_is_better",
        "unit": "proportion",
        "n": None,
    }


def answered(result: dict, parameters: dict) -> dict:
    """A longer window shows more, and makes the decision."""
    late = parameters["recording_lag_days"] == 21
    result["verdict"] |= {"decision": "adopt" if late else "keep_collecting"}
    result["checks"] = [{"name": "Balance", "passed": True, "detail": "It holds."}]
    result["metrics"] = [
        {**difference(0.07), "name": "rate", "of": {"arm": "generic"}, "unit": "probability", "n": 1933},
        difference(0.0277178 if late else 0.0123456),
        difference(0.4, segment="anxiety"),
    ]
    return result


def test_one_report_compares_all_combinations(project, run):
    code, lines, seen = run(answered)
    assert code == 0
    assert lines[0].startswith(f"published    {WORDING}")
    assert [(each["recording_lag_days"], each["acceptable_loss"]) for each, _ in seen] == [
        (14, 0.001),
        (14, 0.002),
        (21, 0.001),
        (21, 0.002),
    ]
    assert len({folder for _, folder in seen}) == 4
    (version,) = project.store.versions("ab_test", "wording")
    found = version.result
    assert (found.study, found.name, found.verdict.decision) == ("ab_test", "wording", "describe")
    assert "Of 4 combinations" in found.verdict.headline
    assert "sensitivity analysis" in found.verdict.reasons[0]
    table = found.table("combinations")
    assert [column.name for column in table.columns] == [
        "combination",
        "recording_lag_days",
        "acceptable_loss",
        "decision",
        "metric_1",
    ]
    assert table.rows[0] == ["1", "14", "0.001", "Keep collecting", "0.0123 (0.0011 to 0.0236)"]
    assert table.rows[3][1:4] == ["21", "0.002", "Adopt"]
    assert [metric.value for metric in found.metrics] == [0.0123, 0.0123, 0.0277, 0.0277]
    assert found.metrics[2].of["scenario"] == "recording_lag_days 21, acceptable_loss 0.001"
    assert not any("segment" in metric.of or metric.n for metric in found.metrics)
    page = (version.folder / "report.html").read_text(encoding="utf-8")
    assert "This is a sensitivity analysis" in page
    assert page.count("<figure") == 1
    assert list(find_unreadable(page)) == []
    assert project.store.faults() == []
    assert list((project.root / "data" / "runs").iterdir()) == []


def test_the_manifest_names_every_combination_with_its_parameters_and_its_results(project, run):
    run(answered)
    manifest = project.store.latest("ab_test", "wording").manifest
    assert [member.combination for member in manifest.members] == [1, 2, 3, 4]
    assert [member.values for member in manifest.members][1] == {
        "recording_lag_days": 14,
        "acceptable_loss": 0.002,
    }
    assert manifest.members[3].parameters["recording_lag_days"] == 21
    assert manifest.members[3].parameters["experiment"] == "motivational_wording"
    hashes = {member.results for member in manifest.members}
    assert len(hashes) == 2  # of four results, two and two are alike
    assert all(len(digest) == 64 for digest in hashes)


def test_nothing_changed_runs_nothing_and_another_value_runs_all(project, run):
    run(answered)
    code, lines, seen = run(answered)
    assert (code, seen) == (0, [])
    assert lines[0].startswith("unchanged")
    project.write_set(text=GRID.replace("0.002", "0.003"))
    code, lines, seen = run(answered)
    assert lines[0].endswith("; changed: parameters")
    assert len(seen) == 4


def test_combinations_that_agree_are_told_to(project, run):
    run(lambda result, parameters: result)
    found = project.store.latest("ab_test", "wording").result
    assert found.verdict.headline == "All 4 combinations of settings give the same decision: Keep collecting."
    assert found.metrics == []


def test_a_combination_that_fails_is_named_and_nothing_is_published(project, run):
    def gives(result, parameters):
        if parameters["recording_lag_days"] == 21:
            raise ExecutionFailed("Cell 4 failed with ValueError.")
        return answered(result, parameters)

    code, lines, _ = run(gives)
    assert code == 1
    assert lines[0] == f"failed       {WORDING}: Combination 3 of 4: Cell 4 failed with ValueError."
    assert project.store.versions("ab_test", "wording") == []


def test_one_combination_that_may_not_be_shown_keeps_back_the_whole(project, run):
    person = project.a_patient()

    def gives(result, parameters):
        answered(result, parameters)
        if parameters["acceptable_loss"] == 0.002:
            result["verdict"]["reasons"] = [f"Patient {person} did not answer."]
        return result

    code, lines, _ = run(gives)
    assert code == 1
    assert lines[0] == f"withheld     {WORDING}: A release check did not pass."
    assert any("combination 2, " in line for line in lines)
    assert not any("combination 1, " in line for line in lines)
    assert person not in "".join(lines)
    assert project.store.versions("ab_test", "wording") == []


def test_a_small_cell_of_a_combination_keeps_back_the_whole(project, run):
    def gives(result, parameters):
        columns = [
            {"name": "segment", "title": "Segment", "kind": "label"},
            {"name": "people", "title": "People", "kind": "people"},
        ]
        rows = [["anxiety", 300], ["other", 3]]
        table = {
            "id": "segments",
            "caption": "Segments",
            "columns": columns,
            "rows": rows,
            "groups": "attributes",
        }
        return result | {"tables": [table]}

    code, lines, _ = run(gives)
    assert code == 1
    assert lines[0].startswith("withheld")


def test_a_combination_that_is_wrong_stops_the_set_before_anything_runs(project, run):
    project.write_set(text=GRID.replace("21", "61"))
    code, lines, seen = run(answered)
    assert (code, seen) == (2, [])
    assert "key grid.recording_lag_days entry 2" in "".join(lines)


def test_the_published_result_is_the_one_its_notebook_holds(project, run):
    run(answered)
    version = project.store.latest("ab_test", "wording")
    notebook = json.loads((version.folder / "notebook.ipynb").read_text(encoding="utf-8"))
    shown = [
        output["data"][RESULT_TYPE]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if RESULT_TYPE in output["data"]
    ]
    assert [StudyResult.model_validate(each) for each in shown] == [version.result]
