"""Which models may be used: cards and decisions in the report store, which those who decide can reach.

`<store>/.models/<hash>/` holds `card.json`, what a model is and how it did, and one small file for each decision, bound
to the model's hash and to the card that was read. The model itself stays in the private folder.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from workbench.no_show.oversight.kept_models import HASH_PATTERN
from workbench.protection.audit import store_log
from workbench.refusal import Fault, Refused
from workbench.reports.approval import approver_at_work, require_remark, required
from workbench.reports.files import sync_folder, write_whole
from workbench.reports.records import new_run_id
from workbench.reports.store import Store, checksum
from workbench.settings import Settings

MODELS, CARD_FILE = ".models", "card.json"
# By which words of the verdict a model may be approved.
USABLE = "use_with_oversight"

Decision = Literal["approved", "withdrawn"]


class Number(BaseModel):
    """A number of the test, with its interval."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    low: float
    high: float
    level: float


class Card(BaseModel):
    """What a model is: `kind` of model, `name` of the parameter set, and how it did on the test."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    hash: str = Field(pattern=HASH_PATTERN)
    study: str
    name: str
    source: str
    kind: str
    parameters: dict[str, Any]
    verdict: str
    numbers: dict[str, Number]
    made_by: str
    made_at: AwareDatetime

    def as_bytes(self) -> bytes:
        """The card as the file holds it."""
        return (self.model_dump_json(by_alias=True, indent=2) + "\n").encode()


class ModelDecision(BaseModel):
    """What was decided about a model: `by` is an account, `card_sha256` says what was read."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    id: str = Field(pattern=r"^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}$")
    hash: str = Field(pattern=HASH_PATTERN)
    decision: Decision
    by: str
    at: AwareDatetime
    remark: str
    card_sha256: str = Field(pattern=HASH_PATTERN)


@dataclass(frozen=True)
class ListedModel:
    """A model's card, and what was decided about it, the oldest first."""

    card: Card
    decisions: tuple[ModelDecision, ...]

    @property
    def state(self) -> Literal["waits", "approved", "withdrawn"]:
        """Whether it may be used: only if it was approved as its card stands, and never withdrawn."""
        if any(each.decision == "withdrawn" for each in self.decisions):
            return "withdrawn"
        read = checksum(self.card.as_bytes())
        approved = any(each.decision == "approved" and each.card_sha256 == read for each in self.decisions)
        return "approved" if approved else "waits"


def propose(store: Store, card: Card) -> None:
    """Lay a model's card into the store, where it waits; a card that is there already stays.

    Raises:
        Refused: the store cannot be written.
    """
    folder = store.folder / MODELS / card.hash
    if (folder / CARD_FILE).is_file():
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / CARD_FILE, card.as_bytes())
        sync_folder(folder)
    except OSError as error:
        raise Refused(_unwritable(card.hash, error)) from None


def models(store: Store) -> list[ListedModel]:
    """Every model whose card can be read, the oldest first."""
    found = [listed for folder in model_folders(store) if (listed := _read(folder)) is not None]
    return sorted(found, key=lambda listed: (listed.card.made_at, listed.card.hash))


def model_folders(store: Store) -> list[Path]:
    """The folders of all models in a store, whatever they hold."""
    folder = store.folder / MODELS
    return sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []


def read_card(folder: Path) -> Card | None:
    """The card of a model's folder, or None where there is none that can be read, or another model's."""
    try:
        card = Card.model_validate_json((folder / CARD_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
    return card if card.hash == folder.name else None


def read_decision(path: Path) -> ModelDecision | None:
    """The decision of a file, or None where it is none about the model of its folder."""
    try:
        made = ModelDecision.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    return made if (made.hash, f"{made.id}.json") == (path.parent.name, path.name) else None


def find_model(store: Store, named: str) -> ListedModel:
    """The model whose hash begins so, with at least eight digits.

    Raises:
        Refused: there is none, or there are several.
    """
    found = [listed for listed in models(store) if len(named) >= 8 and listed.card.hash.startswith(named)]
    if len(found) != 1:
        what = "several models have hashes that begin so." if found else "there is no model of this hash."
        mend = "Give the hash, or eight digits of it at least; `workbench model list` shows what there is."
        raise Refused(Fault(f"model {named[:64]}", what, mend))
    return found[0]


def approved_model(store: Store, named: str) -> ListedModel:
    """The same, if it may be used.

    Raises:
        Refused: there is none, nobody approved it, or it was withdrawn.
    """
    found = find_model(store, named)
    if found.state != "approved":
        what = {
            "waits": "nobody approved it as it stands.",
            "withdrawn": "it was withdrawn.",
        }[found.state]
        mend = "Let one of the approvers decide: workbench model approve" if found.state == "waits" else ""
        raise Refused(Fault(f"model {found.card.hash[:12]}", what, mend or "Make another one."))
    return found


def newest_approved(store: Store, study: str, name: str) -> ListedModel:
    """The newest model of a parameter set that may be used.

    Raises:
        Refused: there is none.
    """
    for listed in reversed(models(store)):
        if (listed.card.study, listed.card.name) == (study, name) and listed.state == "approved":
            return listed
    what = "no model of this parameter set was approved, or it was withdrawn."
    mend = "Make one by workbench model make, and let one of the approvers decide by workbench model approve."
    raise Refused(Fault(f"{study}/{name}", what, mend))


def approve_model(store: Store, named: str, remark: str, settings: Settings) -> ListedModel:
    """Let a model be used.

    Raises:
        Refused: there is no such model, its verdict does not let it be used, it was decided about, or this account may
            not decide.
    """
    by, found = _decider(store, named, remark, settings)
    where = f"model {found.card.hash[:12]}"
    if found.card.made_by in {"", by}:
        what = f"{by} made it, and nobody decides about what they made."
        raise Refused(Fault(where, what, "Let another of the approvers decide."))
    if found.card.verdict != USABLE:
        what = f'its verdict is "{found.card.verdict}": no decision about patients may rest on it.'
        raise Refused(Fault(where, what, "Read the report of its parameter set, and make another model."))
    if found.state != "waits":
        what = "it was approved already." if found.state == "approved" else "it was withdrawn."
        raise Refused(Fault(where, what, "There is nothing left to decide."))
    return _decide(store, found, "approved", remark, by)


def withdraw_model(store: Store, named: str, remark: str, settings: Settings) -> ListedModel:
    """Let a model be used no more; it cannot be approved again. Arguments and errors as of `approve_model`."""
    by, found = _decider(store, named, remark, settings)
    if found.state == "withdrawn":
        where = f"model {found.card.hash[:12]}"
        raise Refused(Fault(where, "it was withdrawn already.", "There is nothing left to do."))
    return _decide(store, found, "withdrawn", remark, by)


def _decider(store: Store, named: str, remark: str, settings: Settings) -> tuple[str, ListedModel]:
    require_remark(required(remark))
    return approver_at_work(settings), find_model(store, named)


def _decide(store: Store, found: ListedModel, decision: Decision, remark: str, by: str) -> ListedModel:
    """Tell the audit log, and then write the decision."""
    hash, now = found.card.hash, datetime.now(UTC)
    made = ModelDecision(
        id=new_run_id(now),
        hash=hash,
        decision=decision,
        by=by,
        at=now,
        remark=remark,
        card_sha256=checksum(found.card.as_bytes()),
    )
    store_log(store.folder).add(decision, f"model {hash}", card_sha256=made.card_sha256)
    folder = store.folder / MODELS / hash
    try:
        write_whole(folder / f"{made.id}.json", (made.model_dump_json(by_alias=True, indent=2) + "\n").encode())
        sync_folder(folder)
    except OSError as error:
        raise Refused(_unwritable(hash, error)) from None
    return ListedModel(found.card, (*found.decisions, made))


def _read(folder: Path) -> ListedModel | None:
    card = read_card(folder)
    if card is None:
        return None
    read = (read_decision(path) for path in sorted(folder.glob("*Z-*.json")))
    return ListedModel(card, tuple(made for made in read if made is not None))


def _unwritable(hash: str, error: OSError) -> Fault:
    what = f"the report store cannot be written ({error.strerror})."
    return Fault(f"model {hash[:12]}", what, "Do it as an account of the store's group.")
