"""Stopped at any step, `model make`, `review-list` and `hand-back` leave whole files or none; the next call works."""

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from workbench.ingest.handed_back import LIST_FILE, HandedBackManifest, handed_back, write_handed_back
from workbench.no_show.models.rates import BaseRate
from workbench.no_show.models.recalibrated import Recalibrated
from workbench.no_show.oversight.kept_models import keep_model, read_model
from workbench.no_show.oversight.list_files import write_list
from workbench.no_show.oversight.review_list import REASONS, ReviewList
from workbench.no_show.parameters import NoShow
from workbench.no_show.scores.calibration import Line
from workbench.reports.model_approval import Card, models, propose
from workbench.reports.model_verification import kept_faults, model_faults
from workbench.reports.store import Store

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
MODEL = Recalibrated(BaseRate().fit(pd.DataFrame({"no_show": [0, 0, 1]})), Line(0.0, 1.0))
SETTINGS = NoShow(
    title="t",
    question="q?",
    audience=("operations",),
    owner="o",
    source="sample",
    seed=7,
    as_of=date(2026, 11, 16),
    test_from=date(2026, 9, 7),
    who_must_act="Nobody has to act.",
)


class Killed(BaseException):
    """Stands for the end of the process."""


@dataclass(frozen=True)
class Writer:
    """What a command writes, how many whole pieces of it are there, and by which steps it changes the disk."""

    write: Callable[[Path], object]
    whole: Callable[[Path], int]
    steps: frozenset[str]


def make_model(root: Path) -> None:
    kept = keep_model(MODEL, "base_rate", "calls", {"seed": 1}, {}, ("maker", NOW), root)
    card = Card(
        study="no_show",
        source="sample",
        verdict="invalid",
        numbers={},
        **kept.model_dump(include={"hash", "name", "kind", "parameters", "made_by", "made_at"}),
    )
    propose(Store(root / "reports"), card)


def whole_models(root: Path) -> int:
    """Models that are kept, all of them whole; one that is proposed is kept, too."""
    store = Store(root / "reports")
    folder = root / "data" / "models"
    there = [path.name for path in folder.iterdir() if path.name[0] != "."] if folder.is_dir() else []
    for hash in there:
        read_model(hash, root)
    proposed = [listed.card.hash for listed in models(store)]
    assert set(proposed) <= set(there)
    assert list(kept_faults(store, root)) == []
    return len(proposed)


def make_list(root: Path) -> None:
    rows = pd.DataFrame(
        {
            "patient_id": ["p1", "p2"],
            "appointment_id": ["a1", "a2"],
            "clinic_id": "north",
            "starts_at": pd.Timestamp(NOW),
            "clinic_time": "2026-11-16 10:00",
            "risk": [0.4, 0.3],
            "rank": [1, 2],
            **dict.fromkeys(REASONS, ""),
        }
    )
    made = ReviewList(rows=rows, holdout=rows.head(0), booked=2, patients=2)
    write_list(made, "a" * 64, date(2026, 11, 16), SETTINGS, root)


def whole_lists(root: Path) -> int:
    folder = root / "data" / "review_lists" / "sample"
    there = [path for path in folder.iterdir() if path.name[0] != "."] if folder.is_dir() else []
    for each in there:
        files = json.loads((each / "manifest.json").read_text())["files"]
        assert files == {
            name: hashlib.sha256((each / name).read_bytes()).hexdigest()
            for name in ("holdout.parquet", "list.parquet")
        }
    return len(there)


def hand_back(root: Path) -> None:
    manifest = HandedBackManifest(
        list="a list",
        source="sample",
        rests_on="a model",
        leads_to="calls",
        to="Rosa Diaz",
        by="maker",
        handed_at=NOW,
        expires_at=NOW + timedelta(days=1),
        rows=2,
    )
    write_handed_back(manifest, ["record_number", "rank"], [["R1", 1], ["R2", 2]], root)


def whole_handed_back(root: Path) -> int:
    there = list(handed_back(root))
    for folder, manifest in there:
        with (folder / LIST_FILE).open(newline="") as file:
            assert len(list(csv.reader(file))) == 1 + manifest.rows
    return len(there)


WRITERS = {
    "model make": Writer(make_model, whole_models, frozenset({"mkdir", "fsync", "rename", "replace", "chmod"})),
    "review-list": Writer(make_list, whole_lists, frozenset({"mkdir", "fsync", "rename", "chmod"})),
    "hand-back": Writer(hand_back, whole_handed_back, frozenset({"mkdir", "fsync", "rename"})),
}


def stopped_at(writer: Writer, root: Path, step: str, nth: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Write, and be stopped before the nth of these steps; nothing is tidied after a kill. Whether it came to that."""
    real, done = getattr(os, step), []

    def stopped(*given, **named):
        done.append(step)
        if len(done) == nth + 1:
            raise Killed
        return real(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, step, stopped)
        patched.setattr(shutil, "rmtree", lambda *given, **named: None)
        patched.setattr(Path, "unlink", lambda *given, **named: None)
        try:
            writer.write(root)
        except Killed:
            return True
    return False


@pytest.mark.parametrize(
    ("name", "step"), [(name, step) for name, writer in WRITERS.items() for step in sorted(writer.steps)]
)
def test_stopped_before_any_step_there_is_all_or_nothing_and_the_next_call_works(
    tmp_path, monkeypatch, name, step
):
    writer, nth = WRITERS[name], 0
    while True:
        root = tmp_path / str(nth)
        root.mkdir()
        if not stopped_at(writer, root, step, nth, monkeypatch):
            break
        before = writer.whole(root)
        assert before in {0, 1}
        writer.write(root)
        assert 1 <= writer.whole(root) <= before + 1
        nth += 1
    assert nth > 0, "the step was never come to"
    assert list(model_faults(Store(tmp_path / "0" / "reports"))) == []
