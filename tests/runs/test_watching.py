"""A report is held against all that ingest knows to identify people, and against the pseudonyms in its tables."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.protection.watch_list import WatchList
from workbench.runs.watching import watch_list_of
from workbench.tables.generation import WATCH_LIST
from workbench.tables.known import Tables
from workbench.tables.opening import open_tables
from workbench.tables.source import Source


@pytest.fixture
def ingested(tmp_path) -> Tables:
    generation = tmp_path / "data" / "clinic" / "generations" / "one"
    generation.mkdir(parents=True)
    (tmp_path / "data" / "clinic" / "current").symlink_to("generations/one")
    pq.write_table(pa.table({"patient_id": ["p0123456789abcdef"]}), generation / "patients.parquet")
    (generation / WATCH_LIST).write_bytes(WatchList.of(["Quilla Feather"]).to_bytes())
    return open_tables(Source(title="Clinic", location="data/clinic", ingest={"exports": "exports"}), tmp_path)


def test_names_that_ingest_left_and_pseudonyms_are_on_the_list(ingested, tmp_path):
    listed = watch_list_of(ingested, tmp_path)
    assert listed.contains("said Quilla Feather")
    assert listed.contains("of p0123456789abcdef")
    assert not listed.contains("of somebody else")
