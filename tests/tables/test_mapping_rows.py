"""Foreign files become canonical tables: rows left out are counted, clocks read, and faults told without contents."""

import json
from pathlib import Path

import pytest

from workbench.refusal import Refused
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


def test_time_that_is_none_is_refused_without_its_contents(tmp_path):
    with pytest.raises(Refused, match="no date and time, in 1 row") as caught:
        opened(tmp_path, CSV.replace("2016-06-03T08:00:00Z", "soon"))
    assert "soon" not in str(caught.value)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "006,009,2016-06-01T08:00:00Z,2016-06-02,old,Yes,a",
            'column "age" holds what is no number, in 1 row.',
        ),
        ("006,009,2016-06-01T08:00:00Z,soon,40,Yes,a", 'column "day" holds what is no date, in 1 row.'),
    ],
)
def test_what_a_condition_cannot_be_asked_of_is_counted_and_not_repeated(tmp_path, row, words):
    with pytest.raises(Refused) as caught:
        opened(tmp_path, CSV + row + "\n")
    assert words in str(caught.value)
    assert "old" not in str(caught.value).replace("holds", "")
    assert "soon" not in str(caught.value)


def test_an_age_that_is_none_is_counted_and_not_repeated(tmp_path):
    with pytest.raises(Refused, match=r'column "age" holds what is no age in years, in 1 row\.') as caught:
        opened(tmp_path, CSV.replace(",41,", ",unknown,"), patients=PATIENTS)
    assert "unknown" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"drop": [{"reason": "of a negative age", "column": "agee", "below": 0}]}, "agee"),
        ({"drop": [{"reason": "for a day before", "column": "day", "day_before": "book"}]}, "book"),
        ({"drop": [{"reason": "told twice", "repeats_but_for": ["idd"]}]}, "idd"),
        ({"told": [{"reason": "with an odd number", "column": "whom", "contains": "E"}]}, "whom"),
        ({"one_per": "whom"}, "whom"),
        ({"columns": {"starts_at": {"local_time": "days", **CLOCK}}}, "days"),
        ({"columns": {"duration_minutes": {"age": "agee", "in_year": 2016}}}, "agee"),
    ],
)
def test_every_column_that_a_mapping_names_must_be_there(tmp_path, wrong, told):
    with pytest.raises(Refused, match=f'no column "{told}".*Did you mean "'):
        opened(tmp_path, appointments=MAPPING | wrong)


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


def test_moments_and_formats_of_clocks(tmp_path):
    text = 'id,who,made,day\n1,a,"Wed, 1 Jun 2016 08:00:00 -0300",6/2/2016 1:30 PM\n2,b,2016-06-01T08:00:00Z,\n'
    columns = {
        "appointment_id": {"column": "id"},
        "patient_id": {"column": "who"},
        "booked_at": {"moment": "made"},
        "starts_at": {"local_time": "day", "format": "%m/%d/%Y %I:%M %p", **CLOCK},
        "status": {"constant": "attended"},
    }
    mapping = {"file": "visits.csv", "columns": columns}
    rows = (
        opened(tmp_path, text, appointments=mapping).whole("appointments").order_by("appointment_id").execute()
    )
    assert [moment.hour for moment in rows["booked_at"]] == [11, 8]
    assert rows["starts_at"].iloc[0].isoformat() == "2016-06-02T16:30:00+00:00"


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (
            {"moment": "booked"},
            'column "booked" holds what is no date and time with an offset from UTC, in 2 rows.',
        ),
        (
            {"column": "booked"},
            'column "booked" mixes times with an offset from UTC and times without; without, in 2 rows.',
        ),
    ],
)
def test_mixed_time_zones_need_a_rule(tmp_path, column, words):
    text = CSV.replace("06-01T09:00:00Z", "06-01T09:00:00", 2)
    mapping = {"file": "visits.csv", "columns": MAPPING["columns"] | {"booked_at": column}}
    with pytest.raises(Refused) as caught:
        opened(tmp_path, text, appointments=mapping)
    assert words in str(caught.value)
    assert "2016" not in str(caught.value)


def test_times_without_any_offset_are_taken_as_utc(tmp_path):
    mapping = {"file": "visits.csv", "columns": MAPPING["columns"] | {"booked_at": {"column": "booked"}}}
    rows = opened(tmp_path, CSV.replace("00Z", "00"), appointments=mapping).whole("appointments")
    assert rows["booked_at"].min().execute().isoformat() == "2016-06-01T08:00:00+00:00"


def test_rows_are_left_out_by_words_and_for_want_of_a_value(tmp_path):
    drops = [
        {"reason": "of the test clinic", "column": "clinic", "one_of": ["a", "zz"]},
        {"reason": "without an age", "column": "age", "missing": True},
    ]
    mapped = opened(
        tmp_path, CSV.replace(",-1,", ",,"), appointments=MAPPING | {"drop": drops, "told": []}
    ).mapped("appointments")
    assert [each.rows for each in mapped.dropped] == [2, 1]
    assert mapped.rows.count().execute() == 2


@pytest.mark.parametrize("written", ["%Q", "day", "%d %z", "%d '", "%"])
def test_a_format_that_tells_no_clock_is_refused(written):
    column = {"local_time": "day", "format": written, **CLOCK}
    with pytest.raises(ValueError, match="alone, and no zone"):
        source(appointments=MAPPING | {"columns": {"starts_at": column}})
