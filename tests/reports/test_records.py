"""Every run leaves a record, whatever becomes of it; those killed are found out by the next."""

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from workbench.reports import records
from workbench.reports.records import (
    SILENCE,
    broken_records,
    mark_lost,
    new_run_id,
    open_run,
    read_records,
    write_record,
)


def opened(folder, **changes):
    run = open_run(folder, "ab_test", "wording", "params/ab_test/wording.yaml", "data/runs/x")
    run.record = run.record.model_copy(update=changes)
    return run


def only(folder):
    (record,) = read_records(folder)
    return record


@pytest.fixture
def gone():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_run_s_identifier_sorts_by_time_and_is_its_own():
    now = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    ids = {new_run_id(now) for _ in range(50)}
    assert len(ids) == 50
    assert all(run.startswith("20261123T060000Z-") for run in ids)
    assert min(ids) < new_run_id(now + timedelta(seconds=1))


def test_a_run_says_running_until_it_says_how_it_ended(tmp_path):
    with opened(tmp_path) as run:
        during = only(tmp_path)
        assert (during.state, during.ended_at, during.process) == ("running", None, os.getpid())
        assert during.host == socket.gethostname()
        run.end("published", "It went well.", "20261123T060000Z-abcdef12")
    ended = only(tmp_path)
    assert (ended.state, ended.reason, ended.version) == (
        "published",
        "It went well.",
        "20261123T060000Z-abcdef12",
    )
    assert ended.ended_at >= ended.started_at


@pytest.mark.parametrize(
    ("error", "state"),
    [(KeyboardInterrupt(), "interrupted"), (SystemExit(143), "interrupted"), (ValueError("p4711"), "failed")],
)
def test_a_run_that_is_left_without_an_end_says_why(tmp_path, error, state):
    with pytest.raises(type(error)), opened(tmp_path):
        raise error
    record = only(tmp_path)
    assert record.state == state
    assert "p4711" not in record.reason


def test_a_run_beats_while_it_is_under_way_and_not_after(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "HEARTBEAT", timedelta(milliseconds=2))
    with opened(tmp_path) as run:
        first = only(tmp_path).heartbeat_at
        while only(tmp_path).heartbeat_at == first:
            pass
        run.end("published")
        ended = only(tmp_path)
        assert not run._thread.is_alive()
    assert only(tmp_path) == ended


def test_a_beat_that_cannot_be_written_does_not_end_the_beating(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "HEARTBEAT", timedelta(milliseconds=2))
    real, failures = records.write_whole, []

    def full(path, content):
        if len(failures) < 3:
            failures.append(path)
            raise OSError(28, "No space left on device")
        real(path, content)

    with opened(tmp_path) as run:
        first = only(tmp_path).heartbeat_at
        monkeypatch.setattr(records, "write_whole", full)
        while only(tmp_path).heartbeat_at == first:
            pass
        run.end("published")
    assert len(failures) == 3


def test_a_run_whose_process_is_gone_is_marked_lost_once(tmp_path, gone):
    run = opened(tmp_path, process=gone)
    write_record(tmp_path, run.record)
    (lost,) = mark_lost(tmp_path)
    assert lost == only(tmp_path)
    assert (lost.state, lost.ended_at) == ("lost", run.record.heartbeat_at)
    assert lost.reason == "The run was killed before it could say why; the last version stands."
    assert mark_lost(tmp_path) == []


def test_the_runs_of_one_set_alone_can_be_looked_at(tmp_path, gone):
    for name in ("wording", "other"):
        write_record(tmp_path, opened(tmp_path, process=gone, name=name).record)
    assert [lost.name for lost in mark_lost(tmp_path, ("ab_test", "other"))] == ["other"]
    assert [record.state for record in read_records(tmp_path) if record.name == "wording"] == ["running"]


@pytest.mark.parametrize("host", ["elsewhere.example", None])
def test_a_run_that_was_silent_for_too_long_is_lost_wherever_it_ran(tmp_path, host):
    silent = datetime.now(UTC) - SILENCE - timedelta(seconds=1)
    record = opened(tmp_path, host=host or socket.gethostname(), heartbeat_at=silent).record
    write_record(tmp_path, record)
    os.utime(tmp_path / f"{record.id}.json", (silent.timestamp(), silent.timestamp()))
    assert [record.state for record in mark_lost(tmp_path)] == ["lost"]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_wrong_elsewhere_loses_no_run_and_keeps_none(tmp_path, hours):
    told = datetime.now(UTC) + timedelta(hours=hours)
    record = opened(tmp_path, host="elsewhere.example", heartbeat_at=told).record
    write_record(tmp_path, record)
    assert mark_lost(tmp_path) == []
    silent = (datetime.now(UTC) - SILENCE - timedelta(seconds=1)).timestamp()
    os.utime(tmp_path / f"{record.id}.json", (silent, silent))
    assert [record.state for record in mark_lost(tmp_path)] == ["lost"]


def test_runs_under_way_here_and_elsewhere_are_left_alone(tmp_path, gone):
    write_record(tmp_path, opened(tmp_path).record)
    write_record(tmp_path, opened(tmp_path, host="elsewhere.example", process=gone).record)
    write_record(tmp_path, opened(tmp_path, process=1).record)
    assert mark_lost(tmp_path) == []


def test_runs_that_ended_are_left_alone(tmp_path, gone):
    write_record(tmp_path, opened(tmp_path, process=gone, state="failed").record)
    assert mark_lost(tmp_path) == []


def test_records_come_oldest_first_even_within_a_second(tmp_path):
    start = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    for micro in (3, 1, 2):
        write_record(tmp_path, opened(tmp_path, started_at=start + timedelta(microseconds=micro)).record)
    assert [record.started_at.microsecond for record in read_records(tmp_path)] == [1, 2, 3]


@pytest.mark.parametrize(
    "change",
    [
        {"study": "../../etc"},
        {"name": "a/b"},
        {"state": "splendid"},
        {"process": 0},
        {"process": -1},
        {"process": 10**20},
        {"started_at": "2026-11-23T06:00:00"},
        {"id": "20261123T060000Z-000000"},
        {"more": 1},
    ],
)
def test_what_is_no_record_is_passed_over_and_told(tmp_path, change):
    run = opened(tmp_path)
    path = tmp_path / f"{run.record.id}.json"
    write_record(tmp_path, run.record)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert read_records(tmp_path) == []
    assert broken_records(tmp_path) == [path]
    assert mark_lost(tmp_path) == []


def test_where_there_are_no_records_there_is_nothing(tmp_path):
    assert read_records(tmp_path / "none") == []
    assert broken_records(tmp_path / "none") == []
    assert mark_lost(tmp_path / "none") == []
