"""Opening a source: canonical Parquet files as they are, foreign files by their mapping."""

import pandas as pd
import pytest

from workbench.refusal import Refused
from workbench.tables.opening import data_files, open_source, open_tables
from workbench.tables.schema import TABLES
from workbench.tables.source import DataAbsent, read_source, source_path


def test_the_sample_has_every_canonical_table(project):
    tables = open_source("sample", project.root)
    assert set(tables.names) == set(TABLES)
    assert tables.whole("patients").count().execute() == 1_000


def test_the_root_is_found_where_none_is_named(project, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(project.root))
    assert open_source("sample").source.title == "Simulated provider"


def test_times_are_utc_whatever_the_zone_of_the_machine(project, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    rows = open_source("sample", project.root).whole("assignments")
    assert rows["assigned_at"].max().execute().utcoffset().total_seconds() == 0


def test_a_folder_without_canonical_tables_is_refused(project):
    for file in project.data.iterdir():
        file.unlink()
    (project.data / "notes.parquet").touch()
    with pytest.raises(Refused, match="holds none of the canonical tables"):
        open_source("sample", project.root)


def test_absent_data_are_no_fault(project):
    project.write_source(location="data/elsewhere")
    with pytest.raises(DataAbsent):
        open_source("sample", project.root)


def test_tables_of_one_file_number_the_same_people_alike(project):
    rows = "".join(f"{'A' if n % 2 else 'B'},{n % 3}\n" for n in range(5_000))
    (project.data / "people.csv").write_text("arm,visit\n" + rows, encoding="utf-8")
    project.write_source(
        tables={
            "assignments": {
                "file": "people.csv",
                "columns": {"patient_id": {"row_number": "person-"}, "arm": {"column": "arm"}},
            },
            "appointments": {
                "file": "people.csv",
                "keep": {"visit": 1},
                "columns": {"patient_id": {"row_number": "person-"}},
            },
        }
    )
    tables = open_source("sample", project.root)
    arms = tables.whole("assignments").execute().set_index("patient_id")["arm"]
    visitors = tables.whole("appointments").execute()["patient_id"]
    expected = pd.Series({f"person-{n}": "A" if n % 2 else "B" for n in range(5_000)})
    assert arms.to_dict() == expected.to_dict()
    assert set(visitors) == {f"person-{n}" for n in range(1, 5_000, 3)}


def test_the_files_of_a_source_are_those_it_reads(project):
    source = read_source(source_path("sample", project.root), project.root)
    assert {path.stem for path in data_files(source, project.root)} == set(TABLES)
    project.write_source(
        tables={"clinics": {"file": "a.csv", "columns": {}}, "patients": {"file": "a.csv", "columns": {}}}
    )
    source = read_source(source_path("sample", project.root), project.root)
    assert [path.name for path in data_files(source, project.root)] == ["a.csv"]
    with pytest.raises(Refused, match=r"a\.csv: the file is missing"):
        open_tables(source, project.root)
