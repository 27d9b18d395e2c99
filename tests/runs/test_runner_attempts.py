"""Runs that are tried again: after faults of infrastructure, and no others."""

import pytest

from workbench.present.result import RESULT_TYPE
from workbench.refusal import Fault
from workbench.runs.failures import ExecutionFailed, InfrastructureFailed
from workbench.runs.watching import watch_list_of
from workbench.settings import Limits
from workbench.tables.engines.failures import ConnectionLost

WORDING = "params/ab_test/wording.yaml"


def end_of(line: str) -> str:
    """What stands after the set's name."""
    return line.partition(f"{WORDING}: ")[2]


@pytest.fixture
def no_pause(monkeypatch):
    monkeypatch.setattr("workbench.runs.attempt.PAUSE", 0.0)


LOST = InfrastructureFailed("Cell 4 lost the connection to the source's engine.")


@pytest.mark.usefixtures("no_pause")
def test_a_fault_of_infrastructure_is_tried_again_and_told(project, run, executed, result):
    seen = executed({RESULT_TYPE: result}, errors=[LOST])
    code, lines = run()
    (version,) = project.versions()
    assert code == 0
    assert end_of(lines[0]) == f"{version}; never published before (second attempt)"
    assert len(seen) == 2
    (record,) = project.store.records()
    assert (record.state, record.version, record.reason) == (
        "published",
        version,
        f"{version} (second attempt)",
    )
    assert list((project.root / "data" / "runs").iterdir()) == []


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize(("retries", "words"), [(0, ""), (1, " (second attempt)"), (2, " (third attempt)")])
def test_it_is_tried_again_as_often_as_the_settings_say(project, run, executed, retries, words):
    seen = executed(error=LOST)
    code, lines = run(limits=Limits(retries=retries))
    assert code == 1
    assert end_of(lines[0]) == f"{LOST}{words}"
    assert len(seen) == retries + 1
    (record,) = project.store.records()
    assert record.state == "failed"
    assert record.reason.startswith(f"{LOST}{words}\n")


@pytest.mark.usefixtures("no_pause")
def test_an_engine_lost_after_the_notebook_is_tried_again(project, run, executed, result, monkeypatch):
    executed({RESULT_TYPE: result})
    lost = [ConnectionLost(Fault("engine", "the connection was lost.", "Run it again."))]

    def watched(tables, root):
        if lost:
            raise lost.pop()
        return watch_list_of(tables, root)

    monkeypatch.setattr("workbench.runs.attempt.watch_list_of", watched)
    assert run()[1][0].endswith("(second attempt)")


def test_no_attempt_begins_after_the_run_s_time(project, run, executed):
    seen = executed(error=LOST)
    assert run(limits=Limits.model_construct(run_minutes=0, retries=5))[0] == 1
    assert len(seen) == 1


def test_a_failing_cell_is_not_tried_again(run, executed):
    seen = executed(error=ExecutionFailed("Cell 4 failed with ValueError."))
    assert run(limits=Limits(retries=5))[0] == 1
    assert len(seen) == 1
