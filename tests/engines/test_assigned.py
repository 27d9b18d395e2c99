"""Assignments that were drawn by the workbench are read beside those of every engine, and counted alike."""

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.tables.assigned import drawn_files, with_drawn

DRAWN = 30


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "data" / "assigned" / "clinic" / "drawn_here"
    folder.mkdir(parents=True)
    moment = pa.array([datetime(2026, 10, 1, tzinfo=UTC)] * DRAWN, pa.timestamp("us", tz="UTC"))
    rows = {
        "experiment_id": ["drawn_here"] * DRAWN,
        "patient_id": [f"p{number}" for number in range(DRAWN)],
        "cluster_id": pa.array([None] * DRAWN, pa.string()),
        "stratum": ["all"] * DRAWN,
        "arm": ["a", "b"] * (DRAWN // 2),
        "probability": [0.5] * DRAWN,
        "epoch": [0] * DRAWN,
        "assigned_at": moment,
    }
    pq.write_table(pa.table(rows), folder / "assignments.parquet")
    return drawn_files("clinic", tmp_path)


def counts(rows):
    found = rows.group_by(["experiment_id", "arm"]).agg(n=rows.count(), last=rows["assigned_at"].max())
    return {(row.experiment_id, row.arm): (row.n, row.last) for row in found.execute().itertuples()}


def test_drawn_assignments_stand_beside_those_of_the_engine(engine, files):
    own = engine.whole("assignments")
    found = counts(with_drawn({"assignments": own}, files)["assignments"])
    drawn = {key: found.pop(key) for key in (("drawn_here", "a"), ("drawn_here", "b"))}
    assert found == counts(own)
    assert [n for n, _ in drawn.values()] == [DRAWN // 2] * 2
    assert {last.tz_convert("UTC") for _, last in drawn.values()} == {datetime(2026, 10, 1, tzinfo=UTC)}
