"""Whether a model may be used: who decides, what a decision is bound to, and what undoes it."""

from datetime import UTC, datetime

import pytest

from workbench.protection.account import account_name
from workbench.protection.audit import store_log
from workbench.refusal import Refused
from workbench.reports.model_approval import (
    CARD_FILE,
    MODELS,
    USABLE,
    Card,
    Number,
    approve_model,
    approved_model,
    find_model,
    models,
    newest_approved,
    propose,
    withdraw_model,
)
from workbench.reports.model_keeping import listing
from workbench.reports.store import Store
from workbench.settings import Settings

ME = account_name()
SETTINGS = Settings(approvers=(ME,))
ONE, TWO = "a" * 64, "ab" * 32


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "reports")


@pytest.fixture
def proposed(store):
    def propose_card(hash=ONE, day=1, **changed):
        values = {
            "hash": hash,
            "study": "no_show",
            "name": "calls",
            "source": "sample",
            "kind": "boosting",
            "parameters": {"seed": 1},
            "verdict": USABLE,
            "numbers": {"auroc": Number(value=0.7, low=0.6, high=0.8, level=0.95)},
            "made_by": "maker",
            "made_at": datetime(2026, 11, day, tzinfo=UTC),
        }
        card = Card(**values | changed)
        propose(store, card)
        return card

    return propose_card


def test_it_waits_until_another_approves_it(store, proposed):
    proposed()
    with pytest.raises(Refused, match="nobody approved it"):
        approved_model(store, ONE)
    decided = approve_model(store, ONE[:12], "Read with the lead.", SETTINGS)
    assert decided.state == "approved"
    assert approved_model(store, ONE) == decided
    assert newest_approved(store, "no_show", "calls") == decided
    (line,) = store_log(store.folder).entries()
    assert (line.action, line.about, line.who) == ("approved", f"model {ONE}", ME)
    assert line.details == {"card_sha256": decided.decisions[0].card_sha256}
    assert store.faults() == []


@pytest.mark.parametrize(
    ("changed", "settings", "remark", "told"),
    [
        ({"made_by": ME}, SETTINGS, "Read.", "nobody decides about what they made"),
        ({"made_by": ""}, SETTINGS, "Read.", "nobody decides about what they made"),
        ({"verdict": "invalid"}, SETTINGS, "Read.", 'its verdict is "invalid"'),
        ({"verdict": "keep_collecting"}, SETTINGS, "Read.", "no decision about patients may rest on it"),
        ({}, Settings(approvers=("lead",)), "Read.", "none of the approvers"),
        ({}, SETTINGS, " ", "a remark is needed"),
        ({}, SETTINGS, "Ask 555-555-0123.", "shaped like"),
    ],
)
def test_who_and_what_may_not_be_approved(store, proposed, changed, settings, remark, told):
    proposed(**changed)
    with pytest.raises(Refused, match=told):
        approve_model(store, ONE, remark, settings)
    assert find_model(store, ONE).state == "waits"
    assert store_log(store.folder).entries() == ()


def test_a_decision_is_bound_to_the_card_that_was_read(store, proposed):
    card = proposed()
    approve_model(store, ONE, "Read.", SETTINGS)
    other = card.model_copy(update={"parameters": {"seed": 2}})
    (store.folder / MODELS / ONE / CARD_FILE).write_bytes(other.as_bytes())
    assert find_model(store, ONE).state == "waits"
    with pytest.raises(Refused, match="nobody approved it as it stands"):
        approved_model(store, ONE)


def test_withdrawn_it_is_never_used_again(store, proposed):
    proposed()
    approve_model(store, ONE, "Read.", SETTINGS)
    assert withdraw_model(store, ONE, "It drifted.", SETTINGS).state == "withdrawn"
    with pytest.raises(Refused, match="it was withdrawn"):
        approved_model(store, ONE)
    with pytest.raises(Refused, match="withdrawn"):
        approve_model(store, ONE, "Read.", SETTINGS)
    with pytest.raises(Refused, match="withdrawn already"):
        withdraw_model(store, ONE, "Again.", SETTINGS)
    with pytest.raises(Refused, match="no model of this parameter set"):
        newest_approved(store, "no_show", "calls")


def test_the_newest_approved_is_taken_and_not_the_newest(store, proposed):
    proposed(ONE, day=1)
    proposed(TWO, day=2)
    proposed("c" * 64, day=3)
    approve_model(store, ONE, "Read.", SETTINGS)
    approve_model(store, TWO, "Read.", SETTINGS)
    assert newest_approved(store, "no_show", "calls").card.hash == TWO
    withdraw_model(store, TWO, "Wrong.", SETTINGS)
    assert newest_approved(store, "no_show", "calls").card.hash == ONE
    with pytest.raises(Refused):
        newest_approved(store, "no_show", "others")


@pytest.mark.parametrize(("named", "told"), [("aaaa", "no model"), ("ffffffff", "no model"), ("", "no model")])
def test_a_model_is_named_by_enough_of_its_hash(store, proposed, named, told):
    proposed(ONE)
    proposed("a" * 63 + "b")
    with pytest.raises(Refused, match=told):
        find_model(store, named)
    with pytest.raises(Refused, match="several"):
        find_model(store, "a" * 8)


def test_a_card_stays_as_it_was_proposed_and_a_broken_one_is_no_model(store, proposed):
    card = proposed()
    proposed(made_by="other")
    assert [listed.card for listed in models(store)] == [card]
    (store.folder / MODELS / ONE / CARD_FILE).write_text("{}")
    assert models(store) == []


def test_the_list_says_what_was_decided(store, proposed):
    assert list(listing(store)) == ["There is no model yet: workbench model make"]
    proposed()
    assert "  waits; made by maker on 2026-11-01" in list(listing(store))
    approve_model(store, ONE, "Read.", SETTINGS)
    assert any(line.startswith(f"  approved by {ME} on ") and "Read." in line for line in listing(store))
