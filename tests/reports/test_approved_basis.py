"""A list is handed back only if what it rests on was approved, and still stands."""

from pathlib import Path

import pytest

from workbench.ingest.listed_people import PeopleList
from workbench.protection.account import account_name
from workbench.refusal import Refused
from workbench.reports.approval import approve, withdraw
from workbench.reports.approved_basis import approved_basis
from workbench.reports.store import Store
from workbench.settings import Settings

SETTINGS = Settings(approvers=(account_name(),))
WORDING = "ab_test/wording"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "reports")


def listed(rests_on, about="wording_trial", source="sample"):
    return PeopleList(Path("list.parquet"), "data/list.parquet", source, rests_on, about, None)


@pytest.fixture
def approved(store, published):
    """A version of the study of an experiment, approved by a person."""

    def make(second=0, **parameters):
        told = {"parameters": {"experiment": "wording_trial"} | parameters}
        folder = published(store, second=second, waits=True, of_manifest=told)
        return approve(store, folder.name, "", SETTINGS)

    return make


def test_an_experiment_s_list_rests_on_its_approved_study(store, approved):
    version = approved()
    assert approved_basis(listed("experiment"), WORDING, store) == str(version)
    assert approved_basis(listed("experiment"), str(version), store) == str(version)


def test_of_a_parameter_set_the_newest_approved_counts(store, approved, published):
    version = approved(second=1)
    published(store, second=2)
    assert approved_basis(listed("experiment"), WORDING, store) == str(version)


def test_what_nobody_approved_or_somebody_withdrew_is_refused(store, approved, published):
    version = published(store)
    with pytest.raises(Refused, match="approved no version"):
        approved_basis(listed("experiment"), version.name, store)
    waiting = published(store, second=1, waits=True)
    with pytest.raises(Refused, match="approved no version"):
        approved_basis(listed("experiment"), waiting.name, store)
    taken_back = approved(second=2)
    withdraw(store, str(taken_back), "Wrong.", SETTINGS)
    for named in (WORDING, str(taken_back)):
        with pytest.raises(Refused, match="approved no version"):
            approved_basis(listed("experiment"), named, store)


@pytest.mark.parametrize(
    "other",
    [listed("experiment", about="another"), listed("experiment", source="elsewhere"), listed("segments")],
)
def test_another_study_is_refused(store, approved, other):
    approved()
    with pytest.raises(Refused, match="not the study of this list"):
        approved_basis(other, WORDING, store)


def test_a_study_that_was_changed_since_is_refused(store, approved):
    version = approved()
    (store.folder / WORDING / version.manifest.version / "report.html").write_text("other")
    with pytest.raises(Refused, match="changed after publication"):
        approved_basis(listed("experiment"), WORDING, store)


def test_a_study_is_named_where_it_must_be_and_nowhere_else(store):
    with pytest.raises(Refused, match="no study is named"):
        approved_basis(listed("segments"), None, store)
    for kind in ("model", "replies"):
        with pytest.raises(Refused, match="Leave --study out"):
            approved_basis(listed(kind, about="f" * 64), WORDING, store)
    assert approved_basis(listed("replies"), None, store) == "replies as they came"
    with pytest.raises(Refused, match="no model of this hash"):
        approved_basis(listed("model", about="f" * 64), None, store)
