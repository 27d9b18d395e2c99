"""Qualtrics exports: three header rows, the zone from the third, and nothing kept but what settings name."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.ingest.reading import Reason
from workbench.ingest.surveys.qualtrics import import_tags, qualtrics_form, read_qualtrics
from workbench.ingest.surveys.settings import QualtricsFeed
from workbench.project import external_data_folder
from workbench.refusal import Refused

ZONED = {"StartDate", "EndDate", "RecordedDate"}
IDS = {
    "StartDate": "startDate",
    "EndDate": "endDate",
    "Status": "status",
    "IPAddress": "ipAddress",
    "Finished": "finished",
    "RecordedDate": "recordedDate",
    "ResponseId": "_recordId",
    "RecipientLastName": "recipientLastName",
    "RecipientEmail": "recipientEmail",
    "LocationLatitude": "locationLatitude",
    "Q1_1": "QID1_1",
    "Q1_2": "QID1_2",
    "Q2": "QID2",
    "Q2_TEXT": "QID2_TEXT",
    "Q3": "QID3",
    "mrn": "mrn",
    "sms_id": "sms_id",
}
GIVEN = {
    "EndDate": "2026-11-01 12:06:52",
    "Status": "IP Address",
    "IPAddress": "73.23.43.1",
    "Finished": "True",
    "ResponseId": "R_1",
    "RecipientLastName": "Quillfeather",
    "RecipientEmail": "Ida@Example.org",
    "LocationLatitude": "34.05",
    "Q1_1": "Not at all",
    "Q1_2": "Nearly every day",
    "Q2": "Too many messages",
    "Q2_TEXT": "I am Ida Quillfeather",
    "Q3": "8",
    "mrn": "007",
    "sms_id": "SM1",
}
POINTS = {"Not at all": 0, "Several days": 1, "Nearly every day": 3}
REASONS = {"Too many messages": 1, "No, thanks": 2, "Privacy": 3}
INSTRUMENTS = (
    {"instrument": "PHQ-2", "items": ("Q1_1", "QID1_2"), "values": POINTS},
    {"instrument": "refusal_reason", "coded": ("Q2",), "values": REASONS},
    {"instrument": "satisfaction", "score": "QID3"},
)


def export(
    *rows: dict[str, str], names: tuple[str, ...] = tuple(IDS), zone: str | None = "America/New_York"
) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerow([f"What about\n{name}?" for name in names])
    clock = {"timeZone": zone} if zone else {}
    writer.writerow([json.dumps({"ImportId": IDS[name]} | (clock if name in ZONED else {})) for name in names])
    writer.writerows([[(GIVEN | row).get(name, "") for name in names] for row in rows])
    return text.getvalue()


def feed(**more):
    given = {"name": "pulse", "reads": "qualtrics", "files": "*", "person": {"record": "mrn"}}
    return QualtricsFeed.model_validate(given | {"message_id": "sms_id", "instruments": INSTRUMENTS} | more)


def refusal(make_export, text, **more) -> str:
    with pytest.raises(Refused) as refused:
        read_qualtrics(make_export({"pulse.csv": text}), feed(**more))
    told = str(refused.value)
    assert not any(secret in told for secret in ("Quillfeather", "73.23", "34.05", "R_1", "007"))
    return told


def test_what_settings_name_is_kept_and_nothing_else(make_export, rows, engine):
    read = read_qualtrics(make_export({"pulse.csv": export({})}), feed())
    assert rows("feed_surveys") == [
        ("record", "007", "R_1/PHQ-2", "SM1", "PHQ-2", "3.0", "2026-11-01 17:06:52+00"),
        ("record", "007", "R_1/refusal_reason/1", "SM1", "refusal_reason", "1.0", "2026-11-01 17:06:52+00"),
        ("record", "007", "R_1/satisfaction", "SM1", "satisfaction", "8.0", "2026-11-01 17:06:52+00"),
    ]
    assert rows(read.watched) == [("007",)]
    (account,) = read.accounts
    assert (account.records, account.table, account.read, account.used) == ("responses", "surveys", 1, 1)
    assert account.begins == account.ends == datetime(2026, 11, 1, 17, 6, 52, tzinfo=UTC)
    tables = {name for (name,) in engine.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert tables == {"feed_surveys", "feed_watched"}


def test_without_a_column_of_messages_none_is_staged(make_export, engine):
    read_qualtrics(make_export({"pulse.csv": export({})}), feed(message_id=None))
    columns = [name for name, *_ in engine.execute("DESCRIBE feed_surveys").fetchall()]
    assert columns == ["person_kind", "person_value", "response_id", "instrument", "score", "responded_at"]


def test_a_message_may_be_missing_in_a_row(make_export, rows):
    read_qualtrics(make_export({"pulse.csv": export({"sms_id": " "})}), feed())
    assert {row[0] for row in rows("feed_surveys", "message_id")} == {None}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"Status": "Survey Preview"}, "of a preview or test"),
        ({"Status": "1"}, "of a preview or test"),
        ({"Status": "Spam"}, "marked as spam"),
        ({"Status": "8"}, "marked as spam"),
        ({"Status": "Something"}, "of a status that Qualtrics does not tell of"),
        ({"Finished": "FALSE"}, "not finished"),
        ({"Finished": "0"}, "not finished"),
        ({"mrn": "  "}, "without a record number"),
        ({"Q1_1": "", "Q1_2": "", "Q2": "", "Q3": ""}, "without an answer that is kept"),
        ({"Q1_1": "", "Q2": "", "Q3": "-99"}, "with too few answers for a score"),
    ],
)
def test_what_is_no_patient_s_answer_is_dropped_with_its_reason(make_export, row, reason):
    text = export({}, row, {"ResponseId": "R_2", "Status": "0", "Finished": "1"})
    (account,) = read_qualtrics(make_export({"pulse.csv": text}), feed()).accounts
    assert (account.read, account.used) == (3, 2)
    assert account.dropped == (Reason(reason, 1),)


def test_too_few_answers_of_one_instrument_are_told(make_export, rows):
    (account,) = read_qualtrics(make_export({"p.csv": export({"Q1_2": ""})}), feed()).accounts
    assert account.told == (Reason("with too few answers for PHQ-2", 1),)
    assert [row[0] for row in rows("feed_surveys", "instrument")] == ["refusal_reason", "satisfaction"]


def test_nobody_named_is_counted_and_left(make_export, rows):
    read = read_qualtrics(make_export({"p.csv": export({}, {"Finished": "FALSE"})}), feed(person="none"))
    assert rows("feed_surveys") == []
    assert read.accounts[0].dropped == (
        Reason("naming nobody, as the settings say", 1),
        Reason("not finished", 1),
    )


def test_people_may_be_matched_by_e_mail_when_settings_say_so(make_export, rows):
    by_mail = {"email": "RecipientEmail"}
    read = read_qualtrics(make_export({"p.csv": export({})}), feed(person=by_mail))
    assert set(rows("feed_surveys", "person_kind", "person_value")) == {("email", "ida@example.org")}
    assert rows(read.watched) == [("ida@example.org",)]


@pytest.mark.parametrize("name", ["IPAddress", "ipAddress", "LocationLatitude", "RecipientLastName"])
def test_addresses_places_and_names_are_never_answers(make_export, name):
    told = refusal(make_export, export({}), instruments=({"instrument": "x", "score": name},))
    assert f'column "{name}" tells of the person, and is never read as an answer.' in told


@pytest.mark.parametrize(
    ("zone", "wall", "moment", "doubtful"),
    [
        ("America/New_York", "2026-07-01 12:00:00", "2026-07-01 16:00:00+00", False),
        ("America/New_York", "2026-11-01 01:30:00", "2026-11-01 06:30:00+00", True),
        ("America/New_York", "2026-03-08 02:30:00", "2026-03-08 07:30:00+00", True),
        ("Z", "2026-07-01T12:00:00Z", "2026-07-01 12:00:00+00", False),
        ("America/Denver", "2026-07-01T12:00:00+02:00", "2026-07-01 10:00:00+00", False),
    ],
)
def test_times_are_of_the_zone_that_the_third_row_tells(
    make_export, rows, engine, zone, wall, moment, doubtful
):
    read = read_qualtrics(make_export({"p.csv": export({"EndDate": wall}, zone=zone)}), feed())
    assert {row[0] for row in rows("feed_surveys", "responded_at")} == {moment}
    told = (Reason("at a time that clocks showed twice or never", 1),) if doubtful else ()
    assert read.accounts[0].told == told
    if doubtful:
        query = f"SELECT timezone('{zone}', TIMESTAMP '{wall}')::VARCHAR"
        assert engine.execute(query).fetchone() == (moment,)


def test_a_file_without_a_zone_is_refused(make_export):
    assert "does not tell the time zone of its dates" in refusal(make_export, export({}, zone=None))
    assert "does not tell the time zone of its dates" in refusal(make_export, export({}, zone="Mars/Base"))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"EndDate": "11/1/2026 12:06"}], 'column "EndDate" holds what is no date and time, in 1 row.'),
        (
            [{}, {"EndDate": "2026-11-01T12:06:52Z"}],
            'column "EndDate" mixes times with an offset from UTC and times without; without, in 1 row.',
        ),
        ([{"ResponseId": ""}], 'column "ResponseId" holds no key of the response, in 1 row.'),
        ([{"mrn": "2.98725E+13"}, {"mrn": "1e5"}], 'column "mrn" holds identifiers rounded by a spreadsheet'),
        ([{"sms_id": "1.5E+12"}], 'column "sms_id" holds identifiers rounded by a spreadsheet'),
        (
            [{"Q1_2": "Ida Quillfeather"}],
            'column "Q1_2" holds an answer that the settings do not name, or no number',
        ),
        ([{"Q2": "Privacy,Quillfeather"}], 'column "Q2" holds an answer that the settings do not name'),
        ([{"Q3": "nan"}], 'column "Q3" holds an answer that the settings do not name, or no number'),
    ],
)
def test_what_cannot_be_read_is_counted_and_not_repeated(make_export, engine, rows, words):
    assert words in refusal(make_export, export(*rows))
    assert engine.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda text: "<html>Quillfeather</html>", "it is a web page under another name"),
        (lambda text: text.replace(",", ";"), "its columns are divided by semicolons"),
        (lambda text: text.replace("feather", "f\xe9ather").encode("latin-1"), "not UTF-8"),
        (lambda text: text.splitlines()[0], "it has not the three header rows"),
        (lambda text: text[text.index("\r\n") + 2 :], "it has not the three header rows"),
        (lambda text: "\r\n".join(text.splitlines()[-2:]), "it has not the three header rows"),
        (lambda text: text.replace("_recordId", "x").replace("ResponseId", "y"), "it has no column ResponseId"),
        (lambda text: text.rstrip() + ",4711\r\n", "1 row has more or fewer cells than the header"),
        (lambda text: text + '"R_1', "a quote is missing or out of place"),
        (
            lambda text: text.replace("sms_id", "mrn", 1),
            '2 columns are called "mrn". Name one by its ImportId.',
        ),
        (lambda text: "", "the file is empty"),
    ],
)
def test_a_broken_file_is_refused(make_export, broken, words):
    assert words in refusal(make_export, broken(export({})))


def test_a_column_that_is_not_there_is_told_with_a_suggestion_all_at_once(make_export):
    told = refusal(make_export, export({}), person={"record": "mrm"}, message_id="smsid")
    assert 'there is no column "mrm". Did you mean "mrn"?' in told
    assert 'there is no column "smsid". Did you mean "sms_id"?' in told


def test_files_are_read_together_and_refused_together(make_export, rows):
    both = {"a.csv": export({}), "b.csv": export({"ResponseId": "R_9"})}
    (account,) = read_qualtrics(make_export(both), feed()).accounts
    assert account.used == 2
    assert len(rows("feed_surveys")) == 6
    with pytest.raises(Refused) as refused:
        read_qualtrics(make_export({"a.csv": "<html>", "b.csv": export({"Q3": "x"})}, prefix="other_"), feed())
    assert [fault.where for fault in refused.value.faults] == ["a.csv", "b.csv"]


@given(
    ids=st.lists(st.text(min_size=1), min_size=1, max_size=5),
    zone=st.one_of(st.none(), st.text()),
    broken=st.one_of(st.none(), st.text(max_size=8)),
)
@settings(max_examples=80, deadline=None)
def test_tags_of_the_third_row_come_back_or_none_does(ids, zone, broken):
    tags = [{"ImportId": name} | ({"timeZone": zone} if zone is not None else {}) for name in ids]
    cells = [json.dumps(tag) for tag in tags]
    assert import_tags(cells) == tags
    if broken is not None:
        assert import_tags([*cells, broken]) is None


@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8), min_size=1, max_size=5
    ).map(lambda given: [*given, "ResponseId"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_any_header_is_read_or_refused(tmp_path, names):
    text = io.StringIO()
    writer = csv.writer(text)
    tags = [json.dumps({"ImportId": f"QID{place}"}) for place in range(len(names) - 1)]
    writer.writerows([names, names, [*tags, json.dumps({"ImportId": "_recordId"})]])
    path = tmp_path / "header.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    form = qualtrics_form(path, "header.csv")
    assert form.response == len(names) - 1
    assert form.layout.width == len(names)
    for place in range(len(names) - 1):
        assert form.layout.one(f"QID{place}") == place


def test_the_real_file(make_export):
    folder = external_data_folder()
    if folder is None:
        pytest.skip("WORKBENCH_DATA is not set")
    path = folder / "formats" / "qualtrics_raw_3header.csv"
    (account,) = read_qualtrics(make_export({}, path), feed(person="none", message_id=None)).accounts
    assert (account.read, account.used) == (100, 0)
    assert {each.reason: each.rows for each in account.dropped} == {
        "of a preview or test": 2,
        "not finished": 6,
        "naming nobody, as the settings say": 92,
    }
    languages = {"instrument": "language", "coded": ("UserLanguage",), "values": {"EN": 1}}
    by_key = feed(person={"record": "ResponseId"}, message_id=None, instruments=(languages,))
    read = read_qualtrics(make_export({}, path, prefix="other_"), by_key)
    assert read.accounts[0].used == 92
    # 12:21:41 in Chicago, in winter.
    assert read.accounts[0].begins == datetime(2020, 12, 11, 18, 21, 41, tzinfo=UTC)
