"""Foreign files become canonical tables: rows left out are counted, clocks read, and faults told without contents."""

import json
import zipfile
from datetime import datetime
from pathlib import Path

import ibis
import pytest

from workbench.refusal import Refused
from workbench.tables.files import read_file
from workbench.tables.local_time import moment_of, wall_of
from workbench.tables.mapping import text_columns
from workbench.tables.opening import open_tables
from workbench.tables.source import Source

CSV = """id,who,booked,day,age,came,clinic
001,1E5,2016-06-01T08:00:00Z,2016-06-02,40,Yes,a
002,007,2016-06-03T08:00:00Z,2016-06-02,41,No,a
003,007,2016-06-01T09:00:00Z,2016-06-04,-1,No,b
004,008,2016-06-01T09:00:00Z,2016-06-04,102,No,b
005,008,2016-06-01T09:00:00Z,2016-06-04,102,No,b
"""
CLOCK = {"time_zone": "America/Sao_Paulo"}
MAPPING = {
    "file": "visits.csv",
    "drop": [
        {"reason": "for a day before the booking", "column": "day", "day_before": "booked"},
        {"reason": "of a negative age", "column": "age", "below": 0},
        {"reason": "told twice", "repeats_but_for": ["id"]},
    ],
    "told": [{"reason": "with an odd number", "column": "who", "contains": "E"}],
    "columns": {
        "appointment_id": {"column": "id"},
        "patient_id": {"column": "who"},
        "booked_at": {"local_time": "booked", **CLOCK},
        "starts_at": {"local_time": "day", **CLOCK},
        "known_at": {"local_time": "day", "plus_days": 1, **CLOCK},
        "status": {"column": "came", "values": {"Yes": "attended", "No": "no_show"}},
    },
}
PATIENTS = {
    "file": "visits.csv",
    "one_per": "who",
    "columns": {"patient_id": {"column": "who"}, "birth_year": {"age": "age", "in_year": 2016}},
}


def source(**tables):
    given = {
        "title": "t",
        "location": "files",
        "tables": tables or {"appointments": MAPPING, "patients": PATIENTS},
    }

    return Source.model_validate_json(json.dumps(given))


def opened(folder: Path, text: str = CSV, **tables):
    (folder / "files").mkdir()
    (folder / "files" / "visits.csv").write_text(text)
    return open_tables(source(**tables), folder)


def test_dropped_rows_are_counted_one_after_the_other(tmp_path):
    mapped = opened(tmp_path).mapped("appointments")
    assert [(dropped.reason, dropped.rows) for dropped in mapped.dropped] == [
        ("for a day before the booking", 1),
        ("of a negative age", 1),
        ("told twice", 1),
    ]
    assert [told.rows for told in mapped.told] == [1]
    assert mapped.rows.count().execute() == 2
    assert mapped.whole.count().execute() == 5


def test_codes_are_kept_as_they_are_written(tmp_path):
    rows = opened(tmp_path).whole("appointments").order_by("appointment_id").execute()
    assert rows["appointment_id"].tolist() == ["001", "004"]
    assert rows["patient_id"].tolist() == ["1E5", "008"]


def test_clocks_on_walls_become_moments(tmp_path):
    rows = opened(tmp_path).whole("appointments").order_by("appointment_id").execute()
    # Three hours behind UTC, whatever zone the file claims.
    assert rows["booked_at"].iloc[0].isoformat() == "2016-06-01T11:00:00+00:00"
    assert rows["starts_at"].iloc[0].isoformat() == "2016-06-02T03:00:00+00:00"
    assert rows["known_at"].iloc[0].isoformat() == "2016-06-03T03:00:00+00:00"


def test_one_row_per_person_and_the_oldest_pooled(tmp_path):
    people = opened(tmp_path).whole("patients").execute().set_index("patient_id")["birth_year"]
    assert people.to_dict() == {"1E5": 1976, "007": 1975, "008": 1926}


def test_day_that_changes_the_clock_keeps_its_date():
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    zone = "America/New_York"
    wall = ibis.literal(datetime(2026, 11, 1, 12, 0))
    there = moment_of(wall, zone)
    assert engine.execute(there).isoformat() == "2026-11-01T17:00:00+00:00"
    assert engine.execute(wall_of(there, zone)) == datetime(2026, 11, 1, 12, 0)


def test_time_that_is_none_is_refused_without_its_contents(tmp_path):
    with pytest.raises(Refused, match="no date and time, in 1 rows") as caught:
        opened(tmp_path, CSV.replace("2016-06-03T08:00:00Z", "soon"))
    assert "soon" not in str(caught.value)


def test_unknown_column_of_a_condition_is_refused(tmp_path):
    wrong = MAPPING | {"drop": [{"reason": "of a negative age", "column": "agee", "below": 0}]}
    with pytest.raises(Refused, match=r'no column "agee".*Did you mean "age"'):
        opened(tmp_path, appointments=wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "x", "column": "age"},
        {"reason": "x", "column": "age", "below": 0, "above": 9},
        {"reason": "x", "below": 0},
        {"reason": "x", "column": "age", "repeats_but_for": ["id"]},
    ],
)
def test_condition_must_be_one(wrong):
    with pytest.raises(ValueError, match="repeats_but_for"):
        source(appointments=MAPPING | {"drop": [wrong]})


def test_zipped_csv_is_read_and_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with zipfile.ZipFile(tmp_path / "visits.csv.zip", "w") as zipped:
        zipped.writestr("visits.csv", CSV)
    rows = read_file(ibis.duckdb.connect(), tmp_path, "visits.csv.zip", {"id"})
    assert rows.execute()["id"].tolist() == ["001", "002", "003", "004", "005"]
    assert [path.name for path in tmp_path.iterdir()] == ["visits.csv.zip"]


@pytest.mark.parametrize(("names", "words"), [([], "0 CSV files"), (["a.csv", "b.csv"], "2 CSV files")])
def test_zip_must_hold_one_csv(tmp_path, names, words):
    with zipfile.ZipFile(tmp_path / "visits.zip", "w") as zipped:
        for name in names:
            zipped.writestr(name, CSV)
    with pytest.raises(Refused, match=words):
        read_file(ibis.duckdb.connect(), tmp_path, "visits.zip")


def test_broken_zip_is_refused(tmp_path):
    (tmp_path / "visits.zip").write_text("no zip")
    with pytest.raises(Refused, match="cannot be read as zip"):
        read_file(ibis.duckdb.connect(), tmp_path, "visits.zip")


def test_text_is_read_where_it_becomes_text():
    mapping = source().tables["appointments"]
    assert text_columns("appointments", mapping) == {"id", "who", "came", "booked", "day"}
