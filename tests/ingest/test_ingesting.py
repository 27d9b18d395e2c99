"""An ingest puts a whole generation in place, or leaves everything as it was."""

import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from workbench.ingest import ingesting
from workbench.ingest.generations import one_at_a_time
from workbench.ingest.settings import Part2
from workbench.protection.audit import entries
from workbench.protection.watch_list import WatchList
from workbench.refusal import Fault, Refused
from workbench.tables.generation import WATCH_LIST, current_generation
from workbench.tables.opening import open_source

ANN, BEN, PHONE = "MRN-100200", "MRN-100300", "+15555550101"


def ehr(clinic, *records: str):
    return clinic.feed({"patients": [clinic.patient(record) for record in records or (ANN, BEN)]})


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.resolve().iterdir()}


def test_what_is_written_is_its_owners_alone(clinic):
    clinic.ingest(ehr=ehr(clinic))
    for path in [clinic.location, *clinic.location.rglob("*")]:
        if not path.is_symlink():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert not [path for path in clinic.location.iterdir() if path.name.startswith(".ingest")]


def test_the_tables_are_opened_as_any_source(clinic):
    clinic.ingest(ehr=ehr(clinic))
    tables = open_source("clinic", clinic.root)
    assert tables.names == ("patients",)
    assert int(tables.whole("patients").count().execute()) == 2


def test_a_broken_feed_adds_nothing_at_all(clinic):
    clinic.ingest(ehr=ehr(clinic))
    before, link = everything(clinic.location / "current"), os.readlink(clinic.location / "current")
    broken = [
        clinic.feed(broken=Refused(Fault(f"{name}.csv", "the file is empty.", "Export it again.")))
        for name in ("sms", "surveys")
    ]
    with pytest.raises(Refused) as refused:
        clinic.ingest(ehr=ehr(clinic, "MRN-3"), sms=broken[0], surveys=broken[1])
    assert [fault.where for fault in refused.value.faults] == ["sms.csv", "surveys.csv"]
    assert everything(clinic.location / "current") == before
    assert os.readlink(clinic.location / "current") == link


@pytest.mark.parametrize("step", ["write_tables", "write_lists", "keep_crosswalk", "write_watch_list"])
def test_an_ingest_broken_off_while_writing_adds_nothing(clinic, monkeypatch, step):
    clinic.ingest(ehr=ehr(clinic))
    before = everything(clinic.location / "current")

    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ingesting, step, break_off)
        with pytest.raises(KeyboardInterrupt):
            clinic.ingest(ehr=ehr(clinic, ANN, "MRN-3"))
    assert everything(clinic.location / "current") == before
    assert len(list((clinic.location / "generations").iterdir())) == 1
    assert clinic.ingest(ehr=ehr(clinic, ANN, "MRN-3")).generation is not None


def test_an_ingest_that_was_killed_leaves_nothing_in_the_way(clinic):
    clinic.ingest(ehr=ehr(clinic))
    left = clinic.location / "generations" / "20261001T000000Z-0badf00d.partial"
    left.mkdir()
    clinic.ingest(ehr=ehr(clinic, "MRN-3"))
    assert not left.exists()


def test_two_generations_stay(clinic):
    for record in ("MRN-1", "MRN-2", "MRN-3", "MRN-4"):
        clinic.ingest(ehr=ehr(clinic, record))
    assert len(list((clinic.location / "generations").iterdir())) == 2
    assert len(clinic.rows("patients")) == 4
    pruned = [entry.details["generations"] for entry in entries(clinic.root) if entry.action == "pruned"]
    assert pruned == [1, 1]


def test_what_cannot_be_logged_is_not_pruned(clinic, monkeypatch):
    for record in ("MRN-1", "MRN-2"):
        clinic.ingest(ehr=ehr(clinic, record))
    log = ingesting.audit

    def full(root, action, about, **details):
        if action == "pruned":
            raise Refused(Fault("data/audit.jsonl", "the audit log cannot be written.", "Make room."))
        log(root, action, about, **details)

    monkeypatch.setattr(ingesting, "audit", full)
    with pytest.raises(Refused, match="audit log"):
        clinic.ingest(ehr=ehr(clinic, "MRN-3"))
    assert len(list((clinic.location / "generations").iterdir())) == 3


def test_one_ingest_of_a_source_at_a_time(clinic):
    with one_at_a_time(clinic.location), pytest.raises(Refused, match="under way"):
        clinic.ingest(ehr=ehr(clinic))


def test_another_key_does_not_open_the_crosswalk(clinic, monkeypatch):
    clinic.ingest(ehr=ehr(clinic))
    before = everything(clinic.location / "current")
    monkeypatch.setenv("WORKBENCH_KEY", Fernet.generate_key().decode())
    with pytest.raises(Refused, match="does not open with this key"):
        clinic.ingest(ehr=ehr(clinic, "MRN-3"))
    assert everything(clinic.location / "current") == before


def test_the_watch_list_knows_what_came_and_what_came_before(clinic):
    first = ehr(clinic)
    first.watched, first.contacts = ["Quilla Feather"], [clinic.phone_of(ANN, PHONE)]
    clinic.ingest(ehr=first)
    clinic.ingest(ehr=ehr(clinic, "MRN-100400"))
    listed = WatchList.from_bytes((clinic.location / "current" / WATCH_LIST).read_bytes())
    for told in (
        "Quilla Feather",
        "Feather, Quilla",
        "(555) 555-0101",
        ANN,
        "MRN-100400",
        clinic.pseudonym(BEN),
    ):
        assert listed.contains(f"so it was {told} who came"), told
    assert not listed.contains("nobody we know")


def test_a_protected_list_is_kept_with_pseudonyms_and_told_in_numbers(clinic):
    feed = ehr(clinic)
    feed.lists = {"distress": [{**clinic.of(ANN), "at": clinic.at(4), "about": "SM77"}]}
    account = clinic.ingest(ehr=feed)
    assert account.lists == {"distress": 1}
    assert clinic.rows("list_distress")[0]["patient_id"] == clinic.pseudonym(ANN)
    assert clinic.ingest(ehr=feed).generation is None
    told = [entry for entry in entries(clinic.root) if entry.action == "protected file written"]
    assert [entry.about for entry in told] == ["clinic: distress"]


def test_the_account_is_kept_and_shown_without_a_row(clinic):
    account = clinic.ingest(ehr=ehr(clinic))
    clinic.ingest(ehr=ehr(clinic))
    kept = list((clinic.location / "accounts").iterdir())
    assert len(kept) == 2
    shown = "\n".join(account.lines()) + "".join(path.read_text() for path in kept)
    for secret in (ANN, BEN, clinic.pseudonym(ANN)):
        assert secret not in shown
    assert "2 new" in shown


def test_the_audit_log_tells_of_every_ingest(clinic):
    clinic.ingest(ehr=ehr(clinic))
    assert [entry.action for entry in entries(clinic.root)] == ["crosswalk opened", "ingest"]
    assert entries(clinic.root)[1].details["new"] == 2


def substance_use(clinic, *consents: tuple[int, str]):
    state = {
        **clinic.of(ANN),
        "diagnosis_group": "substance use",
        "valid_from": clinic.at(2),
        "known_at": clinic.at(3),
    }
    other = {**state, "diagnosis_group": "anxiety", "valid_from": clinic.at(1)}
    basis = {**clinic.of(ANN), "channel": "record", "purpose": "part2", "scope": "this_kind"}
    told = [{**basis, "status": status, "changed_at": clinic.at(day)} for day, status in consents]
    tables = {"patients": [clinic.patient(ANN)], "patient_states": [state, other]}
    return clinic.feed(tables | ({"consents": told} if told else {}))


def groups(clinic) -> list[str]:
    return sorted(row["diagnosis_group"] for row in clinic.rows("patient_states"))


def test_substance_use_records_stay_out_without_a_consent_basis(clinic):
    clinic.part2 = Part2(diagnosis_groups=("substance use",))
    account = clinic.ingest(ehr=substance_use(clinic))
    assert groups(clinic) == ["anxiety"]
    assert clinic.merged(account, "patient_states").left_out[0].rows == 1
    assert clinic.ingest(ehr=substance_use(clinic)).generation is None
    clinic.ingest(ehr=substance_use(clinic, (5, "opt_in")))
    assert groups(clinic) == ["anxiety", "substance use"]
    account = clinic.ingest(ehr=substance_use(clinic, (5, "opt_in"), (6, "opt_out")))
    assert groups(clinic) == ["anxiety"]
    assert clinic.merged(account, "patient_states").taken_out == 1


def test_without_the_flag_nothing_is_kept_out(clinic):
    clinic.ingest(ehr=substance_use(clinic))
    assert groups(clinic) == ["anxiety", "substance use"]


def test_the_current_generation_is_followed_once(clinic):
    clinic.ingest(ehr=ehr(clinic))
    tables = open_source("clinic", clinic.root)
    clinic.ingest(ehr=ehr(clinic, "MRN-3"))
    assert int(tables.whole("patients").count().execute()) == 2
    assert current_generation(clinic.location) is not None
