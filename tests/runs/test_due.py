"""What is due runs once, whoever calls and how often; what could not run is tried again."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from workbench.present.result import RESULT_TYPE
from workbench.reports.records import open_run
from workbench.runs.attempt import RunOptions
from workbench.runs.due import due_slots, is_served
from workbench.runs.execution import ExecutionFailed
from workbench.runs.runner import run_sets
from workbench.tables.opening import open_source

WORDING = "params/ab_test/wording.yaml"
MONDAYS = {"cron": "0 6 * * 1", "time_zone": "America/New_York"}
SLOT = datetime(2026, 11, 16, 11, tzinfo=UTC)


@pytest.fixture
def due(project, monkeypatch):
    """Runs what is due at a moment, of which the records are too: the exit code, the lines but for the catalogue's."""
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(
        "workbench.runs.runner.check_set", lambda chosen, root: open_source(chosen.parameters.source, root)
    )

    def call(now: datetime = SLOT, **options):
        class Clock(datetime):
            @classmethod
            def now(cls, zone=None):
                return now

        with monkeypatch.context() as patched:
            patched.setattr("workbench.reports.records.datetime", Clock)
            lines: list[str] = []
            given = RunOptions(project.root, project.store.folder, due=now, **options)
            code = run_sets(
                [project.root / "params"], given, lines.append, lambda name: lambda done, cells: None
            )
        return code, [line for line in lines if not line.startswith("Catalogue")]

    project.write_set(schedule=MONDAYS)
    return call


def states(lines: list[str]) -> list[str]:
    return [line.split()[0] for line in lines if not line.startswith(" ")]


def test_what_is_due_runs_once_in_each_slot(due, executed, result, project):
    seen = executed({RESULT_TYPE: result})
    assert states(due(SLOT)[1]) == ["published"]
    for later in (timedelta(0), timedelta(minutes=5), timedelta(days=6, hours=23, minutes=59)):
        assert due(SLOT + later) == (0, ["Nothing is due."])
    assert len(seen) == 1
    assert states(due(SLOT + timedelta(days=7))[1]) == ["unchanged"]
    assert due(SLOT + timedelta(days=7)) == (0, ["Nothing is due."])
    assert project.states() == ["published", "unchanged"]


def test_slots_that_were_missed_are_made_up_for_once(due, executed, result):
    executed({RESULT_TYPE: result})
    due(SLOT)
    later = SLOT + timedelta(days=30, hours=5)
    assert states(due(later)[1]) == ["unchanged"]
    assert due(later + timedelta(minutes=1)) == (0, ["Nothing is due."])


def test_a_clock_that_was_put_back_runs_nothing_twice(due, executed, result):
    seen = executed({RESULT_TYPE: result})
    due(SLOT)
    for minutes in (-10, -1, 0, 10):
        assert due(SLOT + timedelta(minutes=minutes)) == (0, ["Nothing is due."])
    assert len(seen) == 1


def test_a_set_without_a_schedule_is_never_due(due, executed, project):
    executed()
    project.write_set()
    assert due() == (0, ["Nothing is due."])
    project.write_set(schedule=None, text="schedule: null\n")
    assert due() == (0, ["Nothing is due."])


@pytest.mark.parametrize(("minutes", "due"), [(-1, True), (0, False), (1, False)])
def test_a_run_by_hand_since_the_slot_serves_it_and_one_before_does_not(project, minutes, due):
    project.write_set(schedule=MONDAYS)
    started = SLOT + timedelta(minutes=minutes)
    record = open_run(project.store.records_folder, "ab_test", "wording", WORDING, None).record
    record = record.model_copy(update={"state": "published", "started_at": started})
    file = project.root / WORDING
    assert due_slots([file], project.root, SLOT + timedelta(hours=1), [record]) == ({file: SLOT} if due else {})


@pytest.mark.parametrize("state", ["published", "unchanged", "awaiting_approval", "withheld", "failed"])
def test_states_that_serve_a_slot(project, state):
    record = open_run(project.store.records_folder, "ab_test", "wording", WORDING, None).record
    record = record.model_copy(update={"state": state, "started_at": SLOT})
    assert is_served(SLOT, "ab_test", "wording", [record])
    assert not is_served(SLOT, "ab_test", "other", [record])
    assert not is_served(SLOT + timedelta(seconds=1), "ab_test", "wording", [record])


@pytest.mark.parametrize("state", ["running", "refused", "skipped", "interrupted", "lost"])
def test_states_after_which_the_next_call_tries_again(project, state):
    record = open_run(project.store.records_folder, "ab_test", "wording", WORDING, None).record
    record = record.model_copy(update={"state": state, "started_at": SLOT})
    assert not is_served(SLOT, "ab_test", "wording", [record])


def test_what_is_under_way_is_not_due_and_what_was_killed_is(project):
    project.write_set(schedule=MONDAYS)
    file = project.root / WORDING
    record = open_run(project.store.records_folder, "ab_test", "wording", WORDING, None).record
    for state, slots in (("running", {}), ("lost", {file: SLOT})):
        records = [record.model_copy(update={"state": state, "started_at": SLOT})]
        assert due_slots([file], project.root, SLOT, records) == slots


def test_a_run_that_failed_waits_for_the_next_slot(due, executed):
    seen = executed(error=ExecutionFailed("Cell 4 failed with ValueError."))
    assert states(due()[1]) == ["failed"]
    assert due() == (0, ["Nothing is due."])
    assert len(seen) == 1


def test_what_is_refused_is_tried_by_every_call_and_recorded_once(due, executed, result, project):
    executed({RESULT_TYPE: result})
    project.write_set(schedule=MONDAYS, seed="one")
    for minutes in range(3):
        code, lines = due(SLOT + timedelta(minutes=minutes))
        assert (code, states(lines)) == (2, ["refused"])
    project.write_set(schedule=MONDAYS, seed="two")
    project.write_source(location="data/elsewhere")
    assert project.states() == ["refused"]
    project.write_set(schedule=MONDAYS)
    for minutes in range(3, 6):
        assert states(due(SLOT + timedelta(minutes=minutes))[1]) == ["skipped"]
    project.write_source()
    assert states(due(SLOT + timedelta(minutes=7))[1]) == ["published"]
    assert project.states() == ["refused", "skipped", "published"]


@pytest.mark.parametrize(
    "schedule",
    ["weekly", {"cron": "0 25 * * *", "time_zone": "UTC"}, {"cron": "0 6 * * 1", "time_zone": "Mars"}],
)
def test_a_schedule_that_cannot_be_read_is_told_by_every_call(due, executed, project, schedule):
    executed()
    project.write_set(schedule=schedule)
    for _ in range(2):
        code, lines = due()
        assert (code, states(lines)) == (2, ["refused"])
        assert "schedule" in " ".join(lines)


def test_a_dry_run_says_what_is_due_and_serves_nothing(due, executed, result):
    executed({RESULT_TYPE: result})
    code, lines = due(dry_run=True)
    assert (code, states(lines)) == (0, ["skipped"])
    assert states(due()[1]) == ["published"]


def test_two_runners_at_once_run_it_once(project, executed, result, monkeypatch):
    """Both find it due; whichever holds the set runs it, and the other finds it served or under way."""
    project.write_set(schedule={"cron": "0 0 1 1 *", "time_zone": "UTC"})
    monkeypatch.chdir(project.root)
    seen = executed({RESULT_TYPE: result})
    both = Barrier(2)

    def checked(chosen, root):
        both.wait(60)
        return open_source(chosen.parameters.source, root)

    monkeypatch.setattr("workbench.runs.runner.check_set", checked)
    options = RunOptions(project.root, project.store.folder, force=True, due=datetime.now(UTC))
    lines: list[str] = []
    codes: list[int] = []

    def call() -> None:
        paths = [project.root / "params"]
        codes.append(run_sets(paths, options, lines.append, lambda name: lambda done, cells: None))

    runners = [Thread(target=call) for _ in range(2)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert codes == [0, 0]
    assert sorted(states([line for line in lines if not line.startswith("Catalogue")])) == [
        "published",
        "skipped",
    ]
    assert len(seen) == 1
    assert project.states() == ["published"]
