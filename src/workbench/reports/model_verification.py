"""What is wrong with models: cards and decisions that changed or are gone, models that are not as they were made."""

from collections.abc import Iterator
from pathlib import Path

from workbench.no_show.oversight.kept_models import read_model
from workbench.protection.account import account_name
from workbench.protection.audit import store_log
from workbench.refusal import Fault, Refused
from workbench.reports.model_approval import CARD_FILE, model_folders, models, read_card, read_decision
from workbench.reports.store import Store, checksum

# What was decided, about which model, by whom, and the checksum of the card that was read.
Decided = tuple[str, str, str, object]

BACKUP = "Bring it back from a backup."
ASK = "Bring it back from a backup, or ask the one whom the log names."


def model_faults(store: Store) -> Iterator[Fault]:
    """Every fault of cards and decisions in a store; that its audit log is broken, `store_faults` tells."""
    decided: set[Decided] = set()
    for folder in model_folders(store):
        where = f"model {folder.name[:12]}"
        card = read_card(folder)
        if card is None:
            yield Fault(where, "its card is missing or broken.", BACKUP)
        for path in sorted(folder.glob("*.json")):
            if path.name == CARD_FILE:
                continue
            made = read_decision(path)
            if made is None:
                yield Fault(f"{where}, {path.name}", "it is no decision about this model.", BACKUP)
                continue
            decided.add((made.decision, f"model {made.hash}", made.by, made.card_sha256))
            if card is not None and made.card_sha256 != checksum((folder / CARD_FILE).read_bytes()):
                yield Fault(where, f"its card is not the one that was {made.decision}.", BACKUP)
    try:
        logged = _logged(store)
    except Refused:
        return
    for action, about, *_ in sorted(decided - logged, key=str):
        what = f"it was {action}, and the audit log knows nothing of that."
        yield Fault(about[:18], what, "Hold the log against a copy, and ask the one whom the decision names.")
    for action, about, *_ in sorted(logged - decided, key=str):
        yield Fault(about[:18], f"the audit log says that it was {action}, and no decision says so.", ASK)


def kept_faults(store: Store, root: Path) -> Iterator[Fault]:
    """Models of this project's private folder that are not as they were made, or that this account made and lacks.

    Those of others lie in private folders of theirs.
    """
    me = account_name()
    folder = root / "data" / "models"
    there = (
        {path.name for path in folder.iterdir() if not path.name.startswith(".")} if folder.is_dir() else set()
    )
    mine = {
        listed.card.hash for listed in models(store) if listed.card.made_by == me and listed.state == "approved"
    }
    for hash in sorted(there | mine):
        try:
            read_model(hash, root)
        except Refused as refused:
            yield from refused.faults


def _logged(store: Store) -> set[Decided]:
    return {
        (entry.action, entry.about, entry.who, entry.details.get("card_sha256"))
        for entry in store_log(store.folder).entries()
        if entry.about.startswith("model ") and entry.action in {"approved", "withdrawn"}
    }
