"""Whether a changed or missing card, decision or model is told, and nothing where all is as it was made."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from workbench.no_show.models.rates import BaseRate
from workbench.no_show.models.recalibrated import Recalibrated
from workbench.no_show.oversight.kept_models import keep_model
from workbench.no_show.scores.calibration import Line
from workbench.protection.account import account_name
from workbench.reports.model_approval import (
    CARD_FILE,
    MODELS,
    USABLE,
    Card,
    ListedModel,
    approve_model,
    propose,
    withdraw_model,
)
from workbench.reports.model_verification import kept_faults, model_faults
from workbench.reports.store import Store
from workbench.settings import Settings

ME = account_name()
SETTINGS = Settings(approvers=(ME,))
MADE_AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "reports")


@pytest.fixture
def approved(store: Store, tmp_path: Path) -> ListedModel:
    """A model kept in the project, proposed and approved."""
    model = Recalibrated(BaseRate().fit(pd.DataFrame({"no_show": [0, 0, 1]})), Line(0.0, 1.0))
    kept = keep_model(model, "base_rate", "calls", {"seed": 1}, {}, ("maker", MADE_AT), tmp_path)
    card = Card(
        hash=kept.hash,
        study="no_show",
        name="calls",
        source="sample",
        kind=kept.kind,
        parameters=kept.parameters,
        verdict=USABLE,
        numbers={},
        made_by=kept.made_by,
        made_at=kept.made_at,
    )
    propose(store, card)
    return approve_model(store, card.hash, "Read.", SETTINGS)


def folder_of(store: Store, model: ListedModel) -> Path:
    return store.folder / MODELS / model.card.hash


def test_what_is_as_it_was_made_has_no_fault(store, approved, tmp_path):
    withdraw_model(store, approved.card.hash, "It drifted.", SETTINGS)
    assert [*model_faults(store), *kept_faults(store, tmp_path)] == []


def test_a_store_without_models_has_no_fault(store, tmp_path):
    assert [*model_faults(store), *kept_faults(store, tmp_path)] == []


def test_a_card_that_changed_after_it_was_approved(store, approved):
    other = approved.card.model_copy(update={"verdict": "invalid"})
    (folder_of(store, approved) / CARD_FILE).write_bytes(other.as_bytes())
    (fault,) = model_faults(store)
    assert fault.where == f"model {approved.card.hash[:12]}"
    assert "not the one that was approved" in fault.what


@pytest.mark.parametrize("content", [None, b"{}", b"\xff"])
def test_a_card_that_is_missing_or_broken(store, approved, content):
    path = folder_of(store, approved) / CARD_FILE
    path.unlink() if content is None else path.write_bytes(content)
    assert "its card is missing or broken." in [fault.what for fault in model_faults(store)]


def test_a_withdrawal_that_is_gone_is_told_by_the_log(store, approved):
    withdrawn = withdraw_model(store, approved.card.hash, "It drifted.", SETTINGS)
    (folder_of(store, approved) / f"{withdrawn.decisions[-1].id}.json").unlink()
    (fault,) = model_faults(store)
    assert fault.what == "the audit log says that it was withdrawn, and no decision says so."


def test_a_model_whose_folder_is_gone_is_told_by_the_log(store, approved):
    folder = folder_of(store, approved)
    folder.rename(store.folder / "elsewhere")
    assert [fault.where for fault in model_faults(store)] == [f"model {approved.card.hash[:12]}"]


def test_a_decision_that_the_log_does_not_know(store, approved):
    path = folder_of(store, approved) / f"{approved.decisions[0].id}.json"
    forged = approved.decisions[0].model_copy(update={"by": "somebody"})
    path.write_text(forged.model_dump_json(by_alias=True))
    assert [fault.what for fault in model_faults(store)] == [
        "it was approved, and the audit log knows nothing of that.",
        "the audit log says that it was approved, and no decision says so.",
    ]


def test_a_decision_that_is_broken(store, approved):
    (folder_of(store, approved) / f"{approved.decisions[0].id}.json").write_text("{}")
    assert "it is no decision about this model." in [fault.what for fault in model_faults(store)]


def test_a_model_that_changed_in_the_private_folder(store, approved, tmp_path):
    (tmp_path / "data" / "models" / approved.card.hash / "model.skops").write_bytes(b"PK")
    (fault,) = kept_faults(store, tmp_path)
    assert "not a saved model" in fault.what


def test_a_model_without_its_manifest(store, approved, tmp_path):
    (tmp_path / "data" / "models" / approved.card.hash / "manifest.json").unlink()
    (fault,) = kept_faults(store, tmp_path)
    assert "is not in the folder data of this project, or is broken" in fault.what


@pytest.mark.parametrize(("me", "faults"), [("maker", 1), ("other", 0)])
def test_a_model_in_use_that_this_account_made_and_lacks(store, approved, tmp_path, monkeypatch, me, faults):
    monkeypatch.setattr("workbench.reports.model_verification.account_name", lambda: me)
    assert len(list(kept_faults(store, tmp_path / "another"))) == faults
