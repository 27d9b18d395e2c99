"""The export: whole tables of stable types, in a folder of its own."""

import csv
import os

import pyarrow.parquet as pq
import pytest

import workbench.reports.export as module
from workbench.protection.account import account_name
from workbench.refusal import Refused
from workbench.reports.approval import withdraw
from workbench.reports.export import OWN_FILES, export
from workbench.reports.tidy import SCHEMAS
from workbench.settings import Settings

METRIC = {"name": "difference", "of": {"arm": "warm"}, "value": 0.02, "unit": "proportion", "n": 3}
HIDDEN = {"name": "rate", "of": {}, "value": None, "unit": "probability"}


@pytest.fixture
def store(project, published):
    published(project.store, second=1, of_result={"metrics": [METRIC]})
    published(project.store, second=2, of_result={"metrics": [METRIC, HIDDEN]})
    published(project.store, name="greeting", headline='It "may", perhaps, help.')
    return project.store


def read(file):
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_the_tables_hold_every_version(store, tmp_path):
    counts = export(store, tmp_path / "out", "csv")
    assert counts == {"versions": 3, "verdicts": 3, "checks": 0, "metrics": 3, "tables": 0}
    assert names(tmp_path / "out") == sorted(f"{name}.csv" for name in SCHEMAS)
    versions = read(tmp_path / "out" / "versions.csv")
    assert [(row["name"], row["newest"]) for row in versions] == [
        ("greeting", "true"),
        ("wording", "false"),
        ("wording", "true"),
    ]
    assert versions[0]["published_at"] == "2026-11-23T06:00:00Z"
    assert versions[0]["data_until"] == ""
    assert read(tmp_path / "out" / "verdicts.csv")[0]["headline"] == 'It "may", perhaps, help.'


def test_a_hidden_number_is_empty_and_marked(store, tmp_path):
    export(store, tmp_path / "out", "csv")
    *_, shown, hidden = read(tmp_path / "out" / "metrics.csv")
    assert (shown["value"], shown["n"], shown["hidden"]) == ("0.02", "3", "false")
    assert (hidden["value"], hidden["n"], hidden["hidden"]) == ("", "", "true")


def test_parquet_has_the_declared_types_and_the_same_rows(store, tmp_path):
    export(store, tmp_path / "out", "both")
    assert set(names(tmp_path / "out")) == OWN_FILES
    for name, schema in SCHEMAS.items():
        table = pq.read_table(tmp_path / "out" / f"{name}.parquet")
        assert table.schema.names == schema.names
        assert [str(field.type).replace("[ms", "[s") for field in table.schema] == [
            str(field.type) for field in schema
        ]
        assert table.num_rows == len(read(tmp_path / "out" / f"{name}.csv"))


def test_a_store_without_versions_gives_tables_without_rows(project, tmp_path):
    assert set(export(project.store, tmp_path / "out", "both").values()) == {0}
    assert pq.read_table(tmp_path / "out" / "metrics.parquet").num_rows == 0
    header = (tmp_path / "out" / "metrics.csv").read_text(encoding="utf-8")
    assert header.strip().replace('"', "").split(",") == SCHEMAS["metrics"].names


def test_an_earlier_export_is_replaced_whole(store, tmp_path):
    export(store, tmp_path / "out", "both")
    export(store, tmp_path / "out", "parquet")
    assert names(tmp_path / "out") == sorted(f"{name}.parquet" for name in SCHEMAS)


def test_rows_are_written_as_they_come(store, tmp_path, monkeypatch):
    export(store, tmp_path / "once", "both")
    monkeypatch.setattr(module, "ROWS_HELD", 1)
    export(store, tmp_path / "often", "both")
    for name in SCHEMAS:
        assert (tmp_path / "often" / f"{name}.csv").read_bytes() == (
            tmp_path / "once" / f"{name}.csv"
        ).read_bytes()
        assert pq.read_table(tmp_path / "often" / f"{name}.parquet") == pq.read_table(
            tmp_path / "once" / f"{name}.parquet"
        )


@pytest.mark.parametrize("place", [".", "out", "ab_test/out", ".."])
def test_the_store_is_no_place_for_it(store, place):
    before = sorted(path for path in store.folder.rglob("*"))
    with pytest.raises(Refused, match="report store"):
        export(store, store.folder / place, "csv")
    assert sorted(path for path in store.folder.rglob("*")) == before


def test_a_link_into_the_store_is_seen_through(store, tmp_path):
    (tmp_path / "link").symlink_to(store.folder)
    with pytest.raises(Refused, match="report store"):
        export(store, tmp_path / "link" / "out", "csv")


def test_other_files_are_left_as_they_are(store, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    (out / "metrics.csv").write_text("old")
    with pytest.raises(Refused, match="something else than an export"):
        export(store, out, "csv")
    assert names(out) == ["metrics.csv", "notes.txt"]
    assert (out / "metrics.csv").read_text() == "old"


def test_a_file_in_the_folder_s_place_is_left(store, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(Refused, match="not a folder"):
        export(store, tmp_path / "out", "csv")
    assert (tmp_path / "out").read_text() == "mine"


def test_an_export_that_breaks_off_leaves_the_earlier_one(store, tmp_path, monkeypatch):
    export(store, tmp_path / "out", "csv")
    before = (tmp_path / "out" / "metrics.csv").read_bytes()

    def broken(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "rows_of", broken)
    with pytest.raises(KeyboardInterrupt):
        export(store, tmp_path / "out", "csv")
    assert (tmp_path / "out" / "metrics.csv").read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["out", "project"]


def test_what_was_withdrawn_is_marked_and_not_the_newest(project, published, tmp_path):
    published(project.store, second=1)
    published(project.store, second=2)
    settings = Settings(approvers=(account_name(),))
    withdraw(project.store, "ab_test/wording", "An arm was mislabeled.", settings)
    export(project.store, tmp_path / "out", "csv")
    rows = read(tmp_path / "out" / "versions.csv")
    assert [(row["newest"], row["withdrawn"]) for row in rows] == [("true", "false"), ("false", "true")]
