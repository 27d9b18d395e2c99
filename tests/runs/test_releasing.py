"""What waits for a person, and what a run of the same fingerprint would only repeat."""

from dataclasses import replace

import pytest

from workbench.present.result import Column, StudyResult, Table
from workbench.protection.account import account_name
from workbench.reports.approval import approve, reject, withdraw
from workbench.reports.store import Store
from workbench.runs.releasing import release_of, what_stands
from workbench.settings import Settings

SETTINGS = Settings(approvers=(account_name(),))
READS = {"patients": ("patient_id", "sex")}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "reports")


@pytest.fixture
def previous(store, published):
    """A version whose study read READS."""
    published(store)
    version = store.latest("ab_test", "wording")
    return replace(version, manifest=version.manifest.model_copy(update={"reads": READS}))


def with_table(result, id="arms", column="people"):
    table = Table(
        id=id,
        caption="Arms",
        columns=[Column(name=column, title="People", kind="people")],
        rows=[],
        groups="arm",
    )
    return StudyResult.model_validate(result).model_copy(update={"tables": [table]})


@pytest.mark.parametrize("asked", ["automatic", "reviewed"])
def test_what_is_asked_for_is_done(asked, previous, result):
    given = StudyResult.model_validate(result)
    assert release_of(asked, given, READS, None) == asked
    assert release_of(asked, given, READS, previous) == asked


def test_the_first_version_waits_and_the_next_of_its_kind_does_not(previous, result):
    given = StudyResult.model_validate(result)
    assert release_of(None, given, READS, None) == "reviewed"
    assert release_of(None, given, READS, previous) == "automatic"


@pytest.mark.parametrize(
    "reads", [{}, {"patients": ("patient_id",)}, {"patients": ("patient_id", "sex", "language")}], ids=str
)
def test_other_columns_read_wait(previous, result, reads):
    assert release_of(None, StudyResult.model_validate(result), reads, previous) == "reviewed"


def test_other_columns_shown_wait(previous, result):
    before = replace(previous, result=with_table(result))
    assert release_of(None, with_table(result), READS, before) == "automatic"
    assert release_of(None, with_table(result, column="events"), READS, before) == "reviewed"
    assert release_of(None, with_table(result, id="clinics"), READS, before) == "reviewed"
    assert release_of(None, StudyResult.model_validate(result), READS, before) == "reviewed"


def test_after_a_withdrawal_the_next_waits(store, previous, result):
    withdraw(store, "ab_test/wording", "An arm was mislabeled.", SETTINGS)
    withdrawn = replace(previous, reviews=store.newest("ab_test", "wording").reviews)
    assert release_of(None, StudyResult.model_validate(result), READS, withdrawn) == "reviewed"


def test_a_fingerprint_stands_as_what_became_of_it(store, published):
    def stands(fingerprint):
        return what_stands(store, "ab_test", "wording", fingerprint)

    def fingerprint(second):
        return {"data": "d" * 64, "seed": f"{second:064d}"}

    assert stands(fingerprint(1)) is None
    waiting = published(store, second=1, waits=True)
    assert stands(fingerprint(1)) == ("awaiting_approval", f"{waiting.name} waits")
    assert stands(fingerprint(2)) is None
    reject(store, "ab_test/wording", "No.", SETTINGS)
    assert stands(fingerprint(1)) == ("unchanged", f"{waiting.name} was rejected, and nothing changed since")
    assert stands(fingerprint(2)) is None
    second = published(store, second=2, waits=True)
    approve(store, "ab_test/wording", "", SETTINGS)
    assert stands(fingerprint(2)) == ("unchanged", f"{second.name} stands")
    # What was rejected before something else was published may be tried again.
    assert stands(fingerprint(1)) is None
    withdraw(store, "ab_test/wording", "No.", SETTINGS)
    assert stands(fingerprint(2)) == (
        "unchanged",
        f"{second.name} was withdrawn, and nothing changed since",
    )
