"""A list goes back to those who act on it, with record numbers, and the log tells of it."""

import csv
import stat

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.ingest.handing_back import hand_back
from workbench.protection.audit import entries
from workbench.refusal import Refused

ANN, BEN = "MRN-100200", "MRN-100300"


@pytest.fixture
def listed(clinic):
    clinic.ingest(ehr=clinic.feed({"patients": [clinic.patient(ANN), clinic.patient(BEN)]}))
    path = clinic.root / "data" / "list.parquet"
    ids = [clinic.pseudonym(ANN), clinic.pseudonym(BEN), "p-of-nobody"]
    pq.write_table(pa.table({"risk": [0.5, 0.25, 0.1], "patient_id": ids}), path)
    return path


def test_record_numbers_take_the_place_of_pseudonyms(clinic, listed):
    out = clinic.root / "data" / "to-call.csv"
    done = hand_back("clinic", listed, out, None, clinic.root)
    assert (done.rows, done.unknown) == (2, 1)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [{"record_number": ANN, "risk": "0.5"}, {"record_number": BEN, "risk": "0.25"}]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    last = entries(clinic.root)[-1]
    assert (last.action, last.about, last.details["people"]) == ("handed back", "clinic: list.parquet", 2)


def test_what_is_there_is_not_written_over(clinic, listed):
    out = clinic.root / "there.csv"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match="there already"):
        hand_back("clinic", listed, out, None, clinic.root)
    assert out.read_text(encoding="utf-8") == "mine"
    assert entries(clinic.root)[-1].action == "ingest"


@pytest.mark.parametrize("content", [None, b"no parquet"])
def test_a_list_that_cannot_be_read_is_told(clinic, listed, content):
    other = clinic.root / "data" / "other.parquet"
    if content:
        other.write_bytes(content)
    with pytest.raises(Refused, match="no Parquet"):
        hand_back("clinic", other, clinic.root / "out.csv", None, clinic.root)
    assert not (clinic.root / "out.csv").exists()


def test_a_list_of_no_people_is_told(clinic, listed):
    pq.write_table(pa.table({"risk": [0.5]}), listed)
    with pytest.raises(Refused, match="no column patient_id"):
        hand_back("clinic", listed, clinic.root / "out.csv", None, clinic.root)


def test_a_list_for_texts_holds_those_alone_who_may_be_texted(clinic):
    records = ["MRN-1", "MRN-2", "MRN-3", "MRN-4"]
    told = {"enrolled_at": clinic.at(1), "ended_at": None, "deceased_at": None, "do_not_text": False}
    patients = [clinic.patient(record, **told) for record in records]
    patients[1]["deceased_at"] = clinic.at(5)
    patients[2]["do_not_text"] = True
    agreed = [
        {**clinic.stop(""), **clinic.of(record), "status": "opt_in", "scope": "this_kind", "source": "web"}
        for record in records[:3]
    ]
    clinic.ingest(ehr=clinic.feed({"patients": patients, "consents": agreed}))
    path = clinic.root / "data" / "list.parquet"
    pq.write_table(pa.table({"patient_id": [clinic.pseudonym(record) for record in records]}), path)
    done = hand_back("clinic", path, clinic.root / "texts.csv", "care", clinic.root)
    assert (done.rows, done.not_texted) == (1, 3)
    assert (clinic.root / "texts.csv").read_text() == "record_number\nMRN-1\n"
    assert hand_back("clinic", path, clinic.root / "calls.csv", None, clinic.root).rows == 4


def test_a_list_for_texts_is_refused_where_nobody_can_tell_who_may_be_texted(clinic, listed):
    with pytest.raises(Refused):
        hand_back("clinic", listed, clinic.root / "out.csv", "care", clinic.root)
    assert not (clinic.root / "out.csv").exists()
