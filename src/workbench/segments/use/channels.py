"""Whom texts do not suit: groups of people to reach by another channel, as groups and never as a list.

Minors' texts reach a child or a carer's phone, old people may not read them, and who has asked for none, does not get
them or never answered is not reached by one more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.segments.parameters import Segmentation, Unsuited
from workbench.tables.cohort import ADULT_FROM
from workbench.tables.known import KnownTables

# Of fewer texts nobody can say that they do not arrive, or are never answered.
FEWEST_SENT = 3
FEWEST_UNANSWERED = 6
# From this share of texts lost on, a person's texts do not arrive.
LOST = 0.5
# A group of whose people texts suit fewer than this share is one for another channel.
SUITED = 0.5

Labels = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Kind:
    """A kind of people whom texts may not suit, and the channel to try: `who` completes "people …"."""

    name: Unsuited
    title: str
    who: str
    instead: str


KINDS = {
    each.name: each
    for each in (
        Kind("minors", "Minors", "not known to be adult", "a call or a letter to whoever cares for them"),
        Kind("elderly", "Elderly", "of {age} years or more", "a call"),
        Kind("do_not_text", "Marked “do not text”", "who asked for no texts", "a call or a letter"),
        Kind(
            "not_arriving",
            "Texts do not arrive",
            f"of whose texts (at least {FEWEST_SENT}) half or more were lost",
            "asking for the right number, and a letter until then",
        ),
        Kind(
            "never_replied",
            "Never replied",
            f"who received {FEWEST_UNANSWERED} texts or more and never answered one",
            "a call, or asking at the next visit",
        ),
    )
}


@dataclass(frozen=True)
class UnsuitedPeople:
    """People of one kind: how many there are, in all and in each group, and how texts fare with them.

    `consenting` agree to texts; `sent` and `lost` count their texts within the lookback; `by_group` has an entry for
    each group.
    """

    kind: Kind
    people: int
    consenting: int
    sent: int
    lost: int
    by_group: tuple[int, ...]


@dataclass(frozen=True)
class Channels:
    """Whom texts do not suit, by kind, and of any kind: in all and in each group.

    `flagged` are the groups (0, 1, …) of whose people texts suit too few.
    """

    kinds: tuple[UnsuitedPeople, ...]
    any_kind: int
    any_by_group: tuple[int, ...]
    group_sizes: tuple[int, ...]

    @property
    def flagged(self) -> tuple[int, ...]:
        """Groups of whose people texts suit fewer than `SUITED`."""
        return tuple(
            group
            for group, (some, size) in enumerate(zip(self.any_by_group, self.group_sizes, strict=True))
            if size and 1 - some / size < SUITED
        )


def looked_for(settings: Segmentation) -> tuple[Kind, ...]:
    """The kinds that the parameters ask for and the cohort has: minors only where they are studied, age where known."""
    left_out: set[str] = {"minors"} if settings.minors == "exclude" else set()
    if "age" in settings.goes_on_without:
        left_out |= {"minors", "elderly"}
    return tuple(KINDS[name] for name in settings.other_channel if name not in left_out)


def needed_for_channels(settings: Segmentation, recorded: Mapping[str, bool]) -> dict[str, tuple[str, ...]]:
    """Tables and columns read besides those of the people.

    Args:
        settings: the parameters.
        recorded: whether the source records "age".
    """
    needed: dict[str, tuple[str, ...]] = {}
    if "do_not_text" in settings.other_channel:
        needed["patients"] = ("do_not_text",)
    if recorded["age"] and {kind.name for kind in looked_for(settings)} & {"minors", "elderly"}:
        needed["patients"] = ("birth_year", *needed.get("patients", ()))
    if "never_replied" in settings.other_channel:
        needed["replies"] = ("patient_id", "received_at", "intent")
    return needed


def with_channels(people: ir.Table, known: KnownTables, settings: Segmentation) -> ir.Table:
    """Adds for each kind looked for a column of its name, true or false; and texts_sent and texts_lost.

    Args:
        people: with patient_id.
        known: as of the day the people are described.
        settings: the parameters.
    """
    kinds = {kind.name for kind in looked_for(settings)}
    patients = known.table("patients")
    told = {}
    if "minors" in kinds:
        told["minors"] = ~(known.as_of.year - patients["birth_year"] >= ADULT_FROM).fill_null(False)
    if "elderly" in kinds:
        age = known.as_of.year - patients["birth_year"]
        told["elderly"] = (age >= settings.elderly_from).fill_null(False)
    if "do_not_text" in kinds:
        told["do_not_text"] = patients["do_not_text"].fill_null(False)
    if told:
        people = _joined(people, patients.select("patient_id", **told))
    people = _joined(people, _texts(known, settings))
    if "not_arriving" in kinds:
        sent, lost = people["texts_sent"], people["texts_lost"]
        people = people.mutate(not_arriving=(sent >= FEWEST_SENT) & (lost >= LOST * sent))
    if "never_replied" in kinds:
        replies = known.table("replies").select("patient_id").distinct().mutate(_replied=True)
        people = _joined(people, replies)
        arrived = people["texts_ever"] >= FEWEST_UNANSWERED
        people = people.mutate(never_replied=arrived & ~people["_replied"]).drop("_replied")
    return people.drop("texts_ever")


def find_unsuited(rows: pd.DataFrame, labels: Labels | None, settings: Segmentation) -> Channels:
    """Count whom texts do not suit.

    Args:
        rows: `People.rows`, with the columns of `with_channels`.
        labels: everybody's group, or None where there are no groups.
        settings: the parameters.
    """
    groups = 0 if labels is None else int(labels.max()) + 1
    within = [np.asarray(labels == group) for group in range(groups)]
    of_kind = {kind: rows[kind.name].to_numpy(dtype=bool) for kind in looked_for(settings)}
    anybody = np.zeros(len(rows), dtype=bool)
    for some in of_kind.values():
        anybody |= some
    return Channels(
        kinds=tuple(_counted(kind, rows, some, within) for kind, some in of_kind.items()),
        any_kind=int(anybody.sum()),
        any_by_group=tuple(int((anybody & group).sum()) for group in within),
        group_sizes=tuple(int(group.sum()) for group in within),
    )


def _counted(kind: Kind, rows: pd.DataFrame, some: Mask, within: list[Mask]) -> UnsuitedPeople:
    theirs = rows[some]
    return UnsuitedPeople(
        kind=kind,
        people=len(theirs),
        consenting=int(theirs["consented"].sum()),
        sent=int(theirs["texts_sent"].sum()),
        lost=int(theirs["texts_lost"].sum()),
        by_group=tuple(int((some & group).sum()) for group in within),
    )


def _texts(known: KnownTables, settings: Segmentation) -> ir.Table:
    """Texts whose end is known within the lookback, those lost among them, and all that ever arrived."""
    rows = known.table("messages")
    since = known.moment - pd.Timedelta(days=settings.lookback_days).to_pytimedelta()
    arrived, lost = rows["status"].isin(["delivered", "sent"]), rows["status"].isin(["undelivered", "failed"])
    recent = (rows["sent_at"] >= ibis.literal(since)) & (rows["sent_at"] < ibis.literal(known.moment))
    ever = arrived & (rows["sent_at"] < ibis.literal(known.moment))
    return rows.group_by("patient_id").agg(
        texts_sent=((arrived | lost) & recent).cast("int64").sum(),
        texts_lost=(lost & recent).cast("int64").sum(),
        texts_ever=ever.cast("int64").sum(),
    )


def _joined(people: ir.Table, counts: ir.Table) -> ir.Table:
    """The people with these columns; who has no row has none of it."""
    joined = people.left_join(counts, "patient_id").drop("patient_id_right")
    new = {name: kind for name, kind in counts.schema().items() if name != "patient_id"}
    nothing = {name: False if kind.is_boolean() else 0 for name, kind in new.items()}
    return joined.mutate(**{name: joined[name].fill_null(nothing[name]) for name in new})
