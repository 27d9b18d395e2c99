"""Keys that must stand in another table: people, texts, clinics."""

from datetime import datetime, timedelta
from functools import cache

import ibis
import ibis.expr.types as ir

from workbench.tables.known import KNOWN_FROM, KnownTables
from workbench.tables.quality.reading import of_people
from workbench.tables.quality.rule import RowCheck, Rows, Severity

# Of these, a study counts people whose age, consent or zone stand elsewhere: without the person it counts wrongly.
_STOPPING = ("assignments", "appointments")
_OF_PEOPLE = (*_STOPPING, "consents", "messages", "replies", "surveys", "patient_states")
# What became of a text is known some days after it at most: a younger answer may come before its text is known.
RECEIPTS_WITHIN = timedelta(days=7)


def _severity(table: str) -> Severity:
    return "fault" if table in _STOPPING else "finding"


def _person_unknown(table: str) -> RowCheck:
    def rows(known: KnownTables) -> ir.Table:
        return absent(known.table(table), "patient_id", known.table("patients")["patient_id"])

    return RowCheck(
        f"{table}_of_unknown_people",
        "references",
        _severity(table),
        table,
        "of people who are not in the table patients",
        "Export the patients again, with everybody whom the other tables name.",
        "data_team",
        needs={table: ("patient_id",), "patients": ("patient_id",)},
        rows=rows,
        concerned=_is_absent,
    )


def _clinic_unknown(table: str, severity: Severity) -> RowCheck:
    def rows(known: KnownTables) -> ir.Table:
        return absent(known.table(table), "clinic_id", known.table("clinics")["clinic_id"])

    return RowCheck(
        f"{table}_at_unknown_clinics",
        "references",
        severity,
        table,
        "at clinics that are not in the table clinics, so that their time zone is unknown",
        "Add these clinics, each with its time zone.",
        "data_team",
        needs={table: ("clinic_id",), "clinics": ("clinic_id",)},
        rows=rows,
        concerned=_is_absent,
    )


def _text_unknown(table: str) -> RowCheck:
    def settled(rows: ir.Table, known: KnownTables, taken_at: datetime) -> ir.Value:
        return rows[KNOWN_FROM[table]] < ibis.literal(known.moment - RECEIPTS_WITHIN)

    return RowCheck(
        f"{table}_of_unknown_texts",
        "references",
        "finding",
        table,
        "naming a text that is not in the table messages",
        "Export the messages of the same weeks again.",
        "data_team",
        needs={table: ("patient_id", "message_id", KNOWN_FROM[table]), "messages": ("message_id",)},
        rows=with_texts(table),
        looked_at=settled,
        concerned=lambda rows, *_: rows["message_id"].notnull() & rows["text"].isnull(),
    )


def _text_of_another(table: str) -> RowCheck:
    return RowCheck(
        f"{table}_of_others_texts",
        "references",
        "finding",
        table,
        "naming a text that was sent to somebody else",
        "Look at how replies are matched to people: one phone may belong to two.",
        "data_team",
        needs={table: ("patient_id", "message_id"), "messages": ("message_id", "patient_id")},
        rows=with_texts(table),
        concerned=lambda rows, *_: rows["patient_id"] != rows["text_patient_id"],
    )


def absent(rows: ir.Table, column: str, keys: ir.Column) -> ir.Table:
    """The rows, with `absent`: whether their column holds a key that is not among the keys; an empty one is not."""
    there = keys.name("there").as_table().distinct()
    named = rows.select(key=column, **({"person": "patient_id"} if "patient_id" in rows.columns else {}))
    joined = named.left_join(there, named["key"] == there["there"])
    return joined.mutate(absent=joined["key"].notnull() & joined["there"].isnull())


def _is_absent(rows: ir.Table, *_: object) -> ir.Value:
    return rows["absent"]


@cache
def with_texts(table: str) -> Rows:
    """The rows of a table, each with the text it names, where that is known: text, text_patient_id, text_sent_at."""

    def rows(known: KnownTables) -> ir.Table:
        messages = known.table("messages")
        told = {f"text_{name}": name for name in ("patient_id", "sent_at") if name in messages.columns}
        texts = messages.select(text="message_id", **told)
        named = of_people(known.table(table))
        return named.left_join(texts, named["message_id"] == texts["text"])

    return rows


_ANSWERING = ("replies", "surveys", "appointments")

REFERENCES = (
    *(_person_unknown(table) for table in _OF_PEOPLE),
    _clinic_unknown("appointments", "fault"),
    _clinic_unknown("patient_states", "finding"),
    _clinic_unknown("sessions", "finding"),
    *(_text_unknown(table) for table in _ANSWERING),
    *(_text_of_another(table) for table in _ANSWERING),
)
