"""A model that was made, kept and proposed; and the list of all."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from workbench.no_show.oversight.kept_models import keep_model
from workbench.no_show.oversight.making import MadeModel
from workbench.no_show.scores.estimates import Estimate
from workbench.protection.audit import audit
from workbench.reports.model_approval import Card, Number, models, propose
from workbench.reports.store import Store

STUDY = "no_show"


def keep_and_propose(store: Store, made: MadeModel, name: str, by: tuple[str, datetime], root: Path) -> Card:
    """Keep a model in the private folder, and lay its card into the store.

    Args:
        store: the report store.
        made: the model, and its study.
        name: the parameter set.
        by: the account that made it, and when.
        root: the project's root.

    Raises:
        Refused: the private folder, the audit log or the store cannot be written.
    """
    analysis, settings = made.analysis, made.analysis.settings
    kept = keep_model(made.model, analysis.chosen, name, settings.as_values(), made.reference, by, root)
    audit(root, "model made", f"{settings.source}: model {kept.hash}", parameters=f"{STUDY}/{name}")
    scores = analysis.evaluation.of(analysis.chosen)
    told = {"auroc": scores.auroc, "intercept": scores.intercept, "slope": scores.slope}
    card = Card(
        hash=kept.hash,
        study=STUDY,
        name=kept.name,
        source=settings.source,
        kind=kept.kind,
        parameters=kept.parameters,
        verdict=made.verdict.decision,
        numbers={each: _number(number) for each, number in told.items() if number is not None},
        made_by=kept.made_by,
        made_at=kept.made_at,
    )
    propose(store, card)
    return card


def listing(store: Store) -> Iterator[str]:
    """A line for each model, the oldest first."""
    found = models(store)
    for listed in found:
        card, last = listed.card, listed.decisions[-1:]
        decided = "".join(f" by {each.by} on {each.at:%Y-%m-%d}: {each.remark}" for each in last)
        yield f"{card.hash[:12]}  {card.study}/{card.name}  {card.kind}  {card.verdict}"
        yield f"  {listed.state}{decided}; made by {card.made_by} on {card.made_at:%Y-%m-%d}"
    if not found:
        yield "There is no model yet: workbench model make"


def _number(estimate: Estimate) -> Number:
    return Number(value=estimate.value, low=estimate.low, high=estimate.high, level=estimate.level)
