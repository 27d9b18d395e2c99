"""Any other table becomes staged tables by a mapping, every row accounted for, or is refused with its faults."""

import gzip
import io

import pandas as pd
import pytest
from pydantic import ValidationError

from workbench.ingest.mapped.reader import read_mapped
from workbench.ingest.mapped.settings import MappedFeed
from workbench.ingest.reading import Reason
from workbench.refusal import Refused

ZIGPOLL = """Response ID,Customer Email,Phone,Score,Answered,Comment
z1,Ada@Example.org,(212) 555-0101,9,2026-11-01 01:30:00,I am Ada Quill
z2,,,7,2026-10-01 12:00:00,
z3,nobody,12,8,2026-10-02 12:00:00,4711
t4,ida@example.org,212 555 0102,3,2026-10-02 12:00:00,test
"""
SURVEYS = {
    "person": {"email": "Customer Email"},
    "drop": ({"reason": "of a test", "column": "Response ID", "one_of": ("t4",)},),
    "columns": {
        "response_id": {"column": "Response ID"},
        "instrument": {"constant": "satisfaction"},
        "score": {"column": "Score"},
        "responded_at": {"local_time": "Answered", "time_zone": "America/New_York"},
    },
}


def feed(**tables):
    return MappedFeed.model_validate(
        {"name": "poll", "reads": "table", "files": "*", "tables": tables or {"surveys": SURVEYS}}
    )


def told(read):
    return [each for account in read.accounts for each in account.told]


def test_a_person_is_staged_as_the_vendor_names_her(make_export, rows):
    read = read_mapped(make_export({"poll.csv": ZIGPOLL}), feed())
    assert read.tables == {"surveys": "feed_surveys"}
    assert rows("feed_surveys") == [
        ("email", "ada@example.org", "z1", "satisfaction", "9.0", "2026-11-01 06:30:00+00")
    ]
    assert rows(read.watched) == [("ada@example.org",)]


def test_every_row_is_accounted_for(make_export):
    read = read_mapped(make_export({"poll.csv": ZIGPOLL}), feed())
    (account,) = read.accounts
    assert (account.records, account.table, account.read, account.used) == ("rows for surveys", "surveys", 4, 1)
    assert account.dropped == (
        Reason("of a test", 1),
        Reason("without an e-mail address", 1),
        Reason("with what is not an e-mail address", 1),
    )
    assert account.told == (Reason('with a time in "Answered" that clocks showed twice or never', 1),)
    assert account.begins == account.ends
    assert account.begins.isoformat() == "2026-11-01T06:30:00+00:00"


def test_phones_take_one_form(make_export, rows):
    by_phone = SURVEYS | {"person": {"phone": "Phone", "country": "1"}}
    read_mapped(make_export({"poll.csv": ZIGPOLL}), feed(surveys=by_phone))
    assert rows("feed_surveys", "person_kind", "person_value") == [("phone", "+12125550101")]


def test_no_other_column_of_the_file_stays_in_the_engine(make_export, engine):
    read_mapped(make_export({"poll.csv": ZIGPOLL}), feed())
    left = {name for (name,) in engine.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert left == {"feed_surveys", "feed_watched"}
    assert engine.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchone() == (0,)
    assert engine.execute("SELECT current_setting('python_enable_replacements')").fetchone() == (True,)


def test_files_of_a_pattern_are_read_together_each_table_from_its_own(make_export, rows):
    visits = {
        "file": "visits*",
        "keep": {"kind": "visit"},
        "one_per": "id",
        "person": {"record": "mrn"},
        "columns": {
            "appointment_id": {"column": "id"},
            "status": {"column": "state", "values": {"came": "attended"}},
            "starts_at": {"column": "at"},
        },
    }
    clinics = {
        "file": "clinics.csv",
        "columns": {"clinic_id": {"column": "c"}, "time_zone": {"column": "zone"}},
    }
    first = "id,kind,mrn,state,at\n" + "1,visit,007,came,2026-01-05\n" * 2 + "2,other,8,came,2026-01-05\n"
    parquet = io.BytesIO()
    pd.DataFrame(
        {
            "id": [3],
            "kind": ["visit"],
            "mrn": [9],
            "state": ["came"],
            "at": pd.to_datetime(["2026-01-07"], utc=True),
        }
    ).assign(id="3").to_parquet(parquet)
    files = {
        "visits-1.csv.gz": gzip.compress(first.encode()),
        "clinics.csv": "c,zone\nnorth,America/New_York\n",
    }
    read = read_mapped(make_export(files), feed(appointments=visits, clinics=clinics))
    assert rows("feed_appointments") == [
        ("record", "007", "1", "attended", "2026-01-05 00:00:00+00", "2026-11-01 00:00:00+00")
    ]
    assert rows("feed_clinics") == [("north", "America/New_York")]
    assert [(each.table, each.read, each.used) for each in read.accounts] == [
        ("appointments", 3, 1),
        ("clinics", 1, 1),
    ]
    assert read.accounts[0].dropped == (
        Reason('other than "kind" = visit', 1),
        Reason('beyond the first with one value of "id"', 1),
    )
    assert read.accounts[0].told == (Reason('with a time in "at" that names no zone, taken as UTC', 2),)


def test_parquet_keeps_its_types(make_export, rows, engine):
    table = pd.DataFrame({"c": ["north"], "zone": ["America/New_York"]})
    content = io.BytesIO()
    table.to_parquet(content)
    clinics = {"columns": {"clinic_id": {"column": "c"}, "time_zone": {"column": "zone"}}}
    read_mapped(make_export({"clinics.parquet": content.getvalue()}), feed(clinics=clinics))
    assert rows("feed_clinics") == [("north", "America/New_York")]
    assert engine.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchone() == (0,)


def test_decimal_keys_of_parquet_are_refused(make_export):
    content = io.BytesIO()
    frame = pd.DataFrame({"id": ["a"], "mrn": [2.98725e13], "on": pd.to_datetime(["2026-01-07"], utc=True)})
    frame.to_parquet(content)
    states = {"person": {"record": "mrn"}, "columns": {"valid_from": {"column": "on"}}}
    with pytest.raises(Refused, match='column "mrn" holds identifiers as decimal numbers'):
        read_mapped(make_export({"states.parquet": content.getvalue()}), feed(patient_states=states))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<html>4711</html>", "it is a web page under another name"),
        (ZIGPOLL.replace(",", ";"), "its columns are divided by semicolons, not commas"),
        (ZIGPOLL.replace("Quill", "Qu\xefll").encode("latin-1"), "it holds bytes that are not UTF-8"),
        (ZIGPOLL.replace("z2,,,", "z2,"), "the file cannot be read as CSV"),
        (
            ZIGPOLL.replace("z2,", "2.98725E+13,"),
            'column "Response ID" holds identifiers rounded by a spreadsheet',
        ),
        (
            ZIGPOLL.replace("nobody", "1e5"),
            'column "Customer Email" holds identifiers rounded by a spreadsheet',
        ),
        (ZIGPOLL.replace("Phone", "Score"), 'there is no column "Score"'),
        (ZIGPOLL.replace("z2,", ","), "surveys.response_id is empty in 1 row. Drop them with a reason"),
        (ZIGPOLL.replace(",9,", ",nine,"), 'column "Score" holds what is no float64'),
        ("", "the file is empty"),
    ],
)
def test_a_broken_file_stages_nothing(make_export, engine, content, words):
    with pytest.raises(Refused) as refused:
        read_mapped(make_export({"poll.csv": content}), feed())
    assert words in str(refused.value)
    assert "poll.csv" in str(refused.value)
    assert not any(secret in str(refused.value) for secret in ("Ada", "4711", "2.98", "nine"))


def test_rounded_keys_may_be_dropped_with_a_reason(make_export):
    text = ZIGPOLL.replace("z2,", "2.98725E+13,")
    drop = (*SURVEYS["drop"], {"reason": "rounded", "column": "Response ID", "contains": "E+"})
    (account,) = read_mapped(make_export({"poll.csv": text}), feed(surveys=SURVEYS | {"drop": drop})).accounts
    assert Reason("rounded", 1) in account.dropped


def test_a_truncated_gzip_and_a_missing_file(make_export):
    half = gzip.compress(ZIGPOLL.encode())[:60]
    with pytest.raises(Refused, match="cut off or broken"):
        read_mapped(make_export({"poll.csv.gz": half}), feed())
    with pytest.raises(Refused, match=r"feed poll: none of its files is called other\*, which table surveys"):
        read_mapped(make_export({"poll.csv": ZIGPOLL}), feed(surveys=SURVEYS | {"file": "other*"}))


def test_faults_of_all_files_come_at_once(make_export):
    files = {"a.csv": ZIGPOLL.replace(",9,", ",nine,"), "b.csv": "<html>"}
    with pytest.raises(Refused) as refused:
        read_mapped(make_export(files), feed())
    assert [fault.where for fault in refused.value.faults] == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"survey": SURVEYS}, 'Did you mean "surveys"'),
        ({"surveys": SURVEYS | {"person": None}}, "Table surveys needs person"),
        ({"clinics": SURVEYS | {"columns": {}}}, "has no person, and takes no"),
        ({"surveys": SURVEYS | {"columns": {"patient_id": {"column": "x"}}}}, "name the person under person"),
        ({"surveys": SURVEYS | {"columns": {"scored": {"column": "x"}}}}, 'Did you mean "score"'),
        (
            {"surveys": SURVEYS | {"columns": {"response_id": {"row_number": "r"}}}},
            "change from export to export",
        ),
        ({"surveys": SURVEYS | {"columns": {}}}, "Table surveys needs the column responded_at"),
        ({"surveys": SURVEYS | {"person": {"email": "a", "phone": "b"}}}, "give one of record, phone, email"),
        ({}, "at least 1 item"),
    ],
)
def test_settings_that_cannot_be_read_by(tables, words):
    with pytest.raises(ValidationError, match=words):
        MappedFeed.model_validate({"name": "poll", "reads": "table", "files": "*", "tables": tables})
