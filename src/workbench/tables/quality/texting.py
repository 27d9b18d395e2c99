"""Texts that should not have been sent: without consent, after death or discharge, at night."""

from dataclasses import dataclass
from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

from workbench.tables.cohort import Purpose
from workbench.tables.known import KnownTables
from workbench.tables.local_time import wall_of
from workbench.tables.quality.rule import RowCheck
from workbench.tables.zones import is_zone

# The consent that a text of a kind needs; a text that asks for consent needs none.
PURPOSE_OF: dict[str, Purpose] = {
    "reminder": "care",
    "medication": "care",
    "re_engagement": "care",
    "education": "care",
    "survey": "survey",
}
_AGREED_TO: dict[Purpose, str] = {"care": "texts for care", "survey": "surveys by text"}
KIND_WORDS = {
    "reminder": "reminders",
    "medication": "medication texts",
    "re_engagement": "re-engagement texts",
    "education": "education texts",
    "survey": "survey texts",
    "consent_prompt": "consent prompts",
}
# On the patient's clock: the first second of the day in which texts may arrive, and the last.
QUIET_UNTIL_HOUR = 8
QUIET_FROM_HOUR = 21
_DAY = 86_400
_QUARTER = 900
_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_CONSENTS = ("patient_id", "channel", "purpose", "scope", "status", "changed_at")
_SENT = ("message_id", "patient_id", "sent_at", "status")


def sent_texts(known: KnownTables) -> ir.Table:
    """The texts that went out, whether or not they arrived."""
    messages = known.table("messages")
    return messages.filter(messages["status"] != "canceled")


def texts_on_the_clock(known: KnownTables) -> ir.Table:
    """Texts that went out, with the `second` of the patient's day; empty where the patient's zone is unknown."""
    texts = sent_texts(known).select(
        "sent_at",
        person="patient_id",
        quarter=lambda rows: (rows["sent_at"].epoch_seconds() / _QUARTER).floor(),
    )
    patients = known.table("patients")
    zoned = patients.filter(is_zone(patients["time_zone"]).fill_null(False)).select(
        "patient_id", zone="time_zone"
    )
    texts = texts.left_join(zoned, texts["person"] == zoned["patient_id"]).drop("patient_id")
    # No clock is set within a quarter of an hour, so that one text of each tells what the clock shows at all of them.
    quarters = texts.filter(texts["zone"].notnull()).group_by(["zone", "quarter"])
    clocks = quarters.agg(first=lambda rows: rows["sent_at"].min())
    clocks = clocks.select(
        "first",
        clock="zone",
        shown="quarter",
        shows=wall_of(clocks["first"], clocks["zone"]).epoch_seconds() % _DAY,
    )
    joined = texts.left_join(clocks, [texts["zone"] == clocks["clock"], texts["quarter"] == clocks["shown"]])
    since = joined["sent_at"].epoch_seconds() - joined["first"].epoch_seconds()
    return joined.select("person", second=joined["shows"] + since)


@dataclass(frozen=True)
class HourOfTexts:
    """Texts that went out within an hour (0 to 23) of the patient's day, and the people they went to."""

    hour: int
    texts: int
    people: int


def texts_by_hour(known: KnownTables) -> tuple[HourOfTexts, ...]:
    """All hours of the patient's day, from 0 to 23; texts to people whose zone is unknown are in none."""
    texts = texts_on_the_clock(known)
    texts = texts.filter(texts["second"].notnull())
    hour = (texts["second"] / 3600).floor().cast("int64")
    cells = texts.group_by(hour=hour).agg(texts=texts.count(), people=texts["person"].nunique()).execute()
    found = {
        int(cell.hour): HourOfTexts(int(cell.hour), int(cell.texts), int(cell.people))
        for cell in cells.itertuples()
    }
    return tuple(found.get(hour, HourOfTexts(hour, 0, 0)) for hour in range(24))


def _without_consent(kind: str) -> RowCheck:
    return RowCheck(
        f"{kind}_without_consent",
        "consent",
        "finding",
        "messages",
        f"that were {KIND_WORDS[kind]} to people who had not agreed to {_AGREED_TO[PURPOSE_OF[kind]]}",
        "Stop the campaign for these people, and find out how they came on its list.",
        "compliance",
        needs={"messages": (*_SENT, "kind"), "consents": _CONSENTS},
        rows=_with_consent,
        looked_at=lambda rows, *_: rows["kind"] == kind,
        concerned=lambda rows, *_: rows["key"].isnull(),
        recorded=("consent",),
    )


def _with_consent(known: KnownTables) -> ir.Table:
    """Texts that went out and need consent, each with the spell of it that it lies in; its key is empty without."""
    texts = sent_texts(known)
    texts = texts.select(
        "sent_at", "kind", person="patient_id", purpose=texts["kind"].cases(*PURPOSE_OF.items())
    )
    texts = texts.filter(texts["purpose"].notnull())
    spells = ibis.union(*(_spells_of_consent(known, purpose) for purpose in _AGREED_TO))
    return texts.left_join(
        spells,
        [
            texts["person"] == spells["key"],
            texts["purpose"] == spells["agreed_to"],
            spells["since"] <= texts["sent_at"],
            texts["sent_at"] < spells["until"],
        ],
    )


def _spells_of_consent(known: KnownTables, purpose: Purpose) -> ir.Table:
    """The spells in which a person had agreed, from `since` to before `until`; they do not overlap.

    An opt-out and an opt-in of the same moment count as the opt-out.
    """
    changes = known.consent_changes(purpose)
    window = ibis.window(group_by="patient_id", order_by=["changed_at", "status"])
    following = changes["changed_at"].lead().over(window)
    spells = changes.mutate(until=following.fill_null(ibis.literal(_FOREVER)))
    spells = spells.filter(spells["status"] == "opt_in")
    return spells.select("until", key="patient_id", since="changed_at", agreed_to=ibis.literal(purpose))


def _after(moment: str) -> RowCheck:
    word = {"deceased_at": "death", "ended_at": "discharge"}[moment]
    return RowCheck(
        f"messages_after_{word}",
        "after_care",
        "finding",
        "messages",
        f"sent after the patient's {word}",
        "Take these people off every list, and find out how fast the lists learn of it.",
        "compliance",
        needs={"messages": _SENT, "patients": ("patient_id", moment)},
        rows=_with_patients,
        concerned=lambda rows, *_: rows["sent_at"] > rows[moment],
    )


def _with_patients(known: KnownTables) -> ir.Table:
    """Texts that went out, each with what is recorded of the patient."""
    texts = sent_texts(known).select("sent_at", person="patient_id")
    patients = known.table("patients")
    told = [name for name in ("do_not_text", "deceased_at", "ended_at") if name in patients.columns]
    patients = patients.select(*told, key="patient_id")
    return texts.left_join(patients, texts["person"] == patients["key"])


def _at_night(rows: ir.Table, *_: object) -> ir.Value:
    return ~rows["second"].between(QUIET_UNTIL_HOUR * 3600, QUIET_FROM_HOUR * 3600)


_ON_CLOCKS = {"messages": _SENT, "patients": ("patient_id", "time_zone")}

TEXTING = (
    *(_without_consent(kind) for kind in PURPOSE_OF),
    RowCheck(
        "messages_to_do_not_text",
        "consent",
        "finding",
        "messages",
        "sent to people marked as not to be texted",
        "Take these people off every list today.",
        "compliance",
        needs={"messages": _SENT, "patients": ("patient_id", "do_not_text")},
        rows=_with_patients,
        concerned=lambda rows, *_: rows["do_not_text"],
    ),
    _after("deceased_at"),
    _after("ended_at"),
    RowCheck(
        "messages_in_quiet_hours",
        "hours",
        "finding",
        "messages",
        "sent before 8 or after 21 h on the patient's clock",
        "Have the platform hold texts until the patient's morning.",
        "compliance",
        needs=_ON_CLOCKS,
        rows=texts_on_the_clock,
        concerned=_at_night,
    ),
    RowCheck(
        "messages_on_unknown_clocks",
        "hours",
        "finding",
        "messages",
        "to people whose time zone is unknown, so that nobody can tell the hour",
        "Record the time zone, or derive it from the clinic.",
        "data_team",
        needs=_ON_CLOCKS,
        rows=texts_on_the_clock,
        concerned=lambda rows, *_: rows["second"].isnull(),
    ),
)
