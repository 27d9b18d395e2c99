"""Who is forgotten is nowhere any more, and does not come back."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.ingest.forgetting import forget
from workbench.protection.audit import entries
from workbench.refusal import Refused

ANN, BEN, PHONE = "MRN-100200", "MRN-100300", "+15555550101"


def feeds(clinic):
    ehr = clinic.feed({"patients": [clinic.patient(ANN), clinic.patient(BEN)]})
    ehr.contacts = [clinic.phone_of(ANN, PHONE), clinic.phone_of(BEN, "+15555550102")]
    ehr.lists = {"distress": [{**clinic.of(ANN), "at": clinic.at(4), "about": "SM77"}]}
    return {
        "ehr": ehr,
        "sms": clinic.feed({"messages": [clinic.text(1, PHONE), clinic.text(2, "+15555550102")]}),
    }


def test_nothing_of_the_person_is_left(clinic):
    clinic.ingest(**feeds(clinic))
    gone, stays = clinic.pseudonym(ANN), clinic.pseudonym(BEN)
    members = clinic.root / "data" / "segments" / "groups" / "members.parquet"
    members.parent.mkdir(parents=True)
    pq.write_table(pa.table({"patient_id": [gone, stays], "group": ["A", "B"]}), members)
    run = clinic.root / "data" / "runs" / "kept"
    run.mkdir(parents=True)
    done = forget("clinic", [ANN], clinic.root)
    assert (done.people, done.rows, done.files, done.runs) == (
        1,
        {"patients": 1, "messages": 1, "list_distress": 1},
        1,
        1,
    )
    assert clinic.pseudonym(ANN) is None
    assert [row["patient_id"] for row in clinic.rows("messages")] == [stays]
    assert pq.read_table(members)["patient_id"].to_pylist() == [stays]
    assert not run.exists()
    assert len(list((clinic.location / "generations").iterdir())) == 1
    for path in (clinic.root / "data").rglob("*"):
        if path.is_file():
            assert gone.encode() not in path.read_bytes(), path
    assert [entry.details["people"] for entry in entries(clinic.root) if entry.action == "forgotten"] == [1]


def test_a_later_export_does_not_bring_the_person_back(clinic):
    clinic.ingest(**feeds(clinic))
    forget("clinic", [ANN], clinic.root)
    clinic.later()
    account = clinic.ingest(**feeds(clinic))
    assert clinic.pseudonym(ANN) is None
    assert len(clinic.rows("patients")) == 1
    assert account.feeds[0].people["patients"].erased == 1
    assert clinic.rows("list_distress") == []
    assert [row["patient_id"] for row in clinic.rows("messages")] == [clinic.pseudonym(BEN)]


@pytest.mark.parametrize("records", [["MRN-9"], [ANN, "MRN-9"], ["", "  "]])
def test_nobody_is_forgotten_where_a_record_number_is_unknown(clinic, records):
    clinic.ingest(**feeds(clinic))
    with pytest.raises(Refused) as refused:
        forget("clinic", records, clinic.root)
    assert "MRN" not in str(refused.value)
    assert clinic.pseudonym(ANN) is not None
    assert len(clinic.rows("messages")) == 2


def test_the_lists_of_a_draw_lose_the_person(clinic):
    clinic.ingest(**feeds(clinic))
    gone, stays = clinic.pseudonym(ANN), clinic.pseudonym(BEN)
    drawn = clinic.root / "data" / "assigned" / "clinic" / "greeting"
    drawn.mkdir(parents=True)
    for name in ("assignments", "sending", "holdout"):
        pq.write_table(pa.table({"patient_id": [gone, stays]}), drawn / f"{name}.parquet")
    assert forget("clinic", [ANN], clinic.root).files == 3
    for path in drawn.iterdir():
        assert pq.read_table(path)["patient_id"].to_pylist() == [stays]
