"""A person decides about what waits: who may, what becomes of it, and that no stop in between leaves halves."""

import os
import shutil

import pytest

from workbench.protection.account import account_name
from workbench.protection.audit import STORE_LOG, store_log
from workbench.refusal import Refused
from workbench.reports import store as store_module
from workbench.reports.approval import approve, reject, settle, withdraw
from workbench.reports.catalogue_page import catalogue_entries
from workbench.reports.listing import description, listing
from workbench.reports.records import open_run
from workbench.reports.reviews import REVIEWS, read_reviews
from workbench.reports.store import LATEST, REPORT_FILE, Store
from workbench.settings import Settings

ME = account_name()
SETTINGS = Settings(approvers=("lead", ME))
WORDING = "ab_test/wording"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "reports")


def told(store):
    return [str(fault) for fault in store.faults()]


def link(store):
    path = store.folder / "ab_test" / "wording" / LATEST
    return os.readlink(path) if path.is_symlink() else None


def decisions(store):
    return [review.decision for review in read_reviews(store.set_folder("ab_test", "wording"))]


def test_what_waits_is_whole_and_no_reader_s(store, published):
    folder = published(store, waits=True)
    assert folder == store.folder / ".awaiting" / "ab_test" / "wording" / folder.name
    assert [version.folder for version in store.awaiting("ab_test", "wording")] == [folder]
    assert store.latest("ab_test", "wording") is None
    assert store.parameter_sets() == [("ab_test", "wording")]
    (entry,) = catalogue_entries(store)
    assert entry.versions == ()
    assert store.find(folder.name).folder == folder
    assert list(listing(store))[1] == f"  awaits approval: {folder.name}"
    assert list(description(store, folder.name))[-1] == "It awaits approval."
    assert (store.folder / ".awaiting").stat().st_mode & 0o007 == 0
    assert told(store) == []


@pytest.mark.parametrize("named", [WORDING, "version", "whole"])
def test_approved_it_is_published_as_it_was(store, published, named):
    folder = published(store, waits=True)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    version = approve(
        store, {"version": folder.name, "whole": f"{WORDING}/{folder.name}"}.get(named, named), "", SETTINGS
    )
    target = store.folder / "ab_test" / "wording" / folder.name
    assert {file.name: file.read_bytes() for file in target.iterdir()} == before
    assert not folder.exists()
    assert link(store) == folder.name
    assert store.latest("ab_test", "wording").approved
    (review,) = version.reviews
    assert (review.decision, review.by, review.remark) == ("approved", ME, "")
    (line,) = store_log(store.folder).entries()
    assert (line.action, line.about, line.who) == ("approved", f"{WORDING}/{folder.name}", ME)
    assert line.details == {"manifest_sha256": review.manifest_sha256}
    assert told(store) == []


def test_rejected_it_is_gone_and_the_record_stays(store, published):
    first = published(store, second=1)
    folder = published(store, second=2, waits=True)
    reject(store, folder.name, "The headline claims too much.", SETTINGS)
    assert store.awaiting("ab_test", "wording") == []
    assert not list(store.folder.rglob(folder.name))
    assert link(store) == first.name
    (review,) = read_reviews(store.set_folder("ab_test", "wording"))
    assert (review.decision, review.remark) == ("rejected", "The headline claims too much.")
    assert told(store) == []


def test_withdrawn_it_stays_on_disk_and_the_one_before_is_the_latest(store, published):
    first, second = published(store, second=1), published(store, second=2)
    withdraw(store, WORDING, "An arm was mislabeled.", SETTINGS)
    assert second.is_dir()
    assert link(store) == first.name
    assert store.latest("ab_test", "wording").folder == first
    assert [version.withdrawn for version in store.versions("ab_test", "wording")] == [True, False]
    listed = catalogue_entries(store)[0].versions
    assert [(line.version, line.withdrawn) for line in listed] == [(second.name, True), (first.name, False)]
    assert f"  withdrawn: {second.name}" in list(listing(store))
    assert list(description(store, second.name))[-1].endswith(f"by {ME}: An arm was mislabeled.")
    assert told(store) == []
    withdraw(store, WORDING, "This one too.", SETTINGS)
    assert link(store) is None
    assert store.find(WORDING).folder == second
    assert told(store) == []
    with pytest.raises(Refused, match="withdrawn already"):
        withdraw(store, first.name, "Again.", SETTINGS)


def test_a_newer_version_supersedes_one_that_waits(store, published):
    old = published(store, second=1, waits=True)
    new = published(store, second=2, waits=True)
    settle(store)
    assert [version.folder for version in store.awaiting("ab_test", "wording")] == [new]
    assert not old.exists()
    published(store, second=3)
    settle(store)
    assert store.awaiting("ab_test", "wording") == []
    assert decisions(store) == ["superseded", "superseded"]
    assert told(store) == []


@pytest.mark.parametrize(
    ("settings", "run_by", "sentence"),
    [
        (Settings(), "runner", "none of the approvers. It names none yet."),
        (
            Settings(approvers=("lead",)),
            "runner",
            f"the account {ME} is none of the approvers. Approvers are lead.",
        ),
        (SETTINGS, ME, f"{ME} ran it"),
        (SETTINGS, "", "ran it"),
    ],
)
@pytest.mark.parametrize("decide", [approve, reject])
def test_who_may_not_decide(store, published, settings, run_by, sentence, decide):
    folder = published(store, waits=True, run_by=run_by)
    with pytest.raises(Refused) as refused:
        decide(store, folder.name, "Why.", settings)
    assert sentence in str(refused.value)
    assert folder.is_dir()
    assert decisions(store) == []
    assert not (store.folder / STORE_LOG).exists()


def test_the_environment_names_no_approver(store, published, monkeypatch):
    published(store, waits=True)
    for name in ("USER", "LOGNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "lead")
    with pytest.raises(Refused, match="none of the approvers"):
        approve(store, WORDING, "", Settings(approvers=("lead",)))


@pytest.mark.parametrize(
    "remark",
    ["two\nlines", "x" * 501, "call 555-867-5309", "ask jane@example.org", "MRN 1234567", "\x1b[2J"],
)
@pytest.mark.parametrize("decide", [approve, reject, withdraw])
def test_a_remark_is_one_line_without_identifiers(store, published, decide, remark):
    published(store, waits=decide is not withdraw)
    with pytest.raises(Refused) as refused:
        decide(store, WORDING, remark, SETTINGS)
    assert remark not in str(refused.value)
    assert decisions(store) == []


@pytest.mark.parametrize("decide", [reject, withdraw])
@pytest.mark.parametrize("remark", ["", "  "])
def test_a_rejection_or_withdrawal_says_why(store, published, decide, remark):
    published(store, waits=decide is reject)
    with pytest.raises(Refused, match="a remark is needed"):
        decide(store, WORDING, remark, SETTINGS)


def test_what_is_not_there_or_not_waiting_cannot_be_decided_about(store, published):
    folder = published(store)
    for named in ("ab_test/nothing", folder.name):
        with pytest.raises(Refused, match="No version waits for approval"):
            approve(store, named, "", SETTINGS)
    waiting = published(store, second=2, waits=True)
    with pytest.raises(Refused, match=f"There wait: {WORDING}/{waiting.name}"):
        reject(store, folder.name, "Why.", SETTINGS)
    with pytest.raises(Refused, match="it was not published yet"):
        withdraw(store, waiting.name, "Why.", SETTINGS)


def test_what_was_changed_while_it_waited_is_not_approved(store, published):
    folder = published(store, waits=True)
    (folder / REPORT_FILE).write_text("something else")
    assert "it was changed after publication" in told(store)[0]
    with pytest.raises(Refused, match="changed while it waited"):
        approve(store, WORDING, "", SETTINGS)
    reject(store, WORDING, "It was tampered with.", SETTINGS)
    assert told(store) == []


def test_a_run_under_way_is_waited_for(store, published):
    published(store, waits=True)
    with store.one_at_a_time("ab_test", "wording"):
        with pytest.raises(Refused, match="a run of its parameter set is under way"):
            approve(store, WORDING, "", SETTINGS)
        settle(store)
    assert decisions(store) == []


def test_what_cannot_be_recorded_is_not_done(store, published):
    folder = published(store, waits=True)
    (store.folder / STORE_LOG).mkdir()
    with pytest.raises(Refused, match="nothing was done"):
        approve(store, WORDING, "", SETTINGS)
    assert folder.is_dir()
    assert decisions(store) == []


def test_a_store_that_may_not_be_written_is_told(store, published, monkeypatch):
    published(store, waits=True)

    def forbidden(*given, **named):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store_module.os, "rename", forbidden)
    with pytest.raises(Refused, match=r"cannot be written \(Permission denied\)"):
        approve(store, WORDING, "", SETTINGS)


def test_a_version_put_in_place_without_approval_is_told(store, published):
    folder = published(store, waits=True)
    target = store.folder / "ab_test" / "wording"
    target.mkdir(parents=True)
    shutil.move(folder, target)
    store.point_every_latest()
    assert told(store) == [
        f"{WORDING}/{folder.name}: it had to wait for a person, and nobody approved it. "
        "Withdraw it, or bring back its review from a backup."
    ]


@pytest.mark.parametrize("meddle", ["hash", "broken", "moved", "gone", "unlogged", "renamed", "own"])
def test_meddling_with_a_review_is_told(store, published, meddle):
    folder = published(store, waits=True)
    approve(store, WORDING, "", SETTINGS)
    (review,) = (store.folder / "ab_test" / "wording" / REVIEWS).iterdir()
    match meddle:
        case "hash":
            text = review.read_text()
            old = text.partition('"manifest_sha256": "')[2][:64]
            review.write_text(text.replace(old, "0" * 64))
        case "broken":
            review.write_text("{}")
        case "moved":
            review.rename(review.with_name(f"3{review.name[1:]}"))
        case "gone":
            review.unlink()
        case "renamed":
            review.write_text(review.read_text().replace(f'"by": "{ME}"', '"by": "lead"'))
        case "own":
            review.write_text(review.read_text().replace(f'"by": "{ME}"', '"by": "runner"'))
        case "unlogged":
            (store.folder / STORE_LOG).unlink()
    sentences = {
        "hash": "its manifest is not the one that was approved",
        "broken": "it is no review of a version",
        "moved": "it is no review of a version",
        "gone": "nobody approved it",
        "renamed": "the audit log knows nothing of that",
        "own": "the one who ran it alone approved it",
        "unlogged": "the audit log knows nothing of that",
    }
    assert any(sentences[meddle] in fault for fault in told(store)), told(store)
    assert (store.folder / "ab_test" / "wording" / folder.name).is_dir()


def test_an_approved_version_that_is_gone_is_told(store, published):
    published(store, waits=True)
    approve(store, WORDING, "", SETTINGS)
    shutil.rmtree(store.latest("ab_test", "wording").folder)
    assert any("it was approved, and is not there" in fault for fault in told(store))


def test_after_a_decision_the_catalogue_no_longer_says_that_something_waits(store, published):
    published(store, second=1)
    published(store, second=2, waits=True)
    open_run(store.records_folder, "ab_test", "wording", "params/ab_test/wording.yaml", None).end(
        "awaiting_approval"
    )
    assert catalogue_entries(store)[0].last_run.state == "awaiting_approval"
    approve(store, WORDING, "", SETTINGS)
    assert catalogue_entries(store)[0].last_run is None


class Killed(BaseException):
    """Stands for the end of the process."""


# Every call by which a decision changes the disk or makes a change last: log, review, rename, link.
STEPS = [
    (step, nth)
    for step, calls in {"mkstemp": 1, "fsync": 5, "chmod": 1, "replace": 2, "rename": 1}.items()
    for nth in range(calls)
]


@pytest.mark.parametrize(("step", "nth"), STEPS, ids=str)
@pytest.mark.parametrize("decide", [approve, reject])
def test_a_decision_stopped_at_any_step_is_made_or_not(store, published, monkeypatch, decide, step, nth):
    first = published(store, second=1)
    folder = published(store, second=2, waits=True)
    home = store_module.write_whole.__globals__["tempfile"] if step == "mkstemp" else os
    real, done = getattr(home, step), []

    def stopped(*given, **named):
        done.append(step)
        if len(done) == nth + 1:
            raise Killed
        return real(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(home, step, stopped)
        patched.setattr(shutil, "rmtree", lambda *given, **named: None)
        patched.setattr("pathlib.Path.unlink", lambda *given, **named: None)
        try:
            decide(store, folder.name, "Seen.", SETTINGS)
        except Killed:
            pass
        else:
            assert decide is reject, "every step of an approval is tried"
    store.clear_incoming(set())
    settle(store)
    store.point_every_latest()
    waits = [version.folder for version in store.awaiting("ab_test", "wording")] == [folder]
    stands = [version.folder.name for version in store.versions("ab_test", "wording")]
    decided = bool(decisions(store))
    assert waits is not decided
    assert stands == ([folder.name, first.name] if decided and decide is approve else [first.name])
    assert link(store) == stands[0]
    assert told(store) == []
    assert not any((store.folder / ".trash").glob("*"))
