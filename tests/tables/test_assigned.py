"""Drawn assignments beside those that a source has of its own."""

import ibis
import pandas as pd
import pytest

from workbench.tables.assigned import drawn_files, with_drawn

DRAWN = pd.DataFrame(
    {
        "experiment_id": ["new"],
        "patient_id": ["p1"],
        "cluster_id": [None],
        "stratum": ["all"],
        "arm": ["a"],
        "probability": [0.5],
        "epoch": [0],
        "assigned_at": pd.to_datetime(["2026-01-01"], utc=True),
    }
)


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "data" / "assigned" / "clinic" / "new"
    folder.mkdir(parents=True)
    DRAWN.astype({"cluster_id": "str"}).to_parquet(folder / "assignments.parquet")
    return drawn_files("clinic", tmp_path)


def read(own, files):
    engine = ibis.duckdb.connect()
    table = engine.create_table("assignments", own)
    return with_drawn({"assignments": table}, files)["assignments"].order_by("experiment_id").execute()


def test_columns_that_the_source_lacks_are_empty_there(files):
    own = pd.DataFrame({"experiment_id": ["old"], "patient_id": ["p2"], "arm": ["b"], "probability": [1.0]})
    found = read(own, files)
    assert found["experiment_id"].tolist() == ["new", "old"]
    assert found["stratum"][0] == "all"
    assert pd.isna(found["stratum"][1])
    assert pd.isna(found["assigned_at"][1])


def test_columns_of_the_source_s_own_stay(files):
    own = pd.DataFrame(
        {"experiment_id": ["old"], "patient_id": ["p2"], "arm": ["b"], "probability": [1.0], "wave": [3]}
    )
    assert read(own, files)["wave"].tolist()[1] == 3


def test_a_source_without_a_name_or_draws_has_none(tmp_path, files):
    assert list(files) == ["new"]
    assert drawn_files("", tmp_path) == {}
    assert drawn_files("other", tmp_path) == {}
    (tmp_path / "data" / "assigned" / "clinic" / ".new.x.partial").mkdir()
    assert list(drawn_files("clinic", tmp_path)) == ["new"]
