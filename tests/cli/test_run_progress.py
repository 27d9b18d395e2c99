"""What is told of a run while it goes on, in a terminal, in a log, and to a program."""

import json
import os
import re
import sys
from datetime import datetime
from pathlib import Path
from threading import Event as Flag

import pytest

from workbench.cli import run_progress
from workbench.cli.run_progress import as_json, in_words
from workbench.runs.events import Catalogued, CellBegan, Checked, Ended, Started
from workbench.runs.outcome import Outcome

SET, OTHER = "params/ab_test/wording.yaml", "params/no_show/all.yaml"
EVENTS = (
    Checked(SET),
    Started(SET, 2, 5),
    CellBegan(SET, 3, 12),
    Ended(Outcome(SET, "failed", "Cell 3 failed with ValueError.", ("Kept.",))),
    Catalogued(Path("reports/index.html")),
)
SUMMARY = f"failed       {SET}: Cell 3 failed with ValueError.\n  Kept.\nCatalogue: reports/index.html\n"


def test_a_log_has_the_start_of_each_set_and_the_summary(capsys):
    with in_words() as tell:
        for event in EVENTS:
            tell(event)
    said = capsys.readouterr()
    assert said.err == f"running      {SET} (2 of 5)\n"
    assert said.out == SUMMARY


def be_a_terminal(monkeypatch) -> None:
    """Standard error as a terminal of 200 columns, whose clock never ticks by itself."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(run_progress, "TICK", 600.0)
    monkeypatch.setenv("COLUMNS", "200")


def seen(text: str) -> list[str]:
    """The lines that a terminal showed, one after the other, in the place of each other."""
    return [line for line in re.split(r"\r\x1b\[K", text) if line]


def test_a_terminal_shows_set_cell_and_time_on_one_line(capsys, monkeypatch):
    be_a_terminal(monkeypatch)
    clock = [100.0]
    monkeypatch.setattr(run_progress.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(run_progress, "Thread", lambda target, daemon: NoClock())
    with in_words() as tell:
        tell(EVENTS[1])
        clock[0] += 65
        tell(EVENTS[2])
        tell(Started(OTHER, 3, 5))
        tell(EVENTS[3])
    said = capsys.readouterr()
    assert seen(said.err) == [
        f"running      {SET} (2 of 5): its kernel starts, 0 s",
        f"running      {SET} (2 of 5): cell 3 of 12, 1 min 05 s",
        f"running      {SET} (2 of 5): cell 3 of 12, 1 min 05 s; {OTHER} (3 of 5): its kernel starts, 0 s",
        f"running      {OTHER} (3 of 5): its kernel starts, 0 s",
    ]
    assert said.out.startswith("failed       ")


class NoClock:
    def start(self) -> None: ...

    def join(self) -> None: ...


def test_no_line_of_a_terminal_wraps(capsys, monkeypatch):
    be_a_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", "40")
    with in_words() as tell:
        tell(EVENTS[1])
    assert {len(line) for line in seen(capsys.readouterr().err)} == {39}


def test_the_time_goes_on_within_a_cell(monkeypatch):
    be_a_terminal(monkeypatch)
    shown, thrice = [], Flag()

    def under_way(line: str) -> None:
        shown.append(line)
        if len(shown) == 3:
            thrice.set()

    monkeypatch.setattr(run_progress, "TICK", 0.001)
    monkeypatch.setattr(run_progress, "under_way", under_way)
    with in_words() as tell:
        tell(EVENTS[1])
        assert thrice.wait(30)


def test_a_program_reads_an_object_a_line(capsys):
    with as_json() as tell:
        for event in EVENTS:
            tell(event)
    said = capsys.readouterr()
    objects = [json.loads(line) for line in said.out.splitlines()]
    assert said.err == ""
    assert all(datetime.fromisoformat(each.pop("time")).tzinfo for each in objects)
    assert objects == [
        {"event": "checked", "set": SET},
        {"event": "started", "set": SET, "number": 2, "count": 5},
        {"event": "cell", "set": SET, "cell": 3, "cells": 12},
        {
            "event": "ended",
            "set": SET,
            "state": "failed",
            "told": "Cell 3 failed with ValueError.",
            "detail": ["Kept."],
            "version": None,
            "attempts": 1,
        },
        {"event": "catalogue", "path": "reports/index.html", "fault": None},
    ]


@pytest.mark.parametrize("telling", [as_json, in_words])
def test_a_log_that_cannot_be_written_stops_no_run(monkeypatch, telling):
    """As where the disk is full that a log is kept on."""
    with open("/dev/full", "w", buffering=1) as full:
        for stream in ("stdout", "stderr"):
            monkeypatch.setattr(sys, stream, full)
        with telling() as tell:
            for event in EVENTS:
                tell(event)
        monkeypatch.undo()
        # What was not written is dropped, or it would be tried again when the file is closed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())


def test_a_run_tells_a_program_all_of_it(workbench, project):
    ended = workbench("run", "params", "--json")
    assert (ended.code, ended.err) == (0, "")
    objects = [json.loads(line) for line in ended.out.splitlines()]
    assert [each["event"] for each in objects] == ["checked", "started", *["cell"] * 5, "ended", "catalogue"]
    assert objects[-2]["state"] == "published"
    assert objects[-2]["version"] == project.store.latest("ab_test", "wording").manifest.version


def test_settings_that_are_wrong_are_refused_before_anything_runs(workbench, project):
    (project.root / "workbench.yaml").write_text("limits: {retries: 9}\n", encoding="utf-8")
    ended = workbench("run", "params")
    assert ended.code == 2
    assert "workbench.yaml line 1, key limits.retries" in ended.err
    assert project.nothing_ran()
