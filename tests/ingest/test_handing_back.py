"""A list goes back to a named person, with record numbers, until it expires; everybody on it is looked at again."""

import csv
import json
import stat
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from workbench.cli.entry import commands
from workbench.ingest.forgetting import forget
from workbench.ingest.handed_back import expired
from workbench.ingest.handing_back import Asked, hand_back
from workbench.ingest.listed_people import read_list
from workbench.protection.audit import entries
from workbench.refusal import Refused
from workbench.settings import HandBack

ANN, BEN, CAM, DEE = "MRN-100200", "MRN-100300", "MRN-100400", "MRN-100500"
NOON = datetime(2026, 10, 2, 16, tzinfo=UTC)  # 12 h in New York, 9 h in Los Angeles
NIGHT = datetime(2026, 10, 2, 5, tzinfo=UTC)  # 1 h and 22 h
IN_CARE = {
    "ended_at": None,
    "deceased_at": None,
    "do_not_text": False,
    "time_zone": "America/New_York",
}


@pytest.fixture
def ingested(clinic):
    """People, by what is told of each; all of them agreed to texts for care, but those named otherwise."""

    def make(disagreed=(), texts=(), appointments=(), **told):
        patients = [
            clinic.patient(record, enrolled_at=clinic.at(1), **IN_CARE | told.get(name, {}))
            for name, record in {"ann": ANN, "ben": BEN, "cam": CAM, "dee": DEE}.items()
        ]
        consents = [
            {**clinic.stop(""), **clinic.of(record), "status": "opt_in", "scope": "this_kind", "source": "web"}
            for record in (ANN, BEN, CAM, DEE)
            if record not in disagreed
        ]
        told_texts = [{**clinic.text(number, ""), **clinic.of(record)} for number, record in enumerate(texts)]
        tables = {"patients": patients, "consents": consents}
        tables["messages"] = told_texts or [{**clinic.text(99, ""), **clinic.of(ANN), "sent_at": clinic.at(2)}]
        if appointments:
            tables["appointments"] = appointments
        clinic.ingest(ehr=clinic.feed(tables))
        return clinic

    return make


@pytest.fixture
def listed(clinic):
    """A list in the private folder, beside a manifest that names a model."""

    def write(records=(ANN, BEN), holdout=(), manifest=None, **columns):
        folder = clinic.root / "data" / "review_lists" / "clinic" / "2026-10-02-abc"
        folder.mkdir(parents=True, exist_ok=True)
        ids = [clinic.pseudonym(record) or "p-of-nobody" for record in records]
        pq.write_table(pa.table({"patient_id": ids, **columns}), folder / "list.parquet")
        if holdout:
            held = [clinic.pseudonym(record) for record in holdout]
            pq.write_table(pa.table({"patient_id": held}), folder / "holdout.parquet")
        told = {"model": "f" * 64, "parameters": {"source": "clinic"}} if manifest is None else manifest
        (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
        return folder / "list.parquet"

    return write


def handed(clinic, path, leads_to="calls", to="Rosa Diaz", now=NOON, **policy):
    asked = Asked(read_list(path, clinic.root), "model f", leads_to, to)
    return hand_back(asked, HandBack(**policy), clinic.root, now)


def rows_of(done):
    with done.path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def records_of(done):
    return {row["record_number"] for row in rows_of(done)}


def test_record_numbers_take_the_place_of_pseudonyms_until_a_day(ingested, listed):
    clinic = ingested()
    path = listed((ANN, BEN, "MRN-000001"), risk=[0.5, 0.25, 0.1], rank=[2, 1, 3], message_id=["m"] * 3)
    done = handed(clinic, path)
    assert rows_of(done) == [
        {"record_number": record, "risk": risk, "rank": rank, "expires_at": "2026-10-09T16:00:00+00:00"}
        for record, risk, rank in ((BEN, "0.25", "1"), (ANN, "0.5", "2"))
    ]
    assert (done.rows, done.people, done.left_out["unknown"]) == (2, 2, 1)
    for entry in (done.path, done.path.with_name("manifest.json")):
        assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    for folder in (done.path.parent, done.path.parents[1]):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    told = json.loads(done.path.with_name("manifest.json").read_text())
    assert (told["to"], told["rests_on"], told["expires_at"]) == (
        "Rosa Diaz",
        "model f",
        "2026-10-09T16:00:00Z",
    )
    opened, last = entries(clinic.root)[-2:]
    assert (opened.action, last.action) == ("crosswalk opened", "handed back")
    assert (last.details["to"], last.details["people"], last.details["left_out_unknown"]) == ("Rosa Diaz", 2, 1)


def test_it_expires_and_is_then_found(ingested, listed):
    clinic = ingested()
    done = handed(clinic, listed(), valid_days=1)
    assert expired(clinic.root, NOON + timedelta(hours=23)) == []
    assert expired(clinic.root, NOON + timedelta(hours=24)) == [done.path.parent]


@pytest.mark.parametrize("leads_to", ["calls", "care"])
def test_whoever_died_left_or_is_held_out_is_left_out_of_any_list(ingested, listed, leads_to, clinic):
    ingested(ben={"deceased_at": clinic.at(5)}, cam={"ended_at": clinic.at(5)})
    done = handed(clinic, listed((ANN, BEN, CAM, DEE), holdout=[DEE]), leads_to)
    assert records_of(done) == {ANN}
    found = {reason: count for reason, count in done.left_out.items() if count}
    assert found == {"deceased": 1, "discharged": 1, "held_out": 1}


def test_texts_go_to_those_alone_who_may_be_texted(ingested, listed, clinic):
    ingested(disagreed=[BEN], cam={"do_not_text": True}, dee={"time_zone": "Mars/Base"})
    done = handed(clinic, listed((ANN, BEN, CAM, DEE)), "care")
    assert records_of(done) == {ANN}
    found = {reason: count for reason, count in done.left_out.items() if count}
    assert found == {"not_agreed": 1, "do_not_text": 1, "no_zone": 1}
    assert records_of(handed(clinic, listed((ANN, BEN, CAM, DEE)))) == {ANN, BEN, CAM, DEE}


def test_by_night_the_file_says_from_when_on_each_may_be_texted(ingested, listed, clinic):
    ingested(ben={"time_zone": "America/Los_Angeles"})
    done = handed(clinic, listed(), "care", now=NIGHT)
    hours = {row["record_number"]: (row["not_before"], row["not_after"]) for row in rows_of(done)}
    assert hours[ANN] == ("2026-10-02T12:00:00+00:00", "2026-10-03T01:00:00+00:00")
    assert hours[BEN] == ("2026-10-02T15:00:00+00:00", "2026-10-03T04:00:00+00:00")
    assert done.waiting == 2
    by_day = handed(clinic, listed(), "care")
    assert by_day.waiting == 0
    assert {row["not_before"] for row in rows_of(by_day)} == {"2026-10-02T16:00:00+00:00"}


def test_a_study_s_own_hours_hold_on_the_day_of_the_hand_back_and_never_at_night(ingested, listed, clinic):
    ingested(ben={"time_zone": "America/Los_Angeles"})
    moment = pa.timestamp("us", tz="UTC")
    # Drawn the day before, for 10 to 19 h in New York, and 7 to 22 h in Los Angeles.
    hours = {
        "send_from": [datetime(2026, 10, 1, hour, tzinfo=UTC) for hour in (14, 14)],
        "send_until": [datetime(2026, 10, 1, 23, tzinfo=UTC), datetime(2026, 10, 2, 5, tzinfo=UTC)],
    }
    path = listed(**{name: pa.array(values, moment) for name, values in hours.items()})
    done = handed(clinic, path, "care", now=NIGHT)
    told = {row["record_number"]: (row["not_before"], row["not_after"]) for row in rows_of(done)}
    assert told[ANN] == ("2026-10-02T14:00:00+00:00", "2026-10-02T23:00:00+00:00")
    assert told[BEN] == ("2026-10-02T15:00:00+00:00", "2026-10-03T04:00:00+00:00")
    assert not {"send_from", "send_until"} & set(rows_of(done)[0])


def test_nobody_gets_more_texts_than_the_ceiling_those_handed_back_before_among_them(ingested, listed, clinic):
    now = clinic.at(12, 16)
    ingested(texts=[ANN, ANN, BEN])
    path = listed((ANN, BEN))
    done = handed(clinic, path, "care", now=now, most_texts=2)
    assert records_of(done) == {BEN}
    assert done.left_out["ceiling"] == 1
    # Ben had one by the log, and one by the list above, of which the log does not know yet.
    with pytest.raises(Refused, match="nobody on it"):
        handed(clinic, path, "care", now=now, most_texts=2)
    # Calls are no texts, and old texts do not count.
    assert handed(clinic, path, now=now, most_texts=2).people == 2
    assert handed(clinic, path, "care", now=now + timedelta(days=9), most_texts=1).people == 2


def test_appointments_that_were_called_off_or_are_over_are_left_out(ingested, listed, clinic):
    def visit(number, record, **told):
        always = {"clinic_id": "c", "booked_at": clinic.at(1), "status": "scheduled", "known_at": clinic.at(2)}
        return {
            **clinic.of(record),
            "appointment_id": f"a{number}",
            "starts_at": clinic.at(5, month=10),
            **always,
            **told,
        }

    visits = [
        visit(1, ANN),
        visit(2, ANN, status="canceled"),
        visit(3, BEN, status="canceled"),
        visit(4, CAM, starts_at=clinic.at(1, month=10)),
    ]
    ingested(appointments=visits)
    rows = sorted(clinic.rows("appointments"), key=lambda row: (row["patient_id"], row["starts_at"]))
    by_person = {record: [] for record in (ANN, BEN, CAM)}
    names = {clinic.pseudonym(record): record for record in by_person}
    for row in rows:
        by_person[names[row["patient_id"]]].append(row["appointment_id"])
    path = listed((ANN, ANN, BEN, CAM), appointment_id=[*by_person[ANN], *by_person[BEN], *by_person[CAM]])
    done = handed(clinic, path)
    assert (done.rows, records_of(done), done.left_out["not_booked"]) == (1, {ANN}, 2)
    assert "appointment_id" not in rows_of(done)[0]


def test_replies_are_handed_back_for_calls_alone_whoever_wrote_them(clinic):
    patients = [clinic.patient(ANN, ended_at=clinic.at(5)), clinic.patient(BEN)]
    reply = {**clinic.of(ANN), "at": clinic.at(9), "about": "r1"}
    clinic.ingest(ehr=clinic.feed({"patients": patients}, lists={"distress": [reply]}))
    path = clinic.location / "current" / "list_distress.parquet"
    assert read_list(path, clinic.root).rests_on == "replies"
    assert records_of(handed(clinic, path)) == {ANN}
    with pytest.raises(Refused, match="Hand it back for calls"):
        handed(clinic, path, "care")


def test_the_command_tells_counts_and_where_the_file_is_and_nobody_s_key(clinic, monkeypatch):
    patients = [clinic.patient(ANN), clinic.patient(BEN)]
    reply = {**clinic.of(ANN), "at": clinic.at(9), "about": "r1"}
    clinic.ingest(ehr=clinic.feed({"patients": patients}, lists={"distress": [reply]}))
    monkeypatch.setenv("WORKBENCH_HOME", str(clinic.root))
    path = clinic.location / "current" / "list_distress.parquet"
    done = CliRunner().invoke(commands, ["hand-back", str(path), "--for", "calls", "--to", "Dr. Jun Kim"])
    assert done.exit_code == 0, done.output
    (written,) = (clinic.root / "data" / "handed_back").glob("*/list.csv")
    assert written.relative_to(clinic.root).as_posix() in done.output
    assert "not shown  handed back" in done.output
    assert "It may be used until" in done.output
    assert ANN not in done.output
    assert clinic.pseudonym(ANN) not in done.output


def test_on_doubt_nobody_is_called(clinic, listed):
    clinic.ingest(ehr=clinic.feed({"patients": [clinic.patient(ANN), clinic.patient(BEN)]}))
    with pytest.raises(Refused, match="nobody is called or texted on doubt"):
        handed(clinic, listed())
    assert not (clinic.root / "data" / "handed_back").exists()


@pytest.mark.parametrize("name", ["", "  ", "12345", "Rosa\nDiaz", "x" * 200])
def test_a_list_that_is_nobody_s_is_refused(ingested, listed, name):
    clinic = ingested()
    path = listed()
    with pytest.raises(Refused, match="--to"):
        handed(clinic, path, to=name)
    assert entries(clinic.root)[-1].action == "ingest"


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ({"parameters": {"source": "clinic"}}, "neither model nor study"),
        ([], "broken"),
        ({"model": "f"}, "no source"),
    ],
)
def test_a_list_that_does_not_say_where_it_comes_from_is_refused(ingested, listed, manifest, told):
    clinic = ingested()
    with pytest.raises(Refused, match=told):
        read_list(listed(manifest=manifest), clinic.root)


def test_lists_elsewhere_tables_and_broken_files_are_refused(ingested, listed, tmp_path, clinic):
    ingested()
    path = listed()
    outside = clinic.root / "list.parquet"
    outside.write_bytes(path.read_bytes())
    with pytest.raises(Refused, match="folder data"):
        read_list(outside, clinic.root)
    with pytest.raises(Refused, match="newest lists"):
        read_list(clinic.location / "current" / "patients.parquet", clinic.root)
    path.write_bytes(b"no parquet")
    with pytest.raises(Refused, match="no Parquet"):
        handed(clinic, path)
    pq.write_table(pa.table({"risk": [0.5]}), path)
    with pytest.raises(Refused, match="no column patient_id"):
        handed(clinic, path)


def test_without_the_key_nothing_is_handed_back(ingested, listed, monkeypatch, tmp_path):
    clinic = ingested()
    path = listed()
    monkeypatch.delenv("WORKBENCH_KEY")
    monkeypatch.setenv("WORKBENCH_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(Refused, match="there is no key"):
        handed(clinic, path)
    assert entries(clinic.root)[-1].action == "ingest"


def test_who_is_erased_is_erased_from_lists_too(ingested, listed, clinic):
    ingested()
    path = listed((ANN, BEN), holdout=[CAM])
    done = handed(clinic, path)
    moved = handed(clinic, path)
    moved.path.unlink()
    erased = forget("clinic", [ANN, CAM], clinic.root)
    # The review list, its holdout, and the list that was handed back.
    assert erased.files == 3
    assert records_of(done) == {BEN}
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o600
    assert len(pq.read_table(path)) == 1
    assert len(pq.read_table(path.with_name("holdout.parquet"))) == 0
