"""Killed or stopped at any moment, an ingest has put a whole generation in place or none, and the next one goes on."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from cryptography.fernet import Fernet

from workbench.ingest.crosswalk import open_crosswalk
from workbench.protection.key import read_key
from workbench.protection.watch_list import WatchList
from workbench.tables.generation import GENERATIONS, WATCH_LIST, current_generation

SOURCE = """
title: North clinics
location: data/north
ingest:
  exports: exports
  feeds:
    - name: book
      reads: table
      files: "*.csv"
      exported_at: "2026-11-16T02:00:00Z"
      tables:
        appointments:
          person: {record: record}
          columns:
            appointment_id: {column: number}
            status: {column: state, values: {came: attended, missed: no_show}}
            known_at: {moment: changed}
"""
WORKBENCH = [sys.executable, "-m", "workbench", "ingest", "north"]


@pytest.fixture
def north(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose source holds one export of a booking system."""
    for folder in ("notebooks", "params/sources", "exports"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "params" / "sources" / "north.yaml").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_KEY", Fernet.generate_key().decode())
    export(tmp_path, 1)
    return tmp_path


def export(root: Path, number: int) -> None:
    rows = [f"{number}-{row},R{row % 900:05},came,2026-09-01T08:00:00Z" for row in range(3_000)]
    (root / "exports" / f"{number}.csv").write_text("number,record,state,changed\n" + "\n".join(rows) + "\n")


def whole(root: Path) -> int:
    """The current generation can be read and fits together; its number of appointments, 0 where there is none."""
    current = current_generation(root / "data" / "north")
    if current is None:
        return 0
    keys = open_crosswalk(current, read_key()).keys
    WatchList.from_bytes((current / WATCH_LIST).read_bytes())
    with duckdb.connect() as engine:
        engine.register("keys", keys)
        (strangers,) = engine.sql(
            f"SELECT count(*) FROM '{current}/appointments.parquet' "
            "WHERE patient_id NOT IN (SELECT pseudonym FROM keys)"
        ).fetchall()[0]
    assert strangers == 0
    return pq.read_metadata(current / "appointments.parquet").num_rows


def ingest() -> subprocess.CompletedProcess[str]:
    return subprocess.run(WORKBENCH, capture_output=True, text=True, check=False)


def test_kills_at_any_moment_leave_whole_generations(north: Path):
    started = time.monotonic()
    assert ingest().returncode == 0
    usual = time.monotonic() - started
    chance = random.Random(20_261_124)
    before = whole(north)
    assert before == 3_000
    for number in range(2, 10):
        export(north, number)
        process = subprocess.Popen(WORKBENCH, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Most of the time goes into imports: kills come in the later half.
        time.sleep(usual * chance.uniform(0.45, 1.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert whole(north) in {before, number * 3_000}
        before = whole(north)
    assert ingest().returncode == 0
    assert whole(north) == 9 * 3_000
    left = [path.name for path in (north / "data" / "north" / GENERATIONS).iterdir()]
    assert not [name for name in left if name.endswith(".partial")]


def test_an_ingest_that_is_asked_to_stop_says_so_and_leaves_nothing_behind(north: Path):
    process = subprocess.Popen(WORKBENCH, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    process.stderr.readline()
    os.kill(process.pid, signal.SIGTERM)
    _, told = process.communicate()
    assert process.returncode == 143
    assert "Traceback" not in told
    assert whole(north) in {0, 3_000}
    assert not [path for path in (north / "data" / "north").iterdir() if path.name.startswith(".ingest")]
    assert ingest().returncode == 0
    assert whole(north) == 3_000
